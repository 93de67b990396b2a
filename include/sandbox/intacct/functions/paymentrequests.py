"""AP payment requests and APPYMT as a generic object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from include.sandbox.intacct.catalogue.payables import APPYMT, APPYMTDETAIL
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import invalid, missing, refused
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.ledger.disbursements import Payout, move_request, request_payment
from include.sandbox.intacct.masters.flatten import flatten
from include.sandbox.intacct.masters.reading import read_value
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import cents


def create_paymentrequest(context: Context, element: Element) -> Result:
    bank = child_text(element, "bankaccountid")
    if not bank:
        raise refused("BL01001973", "Payment requests by charge card are not supported.")
    items = element.findall("paymentrequestitems/paymentrequestitem")
    for item in items:
        if any(typed.money_of(child_text(item, name) or "0", name) for name in ("credittoapply", "discounttoapply")):
            raise refused("BL01001973", "Credits and discounts on payment requests are not supported.")
    bills = tuple((_key(child_text(item, "key")), typed.money_in(item, "paymentamount")) for item in items)
    payout = Payout(
        child_text(element, "vendorid"),
        bank,
        child_text(element, "paymentmethod"),
        typed.required_date(element, "paymentdate"),
        child_text(element, "memo"),
        bills,
    )
    return Result(leaf("key", str(request_payment(context, payout))))


def _key(text: str, what: str = "Bill") -> int:
    if not text.isdecimal() or len(text) > 18:
        raise invalid(what, text)
    return int(text)


def create_generic(context: Context, element: Element) -> Row:
    """``create APPYMT`` with details by RECORDKEY; it waits for approval as a request does."""
    texts = flatten(element, without=("APPYMTDETAILS",))
    details = [flatten(one) for one in element.iterfind("APPYMTDETAILS/appymtdetail")]
    details += [flatten(one) for one in element.iterfind("APPYMTDETAILS/APPYMTDETAIL")]
    for name in ("FINANCIALENTITY", "PAYMENTMETHOD", "VENDORID", "PAYMENTDATE"):
        if not texts.get(name):
            raise missing(f"payment: the required field {name} is missing.")
    for one in details:
        if any(text and name.startswith("TRX_") and name != "TRX_PAYMENTAMOUNT" for name, text in one.items()):
            raise refused("BL01001973", "Credits, advances and discounts on payments of bills are not supported.")
    day = read_value(context, APPYMT.fields["PAYMENTDATE"], texts["PAYMENTDATE"])
    amount_field = APPYMTDETAIL.fields["TRX_PAYMENTAMOUNT"]
    bills = tuple(
        (_key(one.get("RECORDKEY", "")), int(read_value(context, amount_field, one.get("TRX_PAYMENTAMOUNT", "")) or 0))
        for one in details
    )
    payout = Payout(
        texts["VENDORID"],
        texts["FINANCIALENTITY"],
        texts["PAYMENTMETHOD"],
        date.fromisoformat(str(day)),
        texts.get("DESCRIPTION", ""),
        bills,
    )
    return {"RECORDNO": request_payment(context, payout)}


def load_payment(context: Context, texts: Mapping[str, str], items: Sequence[Mapping[str, str]]) -> None:
    """A seed record of a payment that was requested, approved and confirmed; its items name bills by RECORDID."""
    bills = []
    for item in items:
        bill = context.db.find("APBILL", "RECORDID", item.get("RECORDID", ""))
        if bill is None:
            raise invalid("Bill", item.get("RECORDID", ""))
        bills.append((int(bill["RECORDNO"]), cents(item.get("TRX_PAYMENTAMOUNT", ""))))
    day = date.fromisoformat(texts["PAYMENTDATE"])
    payout = Payout(
        texts["VENDORID"],
        texts["FINANCIALENTITY"],
        texts.get("PAYMENTMETHOD") or "EFT",
        day,
        texts.get("DESCRIPTION", ""),
        tuple(bills),
    )
    recordno = request_payment(context, payout)
    for wanted in ("approved", "confirmed"):
        move_request(context, recordno, wanted)


def _mover(wanted: str) -> Callable[[Context, Element], Result]:
    def move(context: Context, element: Element) -> Result:
        keys = [text_of(key) for key in element.iterfind("appaymentkeys/appaymentkey")]
        for key in keys:
            move_request(context, _key(key, "Payment request"), wanted)
        return Result(transactions=len(keys))

    return move


def reverse_appayment(context: Context, element: Element) -> Result:
    """Voids a payment that is complete. Raises Refused for one that is not."""
    day = typed.required_date(element, "datereversed")
    move_request(context, _key(str(element.get("key") or ""), "Payment request"), "voided", day)
    return Result()


HANDLERS = {
    "reverse_appayment": reverse_appayment,
    "create_paymentrequest": create_paymentrequest,
    "approve_appaymentrequest": _mover("approved"),
    "decline_appaymentrequest": _mover("declined"),
    "send_appaymentrequest": _mover("sent"),
    "confirm_appaymentrequest": _mover("confirmed"),
    "void_appaymentrequest": _mover("voided"),
}
