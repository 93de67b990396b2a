"""What Intacct itself prorates, as Sage documents it: only to compare with, never for schedules of our own.

Sage divides the year's amount by 365, in leap years too (accounting case 17), and in the help's example rounds that
daily rate to four decimals before it multiplies (accounting case 16).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from include.core.money import EXACT, Money, round_half_up

_DAYS_OF_ANY_YEAR = Decimal(365)
RATE_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Compared:
    """``ours`` by the days of the term and ``intacct`` by Sage's arithmetic; the plan shows both where they differ."""

    ours: Money
    intacct: Money

    @property
    def difference(self) -> Money:
        return self.intacct - self.ours


def intacct_prorated(annual: Money, days: int, *, rate_decimals: int | None = RATE_DECIMALS) -> Money:
    """``days`` of a year's amount as Intacct computes it: 122 days of 1,000.00 are 334.24.

    ``rate_decimals``: how the daily rate is rounded first; ``None``: not at all (334.25).
    """
    rate = EXACT.divide(annual.amount, _DAYS_OF_ANY_YEAR)
    if rate_decimals is not None:
        rate = rate.quantize(Decimal(1).scaleb(-rate_decimals), context=EXACT)
    return round_half_up(EXACT.multiply(rate, Decimal(days)), annual.currency)


def compared(annual: Money, days: int, *, of_days: int, rate_decimals: int | None = RATE_DECIMALS) -> Compared:
    """``days`` of a term of ``of_days`` that is worth ``annual``, by the term's own days and by Intacct."""
    part = EXACT.divide(EXACT.multiply(annual.amount, Decimal(days)), Decimal(of_days))
    ours = round_half_up(part, annual.currency)
    return Compared(ours, intacct_prorated(annual, days, rate_decimals=rate_decimals))
