"""What kind of value a field holds, asked of Intacct only where it matters, and what two texts mean under it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from lxml import etree

from include.connectors.intacct import formats
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import to_read_exception
from include.connectors.intacct.generic import MULTI_VALUE_SEPARATOR
from include.connectors.intacct.xmltext import append

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_FLAGS = frozenset({"true", "false", "t", "f", "yes", "no", "1", "0"})


class FieldTypes:
    """The data types of one object's fields, standard and custom, in the gateway's words (``DATE``, ``BOOLEAN``, ...).

    One ``lookup`` the first time that one is asked for.
    """

    def __init__(self, client: IntacctClient, object_name: str) -> None:
        self._client = client
        self._object_name = object_name
        self._types: Mapping[str, str] | None = None

    def of(self, name: str) -> str:
        """``""`` for a field that the object does not list. Raises what ``IntacctClient.call`` raises."""
        if self._types is None:
            self._types = self._ask()
        return self._types.get(name, "")

    def _ask(self) -> Mapping[str, str]:
        question = etree.Element("lookup")
        append(question, "object", self._object_name)
        result = self._client.call([Function(question)])[0]
        if not result.ok:
            raise to_read_exception(result.failure, self._object_name)
        fields = result.records[0].get("Fields") if result.records else None
        listed = fields if isinstance(fields, list) else []
        return {str(one.get("ID", "")): str(one.get("DATATYPE", "")) for one in listed if isinstance(one, Mapping)}


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError("no flag")
    return formats.read_bool(text)


def _number(text: str) -> object:
    return formats.read_decimal(text)


_READINGS: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(("INTEGER", "DECIMAL", "CURRENCY", "PERCENT"), _number),
    "DATE": formats.read_date,
    "BOOLEAN": _flag,
    "ENUM": str.casefold,
}


def same_value(current: str, wanted: str, type_of: Callable[[], str]) -> bool:
    """Whether two texts of one field mean the same: ``100.0`` is ``100.00`` in an amount (not in a postcode),
    ``11/02/2026`` is ``2026-11-02`` in a date. ``type_of`` is asked only where they could."""
    if current == wanted:
        return True
    if not current or not wanted:
        return False
    if MULTI_VALUE_SEPARATOR in current and _choices(current) == _choices(wanted):
        return True
    alike = {kind for kind, read in _READINGS.items() if _alike(read, current, wanted)}
    return bool(alike) and type_of() in alike


def wire_text(wanted: str, type_of: Callable[[], str]) -> str:
    """A value as the generic functions take it: ISO dates become theirs, everything else is as it is."""
    if _ISO.match(wanted) and type_of() == "DATE":
        return formats.wire_date(date.fromisoformat(wanted))
    return wanted


def _choices(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(MULTI_VALUE_SEPARATOR))


def _alike(read: Callable[[str], object], one: str, other: str) -> bool:
    try:
        return read(one) == read(other)
    except ValueError:
        return False
