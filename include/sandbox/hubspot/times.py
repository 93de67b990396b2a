"""Instants as the store keeps them (whole milliseconds since 1970) and as the API writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$")
_LAST_MS = 253_402_300_799_999  # the end of year 9999


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware time."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=65536)
def wire(ms: int) -> str:
    """``2026-10-01T08:00:00.000Z``."""
    moment = EPOCH + timedelta(milliseconds=ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


@lru_cache(maxsize=65536)
def parse_instant(text: str) -> int | None:
    """Milliseconds of an ISO date or date-time (without zone: UTC) or of a number of milliseconds; None if neither."""
    if re.fullmatch(r"-?\d{1,15}", text):
        ms = int(text)
        return ms if -62_135_596_800_000 <= ms <= _LAST_MS else None
    if not _ISO.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return to_ms(moment.astimezone(UTC))
    except OverflowError:
        return None


def parse_day(text: str) -> str | None:
    """``YYYY-MM-DD`` from a date, or from an instant that is midnight UTC; None when it is neither."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return None
    ms = parse_instant(text)
    if ms is None or ms % 86_400_000:
        return None
    return wire(ms)[:10]
