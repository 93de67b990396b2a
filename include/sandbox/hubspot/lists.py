"""``/crm/lists``: manual and snapshot lists with their members; dynamic ones are kept but never filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.errors import exists_already, invalid, invalid_json, not_found
from include.sandbox.hubspot.replies import page
from include.sandbox.hubspot.routing import Route, fixed, route
from include.sandbox.hubspot.times import wire

MAX_PAGE = 250
_PROCESSING = ("MANUAL", "SNAPSHOT", "DYNAMIC")


def create(call: Call) -> Reply:
    sent = call.json()
    name, processing = body.required_text(sent, "name"), body.required_text(sent, "processingType")
    kind = call.kind(body.required_text(sent, "objectTypeId"))
    if processing not in _PROCESSING:
        raise invalid(f"{processing[:60]} was not one of the allowed options: [{', '.join(_PROCESSING)}]")
    if any(one["name"] == name and one["objectTypeId"] == kind.id for one in _live(call)):
        raise exists_already(f"A list named '{name[:100]}' already exists.", "ILS.DUPLICATE_LIST_NAMES")
    now = wire(call.now)
    document = {
        "listId": str(len(call.world.db.documents("list")) + 1),
        "name": name,
        "objectTypeId": kind.id,
        "processingType": processing,
        "processingStatus": "COMPLETE",
        "listVersion": 1,
        "createdAt": now,
        "updatedAt": now,
        "filtersUpdatedAt": now,
        "filterBranch": body.inner(sent, "filterBranch") or None,
        "members": {},
    }
    _put(call, document)
    return Reply(200, {"list": _wire(document)})


def listed(call: Call) -> Reply:
    wanted = call.names("listIds")
    return Reply(200, {"lists": [_wire(one) for one in _live(call) if not wanted or one["listId"] in wanted]})


def search(call: Call) -> Reply:
    sent = call.json()
    query = (body.text(sent, "query") or "").casefold()
    offset, count = body.whole(sent, "offset", 0), body.whole(sent, "count", 20)
    types = body.texts(sent, "processingTypes")
    found = [
        one for one in _live(call) if query in one["name"].casefold() and (not types or one["processingType"] in types)
    ]
    chosen = found[max(0, offset) : max(0, offset) + max(0, min(count, 500))]
    value = {"lists": [_wire(one) for one in chosen], "hasMore": offset + len(chosen) < len(found)}
    return Reply(200, {**value, "offset": offset + len(chosen), "total": len(found)})


def get(call: Call, list_id: str) -> Reply:
    return Reply(200, {"list": _wire(_existing(call, list_id))})


def by_name(call: Call, type_id: str, name: str) -> Reply:
    kind = call.kind(type_id)
    for one in _live(call):
        if one["name"] == name and one["objectTypeId"] == kind.id:
            return Reply(200, {"list": _wire(one)})
    raise not_found(f"List '{name[:100]}' does not exist")


def rename(call: Call, list_id: str) -> Reply:
    found = _existing(call, list_id)
    name = call.first("listName")
    if not name:
        raise invalid("listName is required")
    changed = {**found, "name": name, "updatedAt": wire(call.now), "listVersion": found["listVersion"] + 1}
    _put(call, changed)
    return Reply(200, {"updatedList": _wire(changed)})


def delete(call: Call, list_id: str) -> Reply:
    _put(call, {**_existing(call, list_id), "deletedAt": wire(call.now)})
    return Reply(204)


def restore(call: Call, list_id: str) -> Reply:
    found = call.world.db.document("list", _key(list_id))
    if found is None:
        raise not_found(f"List {list_id[:40]} does not exist")
    _put(call, {name: value for name, value in found.items() if name != "deletedAt"})
    return Reply(204)


def memberships(call: Call, list_id: str) -> Reply:
    found = _existing(call, list_id)
    limit = call.number("limit", 100, most=MAX_PAGE)
    after = call.number("after", 0, least=0)
    ids = sorted(int(record_id) for record_id in found["members"])
    rest = [record_id for record_id in ids if record_id >= after]
    rows = [{"recordId": str(i), "membershipTimestamp": found["members"][str(i)]} for i in rest[:limit]]
    return page(call, rows, str(rest[limit]) if len(rest) > limit else None, total=len(ids))


def add(call: Call, list_id: str) -> Reply:
    return _change(call, list_id, _ids(call), [])


def remove(call: Call, list_id: str) -> Reply:
    return _change(call, list_id, [], _ids(call))


def add_and_remove(call: Call, list_id: str) -> Reply:
    sent = call.json()
    return _change(call, list_id, body.texts(sent, "recordIdsToAdd"), body.texts(sent, "recordIdsToRemove"))


def _change(call: Call, list_id: str, wanted: list[str], unwanted: list[str]) -> Reply:
    found = _existing(call, list_id)
    if found["processingType"] == "DYNAMIC":
        raise invalid("Memberships of a DYNAMIC list cannot be changed by hand")
    numbers = {text: body.record_id(text) for text in wanted}
    existing = call.world.records.fetch(found["objectTypeId"], [n for n in numbers.values() if n is not None])
    missing = [text for text, number in numbers.items() if number not in existing]
    members = dict(found["members"])
    added = [text for text in wanted if text not in missing and text not in members]
    removed = [text for text in unwanted if text in members]
    members.update(dict.fromkeys(added, wire(call.now)))
    _put(call, {**found, "members": {key: at for key, at in members.items() if key not in removed}})
    return Reply(200, {"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing})


def of_record(call: Call, type_name: str, record_id: str) -> Reply:
    kind = call.kind(type_name)
    rows = [
        {
            "listId": one["listId"],
            "listVersion": one["listVersion"],
            "firstAddedTimestamp": one["members"][record_id],
            "lastAddedTimestamp": one["members"][record_id],
        }
        for one in _live(call)
        if one["objectTypeId"] == kind.id and record_id in one["members"]
    ]
    return page(call, rows, None, total=len(rows))


def id_mapping(call: Call) -> Reply:
    """Old list ids to present ones: here they are the same."""
    old = call.first("legacyListId") or ""
    return Reply(200, {"listId": _existing(call, old)["listId"], "legacyListId": old})


def _ids(call: Call) -> list[str]:
    sent = body.parse_any(call.request.body)
    if not isinstance(sent, list):
        raise invalid_json(1, 1, "Cannot deserialize value: a list of record ids is expected")
    return list(dict.fromkeys(body.scalar("recordId", one) for one in sent))


def _live(call: Call) -> list[Mapping[str, Any]]:
    return [one for one in call.world.db.documents("list").values() if "deletedAt" not in one]


def _existing(call: Call, list_id: str) -> dict[str, Any]:
    found = call.world.db.document("list", _key(list_id))
    if found is None or "deletedAt" in found:
        raise not_found(f"List {list_id[:40]} does not exist")
    return dict(found)


def _key(list_id: str) -> str:
    return list_id.zfill(9)


def _put(call: Call, document: Mapping[str, Any]) -> None:
    call.world.db.put_document("list", _key(document["listId"]), document)


def _wire(document: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in document.items() if name not in {"members", "filterBranch"}}
    return {**shown, "size": len(document["members"])}


_READ, _WRITE = fixed("crm.lists.read", "crm.lists.write"), fixed("crm.lists.write")


def _put_route(path: str, handler: Callable[..., Reply]) -> Route:
    return route("PUT", "lists", path, handler, _WRITE, writes=True)


ROUTES: tuple[Route, ...] = (
    route("POST", "lists", "", create, _WRITE, writes=True),
    route("GET", "lists", "", listed, _READ),
    route("POST", "lists", "search", search, _READ),
    route("GET", "lists", "idmapping", id_mapping, _READ),
    route("GET", "lists", "object-type-id/{}/name/{}", by_name, _READ),
    route("GET", "lists", "records/{}/{}/memberships", of_record, _READ),
    route("GET", "lists", "{n}", get, _READ),
    route("DELETE", "lists", "{n}", delete, _WRITE, writes=True),
    _put_route("{n}/restore", restore),
    _put_route("{n}/update-list-name", rename),
    route("GET", "lists", "{n}/memberships", memberships, _READ),
    _put_route("{n}/memberships/add", add),
    _put_route("{n}/memberships/remove", remove),
    _put_route("{n}/memberships/add-and-remove", add_and_remove),
)
