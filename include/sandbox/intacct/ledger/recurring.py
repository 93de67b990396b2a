"""Recurring invoices: what is due on a day becomes an invoice when the twin is next asked anything."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, timedelta

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import Refused
from include.sandbox.intacct.ledger.changes import draft_line_of
from include.sandbox.intacct.ledger.documents import store_document
from include.sandbox.intacct.ledger.drafts import Draft
from include.sandbox.intacct.ledger.kinds import INVOICE
from include.sandbox.intacct.ledger.schedules import add_months
from include.sandbox.intacct.store.database import Row

_MOST_AT_ONCE = 500
MONTHS = {"Months": 1, "Quarters": 3, "Years": 12}
DAYS = {"Days": 1, "Weeks": 7}


def next_date(start: date, unit: str, interval: int, times: int, *, month_end: bool) -> date:
    """The ``times``-th repetition, counted from the start so that month ends do not drift."""
    if unit in DAYS:
        return start + timedelta(days=DAYS[unit] * interval * times)
    day = add_months(start, MONTHS[unit] * interval * times)
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]) if month_end else day


def run_due(context: Context) -> int:
    """Create the invoices that are due by today; how many. One that the books refuse is tried again later."""
    made = 0
    due = context.db.rows(
        "SELECT * FROM ARRECURINVOICE WHERE STATUS = 'active' AND NEXTEXECDATE <= ? ORDER BY NEXTEXECDATE, RECORDNO",
        (context.today.isoformat(),),
    )
    for row in due:
        while row is not None and row["NEXTEXECDATE"] <= context.today.isoformat() and made < _MOST_AT_ONCE:
            try:
                with context.db.transaction():
                    row = _execute(replace(context, entity=row["MEGAENTITYID"] or ""), row)
            except Refused:
                break
            made += 1
            if row["STATUS"] != "active":
                break
    return made


def _execute(context: Context, row: Row) -> Row:
    day = date.fromisoformat(row["NEXTEXECDATE"])
    lines = context.db.matching("ARRECURINVOICEENTRY", "RECORDKEY", row["RECORDNO"])
    draft = Draft(
        party=row["CUSTOMERID"],
        created=day,
        term=row["TERMNAME"] or "",
        reference=row["DOCNUMBER"] or "",
        description=row["DESCRIPTION"] or "",
        currency=row["CURRENCY"] or "",
        system_generated=True,
        lines=[draft_line_of(line, []) for line in lines],
    )
    store_document(context, INVOICE, draft)
    return _advance(context, row, day)


def _advance(context: Context, row: Row, day: date) -> Row:
    count = (row["EXECCOUNT"] or 0) + 1
    interval = row["REPEATINTERVAL"] or 1
    start = date.fromisoformat(row["STARTDATE"])
    following = next_date(start, row["REPEATBY"] or "Months", interval, count, month_end=bool(row["_EOM"]))
    ended = row["REPEATCOUNT"] is not None and count >= row["REPEATCOUNT"]
    ended = ended or (row["ENDDATE"] is not None and following.isoformat() > row["ENDDATE"])
    changes = {
        "EXECCOUNT": count,
        "LASTEXECDATE": day.isoformat(),
        "NEXTEXECDATE": following.isoformat(),
        "STATUS": "inactive" if ended else "active",
        "WHENMODIFIED": context.stamp,
    }
    context.db.update("ARRECURINVOICE", row["RECORDNO"], changes)
    return {**row, **changes}
