"""``/crm-objects/v1``: products, line items and tickets as older clients read and write them."""

from __future__ import annotations

from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import LINE_ITEM, PRODUCT, TICKET, ObjectType
from include.sandbox.hubspot.errors import invalid, not_found
from include.sandbox.hubspot.legacy import forms
from include.sandbox.hubspot.objects import single, writing
from include.sandbox.hubspot.routing import Route, records, route
from include.sandbox.hubspot.store.records import Record

_KINDS = (PRODUCT, LINE_ITEM, TICKET)
_PAGE = 100


def paged(call: Call, type_name: str) -> Reply:
    kind = _kind(call, type_name)
    start = call.number("offset", 0, least=0)
    found = call.world.records.page(kind.id, start, _PAGE + 1, archived=False)
    more = len(found) > _PAGE
    offset = found[_PAGE].id if more else (found[-1].id if found else start)
    return Reply(200, {"objects": _shown(call, kind, found[:_PAGE]), "hasMore": more, "offset": offset})


def get(call: Call, type_name: str, record_id: str) -> Reply:
    kind = _kind(call, type_name)
    return Reply(200, _shown(call, kind, [single.located(call, kind, record_id, None)])[0])


def create(call: Call, type_name: str) -> Reply:
    kind = _kind(call, type_name)
    record = writing.create(call.world, kind, _given(call), call.author)
    return Reply(200, _shown(call, kind, [record], every=True)[0])


def update(call: Call, type_name: str, record_id: str) -> Reply:
    kind = _kind(call, type_name)
    record = single.located(call, kind, record_id, None)
    saved = writing.update(call.world, kind, record, _given(call), call.author)
    return Reply(200, _shown(call, kind, [saved], every=True)[0])


def delete(call: Call, type_name: str, record_id: str) -> Reply:
    kind = _kind(call, type_name)
    record = single.located(call, kind, record_id, None)
    writing.archive(call.world, kind, record, source=call.source, now=call.now)
    return Reply(204)


def _kind(call: Call, name: str) -> ObjectType:
    kind = call.kind(name)
    if kind not in _KINDS:
        raise not_found()
    return kind


def _given(call: Call) -> dict[str, Any]:
    """A bare list of ``{name, value}``. Raises ``Refusal`` (400)."""
    rows = body.items({"properties": body.parse_any(call.request.body)}, "properties")
    if any(not isinstance(row.get("name"), str) for row in rows):
        raise invalid("Property is missing its name")
    return {row["name"]: row.get("value") for row in rows}


def _shown(call: Call, kind: ObjectType, found: list[Record], *, every: bool = False) -> list[dict[str, Any]]:
    """Only the properties asked for, unless ``every``."""
    names = None if every else forms.named(call, "properties", "propertiesWithHistory")
    values = forms.properties(call, kind, found, names)
    return [
        {
            "objectType": kind.legacy,
            "portalId": call.world.account.portal_id,
            "objectId": record.id,
            "properties": values[record.id],
            "isDeleted": record.archived_at is not None,
        }
        for record in found
    ]


_AREA, _READ, _WRITE = "legacy-crm-objects", records("read", 0), records("write", 0)
ROUTES: tuple[Route, ...] = (
    route("GET", _AREA, "objects/{}/paged", paged, _READ),
    route("GET", _AREA, "objects/{}/{n}", get, _READ),
    route("POST", _AREA, "objects/{}", create, _WRITE, writes=True),
    route("PUT", _AREA, "objects/{}/{n}", update, _WRITE, writes=True),
    route("DELETE", _AREA, "objects/{}/{n}", delete, _WRITE, writes=True),
)
