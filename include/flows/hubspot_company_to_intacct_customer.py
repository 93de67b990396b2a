"""The flow: a HubSpot company that becomes a customer gets its record in Intacct, and shows that record's id.

``customers.company_customer`` says which customer it is or becomes, for this flow and for the main job alike and under
the same key, so that the two never make two customers of one company.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.properties import ensure_properties
from include.core.decisions import Decision, Json
from include.core.windows import BusinessDates, Window
from include.flows.customers.company_properties import (
    COMPANY_DEFINITIONS,
    RELEASED_VALUES,
    STATE_DEFINITIONS,
    held_values,
    linked_values,
)
from include.flows.customers.extract import CompanyRecord, find_company_ids, read_companies
from include.flows.customers.lookup import customers_of_companies
from include.flows.customers.plan import Planner
from include.flows.customers.settings import CompanyCustomerSettings, main_job_settings
from include.flows.deals.writeback import GROUP
from include.flows.flow import Applied, Counts, Flow, Loaded, ReadBack
from include.flows.run import FlowRun
from include.flows.showing import show


def prepare(run: FlowRun) -> None:
    ensure_properties(run.hubspot, "companies", GROUP, (*COMPANY_DEFINITIONS, *STATE_DEFINITIONS))


def find(run: FlowRun, window: Window) -> Iterable[str]:
    main_job_settings()  # its problems stop the run before anything is read
    return find_company_ids(run.hubspot, window, run.settings)


def linked_before(run: FlowRun, company_ids: Sequence[str]) -> set[str]:
    shown = batch_read(run.hubspot, "companies", company_ids, ["intacct_customer_id"]).records
    return {company.id for company in shown if company.properties.get("intacct_customer_id")}


def read(run: FlowRun, company_ids: Sequence[str]) -> dict[str, Json]:
    companies = read_companies(run.hubspot, company_ids, run.settings, main_job_settings())
    return {one.company_id: one.to_json() for one in companies}


def decide(run: FlowRun, companies: Sequence[Json]) -> list[Decision]:
    main = main_job_settings()
    records = [CompanyRecord.from_json(company) for company in companies]
    ids = sorted({one for record in records for one in (record.company_id, *record.merged)})
    known = run.store.xrefs("hubspot", "company", ids, "intacct", "customer")
    asked = [record for record in records if record.company.get("lifecyclestage") in run.settings.lifecycle_stages]
    customers = customers_of_companies(run.intacct, (record.sheets for record in asked), known, main.customer)
    planner = Planner(run.settings, main, run.books, customers, known, BusinessDates.of(run.window()))
    return planner.plan(records)


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    made = {r.key.source_id: r.natural_id for r in applied.results if r.state in {"written", "unchanged"}}
    linked = {u.target_id: u.values["intacct_customer_id"] for u in applied.updates}
    both = {company: customer for company, customer in {**linked, **made}.items() if customer}
    run.store.put_xrefs("hubspot", "company", "intacct", "customer", both)
    run.store.put_xrefs("intacct", "customer", "hubspot", "company", {there: here for here, there in both.items()})
    return ReadBack([{"company": company, "customer": customer} for company, customer in made.items() if customer])


def write_back(run: FlowRun, loaded: Loaded) -> Counts:
    """The record's id and standing, or why there is none."""
    values = {company: RELEASED_VALUES for company in loaded.released}
    values |= {d["company"]: linked_values(d["company"], d["customer"]) for d in loaded.records}
    values |= {company: held_values(message) for company, message in loaded.held.items()}
    return show(run, "companies", values, loaded)


FLOW = Flow(
    name="hubspot_company_to_intacct_customer",
    settings=CompanyCustomerSettings,
    source=("hubspot", "company"),
    prepare=prepare,
    find=find,
    done=linked_before,
    read=read,
    decide=decide,
    read_back=read_back,
    write_back=write_back,
)
