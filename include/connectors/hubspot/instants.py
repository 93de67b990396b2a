"""HubSpot's times and numbers as Python values. All raise ``ValueError`` for what is none of them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

_MILLISECONDS = re.compile(r"-?[0-9]{5,15}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_instant(text: str) -> datetime:
    """An aware UTC time from ISO-8601 (``2026-10-02T09:30:00.000Z``), epoch milliseconds, or a bare date (its
    midnight in UTC)."""
    try:
        if _MILLISECONDS.fullmatch(text):
            return _EPOCH + timedelta(milliseconds=int(text))
        if _DATE.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time outside the calendar") from error


def parse_date(text: str) -> date:
    """A date from ``2026-10-02``, from midnight UTC in milliseconds, or from an instant (its date in UTC)."""
    return date.fromisoformat(text) if _DATE.fullmatch(text) else parse_instant(text).date()


def parse_decimal(text: str) -> Decimal:
    """A finite decimal number, exactly as written; ``1.5E7`` is a number too, ``NaN`` and ``1,5`` are not."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a decimal number")
    return Decimal(text)


def milliseconds(moment: datetime) -> str:
    """The epoch milliseconds of an aware time, as HubSpot's filters take them."""
    if moment.tzinfo is None:
        raise ValueError("an aware time is needed")
    return str((moment - _EPOCH) // timedelta(milliseconds=1))
