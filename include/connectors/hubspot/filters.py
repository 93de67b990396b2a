"""Search filters, and how a search is cut so that its body stays within HubSpot's limits.

Groups are alternatives, the filters of a group hold together: at most 5 groups of 6 filters, 18 in all, and
3,000 characters for the whole body (search guide). Every search of ours adds one filter to each group, its
place in the keyset.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from include.connectors.hubspot.instants import milliseconds
from include.connectors.hubspot.wire import Json
from include.core.errors import SettingsError

GROUPS = 5
FILTERS = 6
FILTERS_IN_ALL = 18
BODY = 3000
_NO_VALUE = frozenset({"HAS_PROPERTY", "NOT_HAS_PROPERTY"})
_MANY = frozenset({"IN", "NOT_IN"})
_ONE = frozenset({"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"})
OPERATORS = _NO_VALUE | _MANY | _ONE

Value = str | int | datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition in HubSpot's words; the named constructors cover what is usual.

    Times become epoch milliseconds. ``IN`` and ``NOT_IN`` compare lower-case for text properties, so give
    lower-case values there. Whether ``NEQ`` and the ``NOT_`` operators match records without the property is
    not documented.
    """

    property: str
    operator: str
    value: str | None = field(default=None, repr=False)  # anybody's name or address
    high: str | None = field(default=None, repr=False)
    values: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        wrong = (
            self.operator not in OPERATORS
            or (self.value is None) == (self.operator in _ONE)
            or (self.high is None) == (self.operator == "BETWEEN")
            or bool(self.values) != (self.operator in _MANY)
        )
        if wrong:
            raise SettingsError(
                f"The filter on {self.property} with operator {self.operator} is not complete, or has too much: "
                "IN and NOT_IN take values, BETWEEN a value and a high value, HAS_PROPERTY none, the others a value.",
                system="hubspot",
            )

    @classmethod
    def equals(cls, name: str, value: Value) -> Filter:
        return cls(name, "EQ", _text(value))

    @classmethod
    def is_in(cls, name: str, values: Iterable[str]) -> Filter:
        return cls(name, "IN", values=tuple(dict.fromkeys(values)))

    @classmethod
    def has(cls, name: str) -> Filter:
        return cls(name, "HAS_PROPERTY")

    @classmethod
    def lacks(cls, name: str) -> Filter:
        return cls(name, "NOT_HAS_PROPERTY")

    @classmethod
    def at_least(cls, name: str, value: Value) -> Filter:
        return cls(name, "GTE", _text(value))

    @classmethod
    def less_than(cls, name: str, value: Value) -> Filter:
        return cls(name, "LT", _text(value))

    @classmethod
    def greater_than(cls, name: str, value: Value) -> Filter:
        return cls(name, "GT", _text(value))

    @classmethod
    def between(cls, name: str, low: Value, high: Value) -> Filter:
        """Both ends belong to it."""
        return cls(name, "BETWEEN", _text(low), _text(high))

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Filter:
        """From HubSpot's JSON: ``{"propertyName", "operator", "value", "highValue", "values"}``.

        Raises ``SettingsError`` for an unknown field or operator.
        """
        known = {"propertyName", "operator", "value", "highValue", "values"}
        unknown = sorted(set(data) - known)
        if unknown or not {"propertyName", "operator"} <= set(data):
            raise SettingsError(
                f"A HubSpot filter needs propertyName and operator, and may have value, highValue or values; "
                f"this one has {', '.join(sorted(map(str, data)))}.",
                system="hubspot",
            )
        value, high = data.get("value"), data.get("highValue")
        return cls(
            str(data["propertyName"]),
            str(data["operator"]),
            None if value is None else _text(value),
            None if high is None else _text(high),
            tuple(dict.fromkeys(_text(one) for one in data.get("values") or ())),
        )

    def to_wire(self) -> Json:
        wire: Json = {"propertyName": self.property, "operator": self.operator}
        if self.value is not None:
            wire["value"] = self.value
        if self.high is not None:
            wire["highValue"] = self.high
        if self.values:
            wire["values"] = list(self.values)
        return wire


Group = tuple[Filter, ...]


def modified_between(object_type: str, start: datetime, end: datetime) -> Filter:
    """Last modified within ``[start, end]``, on the property that this type really keeps up to date."""
    return Filter.between(last_modified_property(object_type), start, end)


def last_modified_property(object_type: str) -> str:
    """``lastmodifieddate`` for contacts, ``hs_lastmodifieddate`` for everything else."""
    return "lastmodifieddate" if object_type in {"contacts", "contact", "0-1"} else "hs_lastmodifieddate"


def split_search(groups: Sequence[Sequence[Filter]], room: int) -> list[list[Group]]:
    """Searches that together mean "any of ``groups``", each with at most ``room`` characters of filters and
    within the limits of groups and filters; a long ``IN`` list is cut. ``[[()]]`` means everything.

    Raises ``SettingsError`` for a group that cannot be made to fit.
    """
    pieces = [piece for group in (groups or [()]) for piece in _fitting(tuple(group), room)]
    searches: list[list[Group]] = [[]]
    for piece in pieces:
        if searches[-1] and not _fits([*searches[-1], piece], room):
            searches.append([])
        searches[-1].append(piece)
    return searches


def _fitting(group: Group, room: int) -> list[Group]:
    if len(group) > FILTERS - 1:
        raise SettingsError(
            f"A HubSpot search takes at most {FILTERS - 1} filters in a group; this one has {len(group)}.",
            system="hubspot",
        )
    if _fits([group], room):
        return [group]
    longest = max((one for one in group if one.operator == "IN"), key=lambda one: len(one.values), default=None)
    if longest is None or len(longest.values) < 2:
        raise SettingsError(
            f"The filters of a HubSpot search are longer than its {BODY} characters allow.", system="hubspot"
        )
    middle = len(longest.values) // 2
    halves = (longest.values[:middle], longest.values[middle:])
    return [
        piece
        for half in halves
        for piece in _fitting(tuple(replace(one, values=half) if one is longest else one for one in group), room)
    ]


def _fits(groups: Sequence[Group], room: int) -> bool:
    count = sum(len(group) + 1 for group in groups)
    return len(groups) <= GROUPS and count <= FILTERS_IN_ALL and size(groups) <= room


def size(groups: Sequence[Group]) -> int:
    """Bytes of these groups in the body, without their keyset filters."""
    wire = [{"filters": [one.to_wire() for one in group]} for group in groups]
    return len(json.dumps(wire, ensure_ascii=False).encode("utf-8", "replace"))


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
