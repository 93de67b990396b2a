"""Which invoices and customers a run of ``intacct_payment_to_hubspot_deal`` must look at.

A source id is an invoice's RECORDNO, ``deal:`` and a HubSpot id, ``customer:`` and a CUSTOMERID, or ``company:`` and a
HubSpot id: invoices and deals stand for what deals show, customers for what companies show, companies for those that
are no customer any more. A customer with ten thousand invoices is thus one small
record and as many slices of invoices as it takes, and a payment costs what it touched, not what its customer ever
bought.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import day, optional
from include.connectors.intacct.filters import all_of, at_least, at_most
from include.connectors.intacct.lines import read_by
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.receivables import iter_open_invoices
from include.connectors.intacct.refunds import customers_refunded
from include.connectors.intacct.settlements import (
    Touched,
    settled_by_adjustments,
    settled_by_payments,
    touched_invoices,
)
from include.core.books import Books
from include.core.windows import OVERLAP, BusinessDates, Window
from include.flows.customers.customer_companies import companies_unlinked, customers_linked, customers_showing
from include.flows.figures.entity_days import today_by_entity
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.figures.of_company import OPEN_BALANCE, UNAPPLIED_CREDIT
from include.flows.figures.refunded import read_refunds

CUSTOMER, DEAL, COMPANY = "customer:", "deal:", "company:"
ID_PATTERN = f"^([0-9]+|({DEAL}|{COMPANY})[0-9]+|{CUSTOMER}.+)$"

# What is dated how, and which of its fields leads to the invoices it settles.
_DATED = (("ARPYMT", "RECEIPTDATE"), ("ARADJUSTMENT", "WHENPOSTED"), ("ARPYMTDETAIL", "PAYMENTDATE"))


def customer_source(customer_id: str) -> str:
    return f"{CUSTOMER}{customer_id}"


def deal_source(deal_id: str) -> str:
    return f"{DEAL}{deal_id}"


def company_source(company_id: str) -> str:
    return f"{COMPANY}{company_id}"


def find_receivables(links: InvoiceLinks, books: Books, window: Window) -> Iterable[str]:
    """The source ids: invoices by ascending number, then deals, customers, companies."""
    if window.kind == "records":
        return window.ids
    dates, deals, unlinked = BusinessDates.of(window), list[str](), list[str]()
    if dates is not None:
        touched = settled_between(links.intacct, dates)
    else:
        touched = touched_invoices(links.intacct, *window.bounds)
        deals = links.changed_in(*window.bounds)
        start, end = window.bounds
        touched.customer_ids |= customers_linked(links.hubspot, start, end)
        _add_refunded(touched, links.intacct, books, start, end)
        unlinked = companies_unlinked(links.hubspot, OPEN_BALANCE)
        deals += _add_aged(touched, links, books, start + OVERLAP, end)
    touched.customer_ids |= _customers_of(links.intacct, touched.invoice_ids)
    return [
        *sorted(touched.invoice_ids, key=int),
        *dict.fromkeys(deal_source(deal_id) for deal_id in deals),
        *(customer_source(customer_id) for customer_id in sorted(touched.customer_ids)),
        *(company_source(company_id) for company_id in unlinked),
    ]


def settled_between(intacct: IntacctClient, dates: BusinessDates) -> Touched:
    """What payments received, credit memos posted and applications made in these dates touched, whatever was changed
    since. Reversals count on their own date. Intacct's dates are the entity's own."""
    touched = Touched()
    first, last = dates.start.date(), (dates.end - timedelta(microseconds=1)).date()
    for object_name, dated in _DATED:
        condition = all_of(at_least(dated, first), at_most(dated, last))
        is_detail = object_name == "ARPYMTDETAIL"
        fields = (dated, "RECORDKEY") if is_detail else (dated, "CUSTOMERID")
        records = [
            record
            for record in iter_query(intacct, object_name, fields, condition)
            if (on := day(record, dated)) is not None and dates.holds(on)
        ]
        numbers = [str(record["RECORDNO"]) for record in records]
        if is_detail:
            touched.invoice_ids |= {optional(record, "RECORDKEY") for record in records}
            continue
        touched.customer_ids |= {optional(record, "CUSTOMERID") for record in records}
        touched.invoice_ids |= (
            settled_by_payments(intacct, numbers)
            if object_name == "ARPYMT"
            else settled_by_adjustments(intacct, numbers)
        )
    touched.invoice_ids.discard("")
    touched.customer_ids.discard("")
    return touched


def _add_aged(touched: Touched, links: InvoiceLinks, books: Books, start: datetime, end: datetime) -> list[str]:
    """What must be looked at although nobody touched it, if it became another day in any entity between two instants:
    overdue invoices, whose days grow (one query per 2,000 of them), customers whose companies show a balance, and the
    deals given back, whose invoice may be gone, as no record tells that it was deleted."""
    before, after = today_by_entity(books, start), today_by_entity(books, end)
    if before == after:
        return []
    overdue = iter_open_invoices(links.intacct, due_before=max(after.values()), company_currency=books.company_currency)
    for invoice in overdue:
        touched.invoice_ids.add(invoice.record_no)
        touched.customer_ids.add(invoice.customer_id)
    touched.customer_ids |= customers_showing(links.hubspot, (OPEN_BALANCE, UNAPPLIED_CREDIT))
    return links.unsettled()


def _add_refunded(touched: Touched, intacct: IntacctClient, books: Books, start: datetime, end: datetime) -> None:
    """The customers about whose refunds anything changed, and the invoices that their refunds name."""
    if books.refunds.method == "none":
        return
    customers = customers_refunded(intacct, books.refunds.method, books.refunds.accounts, start, end)
    numbers = {number for _, number in read_refunds(intacct, books.refunds, customers).by_invoice if number}
    touched.customer_ids |= customers
    for one in read_by(intacct, "ARINVOICE", ("RECORDNO", "CUSTOMERID"), "RECORDID", sorted(numbers)):
        if one["CUSTOMERID"] in customers:
            touched.invoice_ids.add(str(one["RECORDNO"]))


def _customers_of(intacct: IntacctClient, invoice_ids: Iterable[str]) -> set[str]:
    records = read_by(intacct, "ARINVOICE", ("CUSTOMERID",), "RECORDNO", invoice_ids)
    return {optional(record, "CUSTOMERID") for record in records}
