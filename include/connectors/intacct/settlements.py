"""Everything about invoices that a recompute needs, in few calls, and which invoices a window of time touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from include.connectors.intacct.adjustments import Adjustment
from include.connectors.intacct.applications import Application
from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.fields import optional
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.invoices import invoice_fields, read_invoice
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.query import Query, read_together
from include.connectors.intacct.receipts import Payment
from include.connectors.intacct.receivables import (
    adjustment_queries,
    adjustments_of,
    details_query,
    payments_query,
)
from include.connectors.intacct.records import Invoice
from include.core.money import Money, sum_money

INVOICES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Settlement:
    """An invoice with everything that was ever applied to it, reversed or not.

    ``payments`` are those that the applications name, by record number, as applying (``payment_id``) or as source (an
    advance, an overpaid payment); ``adjustments`` the credit memos and write-offs among the sources, with lines.
    """

    invoice: Invoice
    applications: tuple[Application, ...]
    payments: Mapping[str, Payment]
    adjustments: Mapping[str, Adjustment]

    @property
    def standing(self) -> tuple[Application, ...]:
        """The applications that count: neither they nor the payment that applied them were reversed."""
        return tuple(
            one
            for one in self.applications
            if one.counts and (one.payment_id not in self.payments or self.payments[one.payment_id].counts)
        )

    @property
    def applied(self) -> Money:
        """The sum of what stands; equal to ``invoice.paid`` unless the reads were minutes apart."""
        return sum_money((one.amount for one in self.standing), self.invoice.total.currency)


def read_settlements(
    client: IntacctClient,
    invoice_ids: Iterable[str | int],
    *,
    company_currency: str = "",
    document_key: DocumentKey | None = None,
) -> list[Settlement]:
    """The settlements of these invoices (record numbers) that exist: two requests per 500, one where nothing was
    applied. Raises what ``iter_query`` raises."""
    return [
        settlement
        for chunk in chunks(invoice_ids, INVOICES_AT_ONCE)
        for settlement in _read(client, chunk, company_currency, document_key)
    ]


def _read(
    client: IntacctClient, numbers: list[str], company_currency: str, document_key: DocumentKey | None
) -> list[Settlement]:
    heads, details = read_together(
        client,
        [
            Query("ARINVOICE", invoice_fields(document_key), is_in("RECORDNO", numbers)),
            details_query("RECORDKEY", numbers),
        ],
    )
    applications = [piece for one in details for piece in Application.from_wire(one, company_currency=company_currency)]
    payments, adjustments = _sources(client, applications, company_currency)
    of_invoice: dict[str, list[Application]] = defaultdict(list)
    for one in applications:
        of_invoice[one.invoice_id].append(one)
    settlements = []
    for head in heads:
        invoice = read_invoice(head, company_currency, document_key)
        own = tuple(of_invoice[invoice.record_no])
        named = {one.payment_id for one in own} | {one.source_id for one in own}
        settlements.append(
            Settlement(
                invoice,
                own,
                {number: payments[number] for number in named & payments.keys()},
                {number: adjustments[number] for number in named & adjustments.keys()},
            )
        )
    return settlements


_FROM_PAYMENTS = ("advance", "overpayment")


def _sources(
    client: IntacctClient, applications: list[Application], company_currency: str
) -> tuple[dict[str, Payment], dict[str, Adjustment]]:
    paying = {one.payment_id for one in applications if one.payment_id}
    paying |= {one.source_id for one in applications if one.source in _FROM_PAYMENTS and one.source_id}
    crediting = {one.source_id for one in applications if one.source == "adjustment" and one.source_id}
    payment_lists, credit_lists = chunks(sorted(paying)), chunks(sorted(crediting))
    queries = [payments_query(chunk) for chunk in payment_lists]
    queries += [query for chunk in credit_lists for query in adjustment_queries(chunk)]
    answers = read_together(client, queries)
    payments = [
        Payment.from_wire(record, company_currency=company_currency)
        for records in answers[: len(payment_lists)]
        for record in records
    ]
    memos = answers[len(payment_lists) :]
    adjustments = [
        one
        for place in range(0, len(memos), 2)
        for one in adjustments_of(memos[place], memos[place + 1], company_currency=company_currency)
    ]
    return {one.record_no: one for one in payments}, {one.record_no: one for one in adjustments}


@dataclass(slots=True)
class Touched:
    """What a window of time touched: record numbers of invoices, and CUSTOMERIDs (their own credit may have changed
    without any invoice)."""

    invoice_ids: set[str] = field(default_factory=set)
    customer_ids: set[str] = field(default_factory=set)


def touched_invoices(client: IntacctClient, since: datetime, until: datetime) -> Touched:
    """Which invoices and customers need a recompute for what happened in [since, until).

    Any one of invoice, payment, payment detail and adjustment may be the only record whose WHENMODIFIED tells, so
    all four are read, and changed payments and adjustments lead to the invoices they were applied to. Raises what
    ``iter_changed`` raises.
    """
    touched = Touched()
    for object_name in ("ARINVOICE", "ARPYMT", "ARADJUSTMENT"):
        changed = list(iter_changed(client, object_name, ("CUSTOMERID",), since, until))
        touched.customer_ids |= {optional(one, "CUSTOMERID") for one in changed}
        numbers = [str(one["RECORDNO"]) for one in changed]
        if object_name == "ARINVOICE":
            touched.invoice_ids |= set(numbers)
        elif object_name == "ARPYMT":
            touched.invoice_ids |= settled_by_payments(client, numbers)
        else:
            touched.invoice_ids |= settled_by_adjustments(client, numbers)
    for detail in iter_changed(client, "ARPYMTDETAIL", ("RECORDKEY",), since, until):
        touched.invoice_ids.add(optional(detail, "RECORDKEY"))
    touched.invoice_ids.discard("")
    touched.customer_ids.discard("")
    return touched


_PAYMENT_KEYS = ("PAYMENTKEY", "POSTEDADVANCEKEY", "POSTEDOVERPAYMENTKEY")


def settled_by_payments(client: IntacctClient, numbers: list[str]) -> set[str]:
    """The invoices (record numbers) that these payments, advances or their overpaid rests were ever applied to."""
    return _settled_by(client, numbers, _PAYMENT_KEYS)


def settled_by_adjustments(client: IntacctClient, numbers: list[str]) -> set[str]:
    """The invoices that these credit memos were ever applied to."""
    return _settled_by(client, numbers, ("ADJUSTMENTKEY",))


def _settled_by(client: IntacctClient, numbers: list[str], keys: tuple[str, ...]) -> set[str]:
    found = set[str]()
    for chunk in chunks(numbers):
        queries = [Query("ARPYMTDETAIL", ("RECORDKEY",), is_in(key, chunk)) for key in keys]
        found |= {optional(one, "RECORDKEY") for records in read_together(client, queries) for one in records}
    return found
