"""The flow: AP bills of mapped partners stand as marked drafts among HubSpot's invoices. Off unless switched on.

``bills.partners`` says which company a vendor is, ``bills.plan`` decides, ``bills.invoice`` says what a draft shows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import chain

from include.connectors.intacct.bills import get_bills
from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.filters import all_of, at_least, less
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.vendors import get_vendors
from include.core.decisions import Decision, Json
from include.core.windows import BusinessDates, Window
from include.flows.bills.invoice import bill_key, ensure_bill_properties
from include.flows.bills.plan import lookup, opened_bills, plan
from include.flows.bills.records import BillRecord, records_of
from include.flows.bills.settings import BillSettings
from include.flows.flow import Applied, Flow, ReadBack
from include.flows.run import FlowRun

log = logging.getLogger(__name__)


def off(run: FlowRun) -> str:
    if run.settings.enabled:
        return ""
    return f"{FLOW.name} is switched off: set enabled to true in {FLOW.name}.yaml if you want AP bills as drafts"


def prepare(run: FlowRun) -> None:
    created = ensure_bill_properties(run.hubspot)
    log.info("Properties created in HubSpot: %s", ", ".join(created) or "none, all there")


def find(run: FlowRun, window: Window) -> Iterable[str]:
    if window.kind == "records":
        return window.ids
    start, end = window.bounds
    if window.kind == "dated":
        dated = all_of(at_least("WHENCREATED", start.date()), less("WHENCREATED", end.date() + timedelta(days=1)))
        return (str(head["RECORDNO"]) for head in iter_query(run.intacct, "APBILL", (), dated))
    bills = (str(head["RECORDNO"]) for head in iter_changed(run.intacct, "APBILL", (), start, end))
    # A payment, or its reversal, may leave the bill's own timestamp as it was.
    paid = (str(one["RECORDKEY"]) for one in iter_changed(run.intacct, "APPYMTDETAIL", ("RECORDKEY",), start, end))
    return chain(bills, filter(None, paid), opened_bills(run.hubspot))


def mirrored_before(run: FlowRun, record_numbers: Sequence[str]) -> set[str]:
    return {key.source_id for key in run.store.written([bill_key(one) for one in record_numbers])}


def read(run: FlowRun, record_numbers: Sequence[str]) -> dict[str, Json]:
    bills = get_bills(run.intacct, record_numbers, company_currency=run.books.company_currency)
    vendors = {one.vendor_id: one for one in get_vendors(run.intacct, {bill.vendor_id for bill in bills})}
    return {record.record_no: record.to_json() for record in records_of(bills, vendors)}


def decide(run: FlowRun, bills: Sequence[Json]) -> list[Decision]:
    records = [BillRecord.from_json(bill) for bill in bills]
    made = run.store.written([bill_key(record.record_no) for record in records])
    lookups = lookup(run.hubspot, records, run.settings)
    return plan(records, lookups, made.keys(), run.settings, window=BusinessDates.of(run.window()))


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    """Remember which draft mirrors which bill."""
    made = {
        result.key.source_id: result.target_id
        for result in applied.results
        if result.key.target_object == "invoice" and result.state in {"written", "unchanged"} and result.target_id
    }
    run.store.put_xrefs("intacct", "bill", "hubspot", "invoice", made)
    return ReadBack()


FLOW = Flow(
    name="intacct_bill_to_hubspot_invoice",
    settings=BillSettings,
    source=("intacct", "bill"),
    off=off,
    prepare=prepare,
    find=find,
    done=mirrored_before,
    read=read,
    decide=decide,
    read_back=read_back,
)
