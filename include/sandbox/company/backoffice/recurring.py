"""Recurring invoices: some run within sixty days of 16 November 2026, some later, some never again."""

from __future__ import annotations

from include.sandbox.company.backoffice.customers import CUSTOMERS
from include.sandbox.company.backoffice.records import Record, record, sold

_CUSTOMERS = {customer.id: customer for customer in CUSTOMERS}


def _recurring(
    number: str, customer: str, entity: str, start: str, every: tuple[int, str], done: int, *lines: Record, **more: str
) -> Record:
    held = _CUSTOMERS[customer]
    interval, unit = every
    return record(
        "ARRECURINVOICE",
        *lines,
        RECORDID=number,
        CUSTOMERID=customer,
        DESCRIPTION=f"{lines[0]['ENTRYDESCRIPTION']}, entity {entity}",
        TERMNAME=held.term,
        CURRENCY=held.currency,
        WHENCREATED=start,
        STARTDATE=start,
        REPEATBY=unit,
        REPEATINTERVAL=str(interval),
        EXECCOUNT=str(done),
        **more,
    )


RECURRING: tuple[Record, ...] = (
    # Next on 30 November 2026, then 31 December, then 31 January: the 31st, clipped to the month.
    _recurring("RECUR-1001", "C-9001", "100", "2026-08-31", (1, "Months"), 3, sold("PLAN-TEAM", "490.00", "100")),
    # Next on 1 December 2026; the year ends on 30 April 2027.
    _recurring(
        "RECUR-1002",
        "C-9001",
        "100",
        "2026-05-01",
        (1, "Months"),
        7,
        sold("SUPPORT-GOLD", "320.00", "100"),
        ENDDATE="2027-04-30",
    ),
    # A year's plan: next on 10 December 2026.
    _recurring("RECUR-1003", "C-9003", "100", "2024-12-10", (1, "Years"), 2, sold("PLAN-ENT", "9504.00", "100")),
    # A year's plan begun on a leap day: next on 28 February 2027, beyond sixty days.
    _recurring("RECUR-1004", "C-9004", "100", "2024-02-29", (1, "Years"), 3, sold("PLAN-ENT", "3564.00", "100")),
    # Quarters: next on 15 January 2027, the sixtieth day.
    _recurring("RECUR-1005", "C-9005", "200", "2026-01-15", (1, "Quarters"), 4, sold("SUPPORT-GOLD", "960.00", "200")),
    # The customer is on hold: next on 25 November 2026 all the same.
    _recurring("RECUR-1006", "C-9006", "200", "2026-01-25", (1, "Months"), 10, sold("PLAN-TEAM", "245.00", "200")),
    # Next on 5 October 2027.
    _recurring("RECUR-1007", "C-9007", "200", "2026-10-05", (1, "Years"), 1, sold("PLAN-ENT", "4752.00", "200")),
    # Always the last day of the month: next on 30 November 2026.
    _recurring(
        "RECUR-1008",
        "C-9008",
        "300",
        "2026-02-28",
        (1, "Months"),
        9,
        sold("SUPPORT-GOLD", "320.00", "300"),
        EOM="true",
    ),
    # Every six months, two lines: next on 1 January 2027.
    _recurring(
        "RECUR-1009",
        "C-9010",
        "300",
        "2025-07-01",
        (6, "Months"),
        3,
        sold("PLAN-ENT", "2376.00", "300"),
        sold("TRAIN-DAY", "1350.00", "300"),
    ),
    # Ended: it ran twelve times.
    _recurring(
        "RECUR-1010",
        "C-9010",
        "300",
        "2025-09-01",
        (1, "Months"),
        12,
        sold("PLAN-TEAM", "147.00", "300"),
        STATUS="inactive",
        ENDDATE="2026-08-31",
    ),
)
