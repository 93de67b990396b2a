"""The key as a line of text at the end of a task's or a note's body, for accounts that refuse them a unique property.

Weaker than the property in two ways. HubSpot does not keep a second one out, so a request that is still being worked
on when we look must be waited for (``MARKER_PAUSE``; a request that HubSpot works on for longer than that, or than the
next try of a killed task takes to start, could be made twice). And a record is found among its parents' only, so it
needs one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from include.connectors.hubspot.association_types import asked
from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.source_key import BODIES, OBJECTS
from include.core.decisions import Json, Key, Write
from include.core.errors import InvariantError, Rejected

# HubSpot keeps no HTML comments, and its editor may turn the space into &nbsp;.
_MARKER = re.compile(r"Tieout:(?:\s|&nbsp;)*([A-Za-z0-9_-]{1,30})(?![A-Za-z0-9_-])", re.ASCII)


def marked(key: Key, properties: Mapping[str, str | None], payload: Json) -> dict[str, str | None]:
    """The properties with the marker at the end of the body. Raises ``Rejected`` where the record has no parent."""
    if not asked(payload):
        raise Rejected(
            f"A HubSpot {key.target_object} that Tieout makes must be associated with a record, else it could not be "
            "found again.",
            system="hubspot",
            code="payload",
        )
    body = properties.get(BODIES[key.target_object]) or ""
    return {**properties, BODIES[key.target_object]: f"{body}<p><small>Tieout: {key.document_key()}</small></p>"}


def find_marked(
    client: HubSpotClient, name: str, writes: Sequence[Write], ids: Mapping[Key, str], properties: Sequence[str]
) -> dict[Key, CrmRecord]:
    """The records of ``name`` that carry the writes' markers, among those of their parents.

    ``ids`` are the record ids of parents that a payload names by ``Ref``; a parent that is not there has no task.
    Raises ``InvariantError`` where two carry one marker.
    """
    parents: dict[str, dict[str, None]] = {}
    for write in writes:
        for to, parent in _parents(write.payload, ids):
            parents.setdefault(to, {})[parent] = None
    near: dict[str, None] = {}
    for to, some in parents.items():
        for associated in read_associations(client, to, OBJECTS[name], some).values():
            near |= dict.fromkeys(one.to_id for one in associated)
    body = BODIES[name]
    wanted = {write.key.document_key(): write.key for write in writes}
    found: dict[Key, CrmRecord] = {}
    for record in batch_read(client, OBJECTS[name], near, list(dict.fromkeys((body, *properties)))).records:
        for text in dict.fromkeys(_MARKER.findall(record.properties.get(body) or "")):
            key = wanted.get(text)
            if key is not None and key in found:
                raise InvariantError(
                    f"Two HubSpot {OBJECTS[name]} carry the marker Tieout: {text} (records {found[key].id} and "
                    f"{record.id}); remove the marker from the one that is a copy.",
                    system="hubspot",
                )
            if key is not None:
                found[key] = record
    return found


def _parents(payload: Json, ids: Mapping[Key, str]) -> list[tuple[str, str]]:
    """Type and id of each; none for a payload that ``marked`` refuses, as nothing was made of it."""
    try:
        named = [
            (to, ids.get(Key(*to_id["$ref"]), "") if isinstance(to_id, dict) else to_id)
            for to, to_id, _ in asked(payload)
        ]
    except Rejected:
        return []
    return [(to, parent) for to, parent in named if parent]
