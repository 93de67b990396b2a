"""Revenue schedules: a deferred line's amount spread over its months."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from include.sandbox.intacct.catalogue.books import REVRECSCHEDULE, REVRECSCHEDULEENTRY
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing
from include.sandbox.intacct.ledger.rates import Rate
from include.sandbox.intacct.store.audit import created
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native, convert


def add_months(day: date, months: int) -> date:
    """The same day some months on, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def term_of(template: Row, start: date | None, end: date | None, invoice_date: date) -> tuple[date, date]:
    """The inclusive span a line's revenue is earned in. Raises Refused where the end is before the start."""
    first = start or invoice_date
    last = end or add_months(first, int(template["TOTALPERIODS"] or 12)) - timedelta(days=1)
    if last < first:
        raise missing("The revenue recognition end date is before its start date.")
    if (last - first).days > 366 * 40:
        raise missing("The revenue recognition term is too long.")
    return first, last


def spread(amount: int, first: date, last: date) -> list[tuple[date, int]]:
    """Month by month: (first day in that month, hundredths); the months sum to ``amount``.

    Whole months are equal; a first month that is not whole gets its share by days, the last one the rest.
    """
    months: list[tuple[date, int, int]] = []
    at = first
    while at <= last:
        length = calendar.monthrange(at.year, at.month)[1]
        end = min(last, at.replace(day=length))
        months.append((at, (end - at).days + 1, length))
        at = end + timedelta(days=1)
    weight = sum(_fraction(days, length) for _, days, length in months)
    shares = [amount * _fraction(days, length) // weight for _, days, length in months]
    shares[-1] += amount - sum(shares)
    return [(day, share) for (day, _, _), share in zip(months, shares, strict=True)]


def _fraction(days: int, length: int) -> int:
    """The part of a month in units that are exact for every month length (28, 29, 30, 31)."""
    return days * (28 * 29 * 30 * 31 // length)


def template_of(context: Context, name: str) -> Row:
    found = context.db.lookup("REVRECTEMPLATE", "TEMPLATEID", name)
    if found is None:
        raise invalid("Revenue recognition template", name)
    return found


def create_schedule(context: Context, invoice: Row, line: Row, template: Row, rate: Rate) -> int:
    """The schedule of one posted line and its entries; RECORDNO of the schedule."""
    db = context.db
    schedule = db.insert(
        "REVRECSCHEDULE",
        {
            "REVRECTEMPLATEID": template["TEMPLATEID"],
            "RECMETHOD": template["RECMETHOD"] or "Straight line",
            "SCHEDULEPERIOD": template["SCHEDULEPERIOD"] or "Monthly",
            "POSTINGDAY": template["POSTINGDAY"],
            "STATUS": "Not started",
            "INVOICENO": invoice["RECORDID"],
            "INVOICEDATE": invoice["WHENCREATED"],
            "RECORDKEY": invoice["RECORDNO"],
            "PRENTRYKEY": line["RECORDNO"],
            "DESCRIPTION": line.get("ENTRYDESCRIPTION"),
            "PROJECTID": line.get("PROJECTID"),
            **_owner(invoice),
            **created(context, REVRECSCHEDULE),
        },
    )
    first = date.fromisoformat(line["REVRECSTARTDATE"])
    last = date.fromisoformat(line["REVRECENDDATE"])
    shared = _entry_fields(context, schedule, invoice, line, rate)
    months = spread(line["TRX_AMOUNT"], first, last)
    base_left = line["AMOUNT"]
    for position, (day, amount) in enumerate(months):
        base = base_left if position == len(months) - 1 else convert(amount, rate.rate)
        base_left -= base
        entry = {
            **shared,
            "POSITION": position,
            "POSTINGDATE": _posting_day(template, day, last).isoformat(),
            "AMOUNT": base,
            "TRX_AMOUNT": amount,
        }
        db.insert("REVRECSCHEDULEENTRY", entry)
    return schedule


def _entry_fields(context: Context, schedule: int, invoice: Row, line: Row, rate: Rate) -> dict[str, Native]:
    """What all entries of a line's schedule have in common."""
    dims = ("CUSTOMERID", "ITEMID", "CLASSID", "PROJECTID", "LOCATIONID", "DEPARTMENTID")
    return {
        "REVRECSCHEDULEKEY": schedule,
        "POSTED": "false",
        "ACCOUNTNO": line["ACCOUNTNO"],
        "GLJOURNAL": "RRJ",
        "TR_TYPE": -1,
        "UNSCHEDULED": "false",
        "_DEFERREDACCTNO": line["DEFERREDREVACCTNO"],
        "_ENTITY": line.get("_ENTITY"),
        "_MEGAENTITYID": invoice.get("MEGAENTITYID"),
        **rate.fields(),
        **{name: line[name] for name in dims if line.get(name)},
        **created(context, REVRECSCHEDULEENTRY),
    }


def _posting_day(template: Row, day: date, last: date) -> date:
    """POSTINGDAY 1 posts on the first of the month (within the term), anything else on its last day."""
    if str(template["POSTINGDAY"] or "") == "1":
        return day
    return min(last, day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def _owner(invoice: Row) -> dict[str, Native]:
    return {name: invoice.get(name) for name in ("MEGAENTITYKEY", "MEGAENTITYID")}


def terminate_schedules(context: Context, invoice: int) -> None:
    """Nothing more is recognised for this invoice; what was posted stays."""
    for row in context.db.matching("REVRECSCHEDULE", "RECORDKEY", invoice):
        end_schedule(context, row)


def end_schedule(context: Context, schedule: Row) -> None:
    """The schedule is terminated and loses the entries that were not posted."""
    key = schedule["RECORDNO"]
    context.db.update("REVRECSCHEDULE", key, {"STATUS": "Terminated", "WHENMODIFIED": context.stamp})
    open_entries = context.db.rows(
        "SELECT RECORDNO FROM REVRECSCHEDULEENTRY WHERE REVRECSCHEDULEKEY = ? AND POSTED = 'false'", (key,)
    )
    context.db.remove_where("REVRECSCHEDULEENTRY", "RECORDNO", [one["RECORDNO"] for one in open_entries])
