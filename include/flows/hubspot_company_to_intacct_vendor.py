"""The flow: a HubSpot company whose role says vendor is found among Intacct's vendors, or becomes one when a person has
approved what would be made.

``vendors.match`` says which vendor it is, ``vendors.plan`` what follows, ``vendors.record`` what is written. Bank
details are never read and never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from include.connectors.hubspot.properties import ensure_properties
from include.connectors.intacct.vendors import get_vendors
from include.core.decisions import Decision, Json
from include.core.windows import BusinessDates, Window
from include.flows.customers.extract import CompanyRecord
from include.flows.deals.writeback import GROUP
from include.flows.flow import Applied, Counts, Flow, Loaded, ReadBack
from include.flows.run import FlowRun
from include.flows.showing import show
from include.flows.vendors.extract import find_company_ids, read_companies
from include.flows.vendors.match import vendors_near
from include.flows.vendors.plan import CONTENT, REVIEW, Planner
from include.flows.vendors.record import MESSAGE, VENDOR_DEFINITIONS, VENDOR_ID, vendor_key, vendor_values
from include.flows.vendors.settings import CompanyVendorSettings

_COMPANY_IS_VENDOR = ("hubspot", "company", "intacct", "vendor")


def prepare(run: FlowRun) -> None:
    ensure_properties(run.hubspot, "companies", GROUP, VENDOR_DEFINITIONS)


def find(run: FlowRun, window: Window) -> Iterable[str]:
    """What is approved comes first, and beside it whatever the window holds: an approving run moves the cursor too."""
    return chain(approved(run), find_company_ids(run.hubspot, run.intacct, window, run.settings))


def approved(run: FlowRun) -> list[str]:
    """The companies that the person who started this run approves as vendors."""
    return [str(one) for one in run.params.get("approve") or ()]


def read(run: FlowRun, company_ids: Sequence[str]) -> dict[str, Json]:
    return read_companies(run.hubspot, company_ids, run.settings)


def decide(run: FlowRun, companies: Sequence[Json]) -> list[Decision]:
    records = [CompanyRecord.from_json(company) for company in companies]
    vendors = [record for record in records if run.settings.role.says_vendor(record.company)]
    ids = sorted({one for record in vendors for one in (record.company_id, *record.merged)})
    known = run.store.xrefs(_COMPANY_IS_VENDOR[0], _COMPANY_IS_VENDOR[1], ids, *_COMPANY_IS_VENDOR[2:])
    near = vendors_near(run.intacct, (record.sheets for record in vendors), known, run.settings.vendor)
    reviews = {hold.source_id: hold.details for hold in run.store.open_holds(FLOW.name) if hold.code == REVIEW}
    planner = Planner(
        run.settings,
        run.books,
        near,
        known,
        {company: str(details.get(CONTENT)) for company, details in reviews.items()},
        approved(run),
        run.store.written([vendor_key(one) for one in ids]),
        BusinessDates.of(run.window()),
    )
    return planner.plan(records)


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    made = {r.key.source_id: r.natural_id for r in applied.results if r.state in {"written", "unchanged"}}
    linked = {u.source_id: u.values[VENDOR_ID] or "" for u in applied.updates if VENDOR_ID in u.values}
    run.store.put_xrefs(*_COMPANY_IS_VENDOR, {**linked, **made})
    vendors = {vendor.vendor_id: vendor for vendor in get_vendors(run.intacct, sorted(made.values()))}
    shown = {company: vendor_values(vendors[vendor]) for company, vendor in made.items() if vendor in vendors}
    return ReadBack([{"company": company, "values": values} for company, values in shown.items()])


def write_back(run: FlowRun, loaded: Loaded) -> Counts:
    """The record's id and standing, or why there is none."""
    values: dict[str, dict[str, str]] = {company: {MESSAGE: ""} for company in loaded.released}
    values |= {one["company"]: one["values"] for one in loaded.records}
    values |= {company: {MESSAGE: message} for company, message in loaded.held.items()}
    return show(run, "companies", values, loaded)


FLOW = Flow(
    name="hubspot_company_to_intacct_vendor",
    settings=CompanyVendorSettings,
    source=("hubspot", "company"),
    prepare=prepare,
    find=find,
    read=read,
    decide=decide,
    read_back=read_back,
    write_back=write_back,
)
