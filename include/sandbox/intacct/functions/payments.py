"""AR payments of the legacy kind: create_arpayment, apply_arpayment, reverse_arpayment, delete_arpayment."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import ErrorEntry, Refused, invalid, missing, no_permission, refused
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.ledger.applications import Apply
from include.sandbox.intacct.ledger.receipts import ADVANCE, PAYMENT, Receipt, apply_unapplied, receive
from include.sandbox.intacct.ledger.reversals import reverse_payment
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.audit import trail


def create_arpayment(context: Context, element: Element) -> Result:
    """Without items: an advance (open-item customers) or applied to the oldest invoices first (balance forward)."""
    _permitted(context)
    if child_text(element, "batchkey"):
        raise Refused([ErrorEntry("", "Please provide a payment batch key.")])
    try:
        recordno = receive(context, _read(context, element))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create payment record!") from None
    return Result(leaf("key", str(recordno)))


def _read(context: Context, element: Element) -> Receipt:
    group = typed.currency_in(element)
    customer = child_text(element, "customerid")
    amount = typed.money_in(element, "paymentamount")
    if not customer:
        raise invalid("Customer", customer)
    if amount <= 0:
        raise missing("The payment amount must be greater than zero.")
    items = _items(element)
    kind = PAYMENT
    if not items:
        if context.switches.customer_kind == "balance_forward":
            items = _oldest_first(context, customer, group.currency, amount)
        kind = PAYMENT if items else ADVANCE
    return Receipt(
        customer=customer,
        amount=amount,
        day=typed.date_in(element, "datereceived") or context.today,
        applications=items,
        method=child_text(element, "paymentmethod"),
        bank=child_text(element, "bankaccountid"),
        undeposited=child_text(element, "undepfundsacct"),
        reference=child_text(element, "refid"),
        currency=group.currency,
        base=group.base,
        rate=group.rate,
        rate_type=group.rate_type,
        rate_date=group.rate_date,
        location=child_text(element, "overpaylocid"),
        credit=context.tenant["advance_account"] if kind == ADVANCE else "",
        record_type=kind,
    )


def _items(element: Element) -> list[Apply]:
    items: list[Apply] = []
    for item in element.findall("arpaymentitem"):
        key = child_text(item, "invoicekey")
        items.append(Apply("ARINVOICE", _recordno("Invoice", key), typed.money_in(item, "amount")))
    return items


def _recordno(what: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise invalid(what, text)
    return int(text)


def _oldest_first(context: Context, customer: str, currency: str, amount: int) -> list[Apply]:
    items: list[Apply] = []
    for row in context.db.rows(
        "SELECT RECORDNO, TRX_TOTALDUE, CURRENCY, BASECURR FROM ARINVOICE WHERE CUSTOMERID = ? AND TRX_TOTALDUE > 0 "
        "AND STATE IN ('Posted', 'Partially Paid') ORDER BY WHENCREATED, RECORDNO",
        (customer,),
    ):
        if row["CURRENCY"] != (currency or row["BASECURR"]) or not amount:
            continue
        share = min(amount, row["TRX_TOTALDUE"])
        items.append(Apply("ARINVOICE", row["RECORDNO"], share))
        amount -= share
    return items


def apply_arpayment(context: Context, element: Element) -> Result:
    _permitted(context)
    key = _recordno("Payment", child_text(element, "arpaymentkey"))
    wrapper = element.find("arpaymentitems")
    items = [] if wrapper is None else _items(wrapper)
    try:
        apply_unapplied(context, key, items, typed.required_date(element, "paymentdate"))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not apply payment!") from None
    return Result(leaf("key", str(key)))


def reverse_arpayment(context: Context, element: Element) -> Result:
    _permitted(context)
    key = _recordno("Payment", element.get("key") or "")
    day = typed.required_date(element, "datereversed")
    try:
        reverse_payment(context, key, day, child_text(element, "description"))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not reverse payment!") from None
    return Result(leaf("key", str(key)))


def delete_arpayment(context: Context, element: Element) -> Result:
    _permitted(context)
    delete_payment(context, _recordno("Payment", element.get("key") or ""))
    return Result()


def delete_payment(context: Context, recordno: int) -> None:
    """Only drafts; what is complete must be reversed."""
    head = context.db.get("ARPYMT", recordno)
    if head is None:
        raise invalid("Payment", str(recordno))
    if head["STATE"] != "Draft":
        raise refused("BL01001973", f"The payment {recordno} is not a draft and cannot be deleted; reverse it instead.")
    context.db.remove_where("ARPYMTDETAIL", "PAYMENTKEY", [recordno])
    context.db.delete("ARPYMT", recordno)
    trail(context, "ARPYMT", recordno, "D")


def _permitted(context: Context) -> None:
    if not context.may_make("ARPYMT"):
        raise no_permission("create", "ARPYMT")


HANDLERS = {
    "create_arpayment": create_arpayment,
    "apply_arpayment": apply_arpayment,
    "reverse_arpayment": reverse_arpayment,
    "delete_arpayment": delete_arpayment,
}
