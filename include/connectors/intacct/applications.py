"""What settled what: the details of payments, each piece with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from include.connectors.intacct.fields import (
    NOT_POSTED,
    REVERSED,
    Wire,
    currencies,
    day,
    moment,
    optional,
    required,
)
from include.core.money import Money

Source = Literal["cash", "advance", "overpayment", "adjustment", "negative_invoice", "inline", "discount"]

# Source -> the field of its amount, and those that may name the record it comes from.
_SOURCES: tuple[tuple[Source, str, tuple[str, ...]], ...] = (
    ("cash", "PAYMENTAMOUNT", ("PAYMENTKEY",)),
    ("advance", "POSTEDADVANCEAMOUNT", ("POSTEDADVANCEKEY", "ADVANCEKEY")),
    ("overpayment", "POSTEDOVERPAYMENTAMOUNT", ("POSTEDOVERPAYMENTKEY", "OVERPAYMENTKEY")),
    ("adjustment", "ADJUSTMENTAMOUNT", ("ADJUSTMENTKEY",)),
    ("negative_invoice", "NEGATIVEINVOICEAMOUNT", ("NEGATIVEINVOICEKEY",)),
    ("inline", "INLINEAMOUNT", ("INLINEKEY",)),
    ("discount", "DISCOUNTAMOUNT", ("DISCOUNTKEY",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A piece of an ARPYMTDETAIL: ``amount`` from one source to one document (line by line, so an invoice may have
    several of one payment).

    The target is ``invoice_id`` or, for a debit memo, ``debit_memo_id``; ``source_id`` is the payment, advance,
    overpaid payment, adjustment (credit memo or write-off) or negative invoice that the amount comes from, and
    ``payment_id`` the ARPYMT that applied it; all are record numbers. When a payment is reversed, its applications
    stay, and mirrored ones of the reversal (``parent_payment_id`` names the payment) stand against them.
    """

    record_no: str
    payment_id: str
    invoice_id: str
    debit_memo_id: str
    source: Source
    source_id: str
    amount: Money
    applied_on: date | None
    state: str
    parent_payment_id: str = ""
    modified_at: datetime | None = None

    FIELDS = (
        "RECORDNO",
        "PAYMENTKEY",
        "RECORDKEY",
        "POSADJKEY",
        "PAYMENTDATE",
        "CURRENCY",
        "STATE",
        "PARENTPAYMENTKEY",
        "WHENMODIFIED",
        *(name for _, paid, _keys in _SOURCES for name in (paid, f"TRX_{paid}")),
        *(key for _, _paid, keys in _SOURCES[1:] for key in keys),
    )

    @property
    def counts(self) -> bool:
        """Whether the target's paid amount includes it: neither reversed, nor a reversal, nor of a draft payment."""
        return self.state.lower() not in REVERSED | NOT_POSTED

    @classmethod
    def from_wire(cls, record: Wire, *, company_currency: str = "") -> tuple[Application, ...]:
        """The pieces of one detail, one for each source that gave something to it."""
        return tuple(_pieces(record, company_currency))


def _pieces(record: Wire, company_currency: str) -> Iterator[Application]:
    currency, _ = currencies(record, company_currency)
    for source, name, keys in _SOURCES:
        given = Money.of(optional(record, f"TRX_{name}") or optional(record, name) or "0", currency)
        if given.is_zero:
            continue
        yield Application(
            record_no=required(record, "RECORDNO"),
            payment_id=optional(record, "PAYMENTKEY"),
            invoice_id=optional(record, "RECORDKEY"),
            debit_memo_id=optional(record, "POSADJKEY"),
            source=source,
            source_id=next((optional(record, key) for key in keys if optional(record, key)), ""),
            amount=given,
            applied_on=day(record, "PAYMENTDATE"),
            state=optional(record, "STATE"),
            parent_payment_id=optional(record, "PARENTPAYMENTKEY"),
            modified_at=moment(record, "WHENMODIFIED"),
        )
