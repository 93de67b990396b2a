"""When revenue is earned: a contract's amount over the months of its term, and what a change does to it. Pure, exact.

What is earned up to a day is rounded once, from full precision, and a month is the difference of two such sums. So a
schedule adds up to its contract, no part of it is off by more than one unit, and what was recognised to date never
depends on how the months were cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from include.core.calendar import add_months, last_day_of_month, term_end
from include.core.errors import RecordError
from include.core.money import EXACT, Money, round_half_up, sum_money

Method = Literal["daily", "straight_line"]
"""``daily``: every day of the term earns the same. ``straight_line``: every whole month earns the same, a first and
last part of a month by their days."""

_DAY = timedelta(days=1)


class TermBackwards(RecordError):
    """A term that ends before it starts."""


@dataclass(frozen=True, slots=True)
class Term:
    """From ``start`` to ``end``, both included (accounting case 14). Raises ``TermBackwards``."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise TermBackwards(f"the term ends on {self.end}, before it starts on {self.start}. Correct its dates.")

    @classmethod
    def of_months(cls, start: date, months: int) -> Term:
        """Start plus n months less a day, counted from the start."""
        return cls(start, term_end(start, months))

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def months(self) -> int:
        """The whole months that it lasts, 0 where it is no whole number of them."""
        apart = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return next((n for n in (apart, apart + 1) if n and add_months(self.start, n) == self.end + _DAY), 0)


@dataclass(frozen=True, slots=True)
class Portion:
    """What is earned from ``first`` to ``last``, both included: one calendar month, or the part of it in the term."""

    first: date
    last: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Revision:
    """A schedule after a change: ``posted`` as it was, ``planned`` for the rest of the term. ``correction`` is one
    entry on the first open day where nothing can be spread: what was recognised beyond the new total (negative), or
    what the term has no day left for. All of it adds up to the new total."""

    posted: tuple[Portion, ...]
    planned: tuple[Portion, ...]
    correction: Portion | None = None

    @property
    def needs_approval(self) -> bool:
        return self.correction is not None

    def total(self, currency: str) -> Money:
        entries = [*self.posted, *self.planned, *([self.correction] if self.correction else [])]
        return sum_money((one.amount for one in entries), currency)


def schedule(total: Money, term: Term, method: Method) -> tuple[Portion, ...]:
    """``total`` over the calendar months of the term (accounting case 15).

    1,200 over 2026 earns 92.05 in February by days, 95.08 over 2028, 100.00 by straight line.
    """
    portions, before = [], Money.from_minor(0, total.currency)
    for first, last in _slices(term):
        earned = earned_through(total, term, method, last)
        portions.append(Portion(first, last, earned - before))
        before = earned
    return tuple(portions)


def earned_through(total: Money, term: Term, method: Method, day: date) -> Money:
    """What is earned up to the end of ``day``: nothing before the term, all of it from its last day on."""
    if day >= term.end:
        return total
    share = Fraction(0)
    for (first, last), weight in zip(_slices(term), _weights(term, method), strict=True):
        days = min((day - first).days + 1, (last - first).days + 1)
        if days <= 0:
            break
        share += weight * Fraction(days, (last - first).days + 1)
    part = share * Fraction(total.amount)
    return round_half_up(EXACT.divide(Decimal(part.numerator), Decimal(part.denominator)), total.currency)


def revised(posted: Sequence[Portion], total: Money, term: Term, method: Method, open_from: date) -> Revision:
    """The schedule after an upgrade, a downgrade or a cancellation (accounting case 18).

    ``posted`` stays as it is; ``total`` and ``term`` are the contract's new ones; ``open_from`` is the first open day,
    after all that is posted. What is left of the total is spread over the days of the term that are left.
    """
    if posted and max(one.last for one in posted) >= open_from:
        raise ValueError("a posted portion lies in the open period")
    rest = total - sum_money((one.amount for one in posted), total.currency)
    if rest.is_zero:
        return Revision(tuple(posted), ())
    follows = max([term.start, *(one.last + _DAY for one in posted)])
    too_much = total.is_zero or rest.is_negative != total.is_negative
    if too_much or term.end < follows:
        return Revision(tuple(posted), (), Portion(open_from, open_from, rest))
    return Revision(tuple(posted), schedule(rest, Term(follows, term.end), method))


def last_day_of_service(cancelled_on: date) -> date:
    """The day before: what would be billed for the cancellation date itself is cancelled too (accounting case 19)."""
    return cancelled_on - _DAY


def cancellation_text(cancelled_on: date) -> str:
    """What the plan says, in the same convention."""
    last = last_day_of_service(cancelled_on)
    return f"cancelled on {cancelled_on}; the last day of service, and of revenue, is {last}"


def _slices(term: Term) -> Iterator[tuple[date, date]]:
    first = term.start
    while first <= term.end:
        last = min(last_day_of_month(first), term.end)
        yield first, last
        first = last + _DAY


def _weights(term: Term, method: Method) -> list[Fraction]:
    """The share of each slice, adding up to 1."""
    slices = list(_slices(term))
    if method == "daily":
        return [Fraction((last - first).days + 1, term.days) for first, last in slices]
    months = [Fraction((last - first).days + 1, last_day_of_month(last).day) for first, last in slices]
    parts = sum((one for one in months if one < 1), Fraction(0))
    if term.months and parts:
        # In a term of n months each whole one earns 1/n, so the first and last part share what is left of them: also
        # where they lie in Februaries of different lengths.
        left = term.months - sum(one == 1 for one in months)
        months = [one if one == 1 else one * left / parts for one in months]
    whole = sum(months, Fraction(0))
    return [one / whole for one in months]
