"""Field values as canonical text, so that what was planned and what the books show can be compared as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from include.connectors.intacct.formats import plain_decimal, read_date, read_decimal

_NUMERIC = re.compile(
    r"(TRX_)?((SUB)?TOTAL|TOTAL(ENTERED|DUE|PAID|SELECTED)|AMOUNT)|CREDITLIMIT|EXCHANGE_RATE", re.ASCII
)
_DATE = re.compile(r"WHEN(CREATED|POSTED|DUE|PAID|DISCOUNT)|EXCH_RATE_DATE", re.ASCII)


def canonical(record: Mapping[str, Any], expected: Mapping[str, str]) -> dict[str, str]:
    """The fields that ``expected`` names, as the record shows them.

    Amounts: Intacct drops trailing zeros, so an equal amount reads exactly as it was expected, another one in its
    plain form. Dates: ISO. Everything else: as it is.
    """
    return {name: _canonical(name, str(record.get(name) or "").strip(), text) for name, text in expected.items()}


def _canonical(name: str, actual: str, expected: str) -> str:
    try:
        if _NUMERIC.fullmatch(name):
            amount = read_decimal(actual)
            if amount is None:
                return ""
            return expected if amount == _decimal(expected) else plain_decimal(amount)
        if _DATE.fullmatch(name):
            day: date | None = read_date(actual)
            return day.isoformat() if day else ""
    except ValueError:
        return actual
    return actual


def _decimal(text: str) -> object:
    try:
        return read_decimal(text)
    except ValueError:
        return None
