"""The flow: invoices that people entered in Intacct before the cut-over are linked to the HubSpot deals that they bill.

``go_live.deals`` reads deals and invoices, ``core.fingerprint`` says which fit, ``go_live.plan`` proposes. Nothing is
linked until a person approves it, and nothing is ever created.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from include.core.decisions import Decision, Json
from include.core.windows import Window
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows.deals.extract import read_deals
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.writeback import ensure_deal_properties
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.flow import Applied, Flow, ReadBack
from include.flows.go_live.deals import find_old_deals, old_deals, read_invoices_near, read_rivals
from include.flows.go_live.hand_entered import approved_links
from include.flows.go_live.plan import dismissed_by, links_in, plan
from include.flows.go_live.settings import GoLiveSettings
from include.flows.run import FlowRun

_DISMISSED = "no_invoice"


def prepare(run: FlowRun) -> None:
    ensure_deal_properties(run.hubspot, orders=False)


def find(run: FlowRun, window: Window) -> Iterable[str]:
    """What is approved comes first, whatever the window holds."""
    return chain(
        (one.partition(":")[0] for one in _approved(run)),
        find_old_deals(run.hubspot, window, _main(run), run.settings.days_back),
    )


def read(run: FlowRun, deal_ids: Sequence[str]) -> dict[str, Json]:
    return {deal.deal_id: deal.to_json() for deal in read_deals(run.hubspot, deal_ids, _main(run))}


def decide(run: FlowRun, deals: Sequence[Json]) -> list[Decision]:
    main, records = _main(run), [DealRecord.from_json(deal) for deal in deals]
    links = InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key, run.run_id)
    ours = {record.deal_id for record in records}
    every = old_deals(run, [*records, *read_rivals(run.hubspot, records, main)], links, main)
    own = [deal for deal in every if deal.deal_id in ours]
    rivals = [deal for deal in every if deal.deal_id not in ours]
    known = run.store.agreed(run.flow.name, [*map(_pair, (deal.deal_id for deal in every))])
    dismissed = {deal.deal_id for deal in every if _pair(deal.deal_id) in known} | dismissed_by(_approved(run))
    invoices, nets = read_invoices_near(run, links, own)
    return plan(own, rivals, invoices, nets, main.tax.prices, run.settings.days, _approved(run), dismissed)


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    """Remember what a person said: which invoice is whose, and which deal has none."""
    links = InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key, run.run_id)
    said, why = links_in(_approved(run)), "entered by hand before the cut-over"
    run.store.put_links(run.run_id, approved_links(links, applied.updates, said, why))
    run.store.put_agreed(run.flow.name, {_pair(deal): {_DISMISSED: "true"} for deal in dismissed_by(_approved(run))})
    return ReadBack()


def _approved(run: FlowRun) -> list[str]:
    return [str(one).strip() for one in run.params.get("approve") or ()]


def _main(run: FlowRun) -> WonDealSettings:
    """The main job's settings: which deals count, the cut-over date, what a customer is."""
    settings: WonDealSettings = replace(run, flow=won_deals.FLOW).settings
    return settings


def _pair(deal_id: str) -> str:
    return f"deal:{deal_id}"


FLOW = Flow(
    name="intacct_invoice_to_hubspot_deal",
    settings=GoLiveSettings,
    source=("hubspot", "deal"),
    prepare=prepare,
    find=find,
    read=read,
    decide=decide,
    read_back=read_back,
)
