"""Which document a typed function means: its ``key`` (RECORDNO) or ``externalkey``."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element
from include.sandbox.intacct.errors import missing, refused
from include.sandbox.intacct.ledger.kinds import Kind


def document_key(context: Context, kind: Kind, element: Element) -> int:
    """Raises Refused where neither attribute names a document."""
    external = element.get("externalkey")
    if external:
        found = context.db.find(kind.object, "_EXTERNALID", str(external))
        if found is None:
            raise refused("DL03000005", f"There is no record for the external key {external}.")
        return int(found["RECORDNO"])
    key = str(element.get("key") or "")
    if not key:
        raise missing(f"The key of the {kind.word} is missing.")
    if not key.isdecimal() or len(key) > 18:
        raise refused("DL03000005", f"There is no record for the {kind.word} key {key}.")
    return int(key)
