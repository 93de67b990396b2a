"""What a recurring line bills now, what it bills later, and on which day a one-time document is dated. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from include.core.calendar import add_months, term_end
from include.core.errors import RecordError
from include.core.money import Money, sum_money

InvoiceDateRule = Literal["close", "start", "delivery"]
"""The document is dated on the day the deal was won, the day its service starts, or the day it was delivered."""


class NoInvoiceDate(RecordError):
    """The rule's date is not known."""


@dataclass(frozen=True, slots=True)
class Billing:
    """One invoice of a recurring line, dated on the ``first`` day of the span that it bills, both days included."""

    first: date
    last: date
    amount: Money


@dataclass(frozen=True, slots=True)
class BillingPlan:
    """``now`` is due on or before the day asked for; ``later`` belongs in an order, a recurring invoice or a contract,
    as the settings say, and is never billed by accident."""

    now: tuple[Billing, ...]
    later: tuple[Billing, ...]

    def total_now(self, currency: str) -> Money:
        return sum_money((one.amount for one in self.now), currency)


def billing_plan(each: Money, start: date, every_months: int, term_months: int, on: date) -> BillingPlan:
    """A line of ``each`` per billing, every so many months of its term, as it stands on the day ``on`` (cases 11, 12).

    Monthly 100.00 for twelve months is 100.00 now and 1,100.00 later; billed yearly, 1,200.00 now.

    Raises ``ValueError`` where the term is no whole number of billings.
    """
    if every_months < 1 or term_months < 1 or term_months % every_months:
        raise ValueError(f"a term of {term_months} months is no whole number of billings every {every_months} months")
    last = term_end(start, term_months)
    starts = [add_months(start, n) for n in range(0, term_months, every_months)]
    ends = [*(day - timedelta(days=1) for day in starts[1:]), last]
    every = [Billing(first, end, each) for first, end in zip(starts, ends, strict=True)]
    return BillingPlan(
        tuple(one for one in every if one.first <= on),
        tuple(one for one in every if one.first > on),
    )


def invoice_date(rule: InvoiceDateRule, *, close: date, start: date | None, delivery: date | None) -> date:
    """The document's date by the rule (accounting case 12). Raises ``NoInvoiceDate``, never falls back to another."""
    day = {"close": close, "start": start, "delivery": delivery}[rule]
    if day is None:
        raise NoInvoiceDate(f"the invoice is dated by {rule}, and that date is not known. Enter it.")
    return day
