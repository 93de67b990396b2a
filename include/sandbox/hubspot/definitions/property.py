"""One property definition, from the seeded tables or from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Option:
    label: str
    value: str
    order: int = 0
    hidden: bool = False
    description: str = ""

    def wire(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "value": self.value,
            "description": self.description,
            "displayOrder": self.order,
            "hidden": self.hidden,
        }


@dataclass(frozen=True, slots=True)
class Property:
    """``type`` is bool, date, datetime, enumeration, number, phone_number, string and so on. ``external``: the
    allowed values live elsewhere (pipelines, owners)."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: tuple[Option, ...] = ()
    description: str = ""
    read_only: bool = False
    calculated: bool = False
    unique: bool = False
    external: bool = False
    by_hubspot: bool = True
    hidden: bool = False
    form_field: bool = False
    order: int = -1
    currency_property: str | None = None
    created_at: str = "2020-06-30T15:57:37.583Z"
    updated_at: str = "2020-06-30T15:57:37.583Z"
    archived_at: str | None = None
    created_user: str | None = None
    allowed: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "allowed", frozenset(option.value for option in self.options))

    def wire(self) -> dict[str, Any]:
        """The property as the API shows it."""
        shown: dict[str, Any] = {
            "updatedAt": self.updated_at,
            "createdAt": self.created_at,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.wire() for option in self.options],
            "displayOrder": self.order,
            "calculated": self.calculated,
            "externalOptions": self.external,
            "archived": self.archived_at is not None,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "hubspotDefined": self.by_hubspot,
            "modificationMetadata": {
                "archivable": not self.by_hubspot,
                "readOnlyDefinition": self.by_hubspot,
                "readOnlyOptions": self.by_hubspot,
                "readOnlyValue": self.read_only,
            },
            "formField": self.form_field,
            "dataSensitivity": "non_sensitive",
        }
        if self.created_user is not None:
            shown["createdUserId"] = shown["updatedUserId"] = self.created_user
        if self.archived_at is not None:
            shown["archivedAt"] = self.archived_at
        if self.currency_property is not None:
            shown["currencyPropertyName"] = self.currency_property
            shown["showCurrencySymbol"] = True
        return shown


def from_document(body: Mapping[str, Any]) -> Property:
    """A stored definition (the wire's own field names) as a ``Property``."""
    metadata = body.get("modificationMetadata") or {}
    options = tuple(
        Option(
            label=str(option.get("label", "")),
            value=str(option.get("value", "")),
            order=int(option.get("displayOrder") or 0),
            hidden=bool(option.get("hidden", False)),
            description=str(option.get("description") or ""),
        )
        for option in body.get("options") or ()
    )
    return Property(
        name=str(body["name"]),
        label=str(body.get("label") or body["name"]),
        type=str(body.get("type") or "string"),
        field_type=str(body.get("fieldType") or "text"),
        group=str(body.get("groupName") or ""),
        options=options,
        description=str(body.get("description") or ""),
        read_only=bool(metadata.get("readOnlyValue", False)),
        calculated=bool(body.get("calculated", False)),
        unique=bool(body.get("hasUniqueValue", False)),
        external=bool(body.get("externalOptions", False)),
        by_hubspot=bool(body.get("hubspotDefined", False)),
        hidden=bool(body.get("hidden", False)),
        form_field=bool(body.get("formField", False)),
        order=int(body.get("displayOrder", -1)),
        currency_property=body.get("currencyPropertyName"),
        created_at=str(body.get("createdAt") or "2020-06-30T15:57:37.583Z"),
        updated_at=str(body.get("updatedAt") or "2020-06-30T15:57:37.583Z"),
        archived_at=body.get("archivedAt"),
        created_user=body.get("createdUserId"),
    )
