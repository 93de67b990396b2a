"""JSON payloads into the elements of a typed function, each value by its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from lxml import etree

from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.formats import wire_decimal
from include.connectors.intacct.invoice_schema import TAX_ENTRY, Element
from include.connectors.intacct.xmltext import append
from include.core.errors import Rejected, SettingsError

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z", re.ASCII)
Lines = Callable[[etree._Element, Any], None]


def refuse(message: str) -> NoReturn:
    """A payload's value that cannot be sent: this one record is refused before anything leaves."""
    raise Rejected(message, system=SYSTEM, code="payload")


class PayloadReader:
    """Writes a payload's fields below an element, in the order of ``elements``. ``what`` names it in errors; ``lines``
    says for each element that holds lines how those are added."""

    def __init__(self, what: str, elements: Sequence[Element], lines: Mapping[str, Lines] | None = None) -> None:
        self._what = what
        self._elements = elements
        self._lines = lines or {}

    def write(self, parent: etree._Element, payload: Mapping[str, Any]) -> None:
        """Raises ``SettingsError`` for a name that is not in ``elements``, ``Rejected`` for a value of another kind."""
        unknown = sorted(set(payload) - {element.name for element in self._elements})
        if unknown:
            allowed = ", ".join(element.name for element in self._elements)
            raise SettingsError(
                f"{self._what} has no field {unknown[0]!r} in Sage Intacct; allowed are {allowed} "
                "(custom fields go under customfields).",
                system=SYSTEM,
            )
        for element in self._elements:
            value = payload.get(element.name)
            if value is not None and value != "":
                self._write_one(parent, element, value)

    def _write_one(self, parent: etree._Element, element: Element, value: Any) -> None:
        where = f"{element.name} of {self._what}"
        match element.kind:
            case "text":
                append(parent, element.name, _text(where, value))
            case "amount":
                append(parent, element.name, _amount(where, value))
            case "flag":
                append(parent, element.name, _flag(where, value))
            case "date":
                _add_date(append(parent, element.name), where, value)
            case "contact":
                name = value.get("contactname") if isinstance(value, Mapping) else value
                append(append(parent, element.name), "contactname", _text(where, name))
            case "customfields":
                _add_custom_fields(append(parent, element.name), where, value)
            case "taxentries":
                _add_tax_entries(append(parent, element.name), where, value)
            case "lines":
                self._lines[element.name](append(parent, element.name), value)


def check_currency(what: str, payload: Mapping[str, Any]) -> None:
    """The schema's group of currency and rate: all of it or nothing. Raises ``Rejected``."""
    rated = bool(payload.get("exchratetype")), bool(payload.get("exchrate"))
    if all(rated):
        refuse(f"{what} has an exchratetype or an exchrate, not both.")
    if bool(payload.get("currency")) != any(rated):
        refuse(f"{what} with a currency needs an exchratetype or an exchrate, and the other way round.")
    for name, partner in (("basecurr", "currency"), ("exchratedate", "exchratetype")):
        if payload.get(name) and not payload.get(partner):
            refuse(f"{what} with {name} needs {partner} too.")


def line_adder(
    tag: str, what: str, elements: Sequence[Element], check: Callable[[str, Mapping[str, Any]], None]
) -> Lines:
    """Adds each of a list of objects as an element ``tag``, in the order of ``elements``, once ``check`` took it.

    Raises ``SettingsError`` for what is no list of objects, ``Rejected`` for an empty one.
    """

    def add(parent: etree._Element, value: Any) -> None:
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            raise SettingsError(f"{parent.tag} is a list of objects, one for each line.", system=SYSTEM)
        for number, line in enumerate(value, start=1):
            where = f"line {number} of {what}"
            if not isinstance(line, Mapping):
                raise SettingsError(f"{where} is an object of fields.", system=SYSTEM)
            PayloadReader(where, elements).write(append(parent, tag), line)
            check(where, line)
        if not value:
            refuse(f"{parent.tag} of {what} must hold at least one line.")

    return add


def _text(where: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    refuse(f"{where} is a text, not a {type(value).__name__}.")


def _amount(where: str, value: Any) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return wire_decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        return value.strip()
    refuse(f"{where} is a decimal number in text, like '250.00'.")


def _flag(where: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower()
    refuse(f"{where} is true or false.")


def _add_date(parent: etree._Element, where: str, value: Any) -> None:
    try:
        day = value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        refuse(f"{where} is an ISO date, like '2026-11-16'.")
    append(parent, "year", f"{day.year:04d}")
    append(parent, "month", f"{day.month:02d}")
    append(parent, "day", f"{day.day:02d}")


def _add_custom_fields(parent: etree._Element, where: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise SettingsError(f"{where} is an object of names and texts.", system=SYSTEM)
    for name, text in value.items():
        if text is None or text == "":
            continue
        field = append(parent, "customfield")
        append(field, "customfieldname", _text(where, name))
        append(field, "customfieldvalue", _text(f"{name} in {where}", text))


def _add_tax_entries(parent: etree._Element, where: str, value: Any) -> None:
    if not isinstance(value, Sequence) or not all(isinstance(entry, Mapping) for entry in value):
        raise SettingsError(f"{where} is a list of objects.", system=SYSTEM)
    for entry in value:
        PayloadReader(where, TAX_ENTRY).write(append(parent, "taxentry"), entry)
