"""ARPYMT and ARADVANCE as generic objects, from the API and from seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from include.sandbox.intacct.catalogue.receivables import ARPYMT, ARPYMTDETAIL
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element
from include.sandbox.intacct.errors import Refused, refused
from include.sandbox.intacct.functions.paymentreading import Texts, read_advance, read_payment
from include.sandbox.intacct.ledger.receipts import ADVANCE, PAYMENT, receive
from include.sandbox.intacct.ledger.reversals import reverse_payment
from include.sandbox.intacct.masters.flatten import flatten
from include.sandbox.intacct.masters.reading import read_value
from include.sandbox.intacct.masters.records import find_record
from include.sandbox.intacct.store.audit import created, modified, trail
from include.sandbox.intacct.store.database import Row

_CHANGEABLE = ("DESCRIPTION", "DOCNUMBER", "PAYMENTMETHOD", "RECEIPTDATE", "PAYERNAME")


def create_payment(context: Context, element: Element) -> Row:
    """A payment with its details; money beyond the details is an overpayment, a payment without details is refused
    (advances are ARADVANCE). A draft is stored without effect."""
    details = [flatten(one) for one in element.iterfind("ARPYMTDETAILS/ARPYMTDETAIL")]
    texts = flatten(element, without=("ARPYMTDETAILS",))
    try:
        if texts.get("ACTION", "").lower() == "draft":
            return _store_draft(context, texts, details)
        recordno = receive(context, read_payment(context, texts, details))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create ARPYMT record!") from None
    return {"RECORDNO": recordno}


def create_advance(context: Context, element: Element) -> Row:
    items = [flatten(one) for one in element.iterfind("ARADVANCEITEMS/ARADVANCEITEM")]
    texts = flatten(element, without=("ARADVANCEITEMS",))
    try:
        recordno = receive(context, read_advance(context, texts, items))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create ARADVANCE record!") from None
    return {"RECORDNO": recordno}


def _store_draft(context: Context, texts: Texts, details: Sequence[Texts]) -> Row:
    receipt = read_payment(context, texts, details)
    head = {
        "RECORDTYPE": PAYMENT,
        "STATE": "Draft",
        "RAWSTATE": "D",
        "DISPLAYSTATE": "Draft",
        "PAYMENTMETHOD": receipt.method,
        "CUSTOMERID": receipt.customer or None,
        "PAYERNAME": receipt.payer or None,
        "DOCNUMBER": receipt.reference or None,
        "DESCRIPTION": receipt.description or None,
        "FINANCIALENTITY": receipt.bank or None,
        "UNDEPOSITEDACCOUNTNO": receipt.undeposited or None,
        "RECEIPTDATE": receipt.day.isoformat(),
        "WHENCREATED": receipt.day.isoformat(),
        "CURRENCY": receipt.currency or None,
        "TRX_TOTALENTERED": receipt.amount,
        "TOTALENTERED": 0,
        "TRX_TOTALPAID": 0,
        "TOTALPAID": 0,
        "TRX_TOTALDUE": 0,
        "TOTALDUE": 0,
        **created(context, ARPYMT),
        **context.entity_fields(),
    }
    recordno = context.db.insert("ARPYMT", head)
    for one in receipt.applications:
        if one.source is None:
            context.db.insert(
                "ARPYMTDETAIL",
                {
                    "PAYMENTKEY": recordno,
                    "RECORDKEY": one.recordno,
                    "ENTRYKEY": one.entry,
                    "TRX_PAYMENTAMOUNT": one.amount,
                    "STATE": "Draft",
                    **created(context, ARPYMTDETAIL),
                },
            )
    trail(context, "ARPYMT", recordno, "C")
    return {"RECORDNO": recordno}


def update_payment(context: Context, element: Element) -> Row:
    """Only a draft can be changed. Raises Refused."""
    texts = flatten(element, without=("ARPYMTDETAILS",))
    found = find_record(context, ARPYMT, texts)
    if found["STATE"] != "Draft":
        raise refused("BL01001973", f"The payment {found['RECORDNO']} is not a draft and cannot be changed.")
    changes = {name: read_value(context, ARPYMT.fields[name], texts[name]) for name in _CHANGEABLE if name in texts}
    context.db.update("ARPYMT", found["RECORDNO"], {**changes, **modified(context)})
    trail(context, "ARPYMT", found["RECORDNO"], "M")
    return found


def load_payment(context: Context, texts: Texts, items: Sequence[Texts]) -> None:
    """A seed record: details may name documents by RECORDID (and credit memos by ADJUSTMENTID); one without details,
    or of RECORDTYPE rr, is an advance. REVERSED is the day it was taken back, REVERSALDESCRIPTION why."""
    advance = not items or texts.get("RECORDTYPE") == ADVANCE
    if advance:
        amount = texts.get("TRX_AMOUNTTOPAY") or texts.get("TRX_TOTALENTERED") or texts.get("TRX_AMOUNT", "")
        receipt = read_advance(context, {**texts, "TRX_AMOUNTTOPAY": amount}, [])
        receipt.location = receipt.location or texts.get("LOCATIONID", "")
    else:
        amount = texts.get("TRX_AMOUNTTOPAY") or texts.get("TRX_TOTALENTERED", "")
        receipt = read_payment(context, {**texts, "TRX_AMOUNTTOPAY": amount}, items)
    recordno = receive(context, receipt)
    context.db.at_least("PRRECORD", recordno)
    if texts.get("REVERSED"):
        day = date.fromisoformat(texts["REVERSED"])
        then = replace(context, now=datetime.combine(day, time(12), UTC))
        reverse_payment(then, recordno, day, texts.get("REVERSALDESCRIPTION", ""))


def load_advance(context: Context, texts: Texts, items: Sequence[Texts]) -> None:
    if not items:
        load_payment(context, texts, ())
        return
    context.db.at_least("PRRECORD", receive(context, read_advance(context, texts, items)))
