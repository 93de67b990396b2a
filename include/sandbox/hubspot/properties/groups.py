"""``/properties/{type}/groups``."""

from __future__ import annotations

import re
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.definitions.seeded import seeded_groups
from include.sandbox.hubspot.errors import exists_already, invalid, not_found
from include.sandbox.hubspot.world import World

_NAME = re.compile(r"^[a-z][a-z0-9_\-]*$")


def live(world: World, kind: ObjectType) -> dict[str, dict[str, Any]]:
    """The type's groups by name, HubSpot's own first."""
    prefix = f"{kind.id}/"
    own = {
        name: {"name": name, "label": label, "displayOrder": -1, "archived": False}
        for name, label in seeded_groups(kind.id).items()
    }
    stored = {
        key[len(prefix) :]: dict(document)
        for key, document in world.db.documents("group").items()
        if key.startswith(prefix)
    }
    return {**own, **stored}


def listed(call: Call, type_name: str) -> Reply:
    return Reply(200, {"results": list(live(call.world, call.kind(type_name)).values())})


def get(call: Call, type_name: str, name: str) -> Reply:
    return Reply(200, _existing(call, call.kind(type_name), name))


def create(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    sent = call.json()
    name, label = body.required_text(sent, "name"), body.required_text(sent, "label")
    if not _NAME.match(name) or len(name) > 100:
        raise invalid(f"Property group name '{name[:100]}' is not valid")
    if name in live(call.world, kind):
        raise exists_already(f"A property group named '{name}' already exists.", "PropertyGroupError.GROUP_EXISTS")
    document = {"name": name, "label": label, "displayOrder": body.whole(sent, "displayOrder", -1), "archived": False}
    call.world.db.put_document("group", f"{kind.id}/{name}", document)
    return Reply(201, document)


def update(call: Call, type_name: str, name: str) -> Reply:
    kind = call.kind(type_name)
    sent = call.json()
    document = dict(_existing(call, kind, name))
    if sent.get("label") is not None:
        document["label"] = body.required_text(sent, "label")
    document["displayOrder"] = body.whole(sent, "displayOrder", document["displayOrder"])
    call.world.db.put_document("group", f"{kind.id}/{name}", document)
    return Reply(200, document)


def delete(call: Call, type_name: str, name: str) -> Reply:
    kind = call.kind(type_name)
    _existing(call, kind, name)
    if any(found.group == name for found in call.world.definitions(kind.id).values()):
        raise invalid(
            f"Property group '{name}' still has active properties",
            sub_category="PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
        )
    call.world.db.drop_document("group", f"{kind.id}/{name}")
    return Reply(204)


def _existing(call: Call, kind: ObjectType, name: str) -> dict[str, Any]:
    found = live(call.world, kind).get(name)
    if found is None:
        raise not_found(f"Property group '{name[:100]}' does not exist")
    return found
