"""The flow: a won HubSpot deal becomes an Intacct invoice, and the deal shows what the books show.

``deals.plan`` decides, ``deals.extract`` reads, ``deals.writeback`` writes back. A deal that cannot be invoiced whole
is held with its reason; there is never a partial invoice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date

from include.connectors.hubspot.source_key import ensure_source_keys
from include.connectors.intacct.target import IntacctTarget
from include.core.decisions import Decision, Hold, Json, Write
from include.core.errors import SettingsError
from include.core.windows import ZONE_SPREAD, BusinessDates, Window
from include.flows.deals.billed_again import changed_deals
from include.flows.deals.billed_otherwise import kept_as_billed, whole_deals
from include.flows.deals.by_hand import kept_for_hands
from include.flows.deals.change import Consent
from include.flows.deals.change_check import stale_plans, whole_changes
from include.flows.deals.documents import IN_BOOKS, TASK_PART, DealDocuments
from include.flows.deals.extract import find_deal_ids, read_deals
from include.flows.deals.gone import GONE, find_deleted, gone_deals, report_gone
from include.flows.deals.invoiced import read_invoiced
from include.flows.deals.live import read_live
from include.flows.deals.order_writeback import OrderedDeal, read_ordered
from include.flows.deals.plan import invoice_key, lookup, order_key, plan
from include.flows.deals.records import DealRecord
from include.flows.deals.reference_check import held_by_references, read_references
from include.flows.deals.resumed import resumed_from_books
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.unlike_books import orders_unlike_the_books, still_known, still_unlike, unlike_the_books
from include.flows.deals.writeback import (
    InvoicedDeal,
    ensure_deal_properties,
    write_deals_back,
)
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.flow import Applied, Counts, Flow, Loaded, ReadBack
from include.flows.go_live.hand_entered import approved_links
from include.flows.go_live.plan import links_in
from include.flows.instalments.first_billed import kept_sources
from include.flows.instalments.recurring import end_it_first, running
from include.flows.instalments.shown import newest_of_each, with_progress
from include.flows.instalments.waiting import next_days
from include.flows.owners import read_owners
from include.flows.run import FlowRun

log = logging.getLogger(__name__)

KEYS = (invoice_key, order_key)


def prepare(run: FlowRun) -> None:
    created = ensure_deal_properties(run.hubspot, orders=bool(run.settings.sales_orders))
    ensure_source_keys(run.hubspot, ["task"])
    log.info("Properties created in HubSpot: %s", ", ".join(created) or "none, all there")


def find(run: FlowRun, window: Window) -> Iterable[str]:
    yield from find_deal_ids(run.hubspot, window, run.settings)
    if window.kind == "modified":
        yield from find_deleted(run.hubspot, run.store)
        yield from run.store.due(FLOW.name, _latest_today(run))


def invoiced_before(run: FlowRun, deal_ids: Sequence[str]) -> set[str]:
    """Those that need no look any more: a deal that is on hold since is looked at again."""
    held = {hold.source_id for hold in run.store.open_holds(FLOW.name)}
    invoiced = {key.source_id for key in run.store.written([key(i) for i in deal_ids for key in KEYS])}
    return invoiced - held - set(run.store.due(FLOW.name, _latest_today(run)))


def read(run: FlowRun, deal_ids: Sequence[str]) -> dict[str, Json]:
    billed = DealDocuments.of(run.store.rows_about("hubspot", "deal", deal_ids))
    deals = read_deals(run.hubspot, deal_ids, run.settings, sources=kept_sources(billed.values()))
    found = {deal.deal_id: deal.to_json() for deal in deals} | gone_deals(run.store, deal_ids, deals)
    if not run.dry_run:
        run.store.put_due(FLOW.name, {deal: None for deal in deal_ids if deal not in found})
    return found


def decide(run: FlowRun, deals: Sequence[Json]) -> list[Decision]:
    try:
        return _decided(run, deals)
    except SettingsError:
        # Whoever reads first stumbles over a document key that is not there: say that, not which query failed.
        IntacctTarget(run.intacct, run.document_key).check_document_key()
        raise


def _decided(run: FlowRun, deals: Sequence[Json]) -> list[Decision]:
    records = [DealRecord.from_json(deal) for deal in deals if GONE not in deal]
    gone = [str(deal[GONE]) for deal in deals if GONE in deal]
    companies = sorted({one for r in records if r.company_id for one in (r.company_id, *r.merged_companies)})
    known = run.store.xrefs("hubspot", "company", companies, "intacct", "customer")
    ids = [deal for r in records for deal in (r.deal_id, *r.merged_deals)] + gone
    orders = {key.source_id: row.facts for key, row in run.store.written([order_key(i) for i in ids]).items()}
    documents = DealDocuments.of(run.store.rows_about("hubspot", "deal", ids))
    window = BusinessDates.of(run.window())
    changed = changed_deals(records, documents, run.settings, run.books, window)
    live = read_live(
        _links(run), {deal: documents[deal] for deal in (*changed, *gone) if deal in documents}, run.books, run.now()
    )
    invoiced = orders | {deal: its.facts for deal, its in documents.items()}
    waiting = next_days(records, documents, run.settings, run.books) | dict.fromkeys(gone)
    due = {deal for deal, day in waiting.items() if day is not None and day <= _latest_today(run)}
    lookups = lookup(records, run.intacct, known, invoiced, orders, run.settings, documents, live, due)
    billed_on = running(run.intacct, {deal: documents[deal] for deal in (*changed, *gone) if deal in documents})
    lookups = replace(lookups, recurring=billed_on)
    if not run.dry_run:
        run.store.put_due(FLOW.name, waiting)
    planned = plan(
        records,
        lookups,
        run.settings,
        run.books,
        now=run.now(),
        draft=run.post_mode == "draft",
        window=window,
        consent=_consent(run, bool(live)),
    )
    planned = resumed_from_books(run, planned, records)
    kept = kept_as_billed(run, planned, records, IntacctTarget(run.intacct, run.document_key))
    kept = kept_for_hands(_links(run), kept, records, run.settings, _approved(run), run.books.company_currency)
    planned = whole_deals(planned, kept)
    titles = {record.deal_id: record.title for record in records}
    checked = held_by_references(planned, read_references(run.intacct, planned), titles)
    partly = whole_changes(checked, live)
    kept = [one for one in checked if not (isinstance(one, Write) and one.key.source_id in partly)]
    still = [
        Hold(deal, "recurring_invoice_goes_on", f"Deal {deal}: {end_it_first(billed_on[deal])}")
        for deal in gone
        if deal in billed_on
    ]
    told = [*kept, *still, *report_gone([deal for deal in gone if deal not in billed_on], live)]
    return still_known(told, run.store.open_holds(FLOW.name))


def _latest_today(run: FlowRun) -> date:
    """The day it is where it is latest: what is due there is read, and planned by its entity's own calendar."""
    return (run.now().astimezone(UTC) + ZONE_SPREAD).date()


def _links(run: FlowRun) -> InvoiceLinks:
    return InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key, run.run_id)


def _consent(run: FlowRun, changes: bool) -> Consent:
    """What a person released in this run, and who in finance gets the tasks of changed deals."""
    asked = run.settings.changes.finance_owner if changes else ""
    owner = read_owners(run.hubspot, asked).fallback_id if asked else None
    return Consent(_approved(run), owner)


def _approved(run: FlowRun) -> frozenset[str]:
    return frozenset(str(one).strip() for one in run.params.get("approve") or ())


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    said, why = links_in(_approved(run)), "entered by hand after the deal was won"
    run.store.put_links(run.run_id, approved_links(_links(run), applied.updates, said, why))
    invoices = [write for write in applied.writes if write.key.target_object == "invoice"]
    links = _links(run)
    billed = [w for w in applied.writes if w.key.target_object in IN_BOOKS or w.key.part.startswith(TASK_PART)]
    invoiced = with_progress(read_invoiced(links, billed, applied.results, run.books, run.now()), billed, run.store)
    orders = [write for write in applied.writes if write.key.target_object == "sales_order"]
    ordered = read_ordered(run.intacct, orders, applied.results)
    shown: list[InvoicedDeal | OrderedDeal] = [*invoiced, *ordered]
    customers = {deal.company_id: deal.customer_id for deal in shown if deal.company_id}
    run.store.put_xrefs("hubspot", "company", "intacct", "customer", customers)
    rates = run.settings.tax.rates
    seen = {one.key.source_id for one in applied.results if one.state in ("written", "unchanged")}
    seen |= {update.source_id for update in applied.updates}
    return ReadBack(
        [deal.to_json() for deal in shown],
        [
            *unlike_the_books(newest_of_each(invoices), applied.results, invoiced, rates),
            *orders_unlike_the_books(orders, applied.results, ordered, rates),
            *still_unlike(run.intacct, run.store.open_holds(FLOW.name), seen, rates),
        ],
    )


def write_back(run: FlowRun, loaded: Loaded) -> Counts:
    """What HubSpot refuses becomes a hold, so that the next run tries again."""
    ordered = [OrderedDeal.from_json(d) for d in loaded.records if "order_number" in d]
    invoiced = [InvoicedDeal.from_json(d) for d in loaded.records if "order_number" not in d]
    deleted = {hold.source_id for hold in run.store.open_holds(FLOW.name) if hold.code == "deal_gone"}
    held = {deal: message for deal, message in loaded.held.items() if deal not in deleted}
    deals, companies = write_deals_back(run.hubspot, invoiced, ordered, held, loaded.released)
    # A deal that was deleted, and of which nothing stands any more, cannot be told so.
    refused = {deal: error for deal, error in deals.failed.items() if deal not in loaded.released}
    shown: list[InvoicedDeal | OrderedDeal] = [*invoiced, *ordered]
    for deal in shown:
        if deal.company_id in companies.failed:
            refused[deal.deal_id] = companies.failed[deal.company_id]
    holds = [
        Hold(deal_id, "write_back_refused", f"Deal {deal_id}: {error.message}")
        for deal_id, error in refused.items()
        if deal_id not in loaded.held  # their own reason matters more, and keeps them in sight too
    ]
    run.store.put_holds(FLOW.name, run.run_id, holds)
    for deal_id, error in refused.items():
        log.error("HubSpot refused what is written back for deal %s: %s", deal_id, error)
    return {
        "written_back": len(deals.sent) + len(companies.sent),
        "write_back_failed": len(deals.failed) + len(companies.failed),
    }


FLOW = Flow(
    name="hubspot_closed_won_to_intacct_invoice",
    settings=WonDealSettings,
    source=("hubspot", "deal"),
    prepare=prepare,
    find=find,
    done=invoiced_before,
    read=read,
    decide=decide,
    recheck=stale_plans,
    read_back=read_back,
    write_back=write_back,
)
