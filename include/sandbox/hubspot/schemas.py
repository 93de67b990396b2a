"""``/crm-object-schemas``: the standard types can be read; there are no custom ones."""

from __future__ import annotations

from typing import Any

from include.sandbox.hubspot.associations.types import types_between
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import BY_ID, ObjectType, find
from include.sandbox.hubspot.errors import not_found
from include.sandbox.hubspot.routing import Route, route, schema


def listed(_: Call) -> Reply:
    """Only custom schemas are listed here."""
    return Reply(200, {"results": []})


def get(call: Call, name: str) -> Reply:
    kind = find(name)
    if kind is None:
        raise not_found(f"Object type {name[:60]} does not exist")
    return Reply(200, _shown(call, kind))


def _shown(call: Call, kind: ObjectType) -> dict[str, Any]:
    labels = call.world.db.documents("label")
    return {
        "id": kind.id,
        "objectTypeId": kind.id,
        "name": kind.legacy,
        "fullyQualifiedName": kind.legacy,
        "labels": {
            "singular": kind.singular.replace("_", " ").title(),
            "plural": kind.plural.replace("_", " ").title(),
        },
        "primaryDisplayProperty": kind.primary_display or None,
        "requiredProperties": [group[0] for group in kind.required],
        "searchableProperties": list(kind.free_text),
        "archived": False,
        "properties": [one.wire() for one in call.world.definitions(kind.id).values()],
        "associations": [
            {"id": str(link.type_id), "fromObjectTypeId": kind.id, "toObjectTypeId": other, "name": link.label}
            for other in BY_ID
            for link in types_between(labels, kind.id, other)
        ],
    }


def _title(name: str) -> str:
    return name.replace("_", " ").title()


ROUTES: tuple[Route, ...] = (
    route("GET", "schemas", "schemas", listed),
    route("GET", "schemas", "schemas/{}", get, lambda found: schema("read")(found[-1:])),
)
