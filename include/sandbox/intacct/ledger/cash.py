"""Other receipts, and deposits that take undeposited funds to the bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.catalogue.cash import DEPOSIT, DEPOSITENTRY, OTHERRECEIPTS, OTHERRECEIPTSENTRY
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing, refused
from include.sandbox.intacct.ledger import journal, periods
from include.sandbox.intacct.ledger.dimensions import account, check_dimensions, check_required, usable
from include.sandbox.intacct.ledger.documentrows import rate_of
from include.sandbox.intacct.ledger.drafts import DraftLine
from include.sandbox.intacct.ledger.journal import Entry
from include.sandbox.intacct.ledger.places import base_currency, entity_of
from include.sandbox.intacct.ledger.rates import rate_for
from include.sandbox.intacct.ledger.receipts import balanced
from include.sandbox.intacct.store.audit import created, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import convert

METHODS = ("Printed Check", "Cash", "EFT", "Credit Card")


@dataclass(frozen=True, slots=True)
class OtherReceipt:
    """``bank`` is a bank account id, or ``undeposited`` a GL account; amounts of ``lines`` are credits."""

    day: date
    received: date
    payer: str
    method: str
    lines: list[DraftLine]
    bank: str = ""
    undeposited: str = ""
    deposited: date | None = None
    reference: str = ""
    description: str = ""
    attachment: str = ""
    currency: str = ""
    rate: Decimal | None = None
    rate_type: str = ""
    rate_date: date | None = None


def store_receipt(context: Context, receipt: OtherReceipt) -> int:
    """RECORDNO of the posted receipt. Raises Refused."""
    if receipt.method not in METHODS:
        raise missing(f"The value '{receipt.method}' is not valid for paymentmethod.")
    for number, line in enumerate(receipt.lines, 1):
        _check_line(context, number, line)
    entities = {entity_of(context, line.location) for line in receipt.lines}
    bases = {base_currency(context, entity) for entity in entities}
    if len(bases) > 1:
        raise refused("BL01001973", "The lines belong to entities with different base currencies.")
    base, day = bases.pop(), receipt.rate_date or receipt.day
    currency = receipt.currency or base
    rate = rate_for(context, base, currency, day, type_name=receipt.rate_type, explicit=receipt.rate)
    cash, place = _cash(context, receipt, currency, base)
    periods.check_open(context, "CM", receipt.day, entities)
    amounts = [convert(line.amount, rate.rate) for line in receipt.lines]
    total = sum(line.amount for line in receipt.lines)
    head = {
        "RECORDTYPE": "cr",
        "FINANCIALENTITY": receipt.bank or None,
        "UNDEPOSITEDACCOUNTNO": None if receipt.bank else cash,
        "PAYMENTMETHOD": receipt.method,
        "PAYER": receipt.payer,
        "DOCNUMBER": receipt.reference or None,
        "DESCRIPTION": receipt.description or None,
        "WHENCREATED": receipt.day.isoformat(),
        "RECEIPTDATE": receipt.received.isoformat(),
        "DEPOSITDATE": receipt.deposited.isoformat() if receipt.deposited else None,
        **rate.fields(),
        "TOTALENTERED": sum(amounts),
        "TRX_TOTALENTERED": total,
        "STATE": "Posted",
        "CLEARED": "F",
        "SUPDOCID": receipt.attachment or None,
        "_ACCOUNTNO": cash,
        **created(context, OTHERRECEIPTS),
        **context.entity_fields(),
    }
    recordno = context.db.insert("OTHERRECEIPTS", head)
    entries: list[Entry] = []
    for number, (line, amount) in enumerate(zip(receipt.lines, amounts, strict=True)):
        _store_line(context, recordno, number, line, amount)
        dims = {name: value for name, value in line.dimensions.items() if value}
        entries.append(Entry(line.account, -amount, -line.amount, line.location, line.department, line.memo, dims))
        entries.append(Entry(cash, amount, line.amount, place or line.location))
    source = journal.Source("11.CM", "CMRJ", "cr", recordno, receipt.reference or str(recordno), f"Receipt {recordno}")
    journal.post(context, source, receipt.day, balanced(context, entries), rate, head)
    trail(context, "OTHERRECEIPTS", recordno, "C")
    return recordno


def _check_line(context: Context, number: int, line: DraftLine) -> None:
    if line.label:
        label = usable(context, "ARACCOUNTLABEL", "ACCOUNTLABEL", line.label, "Account label")
        line.account = str(label["GLACCOUNTNO"])
    gl = account(context, line.account)
    check_dimensions(context, number, line.location, line.department, line.dimensions)
    check_required(number, gl, line.location, line.department, line.dimensions)


def _cash(context: Context, receipt: OtherReceipt, currency: str, base: str) -> tuple[str, str]:
    """The account that is debited, and the bank's location (empty for undeposited funds)."""
    if not receipt.bank:
        if currency != base:
            raise refused("BL02000051", "The undeposited funds payment method is not allowed in a foreign currency.")
        return str(account(context, receipt.undeposited)["ACCOUNTNO"]), ""
    bank = usable(context, "CHECKINGACCOUNT", "BANKACCOUNTID", receipt.bank, "Bank account")
    if (bank["CURRENCY"] or base) != currency:
        raise refused("BL01001973", f"The bank account '{receipt.bank}' is not in {currency}.")
    return str(bank["GLACCOUNTNO"] or context.tenant["cash_account"]), str(bank["LOCATIONID"] or "")


def _store_line(context: Context, recordno: int, number: int, line: DraftLine, amount: int) -> None:
    context.db.insert(
        "OTHERRECEIPTSENTRY",
        {
            "RECORDKEY": recordno,
            "LINE_NO": number,
            "ACCOUNTNO": line.account,
            "ACCOUNTLABEL": line.label or None,
            "AMOUNT": amount,
            "TRX_AMOUNT": line.amount,
            "ENTRYDESCRIPTION": line.memo or None,
            "LOCATIONID": line.location or None,
            "DEPARTMENTID": line.department or None,
            **{name: value for name, value in line.dimensions.items() if value},
            **created(context, OTHERRECEIPTSENTRY),
        },
    )


def deposit(context: Context, bank_id: str, day: date, slip: str, receipts: list[int], description: str) -> int:
    """RECORDNO of the deposit. Raises Refused for a receipt that is not undeposited, and for other currencies."""
    bank = usable(context, "CHECKINGACCOUNT", "BANKACCOUNTID", bank_id, "Bank account")
    number, place = str(bank["GLACCOUNTNO"] or context.tenant["cash_account"]), str(bank["LOCATIONID"] or "")
    heads = [_undeposited(context, key) for key in receipts]
    if len(set(receipts)) < len(receipts) or len({(head["CURRENCY"], head["BASECURR"]) for head in heads}) > 1:
        raise refused("BL01001973", "A deposit takes each receipt once, all of one currency.")
    first = heads[0]
    if (bank["CURRENCY"] or first["BASECURR"]) != first["CURRENCY"]:
        raise refused("BL01001973", f"The bank account '{bank_id}' is not in {first['CURRENCY']}.")
    moved = [(head, entry) for head in heads for entry in _lying(context, head)]
    entries = [Entry(entry.account, -entry.base, -entry.trx, entry.location) for _, entry in moved]
    base, trx = sum(entry.base for _, entry in moved), sum(entry.trx for _, entry in moved)
    entries.append(Entry(number, base, trx, place or moved[0][1].location))
    periods.check_open(context, "CM", day, {entity_of(context, entry.location) for entry in entries})
    values = {
        "RECORDTYPE": "cd",
        "RECORDID": slip,
        "FINANCIALENTITY": bank_id,
        "WHENCREATED": day.isoformat(),
        "DESCRIPTION": description or None,
        **rate_of(first).fields(),
        "TOTALENTERED": base,
        "TRX_TOTALENTERED": trx,
        "STATE": "Posted",
        "CLEARED": "F",
        **created(context, DEPOSIT),
        **context.entity_fields(),
    }
    recordno = context.db.insert("DEPOSIT", values)
    for line_no, (head, entry) in enumerate(moved):
        line = {
            "RECORDKEY": recordno,
            "LINE_NO": line_no,
            "RECEIPTKEY": head["RECORDNO"],
            "ACCOUNTNO": entry.account,
            "AMOUNT": entry.base,
            "TRX_AMOUNT": entry.trx,
            "LOCATIONID": entry.location or None,
            **created(context, DEPOSITENTRY),
        }
        context.db.insert("DEPOSITENTRY", line)
    source = journal.Source("11.CM", "CMRJ", "cd", recordno, slip, f"Deposit {slip}")
    journal.post(context, source, day, balanced(context, entries), rate_of(first), values)
    trail(context, "DEPOSIT", recordno, "C")
    return recordno


def _undeposited(context: Context, key: int) -> Row:
    """The AR payment or other receipt whose money waits to be deposited. Raises Refused where there is none."""
    head = context.db.get("ARPYMT", key) or context.db.get("OTHERRECEIPTS", key)
    if head is None or head["STATE"] not in {"Complete", "Posted"} or not head["UNDEPOSITEDACCOUNTNO"]:
        raise invalid("Receipt", str(key))
    if context.db.exists("DEPOSITENTRY", "RECEIPTKEY", key):
        raise refused("BL01001973", f"The receipt {key} is already deposited.")
    return head


def _lying(context: Context, head: Row) -> list[Entry]:
    """Where the receipt's money lies: what it posted to undeposited funds."""
    mirrored = journal.mirrored_entries(context, head["RECORDNO"])
    return [entry.mirrored() for entry in mirrored if entry.account == head["UNDEPOSITEDACCOUNTNO"]]
