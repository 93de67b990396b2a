"""What a deal bills on which day: the billings of recurring lines, the parts of a split sale, and the dated instalments
that they make together. Pure, exact: the instalments add up to the contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from include.core.errors import RecordError
from include.core.money import Money, sum_money
from include.core.recurrence import Recurrence
from include.core.rounding import allocate, header_discounted

InvoiceDateRule = Literal["close", "start", "delivery"]
"""The document is dated on the day the deal was won, the day its service starts, or the day it was delivered."""

_DAY = timedelta(days=1)


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
    """``now`` is due on or before the day asked for; ``later`` waits for its day, a recurring invoice or a contract, as
    the settings say, and is never billed by accident."""

    now: tuple[Billing, ...]
    later: tuple[Billing, ...]

    def total_now(self, currency: str) -> Money:
        return sum_money((one.amount for one in self.now), currency)


def billings(each: Money, rhythm: Recurrence) -> tuple[Billing, ...]:
    """``each`` for every date of ``rhythm``, which must end; every span ends the day before the next one starts."""
    if rhythm.times is None:
        raise ValueError("a line without an end has no billing plan")
    return tuple(
        Billing(rhythm.date_at(n), rhythm.date_at(n + 1) - _DAY, each) for n in range(rhythm.times)
    )  # counted from the anchor: 31 January, 28 February, 31 March


def billing_plan(each: Money, start: date, every_months: int, term_months: int, on: date) -> BillingPlan:
    """A line of ``each`` per billing, every so many months of its term, as it stands on the day ``on`` (cases 11, 12).

    Monthly 100.00 for twelve months is 100.00 now and 1,100.00 later; billed yearly, 1,200.00 now.

    Raises ``ValueError`` where the term is no whole number of billings.
    """
    times = whole_billings(every_months, term_months)
    every = billings(each, Recurrence(start, "Months", every_months, count=times))
    return BillingPlan(
        tuple(one for one in every if one.first <= on),
        tuple(one for one in every if one.first > on),
    )


def whole_billings(every_months: int, term_months: int) -> int:
    """How often a line is billed in its term. Raises ``ValueError`` where that is no whole number."""
    if every_months < 1 or term_months < 1 or term_months % every_months:
        raise ValueError(f"a term of {term_months} months is no whole number of billings every {every_months} months")
    return term_months // every_months


@dataclass(frozen=True, slots=True)
class Part:
    """What an instalment bills of one line (its place on the deal). ``due`` is ``None`` while its day is not known;
    ``first`` and ``last`` are the span of service that a recurring line bills with it."""

    line: int
    due: date | None
    amount: Money
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Instalment:
    """One invoice of a deal: all that is due on its day."""

    due: date | None
    parts: tuple[Part, ...]

    @property
    def total(self) -> Money:
        return sum_money((part.amount for part in self.parts), self.parts[0].amount.currency)

    @property
    def fact(self) -> list[str]:
        """Day and amount as facts of the deal; ``""`` for a day that is not known yet."""
        return [self.due.isoformat() if self.due else "", self.total.text]


def recurring_parts(line: int, each: Money, rhythm: Recurrence, close: date) -> list[Part]:
    """A part for each billing, due on its first day; what began before the deal was won (``close``) is due then."""
    return [Part(line, max(one.first, close), one.amount, one.first, one.last) for one in billings(each, rhythm)]


def split_parts(lines: Sequence[tuple[int, Money]], amounts: Sequence[Money], due: Sequence[date | None]) -> list[Part]:
    """The one-time ``lines`` (place, net) split into ``amounts``, which add up to them, each due on its day (case 13).

    Every amount is shared over what is left of the lines, so that each line is billed whole in the end, and no line
    beyond its net. Raises ``ValueError`` where credit lines cancel the others out, so that nothing can be shared.
    """
    left = [net for _, net in lines]
    parts = []
    for amount, day in zip(amounts, due, strict=True):
        shares = allocate(amount, [one.amount for one in left])
        left = [one - share for one, share in zip(left, shares, strict=True)]
        parts += [Part(line, day, share) for (line, _), share in zip(lines, shares, strict=True) if not share.is_zero]
    if any(not one.is_zero for one in left):
        raise ValueError("the parts do not add up to the lines")
    return parts


def discounted_parts(parts: Sequence[Part], percent: Decimal, currency: str) -> list[Part]:
    """The parts after a discount on the whole contract: rounded once, on its total, and shared by largest remainder, so
    that the parts add up to it (case 1)."""
    nets = header_discounted([part.amount for part in parts], percent, currency)
    return [replace(part, amount=net) for part, net in zip(parts, nets, strict=True)]


def instalments(parts: Iterable[Part]) -> tuple[Instalment, ...]:
    """By day; what has no day yet comes last. A day on which everything together is nothing has no instalment, unless
    it stands for lines that cancel each other out."""
    by_day: dict[date | None, list[Part]] = {}
    for part in parts:
        by_day.setdefault(part.due, []).append(part)
    days = sorted(by_day, key=lambda day: day or date.max)
    found = [Instalment(day, tuple(sorted(by_day[day], key=lambda part: part.line))) for day in days]
    return tuple(one for one in found if any(not part.amount.is_zero for part in one.parts))


def invoice_date(rule: InvoiceDateRule, *, close: date, start: date | None, delivery: date | None) -> date:
    """The document's date by the rule (accounting case 12). Raises ``NoInvoiceDate``, never falls back to another."""
    day = {"close": close, "start": start, "delivery": delivery}[rule]
    if day is None:
        raise NoInvoiceDate(f"the invoice is dated by {rule}, and that date is not known. Enter it.")
    return day
