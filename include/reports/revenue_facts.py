"""What the revenue report is made of: facts, each one movement of one measure by one record. Pure.

Every figure of the report is a sum of facts, and every fact names the record it comes from: that is how a figure is
explained.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from include.core.money import Money, zero
from include.reports.tables import Column

Measure = Literal[
    "pipeline", "weighted", "booked", "billed", "credited", "written_off", "tax", "collected", "recognised", "scheduled"
]
MEASURES: tuple[Measure, ...] = get_args(Measure)
AHEAD: tuple[Measure, ...] = ("pipeline", "weighted", "scheduled")
"""What is expected rather than what happened; a report as of a day shows it whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """``amount`` in the transaction's currency, ``base`` in the entity's (``None``: no rate is known). ``day``: the
    business date that decides the period; ``entered_at`` (aware): when the system came to know it.

    ``system``, ``object``, ``record_no`` and ``piece`` say which record: with the measure they are the fact's identity,
    the same in every report. ``deal_id`` is ``""`` for what belongs to no deal.
    """

    measure: Measure
    amount: Money
    base: Money | None
    day: date
    entered_at: datetime
    entity: str
    system: str
    object: str
    record_no: str
    piece: str = ""
    number: str = ""
    url: str = ""
    deal_id: str = ""
    customer: str = ""
    product: str = ""
    why: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        return (self.measure, self.object, self.record_no, self.piece, self.deal_id, self.product)


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as the report shows it. ``state``: open, won or lost; ``weighted`` is what it is worth times its stage's
    probability, zero unless it is open."""

    deal_id: str
    name: str
    company: str
    owner: str
    pipeline: str
    stage: str
    state: str
    close_date: date | None
    entity: str
    amount: Money
    weighted: Money
    url: str


FACT_COLUMNS: tuple[Column, ...] = (
    Column("measure"),
    Column("period"),
    Column("quarter"),
    Column("entity"),
    Column("owner"),
    Column("pipeline"),
    Column("product"),
    Column("customer"),
    Column("deal_id"),
    Column("deal"),
    Column("currency"),
    Column("amount_minor", "minor"),
    Column("base_currency"),
    Column("base_minor", "minor", currency_column="base_currency"),
    Column("day", "date"),
    Column("entered_at", "instant"),
    Column("system"),
    Column("object"),
    Column("record_no"),
    Column("piece"),
    Column("number"),
    Column("why"),
    Column("url"),
)


def base_or_none(amount: Money, base: Money | None, base_currency: str) -> Money | None:
    """What the record says in the base currency; the amount itself where it is in that currency."""
    return amount if amount.currency == base_currency else base


def total(facts: Iterable[Fact], measure: Measure, currency: str) -> Money:
    """The sum of one measure in one transaction currency."""
    found = zero(currency)
    for one in facts:
        if one.measure == measure and one.amount.currency == currency:
            found = found + one.amount
    return found
