"""The flow: the first won deal of a new customer starts its onboarding, step by step, each step once.

``onboarding.plan`` decides who is new and what is done, ``onboarding.tasks`` what is made, ``onboarding.standing`` how
the deal shows it. ``customers.company_customer`` says which customer a company is or becomes, for this flow and the
others alike.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.enrolments import NOT_ALLOWED
from include.connectors.hubspot.properties import ensure_properties
from include.connectors.hubspot.source_key import ensure_source_keys
from include.connectors.hubspot.writeback import update_changed
from include.core.decisions import Decision, Hold, Json
from include.core.windows import BusinessDates, Window
from include.flows.customers.company_properties import COMPANY_DEFINITIONS, STATE_DEFINITIONS, linked_values
from include.flows.customers.settings import main_job_settings
from include.flows.deals.writeback import GROUP
from include.flows.flow import Applied, Counts, Flow, Loaded, ReadBack
from include.flows.onboarding.extract import find_won_ids, read_won
from include.flows.onboarding.lookup import COMPANY, ONBOARDED, lookup
from include.flows.onboarding.plan import Planner
from include.flows.onboarding.records import OnboardingRecord
from include.flows.onboarding.settings import OnboardingSettings
from include.flows.onboarding.standing import DONE, ONBOARDING_DEFINITIONS, Onboarding, stands
from include.flows.onboarding.tasks import task_key, task_of
from include.flows.run import FlowRun

log = logging.getLogger(__name__)


def prepare(run: FlowRun) -> None:
    ensure_properties(run.hubspot, "deals", GROUP, ONBOARDING_DEFINITIONS)
    ensure_properties(run.hubspot, "companies", GROUP, (*COMPANY_DEFINITIONS, *STATE_DEFINITIONS))
    ensure_source_keys(run.hubspot, ["task"])


def find(run: FlowRun, window: Window) -> Iterable[str]:
    return find_won_ids(run.hubspot, window, run.settings, main_job_settings())


def onboarded_before(run: FlowRun, deal_ids: Sequence[str]) -> set[str]:
    """Those whose every task is made; a deal on hold is looked at again by the next whole run."""
    names = [task.key for task in run.settings.checklist]
    made = run.store.written([task_key(deal, name) for deal in deal_ids for name in names])
    return {deal for deal in deal_ids if all(task_key(deal, name) in made for name in names)}


def read(run: FlowRun, deal_ids: Sequence[str]) -> dict[str, Json]:
    return {one.deal_id: one.to_json() for one in read_won(run.hubspot, deal_ids, main_job_settings())}


def decide(run: FlowRun, deals: Sequence[Json]) -> list[Decision]:
    main = main_job_settings()
    records = [OnboardingRecord.from_json(deal) for deal in deals]
    lookups = lookup(run, records, main)
    planner = Planner(run.settings, main, run.books, lookups, run.now(), BusinessDates.of(run.window()))
    return planner.plan(records)


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    """Where HubSpot does not let us enrol, the owner's task is made instead, here and now. Then every step is told as
    it stands, and what was refused holds its deal."""
    results = {result.key: result for result in applied.results}
    refused = [write for write in applied.writes if write.key in results and results[write.key].code == NOT_ALLOWED]
    results |= {result.key: result for result in run.apply([task_of(write) for write in refused])}
    tasks = [one.target_id for key, one in results.items() if key.target_object == "task" and one.state in DONE]
    existing = set(batch_read(run.hubspot, "tasks", sorted(tasks), ["hs_task_status"]).by_id())
    onboardings = stands(applied, results, existing)
    made = {one.company_id: one.customer for one in onboardings if one.customer}
    run.store.put_xrefs(*COMPANY, "intacct", "customer", made)
    run.store.put_xrefs(*COMPANY, *ONBOARDED, {one.company_id: one.deal_id for one in onboardings})
    return ReadBack([one.to_json() for one in onboardings], [hold for one in onboardings for hold in one.holds])


def write_back(run: FlowRun, loaded: Loaded) -> Counts:
    """Every step onto the deal, the customer onto the company. What HubSpot refuses becomes a hold, so that the next
    run tries again."""
    names = run.settings.steps
    onboardings = [Onboarding.from_json(one) for one in loaded.records]
    values = {one.deal_id: one.values(names, loaded.held.get(one.deal_id, "")) for one in onboardings}
    deals = update_changed(run.hubspot, "deals", values)
    linked = {one.company_id: linked_values(one.company_id, one.customer) for one in onboardings if one.customer}
    companies = update_changed(run.hubspot, "companies", linked)
    refused = {**deals.failed}
    refused |= {
        one.deal_id: companies.failed[one.company_id] for one in onboardings if one.company_id in companies.failed
    }
    holds = [
        Hold(deal, "write_back_refused", f"Deal {deal}: {error.message}")
        for deal, error in refused.items()
        if deal not in loaded.held
    ]
    run.store.put_holds(FLOW.name, run.run_id, holds)
    for deal, error in refused.items():
        log.error("HubSpot refused what is written back for deal %s: %s", deal, error)
    complete = sum(not one.open_steps(names) for one in onboardings)
    return {
        "onboarding_complete": complete,
        "onboarding_open": len(onboardings) - complete,
        "written_back": len(deals.sent) + len(companies.sent),
        "write_back_failed": len(deals.failed) + len(companies.failed),
    }


FLOW = Flow(
    name="hubspot_won_deal_onboarding",
    settings=OnboardingSettings,
    source=("hubspot", "deal"),
    prepare=prepare,
    find=find,
    done=onboarded_before,
    read=read,
    decide=decide,
    read_back=read_back,
    write_back=write_back,
)
