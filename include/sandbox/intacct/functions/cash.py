"""record_otherreceipt and record_deposit."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import Refused, invalid, no_permission
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.ledger.cash import OtherReceipt, deposit, store_receipt
from include.sandbox.intacct.results import Result


def record_otherreceipt(context: Context, element: Element) -> Result:
    if not context.may_make("OTHERRECEIPTS"):
        raise no_permission("create", "OTHERRECEIPTS")
    group = typed.currency_in(element)
    receipt = OtherReceipt(
        day=typed.required_date(element, "paymentdate"),
        received=typed.required_date(element, "receiveddate"),
        payer=child_text(element, "payee"),
        method=child_text(element, "paymentmethod"),
        lines=typed.lines_in(context, element.find("receiptitems"), "OTHERRECEIPTSENTRY"),
        bank=child_text(element, "bankaccountid"),
        undeposited=child_text(element, "undepglaccountno"),
        deposited=typed.date_in(element, "depositdate"),
        reference=child_text(element, "refid"),
        description=child_text(element, "description"),
        attachment=child_text(element, "supdocid"),
        currency=group.currency,
        rate=group.rate,
        rate_type=group.rate_type,
        rate_date=group.rate_date,
    )
    try:
        recordno = store_receipt(context, receipt)
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create other receipt record!") from None
    return Result(leaf("key", str(recordno)))


def record_deposit(context: Context, element: Element) -> Result:
    if not context.may_make("DEPOSIT"):
        raise no_permission("create", "DEPOSIT")
    keys = [text_of(key) for key in element.iterfind("receiptkeys/receiptkey")]
    try:
        recordno = deposit(
            context,
            child_text(element, "bankaccountid"),
            typed.required_date(element, "depositdate"),
            child_text(element, "depositid"),
            [_key(key) for key in keys],
            child_text(element, "description"),
        )
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create deposit record!") from None
    return Result(leaf("key", str(recordno)))


def _key(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise invalid("Receipt", text)
    return int(text)


HANDLERS = {"record_otherreceipt": record_otherreceipt, "record_deposit": record_deposit}
