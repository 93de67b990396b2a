"""A document as it was sent, before the rules decided on it. Money is hundredths of the transaction currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.values import Native


@dataclass(frozen=True, slots=True)
class TaxEntry:
    """``detail`` is the id of a tax detail; ``tax`` overrides what its percentage gives."""

    detail: str
    tax: int | None = None


@dataclass(slots=True)
class DraftLine:
    """``dimensions`` by field name (CUSTOMERID, ITEMID ...); either ``account`` or ``label`` is set."""

    amount: int
    account: str = ""
    label: str = ""
    offset: str = ""
    memo: str = ""
    location: str = ""
    department: str = ""
    dimensions: dict[str, str] = field(default_factory=dict)
    template: str = ""
    deferred: str = ""
    revenue_start: date | None = None
    revenue_end: date | None = None
    allocation: str = ""
    custom: dict[str, Native] = field(default_factory=dict)
    taxes: list[TaxEntry] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """``party`` is the customer or vendor id; ``rate`` an explicit rate, else ``rate_type`` and ``rate_date`` find one.
    ``recordno`` and ``extra`` carry what a seed record or a recreated document brings along."""

    party: str
    created: date
    lines: list[DraftLine]
    posted: date | None = None
    due: date | None = None
    term: str = ""
    number: str = ""
    reference: str = ""
    description: str = ""
    external: str = ""
    billto: str = ""
    shipto: str = ""
    currency: str = ""
    base: str = ""
    rate: Decimal | None = None
    rate_type: str = ""
    rate_date: date | None = None
    is_draft: bool = False
    no_gl: bool = False
    custom: dict[str, Native] = field(default_factory=dict)
    extra: dict[str, Native] = field(default_factory=dict)
    recordno: int | None = None
    module: str = ""
    system_generated: bool = False
    solution: str = ""

    @property
    def posting(self) -> date:
        return self.posted or self.created
