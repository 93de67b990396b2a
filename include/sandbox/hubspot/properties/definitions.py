"""``/properties/{type}``: list, read, create, change, archive definitions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import TASK, ObjectType
from include.sandbox.hubspot.definitions.property import Property, from_document
from include.sandbox.hubspot.errors import Refusal, exists_already, invalid, not_found
from include.sandbox.hubspot.properties import groups
from include.sandbox.hubspot.times import wire
from include.sandbox.hubspot.world import World

TYPES = ("bool", "date", "datetime", "enumeration", "number", "phone_number", "string")
FIELD_TYPES = (
    "text", "textarea", "number", "date", "select", "radio", "checkbox", "booleancheckbox", "phonenumber", "html",
    "file", "calculation_equation",
)  # fmt: skip
MAX_UNIQUE, MAX_CUSTOM = 10, 1_000
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_REQUIRED = ("name", "label", "type", "fieldType", "groupName")
_CHANGEABLE = ("label", "description", "groupName", "type", "fieldType", "hidden", "formField", "displayOrder")


def listed(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    archived = call.flag("archived")
    found = call.world.all_definitions(kind.id).values()
    results = [one.wire() for one in found if (one.archived_at is not None) == archived]
    return Reply(200, {"results": sorted(results, key=lambda row: str(row["name"]))})


def listed_as_before(call: Call, type_name: str) -> Reply:
    """``/properties/v2/{type}/properties``: a bare list, which shipped extractors still read their schema from."""
    found = call.world.all_definitions(call.kind(type_name).id).values()
    rows = [one.wire() for one in found if one.archived_at is None]
    shown = [{**row, **row["modificationMetadata"], "deleted": False} for row in rows]
    return Reply(200, sorted(shown, key=lambda row: str(row["name"])))


def get(call: Call, type_name: str, name: str) -> Reply:
    return Reply(200, existing(call.world, call.kind(type_name), name, archived=call.flag("archived")).wire())


def existing(world: World, kind: ObjectType, name: str, *, archived: bool = False) -> Property:
    """Raises ``Refusal`` (404)."""
    found = world.all_definitions(kind.id).get(name)
    if found is None or (found.archived_at is not None) != archived:
        raise not_found(f"Property '{name[:100]}' does not exist", context={"propertyName": [name[:100]]})
    return found


def create(call: Call, type_name: str) -> Reply:
    return Reply(201, created(call, call.kind(type_name), call.json()).wire())


def created(call: Call, kind: ObjectType, sent: Mapping[str, Any]) -> Property:
    """A new definition, or an archived one revived. Raises ``Refusal`` (400, 409)."""
    if kind is TASK and not call.world.switches.tasks_take_custom_properties:
        raise invalid(f"Custom properties are not supported for object type {kind.id} ({kind.legacy})")
    absent = [name for name in _REQUIRED if not body.text(sent, name)]
    if absent:
        raise invalid(f"Some required fields were not set: [{', '.join(absent)}]")
    name = body.required_text(sent, "name")
    if not _NAME.match(name) or len(name) > 100 or name.startswith("hs_"):
        raise invalid(f"Property name '{name[:100]}' is not valid: lower-case letters, digits and _, and not hs_")
    before = call.world.all_definitions(kind.id).get(name)
    if before is not None and before.archived_at is None:
        message = f"A property named '{name}' already exists."
        raise exists_already(message, "Properties.PROPERTY_WITH_NAME_EXISTS")
    document = _document(call, kind, sent)
    _room(call.world, kind, unique=bool(document["hasUniqueValue"]))
    call.world.db.put_document("property", f"{kind.id}/{name}", document)
    return from_document(document)


def _document(call: Call, kind: ObjectType, sent: Mapping[str, Any]) -> dict[str, Any]:
    now = wire(call.now)
    document: dict[str, Any] = {
        "name": body.required_text(sent, "name"),
        "label": body.required_text(sent, "label"),
        "description": body.text(sent, "description") or "",
        "displayOrder": body.whole(sent, "displayOrder", -1),
        "hasUniqueValue": body.flag(sent, "hasUniqueValue"),
        "hidden": body.flag(sent, "hidden"),
        "formField": body.flag(sent, "formField"),
        "createdAt": now,
        "updatedAt": now,
        "createdUserId": str(call.token.user_id or call.token.app_id),
    }
    document["type"] = _one_of("type", body.required_text(sent, "type"), TYPES)
    document["fieldType"] = _one_of("fieldType", body.required_text(sent, "fieldType"), FIELD_TYPES)
    document["groupName"] = _group(call.world, kind, body.required_text(sent, "groupName"))
    document["options"] = options(sent) if sent.get("options") is not None else []
    _consistent(document)
    return document


def _consistent(document: Mapping[str, Any]) -> None:
    kind = document["type"]
    if kind == "enumeration" and not document["options"]:
        raise invalid("Property of type enumeration needs options")
    if document["hasUniqueValue"] and kind not in {"string", "number"}:
        raise invalid(f"Property of type {kind} cannot have unique values")


def options(sent: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The option list as stored. Raises ``Refusal`` (400) on repeated values."""
    rows = [
        {
            "label": body.required_text(row, "label"),
            "value": body.required_text(row, "value"),
            "displayOrder": body.whole(row, "displayOrder", order),
            "hidden": body.flag(row, "hidden"),
            "description": body.text(row, "description") or "",
        }
        for order, row in enumerate(body.items(sent, "options"))
    ]
    for field in ("value", "label"):
        seen = [row[field] for row in rows]
        if len(set(map(str, seen))) != len(seen):
            raise invalid(f"Property options must have unique {field}s")
    return rows


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise invalid(
            f"{value[:60]} was not one of the allowed options: [{', '.join(allowed)}]", context={"field": [name]}
        )
    return value


def _group(world: World, kind: ObjectType, name: str) -> str:
    if name not in groups.live(world, kind):
        raise invalid(f"Property group '{name[:100]}' does not exist")
    return name


def _room(world: World, kind: ObjectType, *, unique: bool) -> None:
    own = [one for one in world.definitions(kind.id).values() if not one.by_hubspot]
    if len(own) >= MAX_CUSTOM:
        raise invalid(f"The maximum number of custom properties is {MAX_CUSTOM}")
    if unique and sum(one.unique for one in own) >= MAX_UNIQUE:
        raise invalid(f"The maximum number of unique properties is {MAX_UNIQUE}")


def update(call: Call, type_name: str, name: str) -> Reply:
    """PATCH: the option list given replaces the one there; uniqueness never changes."""
    kind = call.kind(type_name)
    sent = call.json()
    before = existing(call.world, kind, name)
    key = f"{kind.id}/{name}"
    stored = call.world.db.document("property", key)
    if before.by_hubspot and (before.external or any(field not in {"options", "hidden"} for field in sent)):
        raise Refusal(400, "VALIDATION_ERROR", f"{name} is a read only definition; it cannot be changed")
    if "hasUniqueValue" in sent and body.flag(sent, "hasUniqueValue") != before.unique:
        raise invalid("hasUniqueValue cannot be changed after creation")
    document = dict(stored) if stored is not None else before.wire()
    for field in _CHANGEABLE:
        if sent.get(field) is not None:
            document[field] = _changed(call, kind, sent, field)
    if sent.get("options") is not None:
        document["options"] = options(sent)
    _consistent(document)
    document["updatedAt"] = wire(call.now)
    call.world.db.put_document("property", key, document)
    return Reply(200, call.world.all_definitions(kind.id)[name].wire())


def _changed(call: Call, kind: ObjectType, sent: Mapping[str, Any], field: str) -> Any:
    if field == "displayOrder":
        return body.whole(sent, field, -1)
    if field in {"hidden", "formField"}:
        return body.flag(sent, field)
    value = body.required_text(sent, field)
    if field == "type":
        return _one_of(field, value, TYPES)
    if field == "fieldType":
        return _one_of(field, value, FIELD_TYPES)
    return _group(call.world, kind, value) if field == "groupName" else value


def archive(call: Call, type_name: str, name: str) -> Reply:
    archived(call, call.kind(type_name), name)
    return Reply(204)


def _in_use(world: World, kind: ObjectType, name: str) -> bool:
    """Whether a required-property rule or a list's filter names it."""
    rules = world.db.documents("requirement").values()
    if any(
        one["object_type"] == kind.id and name in {one["name"], (one["when"] or {}).get("property")} for one in rules
    ):
        return True
    lists = world.db.documents("list").values()
    return any(one["objectTypeId"] == kind.id and f'"{name}"' in json.dumps(one["filterBranch"]) for one in lists)


def archived(call: Call, kind: ObjectType, name: str) -> None:
    """Raises ``Refusal``: 404, or 400 for HubSpot's own and for names a pipeline or rule still uses."""
    before = existing(call.world, kind, name)
    if before.by_hubspot:
        raise invalid(f"{name} is a read only definition; it cannot be archived")
    if _in_use(call.world, kind, name):
        raise invalid(
            f"Property '{name}' is in use and cannot be deleted", sub_category="CANNOT_DELETE_PROPERTY_IN_USE"
        )
    key = f"{kind.id}/{name}"
    document = {**call.world.db.document("property", key), "archivedAt": wire(call.now)}
    call.world.db.put_document("property", key, document)
