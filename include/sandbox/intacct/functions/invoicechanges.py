"""update_invoice, reverse_invoice, delete_invoice and the generic update and delete of ARINVOICE."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.receivables import ARINVOICE
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import Refused, invalid, missing, no_permission, refused
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.functions.documentkeys import document_key
from include.sandbox.intacct.ledger.changes import (
    changeable,
    delete_document,
    draft_of,
    is_pending,
    replace_document,
)
from include.sandbox.intacct.ledger.dimensions import usable
from include.sandbox.intacct.ledger.drafts import Draft
from include.sandbox.intacct.ledger.kinds import INVOICE
from include.sandbox.intacct.ledger.reversals import reverse_document
from include.sandbox.intacct.masters.flatten import flatten
from include.sandbox.intacct.masters.reading import read_value
from include.sandbox.intacct.masters.records import find_record
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.audit import modified, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native

_TEXTS = {"description": "DESCRIPTION", "ponumber": "DOCNUMBER", "supdocid": "SUPDOCID", "externalid": "_EXTERNALID"}
_AFTER_POSTING = {*_TEXTS, "datedue", "termname", "customfields", "action", "updateinvoiceitems"}
_CONTACTS = {"billto": "billto", "payto": "billto", "shipto": "shipto", "returnto": "shipto"}
_GENERIC = ("DESCRIPTION", "DOCNUMBER", "WHENDUE", "SUPDOCID")


def update_invoice(context: Context, element: Element) -> Result:
    """Drafts change freely and post with action Submit; posted invoices take a few header fields and memos."""
    recordno = document_key(context, INVOICE, element)
    head = changeable(context, INVOICE, recordno)
    try:
        if is_pending(head):
            _change_draft(context, element, head)
        else:
            _change_posted(context, element, head)
    except Refused as error:
        raise error.and_then("BL01001973", "Could not update invoice record!") from None
    return Result(leaf("key", str(recordno)))


def _change_draft(context: Context, element: Element, head: Row) -> None:
    draft = draft_of(context, INVOICE, head)
    present = {str(child.tag) for child in element}
    for name, field in (
        ("customerid", "party"),
        ("termname", "term"),
        ("invoiceno", "number"),
        ("ponumber", "reference"),
        ("description", "description"),
        ("externalid", "external"),
    ):
        if name in present:
            setattr(draft, field, child_text(element, name))
    for name, field in (("datecreated", "created"), ("dateposted", "posted"), ("datedue", "due")):
        day = typed.date_in(element, name)
        if day is not None:
            setattr(draft, field, day)
    if "termname" in present and "datedue" not in present:
        draft.due = None
    for name, field in _CONTACTS.items():
        if name in present:
            setattr(draft, field, typed.contact_in(element, name))
    if "currency" in present:
        group = typed.currency_in(element)
        draft.currency, draft.base = group.currency, group.base
        draft.rate, draft.rate_type, draft.rate_date = group.rate, group.rate_type, group.rate_date
    draft.custom.update(typed.custom_fields_in(context, element, "ARINVOICE"))
    _change_lines(context, element, draft)
    draft.is_draft = "action" not in present or typed.is_draft(element)
    replace_document(context, INVOICE, draft)


def _change_lines(context: Context, element: Element, draft: Draft) -> None:
    wrapper = element.find("updateinvoiceitems")
    for item in () if wrapper is None else wrapper:
        if item.tag == "lineitem":
            draft.lines.append(typed.line_in(context, item, "ARINVOICEITEM"))
            continue
        position = _line_number(item, len(draft.lines))
        old = draft.lines[position]
        if item.find("amount") is not None:
            draft.lines[position] = typed.line_in(context, item, "ARINVOICEITEM")
            if not (draft.lines[position].account or draft.lines[position].label):
                draft.lines[position].account, draft.lines[position].label = old.account, old.label
        else:
            old.memo = child_text(item, "memo") or old.memo


def _line_number(item: Element, count: int) -> int:
    """Lines are counted from 1 in updates."""
    text = str(item.get("line_num") or "")
    if not text.isdecimal() or not 1 <= int(text[:9]) <= count:
        raise invalid("Line", text)
    return int(text) - 1


def _change_posted(context: Context, element: Element, head: Row) -> None:
    present = {str(child.tag) for child in element}
    refused_names = sorted(present - _AFTER_POSTING - set(_CONTACTS))
    if refused_names:
        raise refused("BL01001973", f"{', '.join(refused_names)} cannot be changed after the invoice is posted.")
    changes: dict[str, Native] = {
        field: child_text(element, name) or None for name, field in _TEXTS.items() if name in present
    }
    due = typed.date_in(element, "datedue")
    if due is not None:
        changes["WHENDUE"] = due.isoformat()
    if "termname" in present:
        term = child_text(element, "termname")
        usable(context, "ARTERM", "NAME", term, "Term")
        changes["TERMNAME"] = term
    for name, field in _CONTACTS.items():
        key = "BILLTOPAYTOKEY" if field == "billto" else "SHIPTORETURNTOKEY"
        contact = typed.contact_in(element, name)
        if contact:
            changes[key] = usable(context, "CONTACT", "CONTACTNAME", contact, "Contact")["RECORDNO"]
    changes.update(typed.custom_fields_in(context, element, "ARINVOICE"))
    _change_memos(context, element, head)
    context.db.update("ARINVOICE", head["RECORDNO"], {**changes, **modified(context)})
    trail(context, "ARINVOICE", head["RECORDNO"], "M")


def _change_memos(context: Context, element: Element, head: Row) -> None:
    wrapper = element.find("updateinvoiceitems")
    lines = context.db.matching("ARINVOICEITEM", "RECORDKEY", head["RECORDNO"])
    for item in () if wrapper is None else wrapper:
        if item.tag != "updatelineitem" or {str(child.tag) for child in item} - {"memo"}:
            raise refused("BL01001973", "Lines cannot be changed after the invoice is posted, except their memo.")
        line = lines[_line_number(item, len(lines))]
        context.db.update(
            "ARINVOICEITEM",
            line["RECORDNO"],
            {"ENTRYDESCRIPTION": child_text(item, "memo") or None, **modified(context)},
        )


def reverse_invoice(context: Context, element: Element) -> Result:
    if not context.may_make("ARINVOICE"):
        raise no_permission("reverse", "ARINVOICE")
    recordno = document_key(context, INVOICE, element)
    day = typed.required_date(element, "datereversed")
    try:
        reversal = reverse_document(context, INVOICE, recordno, day, child_text(element, "description"))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not reverse invoice!") from None
    return Result(leaf("key", str(reversal)))


def delete_invoice(context: Context, element: Element) -> Result:
    delete_document(context, INVOICE, document_key(context, INVOICE, element))
    return Result()


def remove_invoice(context: Context, recordno: int) -> None:
    delete_document(context, INVOICE, recordno)


def update_generic(context: Context, element: Element) -> Row:
    """``update ARINVOICE``: custom fields and a few header fields; anything else is refused."""
    texts = flatten(element)
    found = find_record(context, ARINVOICE, texts)
    changeable(context, INVOICE, found["RECORDNO"])
    item = context.db.catalogue.objects["ARINVOICE"]
    changes: dict[str, Native] = {}
    for name, text in texts.items():
        field = item.fields.get(name)
        if name in {"RECORDNO", "RECORDID"} or field is None:
            continue
        if not (field.custom or name in _GENERIC):
            raise refused("BL01001973", f"{name} cannot be changed by update; use update_invoice.")
        changes[name] = read_value(context, field, text)
    if "WHENDUE" in changes and changes["WHENDUE"] is None:
        raise missing("The required field WHENDUE is missing.")
    context.db.update("ARINVOICE", found["RECORDNO"], {**changes, **modified(context)})
    trail(context, "ARINVOICE", found["RECORDNO"], "M")
    return found


HANDLERS = {
    "update_invoice": update_invoice,
    "reverse_invoice": reverse_invoice,
    "delete_invoice": delete_invoice,
}
