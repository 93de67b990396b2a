"""Business days: which days a bank pays on, and when a payment is late by them (accounting case 54). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Every day is a business day but those of the ``weekend`` (0 is Monday) and the ``holidays``. At least one day of
    the week is one."""

    weekend: frozenset[int]
    holidays: frozenset[date]

    def is_business_day(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.holidays

    def from_day(self, day: date) -> date:
        """That day, or the first business day after it."""
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day

    def after(self, day: date, days: int) -> date:
        """So many business days after a business day."""
        for _ in range(days):
            day = self.from_day(day + timedelta(days=1))
        return day


def last_day_of_grace(due: date, grace_days: int, calendar: BusinessCalendar | None = None) -> date:
    """The last day on which a payment is not late yet.

    Without a calendar: the due date and so many calendar days. With one, what is due on a weekend or holiday may come
    on the next business day, and the grace is counted in business days.
    """
    if calendar is None:
        return due + timedelta(days=grace_days)
    return calendar.after(calendar.from_day(due), grace_days)
