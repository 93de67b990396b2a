"""Which deals an invoice bills, with their weights, and which entity a deal belongs to: for the revenue report."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from include.connectors.hubspot.records import CrmRecord
from include.connectors.intacct.fields import optional, required
from include.connectors.intacct.lines import chunks
from include.core.errors import SettingsError
from include.core.money import BadAmount, Money, decimal_of, sum_money
from include.core.settings import load_flow_settings
from include.flows.deals.bill import HoldThis, billing_entity
from include.flows.deals.settings import WonDealSettings
from include.flows.figures.invoice_deals import InvoiceLinks, NamedInvoice
from include.flows.run import FlowRun
from include.reports.revenue_books import BooksRead
from include.reports.revenue_facts import Fact
from include.reports.revenue_floor import Floor, Sheet
from include.reports.revenue_ground import Shares
from include.reports.revenue_pipeline import EntityOf

_AT_ONCE = 500
_KEY = re.compile(r"hs-deal-(\d+)-.+")


def deals_of_invoices(run: FlowRun, books: BooksRead, floor: Floor) -> dict[str, Shares]:
    """Record number of an invoice -> its deals, weighted by their amounts (accounting case 22).

    A deal that is gone from HubSpot keeps its invoice: the key in the books tells (accounting case 65).
    """
    links = InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key)
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
    for numbers in chunks(named, _AT_ONCE):
        for deal_id, its in links.deals_of([named[number] for number in numbers]).items():
            for number in its.record_nos:
                found[number].add(deal_id)
    for number, invoice in named.items():
        key = _KEY.fullmatch(invoice.document_key)
        if key and not found.get(number):
            found[number].add(key[1])
    weights = {deal.id: _weight(deal) for deal in floor.deals}
    return {number: _shares(sorted(deals, key=int), weights) for number, deals in found.items()}


def entities_of_deals(deals_of: Mapping[str, Shares], entities: Mapping[str, str]) -> dict[str, str]:
    """Deal id -> the entity that has invoiced it."""
    return {deal_id: entities.get(number, "") for number, deals in deals_of.items() for deal_id in deals if deal_id}


def billed_of_deals(facts: Iterable[Fact]) -> dict[str, tuple[Money, Money]]:
    """Deal id -> what was billed for it and not reversed, as invoiced and in the base currency, where all is in one."""
    found: dict[str, list[tuple[Money, Money]]] = defaultdict(list)
    for fact in facts:
        if fact.measure == "billed" and fact.deal_id and fact.base is not None and not fact.why:
            found[fact.deal_id].append((fact.amount, fact.base))
    return {
        deal_id: (
            sum_money((amount for amount, _ in parts), parts[0][0].currency),
            sum_money((base for _, base in parts), parts[0][1].currency),
        )
        for deal_id, parts in found.items()
        if len({(amount.currency, base.currency) for amount, base in parts}) == 1
    }


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


def _shares(deals: list[str], weights: Mapping[str, Decimal]) -> Shares:
    own = {deal_id: weights.get(deal_id, Decimal(0)) for deal_id in deals}
    return own if sum(own.values(), Decimal(0)) > 0 else dict.fromkeys(deals, Decimal(1))


def _weight(deal: CrmRecord) -> Decimal:
    try:
        return max(decimal_of(deal.properties.get("amount") or "0"), Decimal(0))
    except BadAmount:
        return Decimal(0)
