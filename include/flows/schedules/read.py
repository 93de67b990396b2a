"""Reading revenue schedules with the invoice lines that they recognise, in a few queries for hundreds of invoices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta

from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import Wire, amount, day, flag, optional, required
from include.connectors.intacct.filters import all_of, at_least, less
from include.connectors.intacct.lines import PARENT, read_by
from include.connectors.intacct.query import iter_query
from include.core.windows import Window
from include.flows.figures.invoice_standing import InvoiceStanding
from include.flows.schedules.records import Entry, Schedule, ScheduledInvoice

_SCHEDULE = ("RECORDNO", "RECORDKEY", "PRENTRYKEY", "REVRECTEMPLATEID", "STATUS")
_ENTRY = ("RECORDNO", "REVRECSCHEDULEKEY", "POSTINGDATE", "POSTED", "AMOUNT", "TRX_AMOUNT")
_LINE = ("RECORDNO", PARENT, "AMOUNT", "TRX_AMOUNT", "ITEMID", "REVRECSTARTDATE", "REVRECENDDATE")


def find_invoices(intacct: IntacctClient, window: Window) -> Iterator[str]:
    """The record numbers of the invoices to look at: those that changed, of which a schedule changed, or to which
    something was applied; of dated runs those invoiced on the days."""
    if window.kind == "records":
        yield from window.ids
        return
    start, end = window.bounds
    if window.kind == "dated":
        on = all_of(at_least("INVOICEDATE", start.date()), less("INVOICEDATE", end.date() + timedelta(days=1)))
        found = (optional(one, "RECORDKEY") for one in iter_query(intacct, "REVRECSCHEDULE", ("RECORDKEY",), on))
        yield from dict.fromkeys(filter(None, found))
        return
    seen = dict[str, None]()
    for name, field in (("ARINVOICE", "RECORDNO"), ("REVRECSCHEDULE", "RECORDKEY"), ("ARPYMTDETAIL", "RECORDKEY")):
        for one in iter_changed(intacct, name, (field,), start, end):
            seen[optional(one, field)] = None
    yield from filter(None, seen)


def with_schedules(intacct: IntacctClient, record_nos: Collection[str]) -> set[str]:
    """Those of these invoices that have any."""
    found = read_by(intacct, "REVRECSCHEDULE", ("RECORDNO", "RECORDKEY"), "RECORDKEY", record_nos)
    return {required(one, "RECORDKEY") for one in found}


def read_scheduled(intacct: IntacctClient, standings: Iterable[InvoiceStanding]) -> list[ScheduledInvoice]:
    """These invoices with their schedules. A schedule whose line has no term, or is gone, is left out."""
    invoices = {one.record_no: one for one in standings}
    schedules = read_by(intacct, "REVRECSCHEDULE", _SCHEDULE, "RECORDKEY", invoices)
    numbers = [required(one, "RECORDNO") for one in schedules]
    entries = defaultdict[str, list[Wire]](list)
    for entry in read_by(intacct, "REVRECSCHEDULEENTRY", _ENTRY, "REVRECSCHEDULEKEY", numbers):
        entries[required(entry, "REVRECSCHEDULEKEY")].append(entry)
    lines = {required(one, "RECORDNO"): one for one in read_by(intacct, "ARINVOICEITEM", _LINE, PARENT, invoices)}
    found = defaultdict[str, list[Schedule]](list)
    for one in sorted(schedules, key=lambda record: int(required(record, "RECORDNO"))):
        invoice, line = required(one, "RECORDKEY"), lines.get(optional(one, "PRENTRYKEY"))
        if line is None:
            continue
        schedule = _schedule(one, line, entries[required(one, "RECORDNO")], invoices[invoice].currency)
        if schedule is not None:
            found[invoice].append(schedule)
    return [
        ScheduledInvoice(number, its.number, its.status, its.invoiced, its.credited, tuple(found[number]))
        for number, its in invoices.items()
        if number in found
    ]


def _schedule(record: Wire, line: Wire, entries: Sequence[Wire], currency: str) -> Schedule | None:
    start, end = day(line, "REVRECSTARTDATE"), day(line, "REVRECENDDATE")
    if start is None or end is None:
        return None
    dated = [(day(one, "POSTINGDATE"), amount(one, "AMOUNT", currency), flag(one, "POSTED")) for one in entries]
    return Schedule(
        required(record, "RECORDNO"),
        optional(record, "REVRECTEMPLATEID"),
        optional(record, "STATUS"),
        optional(line, "ITEMID"),
        amount(line, "AMOUNT", currency),
        start,
        end,
        tuple(Entry(on, value, posted) for on, value, posted in sorted(dated, key=lambda one: str(one[0])) if on),
    )
