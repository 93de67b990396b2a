"""What recurs: the dates of a recurring document, and the terms that they renew. Pure, in calendar days.

Every date is counted from the anchor, never from the one before it, so that a day that a short month lacks comes back
in the next long one (accounting cases 56, 57).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from include.core.calendar import add_months, last_day_of_month

Unit = Literal["Days", "Weeks", "Months", "Quarters", "Years"]
MONTHS = {"Months": 1, "Quarters": 3, "Years": 12}
DAYS = {"Days": 1, "Weeks": 7}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every ``interval`` of ``unit`` from ``anchor`` on; ``month_end``: always on the last day of the month.

    It ends with the last date that is not after ``end``, or with the ``count``-th; without both it goes on. Raises
    ``ValueError`` for an unknown unit, an interval below 1, or an end that leaves no date at all.
    """

    anchor: date
    unit: str
    interval: int = 1
    month_end: bool = False
    end: date | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        if self.unit not in MONTHS and self.unit not in DAYS:
            raise ValueError(
                f"it repeats by {self.unit or '(nothing)'}, which is none of {', '.join([*DAYS, *MONTHS])}"
            )
        if self.interval < 1 or (self.count is not None and self.count < 1):
            raise ValueError("it repeats less than once")
        if self.end is not None and self.end < self.anchor:
            raise ValueError(f"it ends on {self.end}, before it starts on {self.anchor}")

    @property
    def months(self) -> int:
        """Months between two dates; 0 where days are counted."""
        return MONTHS.get(self.unit, 0) * self.interval

    def date_at(self, n: int) -> date:
        """The date after ``n`` repetitions (0: the first), whether or not the recurrence gets that far."""
        if not self.months:
            return self.anchor + timedelta(days=DAYS[self.unit] * self.interval * n)
        day = add_months(self.anchor, self.months * n)
        return last_day_of_month(day) if self.month_end else day

    def index_from(self, day: date) -> int:
        """The first ``n`` (at least 0) with ``date_at(n) >= day``."""
        if self.months:
            apart = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
            n = max(0, apart // self.months - 1)
        else:
            n = max(0, (day - self.anchor).days // (DAYS[self.unit] * self.interval) - 1)
        while self.date_at(n) < day:
            n += 1
        return n

    @property
    def times(self) -> int | None:
        """How many dates there are; ``None`` where it goes on."""
        by_end = self.index_from(self.end + timedelta(days=1)) if self.end is not None else None
        known = [n for n in (by_end, self.count) if n is not None]
        return min(known) if known else None


@dataclass(frozen=True, slots=True)
class Term:
    """A term from ``start`` to ``end``, both included, in which the document comes ``times`` times."""

    start: date
    end: date
    times: int

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def renewals(recurrence: Recurrence, term_months: int, first: date, last: date) -> list[Term]:
    """The terms that are renewals and start from ``first`` to ``last``, both included.

    A recurrence with an end has one term, all its dates, and one renewal of the same length: it starts on the first
    date that no longer comes. One without end has terms of ``term_months``, or of the next longer span that is a whole
    number of its own intervals, and each after the first is a renewal. A term ends the day before the next one starts.
    """
    times = recurrence.times
    if times is not None:
        found = _term(recurrence, times, times)
        return [found] if first <= found.start <= last else []
    return [term for term in _endless(recurrence, term_months, last) if first <= term.start]


def months_in(recurrence: Recurrence, term: Term) -> int:
    """The whole months of a renewal's term, 0 where it is none (it repeats by days)."""
    if recurrence.months and term == _term(recurrence, recurrence.index_from(term.start), term.times):
        return recurrence.months * term.times
    return whole_months(term.start, term.end)


def whole_months(start: date, end: date) -> int:
    """The whole months from ``start`` to ``end`` (included), 0 where there is a rest."""
    apart = (end.year - start.year) * 12 + end.month - start.month
    after = end + timedelta(days=1)
    return next((n for n in (apart, apart + 1) if n > 0 and add_months(start, n) == after), 0)


def _endless(recurrence: Recurrence, term_months: int, last: date) -> Iterator[Term]:
    if term_months < 1:
        raise ValueError("a term lasts at least one month")
    k = 1
    if recurrence.months:
        each = -(-term_months // recurrence.months)
        while (term := _term(recurrence, each * k, each)).start <= last:
            yield term
            k += 1
        return
    while (start := add_months(recurrence.anchor, term_months * k)) <= last:
        following = add_months(recurrence.anchor, term_months * (k + 1))
        comes = recurrence.index_from(following) - recurrence.index_from(start)
        yield Term(start, following - timedelta(days=1), comes)
        k += 1


def _term(recurrence: Recurrence, at: int, times: int) -> Term:
    return Term(recurrence.date_at(at), recurrence.date_at(at + times) - timedelta(days=1), times)
