"""Objects and fields of the tenant.

A field list is text, one token per field: ``NAME[:KIND][flags][=RELATION.FIELD]``. KIND is one letter of
``values.DATATYPES`` (T where absent); ``!`` marks a field required on create, ``~`` one the application fills.
``=RELATION.FIELD`` is a field shown from a related record (``CUSTOMERNAME=CUSTOMER.NAME``) and never stored.
A relation is ``NAME(OWN_FIELD>OBJECT.FIELD)``; its fields can be asked for by dot (``CUSTOMER.NAME``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

_FIELD = re.compile(r"([A-Z0-9_.]+)(?::([A-Z]))?([!~]*)(?:=([A-Z0-9_]+)\.([A-Z0-9_.]+))?\Z")
_RELATION = re.compile(r"([A-Z0-9_]+)\(([A-Z0-9_.]+)>([A-Z0-9_]+)\.([A-Z0-9_.]+)\)\Z")

Choices = tuple[tuple[str, str], ...]
"""Pairs of label (XML) and code (readByQuery predicates)."""

ACTIVE: Choices = (("active", "T"), ("inactive", "F"))


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str = "T"
    required: bool = False
    readonly: bool = False
    relation: str = ""
    related: str = ""
    choices: Choices = ()
    label: str = ""
    custom: bool = False

    @property
    def stored(self) -> bool:
        return not self.relation


@dataclass(frozen=True, slots=True)
class Relation:
    name: str
    key: str
    object: str
    field: str


@dataclass(frozen=True, slots=True)
class ObjectType:
    """``key`` is the natural id, ``table`` the table or view it is read from, ``lines`` the owned objects as
    (object, wrapper element, parent key field), ``indexed`` the columns with an index, ``title`` the word for
    messages."""

    name: str
    key: str
    title: str
    fields: Mapping[str, Field]
    relations: Mapping[str, Relation]
    lines: tuple[tuple[str, str, str], ...] = ()
    indexed: tuple[str, ...] = ()
    view: str = ""
    writable: bool = True
    internal: tuple[tuple[str, str], ...] = ()
    sequence: str = ""

    def stored(self) -> list[Field]:
        return [item for item in self.fields.values() if item.stored]

    def with_field(self, extra: Field) -> ObjectType:
        return replace(self, fields={**self.fields, extra.name: extra})


@dataclass(slots=True)
class Catalogue:
    """The objects by upper-case name; custom fields are added when the tenant defines them."""

    objects: dict[str, ObjectType] = field(default_factory=dict)

    def find(self, name: str) -> ObjectType | None:
        return self.objects.get(name.upper())

    def add_custom_field(self, object_name: str, extra: Field) -> None:
        """Raises KeyError for an unknown object."""
        name = object_name.upper()
        self.objects[name] = self.objects[name].with_field(replace(extra, custom=True))


def define(
    name: str,
    key: str,
    title: str,
    fields: str,
    *,
    relations: str = "",
    choices: Mapping[str, Choices] | None = None,
    lines: tuple[tuple[str, str, str], ...] = (),
    indexed: str = "",
    view: str = "",
    writable: bool = True,
    internal: str = "",
    sequence: str = "",
) -> ObjectType:
    """An object from its field list. ``internal`` are columns of ours that no reader sees (``_NAME:KIND``)."""
    known = {"STATUS": ACTIVE, **(choices or {})}
    parsed: dict[str, Field] = {}
    for token in fields.split():
        item = _field(token, known)
        parsed.setdefault(item.name, item)
    own = {rel.name: rel for rel in (_relation(token) for token in relations.split())}
    columns = tuple((token.partition(":")[0], token.partition(":")[2] or "T") for token in internal.split())
    return ObjectType(
        name, key, title, parsed, own, lines, tuple(indexed.split()), view, writable, columns, sequence or name
    )


def _field(token: str, choices: Mapping[str, Choices]) -> Field:
    match = _FIELD.match(token)
    if match is None:
        raise ValueError(f"cannot read the field {token!r}")
    name, kind, flags, relation, related = match.groups()
    values = choices.get(name, ())
    return Field(
        name=name,
        kind=kind or ("E" if values else "T"),
        required="!" in flags,
        readonly="~" in flags or bool(relation),
        relation=relation or "",
        related=related or "",
        choices=values,
        label=name.replace(".", " ").replace("_", " ").capitalize(),
    )


def _relation(token: str) -> Relation:
    match = _RELATION.match(token)
    if match is None:
        raise ValueError(f"cannot read the relation {token!r}")
    return Relation(*match.groups())
