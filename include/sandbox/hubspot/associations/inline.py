"""The ``associations`` block inside a record, in the v3 form, paged after 100 per record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.sandbox.hubspot.associations.types import v3_name
from include.sandbox.hubspot.call import Call
from include.sandbox.hubspot.catalogue import LINE_ITEM, ObjectType, find
from include.sandbox.hubspot.errors import invalid
from include.sandbox.hubspot.store import links
from include.sandbox.hubspot.store.links import End

PAGE = 100


def kinds(names: Sequence[str]) -> list[ObjectType]:
    """The types asked for. Raises ``Refusal`` (400) on an unknown one."""
    found = []
    for name in names:
        kind = find(name)
        if kind is None:
            raise invalid(f"Unable to infer object type from: {name[:80]}")
        found.append(kind)
    return found


def block(call: Call, kind: ObjectType, record_id: int, others: Sequence[ObjectType]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for other in others:
        ids = links.linked_ids(call.world.db, End(kind.id, record_id), other.id)
        if not ids:
            continue
        entry: dict[str, Any] = {"results": [{"id": str(i), "type": v3_name(kind, other)} for i in ids[:PAGE]]}
        if len(ids) > PAGE:
            after = str(ids[PAGE])
            path = f"/crm/v3/objects/{kind.plural}/{record_id}/associations/{other.plural}"
            link = f"{call.request.base_url}{path}?limit={PAGE}&after={after}"
            entry["paging"] = {"next": {"after": after, "link": link}}
        spaced = other is LINE_ITEM and call.world.switches.line_items_key_has_space
        shown["line items" if spaced else other.plural] = entry
    return shown
