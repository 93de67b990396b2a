"""Money paid to vendors: a request selects bills, confirming it settles them and posts, voiding undoes that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.sandbox.intacct.catalogue.payables import APPYMT, APPYMTDETAIL
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing, refused
from include.sandbox.intacct.ledger import journal, periods
from include.sandbox.intacct.ledger.applications import undo_all
from include.sandbox.intacct.ledger.dimensions import usable
from include.sandbox.intacct.ledger.documentrows import rate_of
from include.sandbox.intacct.ledger.journal import Entry
from include.sandbox.intacct.ledger.kinds import BILL
from include.sandbox.intacct.ledger.places import entity_of
from include.sandbox.intacct.ledger.posting import control_account
from include.sandbox.intacct.ledger.rates import rate_for
from include.sandbox.intacct.ledger.receipts import balanced
from include.sandbox.intacct.ledger.settlement import open_document, take
from include.sandbox.intacct.store.audit import created, modified, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import convert


@dataclass(frozen=True, slots=True)
class Payout:
    """``bills`` are pairs of bill RECORDNO and hundredths of the bill's currency."""

    vendor: str
    bank: str
    method: str
    day: date
    memo: str
    bills: tuple[tuple[int, int], ...]


def request_payment(context: Context, payout: Payout) -> int:
    """Store the request and select its bills; RECORDNO of the APPYMT. Raises Refused."""
    usable(context, "VENDOR", "VENDORID", payout.vendor, "Vendor")
    bank = usable(context, "CHECKINGACCOUNT", "BANKACCOUNTID", payout.bank, "Bank account")
    heads = [open_document(context, "APBILL", key) for key, _ in payout.bills]
    if not heads:
        raise missing("A payment request needs at least one bill.")
    if len({(head["CURRENCY"], head["BASECURR"]) for head in heads}) > 1:
        raise refused("BL01001973", "A payment request pays bills of one currency only.")
    if (bank["CURRENCY"] or heads[0]["BASECURR"]) != heads[0]["CURRENCY"]:
        raise refused("BL01001973", f"The bank account '{payout.bank}' is not in {heads[0]['CURRENCY']}.")
    rate = rate_for(context, heads[0]["BASECURR"], heads[0]["CURRENCY"], payout.day)
    total = sum(amount for _, amount in payout.bills)
    recordno = context.db.insert(
        "APPYMT",
        {
            "RECORDTYPE": "pp",
            "FINANCIALENTITY": payout.bank,
            "FINANCIALENTITYTYPE": "ba",
            "STATE": "Submitted",
            "RAWSTATE": "S",
            "PAYMENTMETHOD": payout.method,
            "VENDORID": payout.vendor,
            "DESCRIPTION": payout.memo or None,
            "WHENCREATED": context.today.isoformat(),
            "PAYMENTDATE": payout.day.isoformat(),
            **rate.fields(),
            "TOTALENTERED": convert(total, rate.rate),
            "TRX_TOTALENTERED": total,
            "TOTALPAID": 0,
            "TRX_TOTALPAID": 0,
            "TOTALDUE": 0,
            "TRX_TOTALDUE": 0,
            "_ACCOUNTNO": bank["GLACCOUNTNO"] or context.tenant["cash_account"],
            "_ENTITY": bank["LOCATIONID"],
            **created(context, APPYMT),
            **context.entity_fields(),
        },
    )
    for head, (key, amount) in zip(heads, payout.bills, strict=True):
        _select(context, head, key, amount, payout, recordno)
    trail(context, "APPYMT", recordno, "C")
    return recordno


def _select(context: Context, head: Row, key: int, amount: int, payout: Payout, recordno: int) -> None:
    if head["VENDORID"] != payout.vendor:
        raise refused("BL01001973", f"The bill {head['RECORDID']} does not belong to vendor '{payout.vendor}'.")
    if amount <= 0 or amount > head["TRX_TOTALDUE"] - head["TRX_TOTALSELECTED"]:
        raise refused("XL03000027", f"The amount is more than what is due on bill {head['RECORDID']}.")
    context.db.insert(
        "APPYMTDETAIL",
        {
            "RECORDKEY": key,
            "PAYMENTKEY": recordno,
            "PAYMENTDATE": payout.day.isoformat(),
            "TRX_PAYMENTAMOUNT": amount,
            "PAYMENTAMOUNT": convert(amount, rate_of(head).rate),
            "CURRENCY": head["CURRENCY"],
            "STATE": "Submitted",
            **created(context, APPYMTDETAIL),
        },
    )
    _mark_selected(context, key, amount)


def _mark_selected(context: Context, key: int, amount: int) -> None:
    head = context.db.get("APBILL", key) or {}
    selected = head["TRX_TOTALSELECTED"] + amount
    state = "Selected" if selected else "Partially Paid" if head["TRX_TOTALPAID"] else "Posted"
    if head["TRX_TOTALDUE"] == 0:
        state = "Paid"
    base = convert(selected, rate_of(head).rate)
    context.db.update(
        "APBILL",
        key,
        {"TRX_TOTALSELECTED": selected, "TOTALSELECTED": base, "STATE": state, **modified(context)},
    )


def move_request(context: Context, recordno: int, wanted: str, day: date | None = None) -> None:
    """``wanted`` is approved, declined, sent, confirmed or voided; ``day`` is when a void posts, today if not given.

    Raises Refused for a step that is not next and for a void in a closed period.
    """
    head = context.db.get("APPYMT", recordno)
    if head is None:
        raise invalid("Payment request", str(recordno))
    state = head["STATE"]
    steps = {
        ("approved", "Submitted"): "Approved",
        ("declined", "Submitted"): "Draft",
        ("sent", "Approved"): "Approved",
        ("confirmed", "Approved"): "Complete",
        ("voided", "Complete"): "Voided",
    }
    after = steps.get((wanted, state))
    if after is None:
        raise refused("BL01001973", f"The payment request {recordno} is {state.lower()} and cannot be {wanted}.")
    if wanted == "declined":
        _release(context, recordno)
    elif wanted == "confirmed":
        _settle(context, head)
    elif wanted == "voided":
        _void(context, head, day or context.today)
    code = {"Approved": "A", "Draft": "D", "Complete": "C", "Voided": "V"}[after]
    context.db.update("APPYMT", recordno, {"STATE": after, "RAWSTATE": code, **modified(context)})
    for detail in context.db.matching("APPYMTDETAIL", "PAYMENTKEY", recordno):
        context.db.update("APPYMTDETAIL", detail["RECORDNO"], {"STATE": after, **modified(context)})
    trail(context, "APPYMT", recordno, "M")


def _release(context: Context, recordno: int) -> None:
    for detail in context.db.matching("APPYMTDETAIL", "PAYMENTKEY", recordno):
        _mark_selected(context, detail["RECORDKEY"], -detail["TRX_PAYMENTAMOUNT"])


def _settle(context: Context, head: Row) -> None:
    day = date.fromisoformat(head["PAYMENTDATE"])
    rate = rate_of(head)
    entries: list[Entry] = []
    entities: set[str] = set()
    vendor = context.db.lookup("VENDOR", "VENDORID", head["VENDORID"]) or {}
    control = control_account(context, BILL, vendor)
    dims = {"VENDORID": head["VENDORID"]}
    for detail in context.db.matching("APPYMTDETAIL", "PAYMENTKEY", head["RECORDNO"]):
        amount, key = detail["TRX_PAYMENTAMOUNT"], detail["RECORDKEY"]
        bill_rate = rate_of(open_document(context, "APBILL", key)).rate
        _mark_selected(context, key, -amount)
        portions = take(context, "APBILL", key, None, amount, day)
        cleared, expected = sum(p.base for p in portions), sum(p.expected for p in portions)
        paid = convert(amount, rate.rate)
        for portion in portions:
            entities.add(portion.entity)
            entries.append(Entry(control, portion.base, portion.trx, portion.location, dimensions=dims))
            context.db.execute(
                'INSERT INTO "_applied" (payment, object, recordno, line, trx, base) VALUES (?, ?, ?, ?, ?, ?)',
                (head["RECORDNO"], "APBILL", key, portion.line, portion.trx, portion.base),
            )
        place = portions[0].location
        rounding = paid - cleared if bill_rate == rate.rate else expected - cleared
        exchange = 0 if bill_rate == rate.rate else paid - expected
        entries.append(Entry(context.tenant["rounding_account"], rounding, 0, place))
        entries.append(Entry(context.tenant["fx_account"], exchange, 0, place))
        entries.append(Entry(head["_ACCOUNTNO"], -paid, -amount, head["_ENTITY"] or place, dimensions=dims))
    periods.check_open(context, "AP", day, entities)
    source = journal.Source("3.AP", "CDJ", "pp", head["RECORDNO"], str(head["RECORDNO"]), f"Payment {head['RECORDNO']}")
    journal.post(context, source, day, balanced(context, entries), rate, head)
    context.db.update(
        "APPYMT", head["RECORDNO"], {"TRX_TOTALPAID": head["TRX_TOTALENTERED"], "WHENPAID": day.isoformat()}
    )


def _void(context: Context, head: Row, day: date) -> None:
    entries = journal.mirrored_entries(context, head["RECORDNO"])
    periods.check_open(context, "AP", day, {entity_of(context, entry.location) for entry in entries})
    undo_all(context, head["RECORDNO"])
    source = journal.Source(
        "3.AP", "CDJ", "pp", head["RECORDNO"], str(head["RECORDNO"]), f"Void of payment {head['RECORDNO']}"
    )
    journal.post(context, source, day, entries, rate_of(head), head)
    context.db.update("APPYMT", head["RECORDNO"], {"TRX_TOTALPAID": 0})
