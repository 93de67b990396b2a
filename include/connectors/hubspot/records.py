"""A CRM record as the API sends it, whatever its type: checked, frozen, property values as the texts they
are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from include.connectors.hubspot.instants import parse_instant
from include.connectors.hubspot.wire import BadShape, Json, as_id, as_list, as_object, as_text


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a property's history. ``source`` is HubSpot's ``sourceType`` (``CRM_UI``, ``INTEGRATION``
    ...), ``source_id`` who it was (``userId:77``, an app id)."""

    value: str | None = field(repr=False)
    at: datetime
    source: str
    source_id: str


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """``properties`` holds what was asked for: ``None`` where it is empty, no key where the account does not
    have the property. ``history`` is newest first, as sent, for the properties asked for with history."""

    id: str
    properties: Mapping[str, str | None] = field(repr=False)
    created_at: datetime
    updated_at: datetime
    archived: bool = False
    history: Mapping[str, tuple[Change, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def from_wire(cls, data: Any) -> CrmRecord:
        """From a ``SimplePublicObject``. Raises ``BadShape``; unknown fields are ignored."""
        wire = as_object(data, "a record")
        record_id = as_id(wire.get("id"), "a record's id")
        where = f"record {record_id}: "
        return cls(
            record_id,
            _properties(wire.get("properties"), where),
            _instant(wire.get("createdAt"), where + "createdAt"),
            _instant(wire.get("updatedAt"), where + "updatedAt"),
            wire.get("archived") is True,
            _history(wire.get("propertiesWithHistory"), where),
        )

    def to_wire(self) -> Json:
        """The same record as JSON, for another task's ``from_wire``; history is left out."""
        return {
            "id": self.id,
            "properties": dict(self.properties),
            "createdAt": self.created_at.isoformat(),
            "updatedAt": self.updated_at.isoformat(),
            "archived": self.archived,
        }


def _properties(value: Any, where: str) -> dict[str, str | None]:
    properties = as_object(value, where + "properties")
    for name, text in properties.items():
        if text is not None:
            as_text(text, f"{where}property {name if name.isidentifier() else '?'}")
    return properties


def _instant(value: Any, where: str) -> datetime:
    try:
        return parse_instant(as_text(value, where))
    except ValueError:
        raise BadShape(where, "a time") from None


def _history(value: Any, where: str) -> dict[str, tuple[Change, ...]]:
    if value is None:
        return {}
    rows = as_object(value, where + "propertiesWithHistory")
    return {name: tuple(_change(row, where) for row in as_list(rows[name], where + "history")) for name in rows}


def _change(value: Any, where: str) -> Change:
    row = as_object(value, where + "a history row")
    text = row.get("value")
    source, source_id = row.get("sourceType"), row.get("sourceId")
    return Change(
        None if text is None else as_text(text, where + "a history value"),
        _instant(row.get("timestamp"), where + "a history timestamp"),
        source if isinstance(source, str) else "",
        source_id if isinstance(source_id, str) else "",
    )
