"""Read how the touched invoices and customers stand, and which deals and companies show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.customers import get_customers
from include.connectors.intacct.fields import optional
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.records import Customer
from include.core.books import Books
from include.core.decisions import Json
from include.flows.customers.customer_companies import companies_of_customers
from include.flows.figures.customer_standing import read_standing
from include.flows.figures.deal_standing import read_deal_figures
from include.flows.figures.entity_days import business_calendars, today_by_entity
from include.flows.figures.invoice_deals import InvoiceLinks, NamedInvoice
from include.flows.figures.invoice_standing import InvoiceStanding, read_invoice_standings
from include.flows.figures.of_company import main_currency
from include.flows.figures.refunded import read_refunds
from include.flows.payments.finding import COMPANY, CUSTOMER, DEAL, customer_source, deal_source


def read_receivables(
    links: InvoiceLinks, source_ids: Sequence[str], books: Books, now: datetime, grace_days: int
) -> dict[str, Json]:
    """Source id -> what the plan needs: of an invoice whether any deal has it, of a deal its figures (also of deals
    that were not asked for, but have one of the invoices), of a customer its standing (``None`` where Intacct has no
    such customer) and its companies. Invoices and deals that no longer exist are left out."""
    customer_ids = [one.removeprefix(CUSTOMER) for one in source_ids if one.startswith(CUSTOMER)]
    deal_ids = [one.removeprefix(DEAL) for one in source_ids if one.startswith(DEAL)]
    invoice_ids = [one for one in source_ids if one.isdecimal()]
    return {
        **_invoices_and_deals(links, invoice_ids, deal_ids, books, now),
        **{one: {"id": one, "company": one.removeprefix(COMPANY)} for one in source_ids if one.startswith(COMPANY)},
        **_customers(links.intacct, links.hubspot, customer_ids, books, now, grace_days),
    }


def _invoices_and_deals(
    links: InvoiceLinks, record_nos: Sequence[str], deal_ids: Sequence[str], books: Books, now: datetime
) -> dict[str, Json]:
    standings = {
        one.record_no: one
        for one in read_invoice_standings(
            links.intacct,
            record_nos,
            today_by_entity(books, now),
            books.bad_debt_accounts,
            company_currency=books.company_currency,
            document_key=links.document_key,
        )
    }
    deals = links.deals_of(_named(standings.values()))
    deals |= links.invoices_of(deal for deal in deal_ids if deal not in deals)
    figures = read_deal_figures(links, deals, books, now, standings)
    shown = {number for its in deals.values() for number in its.record_nos}
    # A deal of several touched invoices travels, and is written, once.
    return {
        **{
            one.record_no: {"id": one.record_no, "invoice": one.number, "has_deal": one.record_no in shown}
            for one in standings.values()
        },
        **{deal_source(deal): {"id": deal_source(deal), "deal": its.to_json()} for deal, its in figures.items()},
    }


def _named(standings: Iterable[InvoiceStanding]) -> list[NamedInvoice]:
    return [NamedInvoice(one.record_no, one.number, one.customer_id, one.document_key, one.module) for one in standings]


def _customers(
    intacct: IntacctClient,
    hubspot: HubSpotClient,
    customer_ids: Sequence[str],
    books: Books,
    now: datetime,
    grace_days: int,
) -> dict[str, Json]:
    customers = _by_folded(intacct, customer_ids)
    standings = read_standing(
        intacct,
        [one.customer_id for one in customers.values()],
        today_by_entity(books, now),
        grace_days=grace_days,
        calendars=business_calendars(books),
        company_currency=books.company_currency,
    )
    refunds = read_refunds(
        intacct, books.refunds, [one.customer_id for one in customers.values()], books.company_currency
    )
    real = {one: customers[one.casefold()].customer_id if one.casefold() in customers else one for one in customer_ids}
    companies = companies_of_customers(hubspot, set(real.values()), [])
    records: dict[str, Json] = {}
    for one, customer_id in real.items():
        record: Json = {
            "id": customer_source(one),
            "customer_id": customer_id,
            "standing": None,
            "companies": [company.id for company in companies.get(customer_id, [])],
        }
        if customer_id in standings:
            customer, standing = customers[one.casefold()], standings[customer_id]
            entity = books.entities.get(customer.entity_id)
            currency = main_currency(standing, customer.currency, entity)
            refunded = refunds.to(customer_id, currency).text if currency else "0"
            record |= {"standing": standing.to_json(), "currency": currency, "refunded": refunded}
        if record["standing"] is not None or record["companies"]:
            records[customer_source(one)] = record
    return records


def _by_folded(intacct: IntacctClient, customer_ids: Sequence[str]) -> dict[str, Customer]:
    """The customers by their ids without case: somebody may have typed an id on a company in another one."""
    found = {one.customer_id.casefold(): one for one in get_customers(intacct, customer_ids)}
    typed = [one for one in customer_ids if one.casefold() not in found]
    alike = [
        optional(record, "CUSTOMERID")
        for chunk in chunks(typed)
        for record in iter_query(intacct, "CUSTOMER", ("CUSTOMERID",), is_in("CUSTOMERID", chunk), ignore_case=True)
    ]
    return found | {one.customer_id.casefold(): one for one in get_customers(intacct, alike)}
