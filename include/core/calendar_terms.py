"""Due dates as Intacct computes them from an AR term (object ARTERM: DUEDATE is a number, DUEFROM says of what).

DUEFROM texts of the API, documented for ``create_arterm``; the first is the default:

- ``from invoice/bill date``: that many days later
- ``of the month of invoice/bill date``: that day of the invoice's month
- ``of next month from invoice/bill date``, ``of 2nd month from ...`` up to ``of 6th month from ...``: that day of the
  month so many months later

Two more choices are described in the help of the Terms page only. Their API text is assumed to be the page's label:

- ``after end of month of invoice/bill date``: that many days after the month's end
- ``from invoice/bill date extending to end of month``: that many days later, then on to the end of that month

The page's own labels ("invoice or bill date", "of the next month"), "invoice date" alone, "this month" and "from end of
month" are read the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from include.core.calendar import add_months, last_day_of_month
from include.core.errors import Unmapped

_INVOICE = r"(?:the )?(?:invoice(?:(?:/| or )bill)?|bill)(?: date)?"
_OF_INVOICE = rf"(?: (?:of|from) {_INVOICE})?"
_MONTHS_ON = {"": 0, "this ": 0, "next ": 1, "2nd ": 2, "3rd ": 3, "4th ": 4, "5th ": 5, "6th ": 6}
_PATTERNS = {
    "extended": re.compile(
        r"from (?:the )?(?:invoice(?:(?:/| or )bill)?|bill)(?: date)? extending to (?:end of month|eom)"
    ),
    "month_end": re.compile(rf"(?:after|from|of) (?:the )?(?:end of (?:the )?month|eom){_OF_INVOICE}"),
    "day_of_month": re.compile(rf"of (?:the )?(this |next |2nd |3rd |4th |5th |6th |)month{_OF_INVOICE}"),
    "days": re.compile(rf"from {_INVOICE}"),
}


class DueFrom(Enum):
    """What the number of a term counts."""

    DAYS = "days"  # days after the invoice date
    DAY_OF_MONTH = "day_of_month"  # the day of a month, or that month's last day if it is shorter
    MONTH_END = "month_end"  # days after the end of the invoice's month
    EXTENDED = "extended"  # days after the invoice date, then to the end of that month


@dataclass(frozen=True, slots=True)
class Term:
    """An AR term: its NAME, DUEDATE as a number and DUEFROM as Intacct writes it (empty: from invoice/bill date)."""

    name: str
    days: int
    due_from: str = ""

    def rule(self) -> tuple[DueFrom, int]:
        """What ``days`` counts, and for ``DAY_OF_MONTH`` how many months after the invoice's. Raises ``Unmapped``."""
        text = " ".join(self.due_from.lower().split()) or "from invoice/bill date"
        for kind, pattern in _PATTERNS.items():
            if match := pattern.fullmatch(text):
                months = _MONTHS_ON[match[1]] if kind == "day_of_month" else 0
                return DueFrom(kind), months
        raise Unmapped(f"term {self.name!r} is due {self.due_from!r}, which Tieout does not know how to count")


def due_date(term: Term, invoice_date: date) -> date:
    """The due date of an invoice dated ``invoice_date``: 31 Jan 2027 net 30 is 2 Mar 2027 (accounting case 51).

    A day of the month is taken as it stands, also where it lies before the invoice date. Raises ``Unmapped`` for a
    DUEFROM that is not known, or a day of the month below 1.
    """
    kind, months = term.rule()
    if kind is DueFrom.DAY_OF_MONTH:
        if term.days < 1:
            raise Unmapped(f"term {term.name!r} names day {term.days} of the month")
        end = last_day_of_month(add_months(invoice_date.replace(day=1), months))
        return end.replace(day=min(term.days, end.day))
    if kind is DueFrom.MONTH_END:
        return last_day_of_month(invoice_date) + timedelta(days=term.days)
    due = invoice_date + timedelta(days=term.days)
    return last_day_of_month(due) if kind is DueFrom.EXTENDED else due
