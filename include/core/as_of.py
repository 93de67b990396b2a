"""Balances as of a day, as the books show it now and as they showed it when the day was closed. Pure.

What counts on a day is decided by the posting date (accounting case 29); what was known at an instant by when it was
entered (accounting case 41).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from include.core.money import Money, sum_money


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that changed a balance: an invoice is positive, a payment negative, its reversal positive again.

    ``entered_at`` (aware): when it came into the books.
    """

    posting_date: date
    entered_at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class AsOf:
    """``closed``: as it was when the period was closed; ``now``: with all that was posted back into it since."""

    closed: Money
    now: Money

    @property
    def drift(self) -> Money:
        return self.now - self.closed


def balance_as_of(entries: Iterable[Entry], day: date, currency: str, *, known_at: datetime | None = None) -> Money:
    """The balance at the end of ``day``. ``known_at``: only with what had been entered by then."""
    return sum_money(
        (one.amount for one in entries if one.posting_date <= day and (known_at is None or one.entered_at <= known_at)),
        currency,
    )


def as_closed_and_as_now(entries: Iterable[Entry], day: date, closed_at: datetime, currency: str) -> AsOf:
    """Both balances at the end of ``day``, whose period was closed at ``closed_at``."""
    listed = list(entries)
    return AsOf(
        balance_as_of(listed, day, currency, known_at=closed_at),
        balance_as_of(listed, day, currency),
    )
