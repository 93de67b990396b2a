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
from include.flows.payment_finding import CUSTOMER, customer_source


def read_receivables(
    links: InvoiceLinks, source_ids: Sequence[str], books: Books, now: datetime, grace_days: int
) -> dict[str, Json]:
    """Source id -> what the plan needs: of an invoice the figures of its deals, of a customer its standing and its
    companies. Those that no longer exist are left out."""
    customer_ids = [one.removeprefix(CUSTOMER) for one in source_ids if one.startswith(CUSTOMER)]
    invoice_ids = [one for one in source_ids if not one.startswith(CUSTOMER)]
    return {
        **_invoices(links, invoice_ids, books, now),
        **_customers(links.intacct, links.hubspot, customer_ids, books, now, grace_days),
    }


def _invoices(links: InvoiceLinks, record_nos: Sequence[str], books: Books, now: datetime) -> dict[str, Json]:
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
    deals = read_deal_figures(links, links.deals_of(_named(standings.values())), books, now, standings)
    records: dict[str, Json] = {
        one.record_no: {"id": one.record_no, "number": one.number, "deals": [], "also": []}
        for one in standings.values()
    }
    for deal in deals.values():
        # A deal of several touched invoices travels, and is written, once.
        first, *rest = [one.record_no for one in deal.invoices if one.record_no in records]
        records[first]["deals"].append(deal.to_json())
        for number in rest:
            records[number]["also"].append(deal.deal_id)
    return records


def _named(standings: Iterable[InvoiceStanding]) -> list[NamedInvoice]:
    return [NamedInvoice(one.record_no, one.number, one.customer_id, one.document_key) for one in standings]


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
    companies = companies_of_customers(hubspot, customers, [])
    return {
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
