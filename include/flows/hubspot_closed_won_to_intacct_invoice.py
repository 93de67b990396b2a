"""The flow: a won HubSpot deal becomes an Intacct invoice, and the deal shows what the books show.

``won_deal_plan`` decides, ``deal_extract`` reads, ``deal_writeback`` writes back. A deal that cannot be invoiced whole
is held with its reason; there is never a partial invoice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from include.core.decisions import Decision, Hold, Json
from include.core.windows import BusinessDates, Window
from include.flows.deal_extract import find_deal_ids, read_deals
from include.flows.deal_records import DealRecord
from include.flows.deal_writeback import (
    InvoicedDeal,
    ensure_deal_properties,
    read_invoiced,
    unlike_the_books,
    write_deals_back,
)
from include.flows.flow import Applied, Counts, Flow, Loaded, ReadBack
from include.flows.run import FlowRun
from include.flows.won_deal_plan import invoice_key, lookup, plan
from include.flows.won_deal_settings import WonDealSettings

log = logging.getLogger(__name__)


def prepare(run: FlowRun) -> None:
    created = ensure_deal_properties(run.hubspot)
    log.info("Properties created in HubSpot: %s", ", ".join(created) or "none, all there")


def find(run: FlowRun, window: Window) -> Iterable[str]:
    return find_deal_ids(run.hubspot, window, run.settings)


def invoiced_before(run: FlowRun, deal_ids: Sequence[str]) -> set[str]:
    return {key.source_id for key in run.store.written([invoice_key(i) for i in deal_ids])}


def read(run: FlowRun, deal_ids: Sequence[str]) -> dict[str, Json]:
    return {deal.deal_id: deal.to_json() for deal in read_deals(run.hubspot, deal_ids, run.settings)}


def decide(run: FlowRun, deals: Sequence[Json]) -> list[Decision]:
    records = [DealRecord.from_json(deal) for deal in deals]
    companies = sorted({r.company_id for r in records if r.company_id})
    known = run.store.xrefs("hubspot", "company", companies, "intacct", "customer")
    keys = [invoice_key(deal) for r in records for deal in (r.deal_id, *r.merged_deals)]
    invoiced = {key.source_id: row.facts for key, row in run.store.written(keys).items()}
    lookups = lookup(records, run.intacct, known, invoiced, run.settings)
    return plan(
        records,
        lookups,
        run.settings,
        run.books,
        now=run.now(),
        draft=run.post_mode == "draft",
        window=BusinessDates.of(run.window()),
    )


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    invoices = [write for write in applied.writes if write.key.target_object == "invoice"]
    invoiced = read_invoiced(run.intacct, invoices, applied.results)
    run.store.put_xrefs("hubspot", "company", "intacct", "customer", {d.company_id: d.customer_id for d in invoiced})
    return ReadBack([d.to_json() for d in invoiced], unlike_the_books(invoices, applied.results, invoiced))


def write_back(run: FlowRun, loaded: Loaded) -> Counts:
    """What HubSpot refuses becomes a hold, so that the next run tries again."""
    invoiced = [InvoicedDeal.from_json(d) for d in loaded.records]
    deals, companies = write_deals_back(run.hubspot, invoiced, loaded.held, loaded.released)
    refused = {**deals.failed}
    refused |= {d.deal_id: companies.failed[d.company_id] for d in invoiced if d.company_id in companies.failed}
    holds = [
        Hold(deal, "write_back_refused", f"Deal {deal}: {error.message}")
        for deal, error in refused.items()
        if deal not in loaded.held  # their own reason matters more, and keeps them in sight too
    ]
    run.store.put_holds(FLOW.name, run.run_id, holds)
    for deal, error in refused.items():
        log.error("HubSpot refused what is written back for deal %s: %s", deal, error)
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
    read_back=read_back,
    write_back=write_back,
)
