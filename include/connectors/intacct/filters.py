"""Conditions of a ``query``: typed values in, schema elements out. Nothing is ever pasted into XML as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from include.connectors.intacct.formats import wire_value
from include.connectors.intacct.xmltext import append, is_field_name
from include.core.errors import SettingsError

MAX_IN = 1000
_COMPARISONS = (
    "equalto",
    "notequalto",
    "lessthan",
    "lessthanorequalto",
    "greaterthan",
    "greaterthanorequalto",
    "like",
    "notlike",
)
_SEVERAL = ("in", "notin", "between")
_NONE = ("isnull", "isnotnull")


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition: an operator of the schema on a field, or ``and``/``or`` over conditions. Built by the functions
    of this module; ``values`` is wire text and in no repr, as it may be anybody's name or address."""

    operator: str
    field: str = ""
    values: tuple[str, ...] = ()
    parts: tuple[Filter, ...] = ()

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.parts)) if self.parts else f"{self.field!r}, {len(self.values)} values"
        return f"Filter({self.operator!r}, {inner})"

    def to_xml(self) -> etree._Element:
        element = etree.Element(self.operator)
        for part in self.parts:
            element.append(part.to_xml())
        if not self.parts:
            append(element, "field", self.field)
            for value in self.values:
                append(element, "value", value)
        return element


def equal(field: str, value: object) -> Filter:
    return _on("equalto", field, value)


def not_equal(field: str, value: object) -> Filter:
    return _on("notequalto", field, value)


def less(field: str, value: object) -> Filter:
    return _on("lessthan", field, value)


def at_most(field: str, value: object) -> Filter:
    return _on("lessthanorequalto", field, value)


def greater(field: str, value: object) -> Filter:
    return _on("greaterthan", field, value)


def at_least(field: str, value: object) -> Filter:
    return _on("greaterthanorequalto", field, value)


def between(field: str, low: object, high: object) -> Filter:
    """``low`` and ``high`` included."""
    return _on("between", field, low, high)


def like(field: str, pattern: str) -> Filter:
    """``%`` stands for any text, ``_`` for any character; the gateway knows no way to escape them."""
    return _on("like", field, pattern)


def not_like(field: str, pattern: str) -> Filter:
    return _on("notlike", field, pattern)


def is_null(field: str) -> Filter:
    return _on("isnull", field)


def is_not_null(field: str) -> Filter:
    return _on("isnotnull", field)


def is_in(field: str, values: Sequence[object]) -> Filter:
    """Any number of values: the gateway takes 1,000 in one condition, more become several. None: ``ValueError``."""
    return any_of(*(_on("in", field, *chunk) for chunk in _chunks(values)))


def not_in(field: str, values: Sequence[object]) -> Filter:
    return all_of(*(_on("notin", field, *chunk) for chunk in _chunks(values)))


def all_of(*parts: Filter) -> Filter:
    """Every condition; a single one stands for itself (the schema wants two at least). None: ``ValueError``."""
    return _joined("and", parts)


def any_of(*parts: Filter) -> Filter:
    return _joined("or", parts)


def filter_from_json(value: Any) -> Filter:
    """A filter from JSON or YAML, in the gateway's own words.

    ``{"and": [{"equalto": {"STATE": "Posted"}}, {"in": {"RECORDID": ["INV-1", "INV-2"]}}]}``,
    ``{"between": {"WHENDUE": ["11/01/2026", "11/30/2026"]}}``, ``{"isnull": "PARENTID"}``. Several fields under one
    operator, and a list of conditions, must all hold. Raises ``SettingsError`` naming what is wrong.
    """
    if isinstance(value, list | tuple):
        return all_of(*map(filter_from_json, _filled(value, "a list of conditions")))
    if not isinstance(value, Mapping):
        raise SettingsError(f"A filter is an object like {{'equalto': {{'STATE': 'Posted'}}}}, not {value!r:.80}.")
    return all_of(*(_condition(str(name), inner) for name, inner in _filled(value.items(), "a filter")))


def _condition(operator: str, inner: Any) -> Filter:
    if operator in ("and", "or"):
        if not isinstance(inner, list | tuple):
            raise SettingsError(f"In a filter, '{operator}' takes a list of conditions.")
        return _joined(operator, [filter_from_json(part) for part in _filled(inner, f"'{operator}'")])
    if operator in _NONE:
        fields = [inner] if isinstance(inner, str) else inner
        return all_of(*(_on(operator, str(field)) for field in _filled(fields, f"'{operator}'")))
    if operator not in (*_COMPARISONS, *_SEVERAL):
        allowed = ", ".join(("and", "or", *_COMPARISONS, *_SEVERAL, *_NONE))
        raise SettingsError(f"A filter knows no operator {operator!r}; allowed are {allowed}.")
    if not isinstance(inner, Mapping):
        raise SettingsError(f"In a filter, '{operator}' takes an object of field and value.")
    return all_of(*(_comparison(operator, str(field), v) for field, v in _filled(inner.items(), f"'{operator}'")))


def _comparison(operator: str, field: str, value: Any) -> Filter:
    try:
        if operator not in _SEVERAL:
            return _on(operator, field, value)
        if isinstance(value, str) or not isinstance(value, list | tuple):
            raise SettingsError(f"In a filter, '{operator}' of {field} takes a list of values.")
        values = list(_filled(value, f"'{operator}' of {field}"))
        if operator == "between":
            if len(values) != 2:
                raise SettingsError(f"In a filter, 'between' of {field} takes two values.")
            return between(field, *values)
        return is_in(field, values) if operator == "in" else not_in(field, values)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"In a filter, '{operator}' of {field}: {error}.") from None


def _filled(items: Any, what: str) -> Any:
    listed = list(items)
    if not listed:
        raise SettingsError(f"In a filter, {what} must not be empty.")
    return listed


def _on(operator: str, field: str, *values: object) -> Filter:
    if not is_field_name(field):
        raise SettingsError(f"{field!r:.80} is no name of an Intacct field.")
    return Filter(operator, field, tuple(map(wire_value, values)))


def _joined(operator: str, parts: Sequence[Filter]) -> Filter:
    if not parts:
        raise ValueError("a condition over nothing has no meaning; leave the query out")
    return parts[0] if len(parts) == 1 else Filter(operator, parts=tuple(parts))


def _chunks(values: Sequence[object]) -> list[Sequence[object]]:
    return [values[start : start + MAX_IN] for start in range(0, len(values), MAX_IN)]
