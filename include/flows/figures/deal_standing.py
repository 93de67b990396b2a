"""Reading what a deal shows of its invoices, for every flow that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from include.core.books import Books
from include.flows.figures.entity_days import today_by_entity
from include.flows.figures.invoice_deals import DealInvoices, InvoiceLinks
from include.flows.figures.invoice_shares import read_sharing
from include.flows.figures.invoice_standing import InvoiceStanding, read_invoice_standings
from include.flows.figures.of_deal import DealFigures
from include.flows.figures.refunded import with_refunds
from include.flows.figures.shares import share_of


def read_deal_figures(
    links: InvoiceLinks,
    deals: Mapping[str, DealInvoices],
    books: Books,
    now: datetime,
    known: Mapping[str, InvoiceStanding] = MappingProxyType({}),
) -> dict[str, DealFigures]:
    """Deal id -> its figures as the books stand at ``now``; those of a deal without any invoice are empty. An invoice
    of several deals counts with each one's share, and all of them are told.

    ``known`` are invoices that were read already, by record number: only the deals' other ones are read.
    """
    sharing = read_sharing(links, deals)
    numbers = {number for its in sharing.deals.values() for number in its.record_nos}
    others = read_invoice_standings(
        links.intacct,
        sorted(numbers - known.keys(), key=int),
        today_by_entity(books, now),
        books.bad_debt_accounts,
        company_currency=books.company_currency,
        document_key=links.document_key,
    )
    every = with_refunds(links.intacct, books.refunds, [*known.values(), *others], books.company_currency)
    standings = {one.record_no: one for one in every}
    return {
        deal: DealFigures(
            deal,
            tuple(
                share_of(standings[number], sharing.weights[number], deal)
                if number in sharing.weights
                else standings[number]
                for number in its.record_nos
                if number in standings
            ),
            its.unknown,
            sharing.is_shared(deal),
        )
        for deal, its in sharing.deals.items()
    }
