"""Days as accountants count them: local dates, terms, due dates, posting dates. Never sums of hours."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from include.core.errors import RecordError, SettingsError

PeriodPolicy = Literal["first_open_day", "hold", "ask"]


class PeriodClosed(RecordError):
    """The document's date lies in a closed period and the policy is to hold it."""


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as ``Europe/London``. Raises ``SettingsError`` for another text."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"{name!r} is not a time zone; write its IANA name, for example Europe/London") from None


def local_date(instant: datetime, tz: str) -> date:
    """The calendar day of an aware ``instant`` in time zone ``tz`` (accounting case 52). Naive: ``ValueError``."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(zone(tz)).date()


def day_bounds(first: date, last: date, tz: str) -> tuple[datetime, datetime]:
    """The instants of the days ``first`` to ``last`` (both included): start inclusive, end exclusive, in UTC.

    For every instant t: start <= t < end exactly when first <= local_date(t, tz) <= last, also where a day has 23 or
    25 hours or no midnight.
    """
    if last < first:
        raise ValueError(f"the last day {last} lies before the first day {first}")
    return _start_of(first, tz), _start_of(last + timedelta(days=1), tz)


def _start_of(day: date, tz: str) -> datetime:
    # fold=0 is the earlier of two midnights, and for a midnight that does not exist the instant of the jump.
    return datetime.combine(day, time(0), tzinfo=zone(tz)).astimezone(UTC)


def last_day_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(anchor: date, months: int) -> date:
    """The day ``months`` after (or before) the anchor, on the anchor's day or else the month's last.

    Chains are counted from the anchor, never from the previous date, so 31 Jan gives 28 Feb and then 31 Mar, and 29
    Feb 2028 gives 28 Feb 2029 and, four years on, 29 Feb again (accounting cases 56, 57).
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def term_end(start: date, months: int) -> date:
    """The last day, inclusive, of a term of whole months: start + n months - 1 day (accounting case 14)."""
    if months < 1:
        raise ValueError("a term lasts at least one month")
    return add_months(start, months) - timedelta(days=1)


def posting_date(document_date: date, closed_through: date | None, policy: PeriodPolicy) -> date:
    """The day a document is posted on: its own date, or what the policy says where that period is closed.

    ``closed_through`` is the last closed day of the entity's module, ``None`` where nothing is closed. Policy
    ``first_open_day`` posts on the day after it; ``hold`` and ``ask`` raise ``PeriodClosed`` (accounting case 39).
    """
    if closed_through is None or document_date > closed_through:
        return document_date
    if policy == "first_open_day":
        return closed_through + timedelta(days=1)
    raise PeriodClosed(
        f"the period of {document_date.isoformat()} is closed (through {closed_through.isoformat()}); "
        "open it in Intacct, or allow posting on the first open day in the settings"
    )
