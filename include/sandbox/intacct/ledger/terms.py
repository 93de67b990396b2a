"""Due dates from terms: days counted from what DUEFROM says."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from include.sandbox.intacct.store.database import Row


def due_date(term: Row, invoice_date: date) -> date:
    """DUEFROM as the service names it: from invoice date; from the end of its month; or a day of the same, next or
    a later month, where a day beyond the month's end is its last day."""
    days = int(term["DUEDATE"] or 0)
    source = str(term["DUEFROM"] or "").lower()
    if "end of" in source:
        return _last_day(invoice_date) + timedelta(days=days)
    if "day of" in source or "of the month" in source or "of next month" in source:
        return _day_of_month(invoice_date, days, _months_ahead(source))
    return invoice_date + timedelta(days=days)


def discount_date(term: Row, invoice_date: date) -> date | None:
    """The last day of the term's discount; ``None`` where the term grants none."""
    if term["DISCDATE"] is None or not term["DISCAMOUNT"]:
        return None
    return due_date({"DUEDATE": term["DISCDATE"], "DUEFROM": term["DISCFROM"]}, invoice_date)


def _months_ahead(source: str) -> int:
    for words, months in (("next", 1), ("2nd", 2), ("second", 2), ("3rd", 3), ("third", 3)):
        if words in source:
            return months
    return 0


def _day_of_month(start: date, day: int, months: int) -> date:
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(max(day, 1), last))


def _last_day(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
