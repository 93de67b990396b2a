"""Reading what a deal shows of its invoices, for every flow that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from include.core.books import Books
from include.flows.figures.entity_days import today_by_entity
from include.flows.figures.invoice_deals import DealInvoices, InvoiceLinks
from include.flows.figures.invoice_standing import InvoiceStanding, read_invoice_standings
from include.flows.figures.of_deal import DealFigures


def read_deal_figures(
    links: InvoiceLinks,
    deals: Mapping[str, DealInvoices],
    books: Books,
    now: datetime,
    known: Mapping[str, InvoiceStanding] = MappingProxyType({}),
) -> dict[str, DealFigures]:
    """Deal id -> its figures as the books stand at ``now``; those of a deal without any invoice are empty.

    ``known`` are invoices that were read already, by record number: only the deals' other ones are read.
    """
    numbers = {number for its in deals.values() for number in its.record_nos}
    others = read_invoice_standings(
        links.intacct,
        sorted(numbers - known.keys(), key=int),
        today_by_entity(books, now),
        books.bad_debt_accounts,
        company_currency=books.company_currency,
        document_key=links.document_key,
    )
    standings = {**known, **{one.record_no: one for one in others}}
    shared = links.shared(deals)
    return {
        deal: DealFigures(
            deal,
            tuple(standings[number] for number in its.record_nos if number in standings),
            its.unknown,
            deal in shared,
        )
        for deal, its in deals.items()
    }
