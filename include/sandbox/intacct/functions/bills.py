"""AP bills, typed and generic."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.payables import APBILL
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import Refused, missing, no_permission, refused
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.functions.documentkeys import document_key
from include.sandbox.intacct.functions.invoices import check_batch
from include.sandbox.intacct.ledger.changes import (
    changeable,
    delete_document,
    draft_of,
    is_pending,
    replace_document,
)
from include.sandbox.intacct.ledger.documents import store_document
from include.sandbox.intacct.ledger.drafts import Draft
from include.sandbox.intacct.ledger.kinds import BILL
from include.sandbox.intacct.ledger.reversals import reverse_document
from include.sandbox.intacct.masters.flatten import flatten
from include.sandbox.intacct.masters.reading import read_value
from include.sandbox.intacct.masters.records import find_record
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.audit import modified, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.store.documents import draft_from_fields
from include.sandbox.intacct.values import Native

_CHANGEABLE = (
    "DESCRIPTION",
    "DOCNUMBER",
    "SUPDOCID",
    "RECPAYMENTDATE",
    "PAYMENTPRIORITY",
    "ONHOLD",
    "WHENDUE",
)


_TYPED = {"description": "DESCRIPTION", "ponumber": "DOCNUMBER", "supdocid": "SUPDOCID", "externalid": "_EXTERNALID"}
"""What update_bill changes as it is given, by the field it goes to."""


def create_bill(context: Context, element: Element) -> Result:
    if not context.may_make("APBILL"):
        raise no_permission("create", "APBILL")
    check_batch(element)
    group = typed.currency_in(element)
    draft = Draft(
        party=child_text(element, "vendorid"),
        created=typed.required_date(element, "datecreated"),
        lines=typed.lines_in(context, element.find("billitems"), "APBILLITEM"),
        posted=typed.date_in(element, "dateposted"),
        due=typed.date_in(element, "datedue"),
        term=child_text(element, "termname"),
        number=child_text(element, "billno"),
        reference=child_text(element, "ponumber"),
        description=child_text(element, "description"),
        external=child_text(element, "externalid"),
        billto=typed.contact_in(element, "payto"),
        shipto=typed.contact_in(element, "returnto"),
        currency=group.currency,
        base=group.base,
        rate=group.rate,
        rate_type=group.rate_type,
        rate_date=group.rate_date,
        is_draft=typed.is_draft(element),
        no_gl=typed.flag_in(element, "nogl"),
        custom=typed.custom_fields_in(context, element, "APBILL"),
        extra={
            "SUPDOCID": child_text(element, "supdocid") or None,
            "ONHOLD": "true" if typed.flag_in(element, "onhold") else "false",
        },
    )
    return Result(leaf("key", str(_store(context, draft))))


def _store(context: Context, draft: Draft) -> int:
    try:
        return store_document(context, BILL, draft, pending=context.switches.bill_approval)
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create bill record!") from None


def create_generic(context: Context, element: Element) -> Row:
    texts = flatten(element, without=("APBILLITEMS",))
    items = [flatten(item) for item in element.iterfind("APBILLITEMS/APBILLITEM")]
    for name in ("VENDORID", "WHENCREATED"):
        if not texts.get(name):
            raise missing(f"bill: the required field {name} is missing.")
    if not items:
        raise missing("bill: at least one line is required.")
    recordno = _store(context, draft_from_fields(context, BILL, texts, items))
    return {"RECORDNO": recordno, "RECORDID": context.db.scalar(_NUMBER, (recordno,))}


_NUMBER = "SELECT RECORDID FROM APBILL WHERE RECORDNO = ?"


def update_generic(context: Context, element: Element) -> Row:
    """Header fields; lines, where given, replace all lines of a bill that is not posted."""
    texts = flatten(element, without=("APBILLITEMS",))
    found = find_record(context, APBILL, texts)
    changeable(context, BILL, found["RECORDNO"])
    items = [flatten(item) for item in element.iterfind("APBILLITEMS/APBILLITEM")]
    submit = texts.get("ACTION", "").lower() == "submit"
    if items or submit:
        _replace(context, found, items, submit)
    changes: dict[str, Native] = {}
    item = context.db.catalogue.objects["APBILL"]
    for name, text in texts.items():
        field = item.fields.get(name)
        if field is None or name in {"RECORDNO", "RECORDID", "ACTION"}:
            continue
        if not (field.custom or name in _CHANGEABLE):
            raise refused("BL01001973", f"{name} of a bill cannot be changed.")
        changes[name] = read_value(context, field, text)
    context.db.update("APBILL", found["RECORDNO"], {**changes, **modified(context)})
    trail(context, "APBILL", found["RECORDNO"], "M")
    return found


def update_bill(context: Context, element: Element) -> Result:
    """Header texts, due date, hold and custom fields; action Submit posts a draft. Raises Refused for anything else."""
    recordno = document_key(context, BILL, element)
    head = changeable(context, BILL, recordno)
    changes: dict[str, Native] = {
        field: child_text(element, name) or None for name, field in _TYPED.items() if element.find(name) is not None
    }
    due = typed.date_in(element, "datedue")
    if due is not None:
        changes["WHENDUE"] = due.isoformat()
    if element.find("onhold") is not None:
        changes["ONHOLD"] = "true" if typed.flag_in(element, "onhold") else "false"
    changes.update(typed.custom_fields_in(context, element, "APBILL"))
    try:
        _refuse_others(element)
        if child_text(element, "action") and not typed.is_draft(element):
            _replace(context, head, [], submit=True)
    except Refused as error:
        raise error.and_then("BL01001973", "Could not update bill record!") from None
    context.db.update("APBILL", recordno, {**changes, **modified(context)})
    trail(context, "APBILL", recordno, "M")
    return Result(leaf("key", str(recordno)))


def _refuse_others(element: Element) -> None:
    known = {*_TYPED, "datedue", "onhold", "customfields", "action"}
    others = sorted({str(child.tag) for child in element} - known)
    if others:
        raise refused("BL01001973", f"{', '.join(others)} of a bill cannot be changed; update APBILL instead.")


def _replace(context: Context, found: Row, items: list[dict[str, str]], submit: bool) -> None:
    if not is_pending(found):
        raise refused("BL01001973", f"The lines of bill {found['RECORDID']} cannot be changed after it is posted.")
    draft = draft_of(context, BILL, found)
    if items:
        stated = {"WHENCREATED": f"{draft.created:%m/%d/%Y}", "VENDORID": draft.party}
        draft.lines = draft_from_fields(context, BILL, stated, items).lines
    draft.is_draft = found["STATE"] == "Draft" and not submit
    replace_document(context, BILL, draft, pending=context.switches.bill_approval)


def reverse_bill(context: Context, element: Element) -> Result:
    recordno = document_key(context, BILL, element)
    day = typed.required_date(element, "datereversed")
    reversal = reverse_document(context, BILL, recordno, day, child_text(element, "description"))
    return Result(leaf("key", str(reversal)))


def delete_bill(context: Context, element: Element) -> Result:
    delete_document(context, BILL, document_key(context, BILL, element))
    return Result()


def remove_bill(context: Context, recordno: int) -> None:
    delete_document(context, BILL, recordno)


HANDLERS = {
    "create_bill": create_bill,
    "update_bill": update_bill,
    "reverse_bill": reverse_bill,
    "delete_bill": delete_bill,
}
