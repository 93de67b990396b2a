"""Recognised revenue: what was posted to revenue accounts, and what revenue schedules have still to recognise. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from include.connectors.intacct.fields import Wire, day, moment, optional, required
from include.core.money import Money
from include.reports.revenue_facts import Fact
from include.reports.revenue_ground import NO_DEAL, Ground, Shares

_ENDED = {"terminated", "on hold"}


def recognised(ground: Ground, credited: Mapping[str, Shares]) -> Iterator[Fact]:
    """What was posted to revenue accounts, whatever posted it; by its schedule or document to its deal."""
    entered = {required(one, "RECORDNO"): moment(one, "WHENCREATED") for one in ground.books.batches}
    batch_urls = {required(one, "RECORDNO"): optional(one, "RECORD_URL") for one in ground.books.batches}
    invoice_of = {required(one, "RECORDNO"): optional(one, "RECORDKEY") for one in ground.books.schedules}
    by_schedule = {
        optional(one, "GLBATCHKEY"): invoice_of.get(optional(one, "REVRECSCHEDULEKEY"), "")
        for one in ground.books.scheduled
        if optional(one, "GLBATCHKEY")
    }
    for one in ground.books.postings:
        batch, source = optional(one, "BATCHKEY"), optional(one, "RECORDKEY")
        invoice_no = by_schedule.get(batch, source)
        invoice = ground.invoices.get(invoice_no, {})
        entity = ground.books.entity_of.get(optional(one, "LOCATIONID"), "")
        amount, base = (_debit(found, one) for found in ground.money(one, "AMOUNT", entity))
        shares = ground.deals_of.get(invoice_no) or credited.get(source) or NO_DEAL
        by = "revenue schedule" if batch in by_schedule else optional(one, "SYMBOL") or "journal"
        yield from ground.shared(
            shares,
            "recognised",
            -amount,
            -base,
            {
                "day": day(one, "ENTRY_DATE"),
                "entered_at": entered.get(batch),
                "entity": entity,
                "object": "GLDETAIL",
                "record_no": required(one, "RECORDNO"),
                "number": optional(invoice, "RECORDID") or batch,
                "url": optional(invoice, "RECORD_URL") or batch_urls.get(batch, ""),
                "customer": optional(invoice, "CUSTOMERID") or optional(one, "CUSTOMERID"),
                "product": optional(one, "ITEMID"),
                "why": f"{by}, account {optional(one, 'ACCOUNTNO')}",
            },
        )


def scheduled(ground: Ground) -> Iterator[Fact]:
    """What the revenue schedules have still to recognise."""
    live = {
        required(one, "RECORDNO"): one
        for one in ground.books.schedules
        if optional(one, "STATUS").lower() not in _ENDED
    }
    for one in ground.books.scheduled:
        schedule = live.get(optional(one, "REVRECSCHEDULEKEY"))
        if schedule is None or optional(one, "POSTED").lower() in {"true", "t"}:
            continue
        entity = ground.books.entity_of.get(optional(one, "LOCATIONID"), "")
        amount, base = ground.money(one, "AMOUNT", entity)
        invoice = ground.invoices.get(optional(schedule, "RECORDKEY"), {})
        yield from ground.shared(
            ground.deals_of.get(optional(schedule, "RECORDKEY"), NO_DEAL),
            "scheduled",
            amount,
            base,
            {
                "day": day(one, "POSTINGDATE"),
                "entered_at": moment(one, "WHENMODIFIED"),
                "entity": entity,
                "object": "REVRECSCHEDULEENTRY",
                "record_no": required(one, "RECORDNO"),
                "number": optional(schedule, "INVOICENO"),
                "url": optional(invoice, "RECORD_URL"),
                "customer": optional(invoice, "CUSTOMERID"),
                "product": optional(one, "ITEMID"),
                "why": f"revenue schedule {required(schedule, 'RECORDNO')}, not posted yet",
            },
        )


def _debit(amount: Money, posting: Wire) -> Money:
    """Signed: a debit is positive, whether or not the record's amount is signed already."""
    return -abs(amount) if optional(posting, "TR_TYPE") == "-1" else abs(amount)
