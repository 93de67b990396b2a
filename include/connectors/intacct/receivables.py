"""Reading receivables: payments, what they settled, what is still unapplied, and which invoices are open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from include.connectors.intacct.adjustments import Adjustment
from include.connectors.intacct.applications import Application
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.filters import Filter, all_of, any_of, greater, is_in, less
from include.connectors.intacct.invoices import invoice_fields, read_invoice
from include.connectors.intacct.lines import Line, by_document, chunks, lines_of
from include.connectors.intacct.query import Query, iter_query, read_together
from include.connectors.intacct.receipts import Advance, Payment
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.replies import Record
from include.core.money import Money


def get_payments(
    client: IntacctClient, record_numbers: Iterable[str | int], *, company_currency: str = ""
) -> list[Payment]:
    """The payments of these record numbers that exist: one request per 1,000."""
    return [
        Payment.from_wire(record, company_currency=company_currency)
        for chunk in chunks(record_numbers)
        for record in read_together(client, [payments_query(chunk)])[0]
    ]


def get_adjustments(
    client: IntacctClient, record_numbers: Iterable[str | int], *, company_currency: str = ""
) -> list[Adjustment]:
    """The adjustments of these record numbers that exist, with their lines: one request per 1,000."""
    return [
        adjustment
        for chunk in chunks(record_numbers)
        for adjustment in adjustments_of(
            *read_together(client, adjustment_queries(chunk)), company_currency=company_currency
        )
    ]


def get_applications(
    client: IntacctClient,
    invoice_ids: Iterable[str | int] = (),
    *,
    payment_ids: Iterable[str | int] = (),
    adjustment_ids: Iterable[str | int] = (),
    company_currency: str = "",
) -> list[Application]:
    """What was applied to these invoices, by these payments, or from these adjustments, each piece once.

    By record numbers; all three questions go in one request per 1,000 of the longest. Reversed applications and
    their mirrors are among them: ``counts`` tells.
    """
    asked = [("RECORDKEY", chunks(invoice_ids)), ("PAYMENTKEY", chunks(payment_ids))]
    asked.append(("ADJUSTMENTKEY", chunks(adjustment_ids)))
    details: dict[str, Record] = {}
    for place in range(max(len(lists) for _, lists in asked)):
        queries = [details_query(field, lists[place]) for field, lists in asked if place < len(lists)]
        for records in read_together(client, queries):
            details.update((str(record["RECORDNO"]), record) for record in records)
    return [
        piece
        for record in details.values()
        for piece in Application.from_wire(record, company_currency=company_currency)
    ]


@dataclass(frozen=True, slots=True)
class Unapplied:
    """Money or credit of a customer that settles nothing yet. ``amount`` is positive; ``on`` the date of its record,
    ``number`` what people call it (a reference or document number; may be empty)."""

    kind: Literal["payment", "advance", "adjustment", "negative_invoice"]
    record_no: str
    customer_id: str
    amount: Money
    on: date | None
    entity_id: str
    number: str


def get_unapplied(client: IntacctClient, customer_ids: Iterable[str], *, company_currency: str = "") -> list[Unapplied]:
    """What these customers have unapplied: rests of payments, advances, credit memos, negative invoices. One request
    per 1,000 customers."""
    found: dict[str, Unapplied] = {}
    for chunk in chunks(customer_ids):
        customers = is_in("CUSTOMERID", chunk)
        rest, credit = all_of(customers, _open(greater)), all_of(customers, _open(less))
        advances, payments, adjustments, invoices = read_together(
            client,
            [
                Query("ARADVANCE", Advance.FIELDS, rest),
                Query("ARPYMT", Payment.FIELDS, rest),
                Query("ARADJUSTMENT", Adjustment.FIELDS, credit),
                Query("ARINVOICE", Invoice.FIELDS, credit),
            ],
        )
        for one in (
            *_rests("advance", (Advance.from_wire(r, company_currency=company_currency) for r in advances)),
            *_rests("payment", (Payment.from_wire(r, company_currency=company_currency) for r in payments)),
            *_memos(Adjustment.from_wire(r, company_currency=company_currency) for r in adjustments),
            *_negative(Invoice.from_wire(r, company_currency=company_currency) for r in invoices),
        ):
            found.setdefault(one.record_no, one)  # ARPYMT may list advances as well
    return list(found.values())


def iter_open_invoices(
    client: IntacctClient,
    customer_ids: Iterable[str] | None = None,
    due_before: date | None = None,
    *,
    company_currency: str = "",
    document_key: DocumentKey | None = None,
) -> Iterator[Invoice]:
    """The invoices with something to pay (of everybody, or of these customers), due before a day if one is given.

    Drafts, reversed ones and negative invoices are not among them. One query per 2,000 invoices and 1,000 customers.
    """
    conditions = [_open(greater)] + ([less("WHENDUE", due_before)] if due_before else [])
    groups = [None] if customer_ids is None else chunks(customer_ids)
    for group in groups:
        condition = all_of(*conditions, is_in("CUSTOMERID", group)) if group else all_of(*conditions)
        for record in iter_query(client, "ARINVOICE", invoice_fields(document_key), condition):
            invoice = read_invoice(record, company_currency, document_key)
            if invoice.is_live and invoice.balance.amount > 0:
                yield invoice


def iter_open_debit_memos(
    client: IntacctClient, customer_ids: Iterable[str], *, company_currency: str = ""
) -> Iterator[Adjustment]:
    """These customers' debit memos with something to pay, without lines. One query per 1,000 customers. Intacct knows
    no due date of them."""
    for group in chunks(customer_ids):
        condition = all_of(is_in("CUSTOMERID", group), _open(greater))
        for record in iter_query(client, "ARADJUSTMENT", Adjustment.FIELDS, condition):
            memo = Adjustment.from_wire(record, company_currency=company_currency)
            if memo.counts and memo.balance.amount > 0:
                yield memo


def payments_query(record_numbers: list[str]) -> Query:
    return Query("ARPYMT", Payment.FIELDS, is_in("RECORDNO", record_numbers))


def details_query(field: str, record_numbers: list[str]) -> Query:
    return Query("ARPYMTDETAIL", Application.FIELDS, is_in(field, record_numbers))


def adjustment_queries(record_numbers: list[str]) -> list[Query]:
    return [
        Query("ARADJUSTMENT", Adjustment.FIELDS, is_in("RECORDNO", record_numbers)),
        Query("ARADJUSTMENTITEM", Line.TAXABLE_FIELDS, is_in("RECORDKEY", record_numbers)),
    ]


def adjustments_of(heads: list[Record], items: list[Record], *, company_currency: str = "") -> list[Adjustment]:
    """The adjustments from the answers to ``adjustment_queries``."""
    found = []
    lines = by_document(items)
    for head in heads:
        currency = str(head.get("CURRENCY") or company_currency)
        own = lines_of(lines.get(str(head["RECORDNO"]), ()), company_currency=currency)
        found.append(Adjustment.from_wire(head, own.get(str(head["RECORDNO"]), ()), company_currency=company_currency))
    return found


def _open(than: Callable[[str, object], Filter]) -> Filter:
    """Either amount may tell: a company of one currency fills the base one only, where a small amount may be 0.00."""
    return any_of(than("TRX_TOTALDUE", 0), than("TOTALDUE", 0))


def _rests(kind: Literal["payment", "advance"], receipts: Iterable[Payment] | Iterable[Advance]) -> Iterator[Unapplied]:
    for one in receipts:
        if one.counts and one.unapplied.amount > 0:
            yield Unapplied(
                kind, one.record_no, one.customer_id, one.unapplied, one.received, one.entity_id, one.reference
            )


def _memos(adjustments: Iterable[Adjustment]) -> Iterator[Unapplied]:
    for one in adjustments:
        if one.counts and one.balance.is_negative:
            yield Unapplied(
                "adjustment",
                one.record_no,
                one.customer_id,
                -one.balance,
                one.adjustment_date,
                one.entity_id,
                one.number,
            )


def _negative(invoices: Iterable[Invoice]) -> Iterator[Unapplied]:
    for one in invoices:
        if one.is_live and one.balance.is_negative:
            yield Unapplied(
                "negative_invoice",
                one.record_no,
                one.customer_id,
                -one.balance,
                one.invoice_date,
                one.entity_id,
                one.number,
            )
