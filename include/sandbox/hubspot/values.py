"""Checking and normalising property values on their way in. Stored values are non-empty texts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from include.sandbox.hubspot.body import scalar
from include.sandbox.hubspot.definitions.property import Property
from include.sandbox.hubspot.errors import Violation
from include.sandbox.hubspot.times import parse_day, parse_instant, wire

MAX_TEXT = 65_536
_NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?$")
_EMAIL = re.compile(r"^[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s.,;<>()]{2,}$")


class InvalidValue(Exception):
    def __init__(self, violation: Violation) -> None:
        super().__init__(violation.message)
        self.violation = violation


def normalise(definition: Property, raw: Any, *, type_id: str) -> str:
    """The value as stored, ``""`` to clear it. Raises ``InvalidValue``."""
    if raw is None:
        return ""
    value = scalar(definition.name, raw)
    if value == "":
        return ""
    kind = definition.type
    if kind == "enumeration":
        return _choice(definition, value)
    if kind == "number":
        return _number(definition, value)
    if kind == "datetime":
        ms = parse_instant(value)
        if ms is None:
            raise _bad(definition, "INVALID_LONG", f"{value} was not a valid long.")
        return wire(ms)
    if kind == "date":
        return _day(definition, value)
    if kind == "bool":
        return _truth(definition, value)
    if definition.name == "email" and type_id == "0-1":
        return _email(definition, value)
    if len(value) > MAX_TEXT:
        raise _bad(definition, "PROPERTY_VALUE_TOO_LONG", f"Property value is longer than {MAX_TEXT} characters")
    return value


def unique_key(value: str, *, case_sensitive: bool) -> str:
    """Under which a unique value is held."""
    return value if case_sensitive else value.casefold()


def decimal(value: str | None) -> Decimal:
    """A stored number for arithmetic; nothing counts as 0."""
    return Decimal(value) if value else Decimal(0)


def plain(number: Decimal) -> str:
    """A number as the API writes it: no exponent, no trailing zeros of a fraction."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _bad(definition: Property, code: str, message: str) -> InvalidValue:
    return InvalidValue(Violation(definition.name, code, message))


def _number(definition: Property, value: str) -> str:
    if not (_NUMBER.match(value) and value.isascii() and len(value) <= 60):
        raise _bad(definition, "INVALID_INTEGER", f"{value[:200]} was not a valid number.")
    return value


def _day(definition: Property, value: str) -> str:
    day = parse_day(value)
    if day is not None:
        return day
    ms = parse_instant(value)
    if ms is not None:
        raise _bad(definition, "INVALID_DATE", f"{ms} is at {wire(ms)[11:23]} UTC, not midnight!")
    raise _bad(definition, "INVALID_LONG", f"{value[:200]} was not a valid long.")


def _truth(definition: Property, value: str) -> str:
    lowered = value.lower()
    if lowered not in {"true", "false"}:
        raise _bad(definition, "INVALID_OPTION", f"{value[:200]} was not one of the allowed options: [true, false]")
    return lowered


def _email(definition: Property, value: str) -> str:
    lowered = value.strip().lower()
    if not _EMAIL.match(lowered) or len(lowered) > 254:
        raise _bad(definition, "INVALID_EMAIL", f"Email address {value[:254]} is invalid")
    return lowered


def _choice(definition: Property, value: str) -> str:
    if not definition.allowed and definition.external:
        return value
    several = definition.field_type == "checkbox"
    chosen = [part for part in value.split(";") if part] if several else [value]
    for part in chosen:
        if part not in definition.allowed:
            listed = ", ".join(option.value for option in definition.options)
            raise _bad(definition, "INVALID_OPTION", f"{part[:200]} was not one of the allowed options: [{listed}]")
    return value


def appended(definition: Property, value: str, before: str) -> str:
    """A multi-checkbox value with a leading ``;`` adds to what is there; every other value replaces it."""
    if definition.field_type != "checkbox" or not value.startswith(";"):
        return value
    return ";".join(dict.fromkeys(part for part in (*before.split(";"), *value.split(";")) if part))
