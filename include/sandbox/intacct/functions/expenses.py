"""Expense reports, charge card transactions and reimbursements: recorded without postings."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import invalid, missing
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.ledger.dimensions import usable
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.audit import created, modified, trail
from include.sandbox.intacct.values import Native, cents


def _total(element: Element, path: str, name: str) -> int:
    total = 0
    for item in element.iterfind(path):
        try:
            total += cents(child_text(item, name) or child_text(item, "amount") or "0")
        except ValueError:
            raise missing(f"The amount '{child_text(item, name)}' is not valid.") from None
    return total


def _totals(amount: int) -> dict[str, Native]:
    names = ("TOTALENTERED", "TRX_TOTALENTERED", "TOTALDUE", "TRX_TOTALDUE")
    return dict.fromkeys(names, amount)


def _insert(context: Context, object_name: str, values: dict[str, Native]) -> Result:
    item = context.db.catalogue.objects[object_name]
    recordno = context.db.insert(object_name, {**values, **created(context, item), **context.entity_fields()})
    trail(context, object_name, recordno, "C")
    return Result(leaf("key", str(recordno)))


def create_expensereport(context: Context, element: Element) -> Result:
    employee = usable(context, "EMPLOYEE", "EMPLOYEEID", child_text(element, "employeeid"), "Employee")
    number = child_text(element, "expensereportno") or f"EXP-{context.db.next_number('number:EEXPENSES'):06d}"
    values: dict[str, Native] = {
        "RECORDID": number,
        "EMPLOYEEID": employee["EMPLOYEEID"],
        "WHENCREATED": typed.required_date(element, "datecreated").isoformat(),
        "STATE": child_text(element, "state") or "Submitted",
        "DESCRIPTION": child_text(element, "description") or None,
        "MEMO": child_text(element, "memo") or None,
        "SUPDOCID": child_text(element, "supdocid") or None,
        "CURRENCY": child_text(element, "currency") or context.tenant["base_currency"],
        **_totals(_total(element, "expenses/expense", "amount")),
    }
    return _insert(context, "EEXPENSES", values)


def record_cctransaction(context: Context, element: Element) -> Result:
    card = usable(context, "CREDITCARD", "CARDID", child_text(element, "chargecardid"), "Charge card")
    values: dict[str, Native] = {
        "RECORDID": child_text(element, "referenceno") or None,
        "FINANCIALENTITY": card["CARDID"],
        "WHENCREATED": typed.required_date(element, "paymentdate").isoformat(),
        "DESCRIPTION": child_text(element, "description") or None,
        "SUPDOCID": child_text(element, "supdocid") or None,
        "STATE": "Posted",
        "CURRENCY": child_text(element, "currency") or context.tenant["base_currency"],
        **_totals(_total(element, "ccpayitems/ccpayitem", "paymentamount")),
    }
    return _insert(context, "CCTRANSACTION", values)


def create_reimbursementrequest(context: Context, element: Element) -> Result:
    employee = usable(context, "EMPLOYEE", "EMPLOYEEID", child_text(element, "employeeid"), "Employee")
    values: dict[str, Native] = {
        "EMPLOYEEID": employee["EMPLOYEEID"],
        "FINANCIALENTITY": child_text(element, "bankaccountid"),
        "PAYMENTMETHOD": child_text(element, "paymentmethod"),
        "WHENCREATED": typed.required_date(element, "paymentdate").isoformat(),
        "STATE": "Submitted",
        "DESCRIPTION": child_text(element, "memo") or None,
        "DOCNUMBER": child_text(element, "documentnumber") or None,
        **_totals(_total(element, "eppaymentrequestitems/eppaymentrequestitem", "paymentamount")),
    }
    return _insert(context, "EPPAYMENT", values)


def _update(context: Context, element: Element, object_name: str) -> Result:
    key = str(element.get("key") or "")
    found = context.db.get(object_name, int(key)) if key.isdecimal() and len(key) < 19 else None
    if found is None:
        raise invalid(context.db.catalogue.objects[object_name].title, key)
    names = {"description": "DESCRIPTION", "supdocid": "SUPDOCID"}
    changes: dict[str, Native] = {
        field: child_text(element, name) or None for name, field in names.items() if element.find(name) is not None
    }
    context.db.update(object_name, found["RECORDNO"], {**changes, **modified(context)})
    trail(context, object_name, found["RECORDNO"], "M")
    return Result(leaf("key", key))


def update_expensereport(context: Context, element: Element) -> Result:
    return _update(context, element, "EEXPENSES")


def update_cctransaction(context: Context, element: Element) -> Result:
    return _update(context, element, "CCTRANSACTION")


HANDLERS = {
    "create_expensereport": create_expensereport,
    "update_expensereport": update_expensereport,
    "record_cctransaction": record_cctransaction,
    "update_cctransaction": update_cctransaction,
    "create_reimbursementrequest": create_reimbursementrequest,
}
