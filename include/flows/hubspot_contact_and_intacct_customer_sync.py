"""The flow: a customer and its people look alike in Intacct and HubSpot, each field by the system that owns it.

A source record is a customer, by its Intacct id: with the company that it is, and the people of both.
``sync.field_agreement`` decides about one field and says why this cannot loop; ``sync.links`` which company a customer
is; ``sync.people`` which contacts are one; ``sync.plan`` what follows. After writing, both sides are read again: what
they show then is what they agreed on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties, get_properties
from include.connectors.hubspot.source_key import ensure_source_keys
from include.connectors.hubspot.writeback import update_changed
from include.core.decisions import Decision, Hold, Json
from include.core.errors import SettingsError
from include.core.sync import Result
from include.core.windows import Window
from include.flows.customers.company_properties import (
    COMPANY_DEFINITIONS,
    RELEASED_VALUES,
    STATE_DEFINITIONS,
    held_values,
)
from include.flows.customers.customer_companies import companies_of_customers
from include.flows.customers.settings import main_job_settings
from include.flows.deals.writeback import GROUP
from include.flows.flow import Applied, Counts, Flow, Loaded, ReadBack
from include.flows.run import FIRST_RUN_STARTS, FlowRun
from include.flows.sync.agreed import agreed_after
from include.flows.sync.extract import PartyReader
from include.flows.sync.field_comparison import Digests
from include.flows.sync.find import find_customer_ids
from include.flows.sync.plan import PartyPlanner
from include.flows.sync.records import PartyRecord
from include.flows.sync.settings import PartySyncSettings, properties_of

LEGAL_NAME = PropertyDefinition(
    "intacct_legal_name", "Intacct legal name", "string", "text", "The customer's legal name in Sage Intacct"
)


def prepare(run: FlowRun) -> None:
    ensure_properties(run.hubspot, "companies", GROUP, (*COMPANY_DEFINITIONS, *STATE_DEFINITIONS, LEGAL_NAME))
    ensure_source_keys(run.hubspot, ["company", "contact"])
    for object_type, rules in (("companies", run.settings.company_rules), ("contacts", run.settings.contact_rules)):
        missing = sorted(properties_of(rules) - get_properties(run.hubspot, object_type).keys())
        if missing:
            raise SettingsError(f"fields names {', '.join(missing)}, which HubSpot's {object_type} do not have")


def find(run: FlowRun, window: Window) -> Iterable[str]:
    main_job_settings()  # its problems stop the run before anything is read
    first_run = window.kind == "modified" and window.bounds[0] <= FIRST_RUN_STARTS
    return find_customer_ids(run.hubspot, run.intacct, window, first_run=first_run)


def _reader(run: FlowRun) -> PartyReader:
    return PartyReader(run.hubspot, run.intacct, run.store, run.settings)


def read(run: FlowRun, customer_ids: Sequence[str]) -> dict[str, Json]:
    return {one.id: one.to_json() for one in _reader(run).read(customer_ids)}


def _base(run: FlowRun, records: Iterable[PartyRecord]) -> dict[str, dict[str, str]]:
    pairs = [f"contact:{contact['RECORDNO']}" for record in records for contact in record.contacts]
    pairs += [f"customer:{record.customer['CUSTOMERID']}" for record in records if record.customer]
    return run.store.agreed(FLOW.name, pairs)


def decide(run: FlowRun, customers: Sequence[Json]) -> list[Decision]:
    """Besides the plan, remembers what needs no writing: fields that are alike, people that are one."""
    records = [PartyRecord.from_json(one) for one in customers]
    base = _base(run, records)
    planned = PartyPlanner(run.settings, main_job_settings().customer, base).plan(records)
    if not run.dry_run:
        _remember(run, planned.agreed, base)
        people = dict(planned.same_people)
        run.store.put_xrefs("intacct", "contact", "hubspot", "contact", people)
        run.store.put_xrefs("hubspot", "contact", "intacct", "contact", {p: number for number, p in people.items()})
    return planned.decisions


def _remember(run: FlowRun, agreed: Mapping[str, Digests], base: Mapping[str, Digests]) -> None:
    news = {pair: {k: v for k, v in its.items() if base.get(pair, {}).get(k) != v} for pair, its in agreed.items()}
    run.store.put_agreed(FLOW.name, {pair: its for pair, its in news.items() if its})


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    """What was made is cross-referenced, what was changed is read again and remembered as agreed."""
    _cross_reference(run, applied.results)
    linked = {
        u.values["intacct_customer_id"]: u.target_id for u in applied.updates if "intacct_customer_id" in u.values
    }
    run.store.put_xrefs("intacct", "customer", "hubspot", "company", {str(c): company for c, company in linked.items()})
    changed = sorted({update.source_id for update in applied.updates})
    records = _reader(run).read(changed) if changed else []
    base = _base(run, records)
    _remember(run, agreed_after(records, applied.updates, run.settings, base), base)
    refused = [
        Hold(_customer_of(applied, result), "rejected_by_" + result.key.target_system, _told(result))
        for result in applied.results
        if result.state in {"rejected", "held"} and result.key.source_object == "contact"
    ]
    return ReadBack(holds=[hold for hold in refused if hold.source_id])


def _cross_reference(run: FlowRun, results: Sequence[Result]) -> None:
    made = defaultdict[tuple[str, str, str, str], dict[str, str]](dict)
    for result in results:
        if result.state in {"written", "unchanged"} and result.target_id:
            key = result.key
            name = (key.source_system, key.source_object, key.target_system, key.target_object)
            made[name][key.source_id] = result.target_id
    for (source, source_object, target, target_object), pairs in made.items():
        run.store.put_xrefs(source, source_object, target, target_object, pairs)
        back = {there: here for here, there in pairs.items()}
        run.store.put_xrefs(target, target_object, source, source_object, back)


def _customer_of(applied: Applied, result: Result) -> str:
    write = next(one for one in applied.writes if one.key == result.key)
    return str(write.facts.get("customer", ""))


def _told(result: Result) -> str:
    key = result.key
    return f"{key.target_object.capitalize()} for {key.source_object} {key.source_id}: {result.message}"


def write_back(run: FlowRun, loaded: Loaded) -> Counts:
    """The reason of a hold stands on the customer's company, where it has one."""
    told = dict.fromkeys(loaded.released, "") | dict(loaded.held)
    companies = companies_of_customers(run.hubspot, told, [])
    values = {
        company.id: held_values(told[customer]) if told[customer] else RELEASED_VALUES
        for customer, its in companies.items()
        for company in its
    }
    done = update_changed(run.hubspot, "companies", values)
    return {"written_back": len(done.sent), "write_back_failed": len(done.failed)}


FLOW = Flow(
    name="hubspot_contact_and_intacct_customer_sync",
    settings=PartySyncSettings,
    source=("intacct", "customer"),
    prepare=prepare,
    find=find,
    read=read,
    decide=decide,
    read_back=read_back,
    write_back=write_back,
)
