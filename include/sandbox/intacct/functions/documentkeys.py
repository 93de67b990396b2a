"""Which document a typed function means: its ``key`` (RECORDNO, or with ``externalkey`` the sender's own id)."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element
from include.sandbox.intacct.errors import missing, refused
from include.sandbox.intacct.ledger.kinds import Kind


def document_key(context: Context, kind: Kind, element: Element) -> int:
    """Raises Refused where neither attribute names a document."""
    external = external_key(element)
    if external:
        found = context.db.find(kind.object, "_EXTERNALID", external)
        if found is None:
            raise refused("DL03000005", f"There is no record for the external key {external}.")
        return int(found["RECORDNO"])
    key = str(element.get("key") or "")
    if not key:
        raise missing(f"The key of the {kind.word} is missing.")
    if not key.isdecimal() or len(key) > 18:
        raise refused("DL03000005", f"There is no record for the {kind.word} key {key}.")
    return int(key)


def external_key(element: Element) -> str:
    """The sender's own id, or nothing.

    Official clients send it as ``key`` with ``externalkey="true"``, older ones as ``externalkey`` itself.
    """
    external = str(element.get("externalkey") or "")
    if external == "true":
        return str(element.get("key") or "")
    return "" if external == "false" else external
