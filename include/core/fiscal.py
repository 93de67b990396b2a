"""Fiscal periods as tables: months of a year that starts in any month, 4-4-5 weeks and its kin, 13 periods of 4 weeks.

A fiscal year bears the number of the calendar year in which it ends. Years of weeks end on the same weekday, so some
have 53 weeks: the last period has the extra one. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise

from include.core.books import Fiscal
from include.core.calendar import add_months, last_day_of_month

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKS: dict[str, Sequence[int]] = {
    "4-4-5": (4, 4, 5) * 4,
    "4-5-4": (4, 5, 4) * 4,
    "5-4-4": (5, 4, 4) * 4,
    "13_periods": (4,) * 13,
}


@dataclass(frozen=True, slots=True)
class Period:
    """Period ``number`` (from 1) of a fiscal year, from ``first`` to ``last``, both included.

    Of 13 periods the first three quarters have three each, the last one four.
    """

    year: int
    number: int
    quarter: int
    first: date
    last: date

    @property
    def name(self) -> str:
        return f"FY{self.year} P{self.number:02}"


@lru_cache(maxsize=256)
def periods_of(fiscal: Fiscal, year: int) -> tuple[Period, ...]:
    """The table of one fiscal year: its periods in order, without gap or overlap."""
    first, last = _year_end(fiscal, year - 1) + timedelta(days=1), _year_end(fiscal, year)
    if fiscal.calendar == "months":
        starts = [add_months(first, n) for n in range(12)]
    else:
        weeks = [0, *accumulate(_WEEKS[fiscal.calendar])][:-1]
        starts = [first + timedelta(weeks=n) for n in weeks]
    ends = [*(following - timedelta(days=1) for _, following in pairwise(starts)), last]
    return tuple(
        Period(year, n, min((n - 1) // 3 + 1, 4), start, end)
        for n, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    )


def period_of(fiscal: Fiscal, day: date) -> Period:
    """The period in which ``day`` lies."""
    # A year of weeks may end some days before or after its month does, so the neighbours are looked at too.
    for year in (day.year, day.year + 1, day.year - 1):
        table = periods_of(fiscal, year)
        if table[0].first <= day <= table[-1].last:
            return next(one for one in table if one.first <= day <= one.last)
    raise AssertionError(f"fiscal years do not join around {day}")


def quarter_of(fiscal: Fiscal, day: date) -> tuple[date, date]:
    """First and last day of the fiscal quarter in which ``day`` lies."""
    found = period_of(fiscal, day)
    own = [one for one in periods_of(fiscal, found.year) if one.quarter == found.quarter]
    return own[0].first, own[-1].last


def _year_end(fiscal: Fiscal, year: int) -> date:
    month = 12 if fiscal.first_month == 1 else fiscal.first_month - 1
    end = last_day_of_month(date(year, month, 1))
    if fiscal.calendar == "months":
        return end
    back = (end.weekday() - _WEEKDAYS.index(fiscal.week_ends)) % 7
    if fiscal.year_ends == "nearest" and back > 3:
        back -= 7
    return end - timedelta(days=back)
