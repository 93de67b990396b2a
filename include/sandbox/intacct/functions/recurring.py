"""create_recurringinvoice, and recurring invoices from seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from include.sandbox.intacct.catalogue.receivables import ARRECURINVOICE, ARRECURINVOICEENTRY
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import invalid, missing, no_permission
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.ledger.dimensions import account, check_dimensions, check_required, usable
from include.sandbox.intacct.ledger.drafts import DraftLine
from include.sandbox.intacct.ledger.recurring import DAYS, MONTHS, next_date
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.audit import created, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.store.documents import line_from_fields
from include.sandbox.intacct.values import Native

_UNITS = {**dict.fromkeys(DAYS), **dict.fromkeys(MONTHS)}


def create_recurringinvoice(context: Context, element: Element) -> Result:
    """The first invoice is made on the start date, the next ones by ``modenew`` and ``interval``."""
    if not context.may_make("ARRECURINVOICE"):
        raise no_permission("create", "ARRECURINVOICE")
    customer = usable(context, "CUSTOMER", "CUSTOMERID", child_text(element, "customerid"), "Customer")
    usable(context, "ARTERM", "NAME", child_text(element, "termname"), "Term")
    start = typed.date_in(element, "startdate") or typed.required_date(element, "datecreated")
    unit = child_text(element, "modenew") or "Months"
    interval = child_text(element, "interval") or "1"
    if unit not in _UNITS or not interval.isdecimal() or not 1 <= int(interval[:6]) <= 1000:
        raise missing(f"Repetition '{interval} {unit}' is not valid.")
    lines = typed.lines_in(context, element.find("recurinvoiceitems"), "ARRECURINVOICEENTRY")
    ending = element.find("ending")
    end = typed.date_in(ending, "enddate") if ending is not None else None
    occurrences = text_of(element.find("ending/occurrences"))
    if occurrences and (not occurrences.isdecimal() or len(occurrences) > 6):
        raise invalid("Number of occurrences", occurrences)
    values: dict[str, Native] = {
        "RECORDID": child_text(element, "recordid") or None,
        "DOCNUMBER": child_text(element, "docnumber") or None,
        "DESCRIPTION": child_text(element, "description") or None,
        "CONTRACTID": child_text(element, "contractid") or None,
        "CONTRACTDESC": child_text(element, "contractdesc") or None,
        "TERMNAME": child_text(element, "termname"),
        "CUSTOMERID": customer["CUSTOMERID"],
        "CURRENCY": child_text(element, "currency") or None,
        "WHENCREATED": typed.required_date(element, "datecreated").isoformat(),
        "STATUS": "inactive" if child_text(element, "status") == "inactive" else "active",
        "STARTDATE": start.isoformat(),
        "ENDDATE": end.isoformat() if end else None,
        "NEXTEXECDATE": start.isoformat(),
        "EXECCOUNT": 0,
        "REPEATBY": unit,
        "FREQUENCY": unit,
        "REPEATINTERVAL": int(interval),
        "REPEATCOUNT": int(occurrences) if occurrences else None,
        "PAYMETHOD": child_text(element, "paymethod") or None,
        "_EOM": 1 if typed.flag_in(element, "eom") else 0,
    }
    return Result(leaf("key", str(_store(context, values, lines))))


def load_recurring(context: Context, texts: Mapping[str, str], items: Sequence[Mapping[str, str]]) -> None:
    """A seed record in read field names: STARTDATE, REPEATBY and REPEATINTERVAL say when it runs, EXECCOUNT how often
    it did already; EOM is true where it runs on the last day of the month."""
    customer = usable(context, "CUSTOMER", "CUSTOMERID", texts.get("CUSTOMERID", ""), "Customer")
    usable(context, "ARTERM", "NAME", texts.get("TERMNAME", ""), "Term")
    start = date.fromisoformat(texts["STARTDATE"])
    unit, interval = texts.get("REPEATBY") or "Months", int(texts.get("REPEATINTERVAL") or 1)
    count, month_end = int(texts.get("EXECCOUNT") or 0), texts.get("EOM") == "true"
    if unit not in _UNITS or interval < 1:
        raise missing(f"Repetition '{interval} {unit}' is not valid.")
    entry = context.db.catalogue.objects["ARRECURINVOICEENTRY"]
    lines = [line_from_fields(context, entry, item) for item in items]
    last = next_date(start, unit, interval, count - 1, month_end=month_end) if count else None
    names = ("RECORDID", "DOCNUMBER", "DESCRIPTION", "CONTRACTID", "CONTRACTDESC", "TERMNAME", "CURRENCY", "ENDDATE")
    values: dict[str, Native] = {
        **{name: texts.get(name) or None for name in names},
        "CUSTOMERID": customer["CUSTOMERID"],
        "WHENCREATED": texts.get("WHENCREATED") or start.isoformat(),
        "STATUS": texts.get("STATUS") or "active",
        "STARTDATE": start.isoformat(),
        "NEXTEXECDATE": next_date(start, unit, interval, count, month_end=month_end).isoformat(),
        "LASTEXECDATE": last.isoformat() if last else None,
        "EXECCOUNT": count,
        "REPEATBY": unit,
        "FREQUENCY": unit,
        "REPEATINTERVAL": interval,
        "REPEATCOUNT": int(texts["REPEATCOUNT"]) if texts.get("REPEATCOUNT") else None,
        "_EOM": 1 if month_end else 0,
    }
    _store(context, values, lines)


def _store(context: Context, values: dict[str, Native], lines: list[DraftLine]) -> int:
    accounts = [_account(context, line, number) for number, line in enumerate(lines, 1)]
    total = sum(line.amount for line in lines)
    head = {
        **values,
        "TOTALENTERED": total,
        "TRX_TOTALENTERED": total,
        **created(context, ARRECURINVOICE),
        **context.entity_fields(),
    }
    recordno = context.db.insert("ARRECURINVOICE", head)
    for position, (line, gl) in enumerate(zip(lines, accounts, strict=True)):
        _store_line(context, recordno, position, line, gl)
    trail(context, "ARRECURINVOICE", recordno, "C")
    return recordno


def _account(context: Context, line: DraftLine, number: int) -> Row:
    if line.label:
        label = usable(context, "ARACCOUNTLABEL", "ACCOUNTLABEL", line.label, "Account label")
        line.account = str(label["GLACCOUNTNO"])
    gl = account(context, line.account)
    check_dimensions(context, number, line.location, line.department, line.dimensions)
    check_required(number, gl, line.location, line.department, line.dimensions)
    return gl


def _store_line(context: Context, recordno: int, position: int, line: DraftLine, gl: Row) -> None:
    context.db.insert(
        "ARRECURINVOICEENTRY",
        {
            "RECORDKEY": recordno,
            "LINE_NO": position,
            "ACCOUNTNO": gl["ACCOUNTNO"],
            "ACCOUNTLABEL": line.label or None,
            "OFFSETGLACCOUNTNO": line.offset or None,
            "AMOUNT": line.amount,
            "TRX_AMOUNT": line.amount,
            "ENTRYDESCRIPTION": line.memo or None,
            "LOCATIONID": line.location or None,
            "DEPARTMENTID": line.department or None,
            "REVRECTEMPLATE": line.template or None,
            "DEFERREDREVACCTNO": line.deferred or None,
            **{name: value for name, value in line.dimensions.items() if value},
            **created(context, ARRECURINVOICEENTRY),
        },
    )


HANDLERS = {"create_recurringinvoice": create_recurringinvoice}
