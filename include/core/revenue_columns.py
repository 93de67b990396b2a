"""Pipeline, booked, billed, collected, recognised: five figures that no report may mix. Pure.

And the words for a deal's worth, none of which is "the forecast".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.core.money import EXACT, Money, decimal_of, round_half_up


@dataclass(frozen=True, slots=True)
class DealWorth:
    """What a deal is worth: as entered, times its stage's probability, and for one year of its term (case 61)."""

    amount: Money
    weighted: Money
    annual: Money


@dataclass(frozen=True, slots=True)
class Columns:
    """All in one currency and up to one day. ``credited`` and ``written_off`` explain what was billed and neither
    collected nor open."""

    pipeline: Money
    booked: Money
    billed: Money
    collected: Money
    recognised: Money
    credited: Money
    written_off: Money

    @property
    def unbilled(self) -> Money:
        return self.booked - self.billed

    @property
    def open(self) -> Money:
        return self.billed - self.credited - self.written_off - self.collected

    @property
    def deferred(self) -> Money:
        """Billed and not yet earned; negative: earned and not yet billed."""
        return self.billed - self.credited - self.recognised


@dataclass(frozen=True, slots=True)
class WonEvent:
    """Our log saw the deal won, or its close date or amount edited later, on ``seen_on``."""

    seen_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Booking:
    """``first`` is booked on the day of the first win, for good; ``adjustments`` on the days of what changed later."""

    booked_on: date
    first: Money
    adjustments: tuple[tuple[date, Money], ...]

    @property
    def total(self) -> Money:
        total = self.first
        for _, amount in self.adjustments:
            total = total + amount
        return total


def worth(amount: Money, probability: Decimal, term_months: int) -> DealWorth:
    """``probability`` from 0 to 1, as the stage has it. A term shorter than a year is worth what it is."""
    weighted = round_half_up(EXACT.multiply(amount.amount, decimal_of(probability)), amount.currency)
    months = Decimal(max(term_months, 12))
    annual = round_half_up(EXACT.divide(EXACT.multiply(amount.amount, Decimal(12)), months), amount.currency)
    return DealWorth(amount, weighted, annual)


def booking(events: Sequence[WonEvent]) -> Booking:
    """What a won deal books when (accounting case 63): by the first event; an edited close date moves nothing."""
    first, *later = events
    adjustments, before = [], first.amount
    for event in later:
        if event.amount != before:
            adjustments.append((event.seen_on, event.amount - before))
        before = event.amount
    return Booking(first.seen_on, first.amount, tuple(adjustments))
