"""Adjustments of receivables: credit memos, debit memos, and write-offs, which Intacct does not tell apart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from include.connectors.intacct.fields import (
    NOT_POSTED,
    REVERSED,
    Wire,
    amount,
    currencies,
    day,
    moment,
    optional,
    required,
    required_day,
)
from include.connectors.intacct.lines import Line
from include.core.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """An ARADJUSTMENT: ``total`` is negative for a credit memo, positive for a debit memo, and so are ``applied`` and
    ``balance``. ``invoice_number`` is the number of the invoice it adjusts, where somebody entered one."""

    record_no: str
    number: str
    customer_id: str
    state: str
    adjustment_date: date
    posting_date: date | None
    total: Money
    applied: Money
    balance: Money
    invoice_number: str = ""
    base_currency: str = ""
    description: str = field(default="", repr=False)
    entity_id: str = ""
    modified_at: datetime | None = None
    lines: tuple[Line, ...] = ()

    FIELDS = (
        "RECORDNO",
        "RECORDID",
        "CUSTOMERID",
        "STATE",
        "WHENCREATED",
        "WHENPOSTED",
        "TOTALENTERED",
        "TOTALPAID",
        "TOTALDUE",
        "TRX_TOTALENTERED",
        "TRX_TOTALPAID",
        "TRX_TOTALDUE",
        "CURRENCY",
        "BASECURR",
        "DOCNUMBER",
        "DESCRIPTION",
        "MEGAENTITYID",
        "WHENMODIFIED",
    )

    @property
    def counts(self) -> bool:
        """Whether it is in the books and standing: no draft, not reversed."""
        return self.state.lower() not in REVERSED | NOT_POSTED

    @property
    def is_credit(self) -> bool:
        return self.total.is_negative

    def is_write_off(self, accounts: Collection[str]) -> bool:
        """Whether it writes off what will not be paid: a credit whose lines are all on one of these GL accounts (bad
        debt). The API marks write-offs in no other way."""
        return self.is_credit and bool(self.lines) and all(line.account in accounts for line in self.lines)

    @classmethod
    def from_wire(cls, record: Wire, lines: tuple[Line, ...] = (), *, company_currency: str = "") -> Adjustment:
        currency, base = currencies(record, company_currency)
        return cls(
            record_no=required(record, "RECORDNO"),
            number=optional(record, "RECORDID"),
            customer_id=required(record, "CUSTOMERID"),
            state=required(record, "STATE"),
            adjustment_date=required_day(record, "WHENCREATED"),
            posting_date=day(record, "WHENPOSTED"),
            total=amount(record, "TOTALENTERED", currency),
            applied=amount(record, "TOTALPAID", currency),
            balance=amount(record, "TOTALDUE", currency),
            invoice_number=optional(record, "DOCNUMBER"),
            base_currency=base,
            description=optional(record, "DESCRIPTION"),
            entity_id=optional(record, "MEGAENTITYID"),
            modified_at=moment(record, "WHENMODIFIED"),
            lines=lines,
        )
