"""Property definitions: what a record type can hold, and making what we need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from include.connectors.hubspot.client import HubSpotClient, Repeat
from include.connectors.hubspot.errors import AlreadyExists
from include.connectors.hubspot.wire import Json, as_list, as_object, as_text
from include.core.errors import SettingsError, Unavailable

_POLLS = 20
_POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """``type`` is string, number, date, datetime, bool or enumeration; ``field_type`` how people edit it
    (text, textarea, number, date, select, booleancheckbox ...). ``options`` are the values of an
    enumeration."""

    name: str
    label: str
    type: str
    field_type: str
    description: str = ""
    unique: bool = False
    options: tuple[str, ...] = ()

    @classmethod
    def from_wire(cls, data: Any) -> PropertyDefinition:
        wire = as_object(data, "a property")
        name = as_text(wire.get("name"), "a property's name")
        options = wire.get("options")
        return cls(
            name=name,
            label=str(wire.get("label") or ""),
            type=as_text(wire.get("type"), f"the type of {name}"),
            field_type=str(wire.get("fieldType") or ""),
            unique=wire.get("hasUniqueValue") is True,
            options=tuple(
                as_text(as_object(one, "an option").get("value"), f"an option of {name}")
                for one in as_list(options or [], f"the options of {name}")
            ),
        )

    def to_wire(self, group: str) -> Json:
        wire: Json = {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "groupName": group,
            "description": self.description,
            "hasUniqueValue": self.unique,
            "formField": False,
        }
        if self.options:
            wire["options"] = [
                {"label": value, "value": value, "hidden": False, "displayOrder": place}
                for place, value in enumerate(self.options)
            ]
        return wire


def get_properties(client: HubSpotClient, object_type: str) -> dict[str, PropertyDefinition]:
    """Every property of ``object_type`` by name; archived ones are not among them."""
    body = client.request("GET", client.paths.properties(object_type)).body
    found = map(PropertyDefinition.from_wire, as_list(body.get("results"), "results"))
    return {one.name: one for one in found}


def ensure_properties(
    client: HubSpotClient, object_type: str, group: tuple[str, str], definitions: Sequence[PropertyDefinition]
) -> list[str]:
    """Create the properties that are missing, and their group ``(name, label)`` before them; the created
    names.

    Existing ones are left as they are. Two callers at once are no problem: what the other one made counts as
    there. Returns when all of them can be read, which takes HubSpot up to a second.

    Raises ``SettingsError`` where an existing property has another type, or lacks unique values and cannot
    get them; ``MissingScopes`` without ``crm.schemas.<type>.write``; ``Unavailable`` if they do not become
    readable.
    """
    existing = get_properties(client, object_type)
    _check_types(object_type, existing, definitions)
    missing = [one for one in definitions if one.name not in existing]
    if not missing:
        return []
    _ensure_group(client, object_type, group)
    created = [one.name for one in missing if _create(client, object_type, one.to_wire(group[0]))]
    for _ in range(_POLLS):
        if {one.name for one in missing} <= set(get_properties(client, object_type)):
            return created
        client.pause(_POLL_SECONDS)
    raise Unavailable(f"New properties of HubSpot's {object_type} do not become readable.", system="hubspot")


def _check_types(
    object_type: str, existing: dict[str, PropertyDefinition], wanted: Iterable[PropertyDefinition]
) -> None:
    problems: list[str] = []
    for one in wanted:
        there = existing.get(one.name)
        if there is None:
            continue
        if there.type != one.type:
            problems.append(f"{one.name} is of type {there.type}, not {one.type}")
        if one.unique and not there.unique:
            problems.append(f"{one.name} does not have unique values")
    if problems:
        raise SettingsError(
            f"Properties of HubSpot's {object_type} are not as needed: {'; '.join(problems)}. "
            "Rename or archive them in HubSpot.",
            system="hubspot",
        )


def _ensure_group(client: HubSpotClient, object_type: str, group: tuple[str, str]) -> None:
    name, label = group
    path = client.paths.properties(object_type, "groups")
    groups = as_list(client.request("GET", path).body.get("results"), "results")
    if any(as_object(one, "a property group").get("name") == name for one in groups):
        return
    _post(client, path, {"name": name, "label": label, "displayOrder": -1})


def _create(client: HubSpotClient, object_type: str, definition: Json) -> bool:
    return _post(client, client.paths.properties(object_type), definition)


def _post(client: HubSpotClient, path: str, body: Json) -> bool:
    """Whether it was made now. The name is unique, so a repeated sending makes nothing twice."""
    try:
        client.request("POST", path, body=body, repeat=Repeat.ALWAYS)
    except AlreadyExists:
        return False
    return True
