"""How Intacct writes dates, times, amounts and truth values, in both directions.

Generic functions and queries speak ``MM/DD/YYYY`` and ``MM/DD/YYYY HH:MM:SS``; answers follow the web-services user's
formatting, so ISO dates are read as well. Record timestamps carry no zone and are taken as UTC here; ``zone`` knows the
user's own, and ``changes`` goes by it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

_TIME = "%m/%d/%Y %H:%M:%S"
_DATE = re.compile(r"(\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2})(?:[T ].*)?\Z")


def wire_date(day: date) -> str:
    """``MM/DD/YYYY``."""
    return f"{day.month:02d}/{day.day:02d}/{day.year:04d}"


def wire_time(moment: datetime) -> str:
    """``MM/DD/YYYY HH:MM:SS`` in UTC. Raises ``ValueError`` for a time without zone."""
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone before it is sent to Intacct")
    utc = moment.astimezone(UTC)
    return f"{wire_date(utc.date())} {utc:%H:%M:%S}"


def wire_decimal(value: Decimal) -> str:
    """Plain digits with a dot: no exponent, no grouping. Raises ``ValueError`` for NaN and infinity."""
    if not value.is_finite():
        raise ValueError("an amount must be a finite number")
    return format(value, "f")


def wire_value(value: object) -> str:
    """A Python value as the text Intacct expects. Floats are refused: they cannot hold money."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case Decimal():
            return wire_decimal(value)
        case datetime():
            return wire_time(value)
        case date():
            return wire_date(value)
    raise TypeError(f"a {type(value).__name__} cannot be sent to Intacct; use text, Decimal, int, bool or a date")


@lru_cache(maxsize=10_000)
def read_date(text: str) -> date | None:
    """A date from a record (``None`` for an empty field). Raises ``ValueError`` when it is no date.

    A timestamp is cut to its date, as some date fields are answered with a time of midnight.
    """
    stripped = text.strip()
    if not stripped:
        return None
    match = _DATE.match(stripped)
    if match is None:
        raise ValueError("a date in Intacct's answer has an unknown form")
    form = "%Y-%m-%d" if "-" in match[1] else "%m/%d/%Y"
    return datetime.strptime(match[1], form).date()  # noqa: DTZ007 - a date has no zone


def read_time(text: str) -> datetime | None:
    """A record's timestamp as aware UTC (``None`` for an empty field). Raises ``ValueError`` when it is no time."""
    stripped = text.strip()
    if not stripped:
        return None
    try:
        # As the gateway writes them; else as ISO has it.
        moment = datetime.fromisoformat(stripped) if "/" not in stripped else datetime.strptime(stripped, _TIME)  # noqa: DTZ007
    except ValueError:
        day = read_date(stripped)
        if day is None:
            return None
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def read_decimal(text: str) -> Decimal | None:
    """An amount (``None`` for an empty field). Raises ``ValueError`` when it is no finite number."""
    stripped = text.strip()
    if not stripped:
        return None
    try:
        value = Decimal(stripped)
    except InvalidOperation:
        raise ValueError("an amount in Intacct's answer is not a number") from None
    if not value.is_finite():
        raise ValueError("an amount in Intacct's answer is not a finite number")
    return value


def read_int(text: str) -> int | None:
    """A whole number (``None`` for an empty field). Raises ``ValueError`` when it is none."""
    stripped = text.strip()
    return int(stripped) if stripped else None


def read_bool(text: str) -> bool:
    """``true``, ``T``, ``yes``, ``1`` are true in any case; everything else, and an empty field, is false."""
    return text.strip().lower() in {"true", "t", "yes", "y", "1"}


def plain_decimal(value: Decimal) -> str:
    """The shortest plain form: ``250.00`` and ``250`` are both ``250``."""
    return format(value.normalize(), "f") if value else "0"
