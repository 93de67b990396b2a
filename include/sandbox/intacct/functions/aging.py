"""get_araging: what customers owed on a day, by age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf, node
from include.sandbox.intacct.errors import missing
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.values import money_text

_LINE_AT = "SELECT 1 FROM ARINVOICEITEM i WHERE i.RECORDKEY = d.RECORDNO AND"
_OPEN_THEN = """
    SELECT d.CUSTOMERID, d.RECORDID, d.WHENCREATED, d.WHENPOSTED, d.WHENDUE, d.TOTALDUE + COALESCE((
        SELECT SUM(COALESCE(p.PAYMENTAMOUNT, 0) + COALESCE(p.POSTEDADVANCEAMOUNT, 0)
            + COALESCE(p.POSTEDOVERPAYMENTAMOUNT, 0) + COALESCE(p.ADJUSTMENTAMOUNT, 0)
            + COALESCE(p.NEGATIVEINVOICEAMOUNT, 0))
        FROM ARPYMTDETAIL p WHERE p.RECORDKEY = d.RECORDNO AND p.PAYMENTDATE > ? AND p.STATE <> 'Draft'), 0) AS OPEN
    FROM ARINVOICE d WHERE d.STATE NOT IN ('Draft', 'Submitted', 'Reversed', 'Reversal')
"""
_DEFAULT = "0-30,31-60,61-90,91-120,121-"


@dataclass(frozen=True, slots=True)
class _Open:
    customer: str
    number: str
    due: int
    day: date
    age: int


def get_araging(context: Context, element: Element) -> Result:
    """Per customer and period the base-currency total still open on ``asofdate`` (default today): what was posted by
    then less what was applied by then. Age counts from the invoice date, or the due date with ``useduedate``; what is
    not due yet is in the period that starts at 0."""
    periods = _periods(child_text(element, "agingperiods") or _DEFAULT)
    asof = typed.date_in(element, "asofdate") or context.today
    detailed = typed.flag_in(element, "showdetails")
    buckets: dict[str, dict[str, list[_Open]]] = defaultdict(lambda: defaultdict(list))
    for one in _open_items(context, element, asof):
        for name, low, high in periods:
            if low <= max(one.age, 0) <= high:
                buckets[one.customer][name].append(one)
                break
    shown = [_customer(customer, periods, found, detailed) for customer, found in sorted(buckets.items())]
    return Result(node("data", *shown))


def _customer(customer: str, periods: list[tuple[str, int, int]], found: dict[str, list[_Open]], detailed: bool) -> str:
    agings = []
    for name, _, _ in periods:
        items = found.get(name, [])
        details = node("agingdetails", *(_detail(one) for one in items)) if detailed and items else ""
        total = money_text(sum(one.due for one in items))
        agings.append(node("aging", leaf("agingperiod", name), leaf("totalamount", total), details))
    return node("araging", leaf("customerid", customer), *agings)


def _detail(one: _Open) -> str:
    return node(
        "agingdetail",
        leaf("invoiceno", one.number),
        leaf("totaldue", money_text(one.due)),
        leaf("agingdate", one.day.strftime("%m/%d/%Y")),
        leaf("age", str(one.age)),
    )


def _periods(text: str) -> list[tuple[str, int, int]]:
    periods = []
    for part in text.split(","):
        low, dash, high = part.strip().partition("-")
        if not dash or not low.isdecimal() or (high and not high.isdecimal()):
            raise missing(f"The aging period '{part.strip()}' is not valid.")
        periods.append((part.strip(), int(low), int(high) if high else 10**9))
    return periods


def _open_items(context: Context, element: Element, asof: date) -> Iterator[_Open]:
    use_due = typed.flag_in(element, "useduedate")
    use_posting = typed.flag_in(element, "useglpostdate")
    wanted = {name: child_text(element, name) for name in ("customerid", "invoiceno", "locationid", "departmentid")}
    conditions, values = ["d.WHENPOSTED <= ?"], [asof.isoformat()]
    for column, name in (("d.CUSTOMERID", "customerid"), ("d.RECORDID", "invoiceno")):
        if wanted[name]:
            conditions.append(f"{column} = ?")
            values.append(wanted[name])
    for column, name in (("LOCATIONID", "locationid"), ("DEPARTMENTID", "departmentid")):
        if wanted[name]:
            inner = " ".join((_LINE_AT, f"i.{column} = ?"))
            conditions.append(f"EXISTS ({inner})")
            values.append(wanted[name])
    sql = " ".join((_OPEN_THEN, "AND", " AND ".join(conditions), "ORDER BY d.CUSTOMERID, d.RECORDNO"))
    for row in context.db.rows(sql, (asof.isoformat(), *values)):
        if row["OPEN"]:
            source = row["WHENDUE"] if use_due else row["WHENPOSTED"] if use_posting else row["WHENCREATED"]
            day = date.fromisoformat(source)
            yield _Open(row["CUSTOMERID"], row["RECORDID"], row["OPEN"], day, (asof - day).days)


HANDLERS = {"get_araging": get_araging}
