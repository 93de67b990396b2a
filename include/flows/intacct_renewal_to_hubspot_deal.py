"""The flow: a recurring Intacct invoice that comes up for renewal becomes a HubSpot deal for the account's owner.

``renewals.extract`` finds and reads, ``renewals.lookup`` asks HubSpot, ``renewals.plan`` decides, ``renewals.deal``
says what a deal shows. A deal that a rep made or lost is respected.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from include.connectors.hubspot.account import get_account
from include.core.decisions import Decision, Json
from include.core.windows import Window
from include.flows.flow import Applied, Counts, Flow, Loaded, ReadBack
from include.flows.owners import read_owners
from include.flows.renewals.days import DueDays
from include.flows.renewals.deal import ensure_renewal_properties
from include.flows.renewals.extract import find_contract_ids, read_contracts
from include.flows.renewals.instalments import billed_on
from include.flows.renewals.lookup import check_stage, lookup
from include.flows.renewals.notice import NewDeal, deals_made, digests
from include.flows.renewals.plan import plan, sift
from include.flows.renewals.records import Contract
from include.flows.renewals.settings import RenewalSettings
from include.flows.run import FIRST_RUN_STARTS, FlowRun

log = logging.getLogger(__name__)

_TOLD = ("hubspot", "deal", "mail", "message")


def prepare(run: FlowRun) -> None:
    created = ensure_renewal_properties(run.hubspot)
    log.info("Properties created in HubSpot: %s", ", ".join(created) or "none, all there")


def find(run: FlowRun, window: Window) -> Iterable[str]:
    check_stage(run.hubspot, run.settings)
    return find_contract_ids(run.intacct, window, _days(run), run.settings, run.books)


def read(run: FlowRun, ids: Sequence[str]) -> dict[str, Json]:
    contracts = billed_on(run.store, read_contracts(run.intacct, ids, run.books.company_currency))
    return {one.record_no: one.to_json() for one in contracts}


def decide(run: FlowRun, contracts: Sequence[Json]) -> list[Decision]:
    held_since = {hold.source_id: hold.opened_at for hold in run.store.open_holds(FLOW.name)}
    records = [Contract.from_json(one) for one in contracts]
    dues, decided = sift(records, _days(run), held_since, run.settings, run.books)
    if not dues:
        return decided
    customers = {one.contract.customer_id for one in dues}
    skus = {sku for one in dues for sku in one.skus}
    found = lookup(run.hubspot, sorted(customers), sorted(skus), run.settings.fallback_owner)
    if run.settings.fallback_owner and found.owners.fallback_id is None:
        log.warning("fallback_owner names no active owner of the HubSpot account; such deals get none")
    made = run.store.written([key for one in dues for key in one.keys])
    return [*decided, *plan(dues, found, made.keys(), run.settings)]


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    return ReadBack([deal.to_json() for deal in deals_made(applied.writes, applied.results)])


def write_back(run: FlowRun, loaded: Loaded) -> Counts:
    """Tell the owners of deals that they have not been told of. A mail that is refused, or a company without a mail
    server, fails nothing; what was not sent is sent by a later run."""
    deals = {one["deal_id"]: NewDeal(**one) for one in loaded.records}
    if not deals or not run.settings.tell_owner:
        return {"owners_told": 0}
    told = run.store.xrefs(_TOLD[0], _TOLD[1], list(deals), _TOLD[2], _TOLD[3])
    untold = [deal for deal_id, deal in deals.items() if deal_id not in told]
    if not untold:
        return {"owners_told": 0}
    account = get_account(run.hubspot)
    urls = {deal.deal_id: account.record_url("deals", deal.deal_id) for deal in untold}
    mails = digests(untold, read_owners(run.hubspot), urls, run.now().date())
    results = {result.key: result for result in run.apply([mail for mail, _ in mails])}
    sent = [its for mail, its in mails if mail.key in results and results[mail.key].state in {"written", "unchanged"}]
    run.store.put_xrefs(*_TOLD, {deal.deal_id: deal.owner_id for its in sent for deal in its})
    for result in results.values():
        if result.state not in {"written", "unchanged"}:
            log.error("Owner %s was not told: %s", result.key.source_id, result.message)
    return {"owners_told": len(sent)}


def _days(run: FlowRun) -> DueDays:
    return DueDays.of(run.window(), run.now(), run.settings.days_ahead, FIRST_RUN_STARTS)


FLOW = Flow(
    name="intacct_renewal_to_hubspot_deal",
    settings=RenewalSettings,
    source=("intacct", "recurring_invoice"),
    prepare=prepare,
    find=find,
    read=read,
    decide=decide,
    read_back=read_back,
    write_back=write_back,
)
