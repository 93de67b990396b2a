"""Which deals an invoice bills, with their weights, and which entity a deal belongs to: for the revenue report."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal

from include.connectors.intacct.fields import optional, required
from include.connectors.intacct.lines import chunks
from include.core.document_links import DocumentLink, weights
from include.core.errors import SettingsError
from include.core.settings import load_flow_settings
from include.flows.deals.bill import HoldThis
from include.flows.deals.pricing import billing_entity
from include.flows.deals.settings import WonDealSettings
from include.flows.figures.invoice_deals import InvoiceLinks, NamedInvoice
from include.flows.run import FlowRun
from include.reports.revenue_books import BooksRead
from include.reports.revenue_floor import Sheet
from include.reports.revenue_ground import Shares
from include.reports.revenue_pipeline import EntityOf

_AT_ONCE = 500
_KEY = re.compile(r"hs-deal-(\d+)-.+")


def deals_of_invoices(run: FlowRun, books: BooksRead) -> dict[str, Shares]:
    """Record number of an invoice -> its deals, weighted as recorded, else by their amounts (accounting case
    22).

    A deal that is gone from HubSpot keeps its invoice: the key in the books tells (accounting case 65).
    """
    links = InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key, run.run_id)
    named = {
        required(one, "RECORDNO"): NamedInvoice(
            required(one, "RECORDNO"),
            optional(one, "RECORDID"),
            optional(one, "CUSTOMERID"),
            optional(one, books.document_key),
            optional(one, "MODULEKEY"),
        )
        for one in books.invoices
    }
    found: dict[str, set[str]] = defaultdict(set)
    amounts: dict[str, Decimal | None] = {}
    for numbers in chunks(named, _AT_ONCE):
        for deal_id, its in links.deals_of([named[number] for number in numbers]).items():
            amounts[deal_id] = its.amount
            for number in its.record_nos:
                found[number].add(deal_id)
    for number, invoice in named.items():
        key = _KEY.fullmatch(invoice.document_key)
        if key and not found.get(number):
            found[number].add(key[1])
    several = [number for number, deals in found.items() if len(deals) > 1]
    recorded: dict[str, list[DocumentLink]] = defaultdict(list)
    for one in run.store.links_of_documents(several):
        recorded[one.document].append(one)
    return {number: weights(deals, recorded[number], amounts) for number, deals in found.items()}


def entity_rule(run: FlowRun) -> tuple[EntityOf, set[str], set[str]]:
    """Which entity will bill a deal that has no invoice yet, as the main job's settings say, and the properties of
    deal and company that this needs. Where those settings cannot be read, none is known."""
    try:
        _, settings = load_flow_settings("hubspot_closed_won_to_intacct_invoice", WonDealSettings)
    except SettingsError:
        return lambda deal, company: "", set(), set()

    def entity_of(deal: Sheet, company: Sheet) -> str:
        try:
            return billing_entity({"deal": deal, "company": company, "contact": {}, "owner": {}}, settings, run.books)[
                0
            ]
        except HoldThis:
            return ""

    asked = [str(source.source).partition(".") for source in settings.entity]
    return (
        entity_of,
        {name for kind, _, name in asked if kind == "deal"},
        {name for kind, _, name in asked if kind == "company"},
    )
