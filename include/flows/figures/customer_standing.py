"""How a customer stands, per currency: what is open, what is overdue, and what credit waits to be applied.

Always computed whole from the books, never carried forward, so the order in which things happened does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from types import MappingProxyType
from typing import Self

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.receivables import get_unapplied, iter_open_debit_memos, iter_open_invoices
from include.core.decisions import Json
from include.core.money import Money, zero
from include.flows.figures.entity_days import Calendars, Days, days_of_invoices, grace_ends

INVOICES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open invoice, or an open debit memo, which is never due (``due_date`` is ``None``). ``today`` is the day in
    its entity; ``grace_ends`` the last day on which it is not overdue, where its entity counts business days."""

    customer_id: str
    balance: Money
    due_date: date | None
    today: date
    grace_ends: date | None = None

    def is_overdue(self, grace_days: int) -> bool:
        return self.today > self.grace_ends if self.grace_ends else self.days_overdue > grace_days

    @property
    def days_overdue(self) -> int:
        """Calendar days after the due date; 0 on it and before."""
        return max((self.today - self.due_date).days, 0) if self.due_date else 0


@dataclass(frozen=True, slots=True)
class Credit:
    """Money or credit that settles nothing yet; ``amount`` is positive."""

    customer_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Balance:
    """A customer's figures in one currency. ``overdue`` is a part of ``open``; ``oldest_overdue_days`` is 0 where
    nothing is overdue."""

    open: Money
    overdue: Money
    unapplied: Money
    overdue_count: int = 0
    oldest_overdue_days: int = 0

    @classmethod
    def none(cls, currency: str) -> Self:
        return cls(zero(currency), zero(currency), zero(currency))

    @property
    def currency(self) -> str:
        return self.open.currency

    @property
    def net(self) -> Money:
        """The exposure: what is open less what waits to be applied."""
        return self.open - self.unapplied

    def __str__(self) -> str:
        told = [f"{self.currency} {self.open.amount:,} open"]
        told += [f"{self.overdue.amount:,} overdue"] if not self.overdue.is_zero else []
        told += [f"{self.unapplied.amount:,} unapplied"] if not self.unapplied.is_zero else []
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's figures, one ``Balance`` for each currency in which something is open or unapplied, by code."""

    customer_id: str
    balances: tuple[Balance, ...] = field(default=())

    def in_currency(self, currency: str) -> Balance:
        """The figures in that currency; zeros where there are none."""
        return next((one for one in self.balances if one.currency == currency), Balance.none(currency))

    @property
    def oldest_overdue_days(self) -> int:
        return max((one.oldest_overdue_days for one in self.balances), default=0)

    @property
    def overdue_count(self) -> int:
        return sum(one.overdue_count for one in self.balances)

    def __str__(self) -> str:
        """``USD 1,200.00 open, 200.00 overdue; EUR 50.00 open``; empty where nothing is open or unapplied."""
        return "; ".join(str(one) for one in self.balances)

    def to_json(self) -> Json:
        return {
            "customer_id": self.customer_id,
            "balances": [
                {
                    "currency": one.currency,
                    "open": one.open.text,
                    "overdue": one.overdue.text,
                    "unapplied": one.unapplied.text,
                    "overdue_count": one.overdue_count,
                    "oldest_overdue_days": one.oldest_overdue_days,
                }
                for one in self.balances
            ],
        }

    @classmethod
    def from_json(cls, data: Json) -> Standing:
        return cls(
            data["customer_id"],
            tuple(
                Balance(
                    open=Money.of(one["open"], one["currency"]),
                    overdue=Money.of(one["overdue"], one["currency"]),
                    unapplied=Money.of(one["unapplied"], one["currency"]),
                    overdue_count=one["overdue_count"],
                    oldest_overdue_days=one["oldest_overdue_days"],
                )
                for one in data["balances"]
            ),
        )


def standings(
    customer_ids: Iterable[str], items: Iterable[OpenItem], credits_: Iterable[Credit], *, grace_days: int = 0
) -> dict[str, Standing]:
    """The standing of each of these customers. An item is overdue when its day is past the due date and the days of
    grace. ``items`` are taken one by one: memory grows with customers and currencies, not with invoices."""
    figures: dict[str, dict[str, Balance]] = defaultdict(dict)
    for item in items:
        own, currency = figures[item.customer_id], item.balance.currency
        own[currency] = _with_item(own.get(currency) or Balance.none(currency), item, grace_days)
    for credit in credits_:
        own, currency = figures[credit.customer_id], credit.amount.currency
        before = own.get(currency) or Balance.none(currency)
        own[currency] = replace(before, unapplied=before.unapplied + credit.amount)
    return {
        customer_id: Standing(customer_id, tuple(found[code] for code in sorted(found)))
        for customer_id in customer_ids
        for found in [figures.get(customer_id, {})]
    }


def read_standing(
    intacct: IntacctClient,
    customer_ids: Sequence[str],
    today: Days,
    *,
    grace_days: int = 0,
    calendars: Calendars = MappingProxyType({}),
    company_currency: str = "",
) -> dict[str, Standing]:
    """Customer id -> how it stands in the books now, for each id given (without figures where nothing is open).

    ``today`` is each entity's day (``entity_days.today_by_entity``), ``calendars`` those of the entities that count
    business days. Three requests per 1,000 customers and one for
    every further 2,000 open invoices. Raises what ``iter_query`` raises.
    """
    listed = list(dict.fromkeys(customer_ids))
    waiting = get_unapplied(intacct, listed, company_currency=company_currency)
    return standings(
        listed,
        _open_items(intacct, listed, today, calendars, grace_days, company_currency),
        (Credit(one.customer_id, one.amount) for one in waiting),
        grace_days=grace_days,
    )


def _with_item(before: Balance, item: OpenItem, grace_days: int) -> Balance:
    after = replace(before, open=before.open + item.balance)
    if not item.is_overdue(grace_days):
        return after
    return replace(
        after,
        overdue=before.overdue + item.balance,
        overdue_count=before.overdue_count + 1,
        oldest_overdue_days=max(before.oldest_overdue_days, item.days_overdue),
    )


def _open_items(
    intacct: IntacctClient,
    customer_ids: Sequence[str],
    today: Days,
    calendars: Calendars,
    grace_days: int,
    company_currency: str,
) -> Iterator[OpenItem]:
    if not customer_ids:
        return
    invoices = iter_open_invoices(intacct, customer_ids, company_currency=company_currency)
    while batch := list(islice(invoices, INVOICES_AT_ONCE)):
        days = days_of_invoices(intacct, batch, today)
        ends = grace_ends(intacct, batch, calendars, grace_days)
        for one in batch:
            yield OpenItem(one.customer_id, one.balance, one.due_date, days[one.record_no], ends.get(one.record_no))
    for memo in iter_open_debit_memos(intacct, customer_ids, company_currency=company_currency):
        yield OpenItem(memo.customer_id, memo.balance, None, min(today.values()))
