"""One filter as an SQL condition over a row ``o``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.sandbox.hubspot import body, catalogue
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.definitions.property import Property
from include.sandbox.hubspot.errors import Violation, invalid, invalid_properties
from include.sandbox.hubspot.objects import checking
from include.sandbox.hubspot.objects.derived import derived, instants
from include.sandbox.hubspot.search.pages import Condition
from include.sandbox.hubspot.search.request import Filter
from include.sandbox.hubspot.times import parse_day, parse_instant, wire
from include.sandbox.hubspot.world import World

_COMPARISONS = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_NEGATIVE = frozenset({"NEQ", "NOT_IN", "NOT_CONTAINS_TOKEN"})


def condition(world: World, kind: ObjectType, wanted: Filter) -> Condition:
    """Raises ``Refusal`` (400) for unknown properties and values that do not fit their type."""
    if wanted.name.startswith("associations."):
        return _associated(kind, wanted)
    definition = world.definitions(kind.id).get(wanted.name)
    if definition is None:
        raise unknown(world, wanted.name)
    unique = checking.is_unique(kind, wanted.name, definition.unique)
    if unique and wanted.operator in {"EQ", "IN"} and not world.switches.search_lag:
        return _by_unique(world, kind, wanted)
    return _Column(world, kind, definition).condition(wanted)


def unknown(world: World, name: str) -> Exception:
    message = f'Property "{name[:100]}" does not exist'
    return invalid_properties(world.account.portal_id, [Violation(name[:100], "PROPERTY_DOESNT_EXIST", message)])


def column(kind: ObjectType, definition: Property) -> str:
    """The SQL expression of a property; instants of the row are whole milliseconds, all else text."""
    name = definition.name
    if name == "hs_object_id":
        return "o.id"
    if name in instants(kind.id):
        return f"o.{instants(kind.id)[name]}"
    expression = derived(kind.id).get(name) or f"json_extract(o.props, '$.\"{name}\"')"
    if definition.type == "number":
        return f"CAST({expression} AS NUMERIC)"
    return expression


class _Column:
    def __init__(self, world: World, kind: ObjectType, definition: Property) -> None:
        self.world = world
        self.kind = kind
        self.definition = definition
        self.sql = column(kind, definition)
        self.text = definition.type in {"string", "phone_number"}

    def condition(self, wanted: Filter) -> Condition:
        operator = wanted.operator
        if operator == "HAS_PROPERTY":
            return Condition(f"{self.sql} IS NOT NULL")
        if operator == "NOT_HAS_PROPERTY":
            return Condition(f"{self.sql} IS NULL")
        positive = self._positive(wanted)
        if operator not in _NEGATIVE:
            return positive
        if self.world.switches.negatives_match_missing:
            return Condition(f"({self.sql} IS NULL OR {positive.sql})", positive.values)
        return Condition(f"({self.sql} IS NOT NULL AND {positive.sql})", positive.values)

    def _positive(self, wanted: Filter) -> Condition:
        operator = wanted.operator
        if operator == "BETWEEN":
            return Condition(
                f"{self._side()} BETWEEN ? AND ?", (self._operand(wanted.value), self._operand(wanted.high))
            )
        if operator in {"IN", "NOT_IN"}:
            return self._among(wanted.values, negated=operator == "NOT_IN")
        if operator in {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}:
            sign = "NOT " if operator.startswith("NOT") else ""
            return Condition(f"{sign}has_token({self.sql}, ?)", (wanted.value,))
        return Condition(f"{self._side()} {_COMPARISONS[operator]} ?", (self._operand(wanted.value),))

    def _among(self, values: Sequence[str], *, negated: bool) -> Condition:
        sign = "NOT IN" if negated else "IN"
        marks = ",".join("?" * len(values))
        if self.text and self.world.switches.in_needs_lower_case:
            return Condition(f"{self._side()} {sign} ({marks})", tuple(values))
        return Condition(f"{self._side()} {sign} ({marks})", tuple(self._operand(value) for value in values))

    def _side(self) -> str:
        return f"folded({self.sql})" if self.text else self.sql

    def _operand(self, value: str) -> Any:
        name, kind = self.definition.name, self.definition.type
        if kind == "number":
            return self._number(name, value)
        if kind in {"datetime", "date"}:
            return self._time(name, value)
        if kind == "bool":
            return value.lower()
        return value.casefold() if self.text else value

    def _number(self, name: str, value: str) -> Any:
        try:
            return int(value) if value.lstrip("-").isdigit() and len(value) <= 18 else float(value)
        except ValueError:
            raise self._bad(name, f"{value[:100]} was not a valid number.") from None

    def _time(self, name: str, value: str) -> Any:
        ms = parse_instant(value)
        if ms is None:
            raise self._bad(name, f"{value[:100]} was not a valid long.")
        if name in instants(self.kind.id):
            return ms
        return (parse_day(value) or wire(ms)[:10]) if self.definition.type == "date" else wire(ms)

    def _bad(self, name: str, message: str) -> Exception:
        return invalid_properties(self.world.account.portal_id, [Violation(name, "INVALID_LONG", message)])


def _by_unique(world: World, kind: ObjectType, wanted: Filter) -> Condition:
    """Unique text is looked up in its own index: compared without regard to case, IN as written."""
    given = wanted.values if wanted.operator == "IN" else (wanted.value,)
    marks = ",".join("?" * len(given))
    lower = wanted.operator == "IN" and world.switches.in_needs_lower_case
    keys = given if lower else tuple(value.casefold() for value in given)
    return Condition(
        f"o.id IN (SELECT u.id FROM uniques u WHERE u.type = ? AND u.name = ? AND u.folded IN ({marks}))",  # noqa: S608
        (kind.id, wanted.name, *keys),
    )


def _associated(kind: ObjectType, wanted: Filter) -> Condition:
    other = catalogue.find(wanted.name.partition(".")[2])
    if other is None:
        raise invalid(f"Unable to infer object type from: {wanted.name[:80]}")
    linked = "SELECT 1 FROM links l WHERE l.from_type = ? AND l.from_id = o.id AND l.to_type = ?"
    ends = (kind.id, other.id)
    if wanted.operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        sign = "NOT " if wanted.operator.startswith("NOT") else ""
        return Condition(f"{sign}EXISTS ({linked})", ends)
    if wanted.operator not in {"EQ", "IN"}:
        raise invalid(f"operator {wanted.operator} is not supported on {wanted.name[:80]}")
    given = wanted.values if wanted.operator == "IN" else (wanted.value,)
    ids = tuple(body.as_whole(wanted.name, value) for value in given)
    marks = ",".join("?" * len(ids))
    back = f"SELECT b.to_id FROM links b WHERE b.from_type = ? AND b.from_id IN ({marks}) AND b.to_type = ?"  # noqa: S608
    return Condition(f"o.id IN ({back})", (other.id, *ids, kind.id))
