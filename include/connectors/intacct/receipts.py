"""Money received from customers: payments and advances."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

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
)
from include.core.money import Money

ADVANCE_TYPE = "rr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What payments and advances have in common.

    ``received`` is the GL date, ``paid_date`` the day the customer paid. ``total`` is ``applied`` and ``unapplied``
    together, all in the payment's currency. ``reference`` is the sender's own, as a bank's. ``customer_id`` is ``""``
    for a payment by somebody who pays for several customers. ``entity_id`` is the owning entity, ``""`` at the top
    level.
    """

    record_no: str
    record_type: str
    reference: str
    customer_id: str
    state: str
    method: str
    received: date | None
    paid_date: date | None
    total: Money
    applied: Money
    unapplied: Money
    base_currency: str = ""
    description: str = field(default="", repr=False)
    entity_id: str = ""
    modified_at: datetime | None = None
    url: str = ""

    @property
    def is_reversed(self) -> bool:
        """Reversed or voided (a bounced check, a chargeback), or the record that reverses another."""
        return self.state.lower() in REVERSED

    @property
    def counts(self) -> bool:
        """Whether its money is in the books and standing."""
        return not self.is_reversed and self.state.lower() not in NOT_POSTED


_FIELDS = (
    "RECORDNO",
    "RECORDTYPE",
    "DOCNUMBER",
    "CUSTOMERID",
    "STATE",
    "PAYMENTMETHOD",
    "RECEIPTDATE",
    "TOTALENTERED",
    "TOTALPAID",
    "TOTALDUE",
    "TRX_TOTALENTERED",
    "TRX_TOTALPAID",
    "TRX_TOTALDUE",
    "CURRENCY",
    "BASECURR",
    "DESCRIPTION",
    "MEGAENTITYID",
    "WHENMODIFIED",
    "RECORD_URL",
)


def _common(record: Wire, company_currency: str) -> dict[str, Any]:
    currency, base = currencies(record, company_currency)
    return {
        "record_no": required(record, "RECORDNO"),
        "record_type": optional(record, "RECORDTYPE"),
        "reference": optional(record, "DOCNUMBER"),
        "customer_id": optional(record, "CUSTOMERID"),
        "state": required(record, "STATE"),
        "method": optional(record, "PAYMENTMETHOD"),
        "received": day(record, "RECEIPTDATE"),
        "total": amount(record, "TOTALENTERED", currency),
        "applied": amount(record, "TOTALPAID", currency),
        "unapplied": amount(record, "TOTALDUE", currency),
        "base_currency": base,
        "description": optional(record, "DESCRIPTION"),
        "entity_id": optional(record, "MEGAENTITYID"),
        "modified_at": moment(record, "WHENMODIFIED"),
        "url": optional(record, "RECORD_URL"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Receipt):
    """An ARPYMT. ``parent_id`` is the payment that this one reverses. Advances are listed too (``is_advance``)."""

    number: str = ""
    parent_id: str = ""

    FIELDS = (*_FIELDS, "RECORDID", "WHENPAID", "PARENTPAYMENTKEY")

    @property
    def is_advance(self) -> bool:
        return self.record_type == ADVANCE_TYPE

    @classmethod
    def from_wire(cls, record: Wire, *, company_currency: str = "") -> Self:
        return cls(
            **_common(record, company_currency),
            number=optional(record, "RECORDID"),
            paid_date=day(record, "WHENPAID"),
            parent_id=optional(record, "PARENTPAYMENTKEY"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance(Receipt):
    """An ARADVANCE: money received before there is anything to pay."""

    FIELDS = (*_FIELDS, "PAYMENTDATE")

    @classmethod
    def from_wire(cls, record: Wire, *, company_currency: str = "") -> Self:
        return cls(**_common(record, company_currency), paid_date=day(record, "PAYMENTDATE"))
