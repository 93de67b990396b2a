"""Read how the touched invoices and customers stand, and which deals and companies show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.customers import get_customers
from include.core.books import Books
from include.core.decisions import Json
from include.flows.company_figures import main_currency
from include.flows.customer_companies import companies_of_customers
from include.flows.customer_standing import read_standing
from include.flows.deal_standing import read_deal_figures
from include.flows.entity_days import today_by_entity
from include.flows.invoice_deals import InvoiceLinks, NamedInvoice
from include.flows.invoice_standing import InvoiceStanding, read_invoice_standings
from include.flows.payment_finding import COMPANY, CUSTOMER, DEAL, customer_source, deal_source


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
    customers = {one.customer_id: one for one in get_customers(intacct, customer_ids)}
    standings = read_standing(
        intacct,
        list(customers),
        today_by_entity(books, now),
        grace_days=grace_days,
        company_currency=books.company_currency,
    )
    companies = companies_of_customers(hubspot, {*customers, *customer_ids}, [])
    unknown = {
        customer_source(customer_id): {
            "id": customer_source(customer_id),
            "customer_id": customer_id,
            "standing": None,
            "companies": [company.id for company in found],
        }
        for customer_id, found in companies.items()
        if customer_id not in customers
    }
    return unknown | {
        customer_source(customer_id): {
            "id": customer_source(customer_id),
            "customer_id": customer_id,
            "standing": standing.to_json(),
            "currency": main_currency(
                standing, customers[customer_id].currency, books.entities.get(customers[customer_id].entity_id)
            ),
            "companies": [company.id for company in companies.get(customer_id, [])],
        }
        for customer_id, standing in standings.items()
    }
