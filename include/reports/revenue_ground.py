"""What all facts of the books have in common: both currencies, and the sharing of a document by its deals. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

from include.connectors.intacct.fields import Wire, optional, required
from include.core.decisions import Json
from include.core.money import Money
from include.core.rounding import allocate
from include.reports.revenue_books import BooksRead
from include.reports.revenue_facts import Fact, Measure

Shares = Mapping[str, Decimal]
"""Deal id -> its weight; ``""`` is no deal."""
NO_DEAL: Shares = {"": Decimal(1)}


@dataclass(frozen=True, slots=True)
class Accounting:
    """How this company books: GL accounts of bad debt (a credit memo on them alone writes off) and of sales tax, and
    the base currency of each entity."""

    bad_debt_accounts: Sequence[str]
    tax_accounts: Sequence[str]
    base_currencies: Mapping[str, str]


def is_filled(record: Wire, name: str) -> bool:
    """Whether the record has this amount, in either currency: a detail of a payment has one of seven."""
    return bool(optional(record, f"TRX_{name}") or optional(record, name))


@dataclass
class Ground:
    """What every kind of fact is made on: the books, how they are kept, and which deals documents bill.

    ``deals_of``: record number of an invoice -> the deals it bills, with their weights.
    """

    books: BooksRead
    accounting: Accounting
    deals_of: Mapping[str, Shares]
    invoices: dict[str, Wire] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)
    """Record number of a document -> its entity; filled by ``facts``."""

    def shared(self, shares: Shares, measure: Measure, amount: Money, base: Money, facts: Json) -> Iterator[Fact]:
        """The amount, shared by the deals of its document to the cent (accounting case 22)."""
        business = facts.pop("day") or date.min
        entered = facts.pop("entered_at") or datetime.combine(business, time(), UTC)
        deals, weights = list(shares), list(shares.values())
        # Most documents have one deal, which takes all.
        parts = (
            [(amount, base)]
            if len(deals) == 1
            else zip(allocate(amount, weights), allocate(base, weights), strict=True)
        )
        for deal_id, (part, in_base) in zip(deals, parts, strict=True):
            if part.is_zero and in_base.is_zero and len(deals) > 1:
                continue
            yield Fact(
                measure=measure, amount=part, base=in_base, day=business, entered_at=entered, system="intacct",
                deal_id=deal_id, **facts,
            )  # fmt: skip

    def money(self, record: Wire, name: str, entity: str) -> tuple[Money, Money]:
        """The amount in the transaction's currency and in the base currency."""
        base = optional(record, "BASECURR") or self.accounting.base_currencies.get(entity, "")
        base = base or self.books.company_currency
        currency = optional(record, "CURRENCY") or base or required(record, "CURRENCY")
        in_base = optional(record, name) or "0"
        return Money.of(optional(record, f"TRX_{name}") or in_base, currency), Money.of(in_base, base or currency)
