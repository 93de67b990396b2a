"""Money received from customers: payments, advances, and applying what is unapplied."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.catalogue.receivables import ARPYMT
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing, refused
from include.sandbox.intacct.ledger import journal, periods
from include.sandbox.intacct.ledger.applications import Apply, Funds, apply_all
from include.sandbox.intacct.ledger.dimensions import account, usable
from include.sandbox.intacct.ledger.documentrows import rate_of
from include.sandbox.intacct.ledger.journal import Entry
from include.sandbox.intacct.ledger.places import base_currency, entity_of, is_multi_entity
from include.sandbox.intacct.ledger.rates import Rate, rate_for
from include.sandbox.intacct.ledger.settlement import open_document
from include.sandbox.intacct.store.audit import created, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native, convert, money_text

METHODS = ("Printed Check", "Cash", "EFT", "Credit Card", "Online Charge Card", "Online ACH Debit", "Check")
PAYMENT, ADVANCE = "rp", "rr"


@dataclass(slots=True)
class Receipt:
    """``amount`` is the cash in hundredths of ``currency``; ``bank`` a bank account id or ``undeposited`` a GL account.
    ``credit`` is the account that holds what stays unapplied (the control account unless set)."""

    customer: str
    amount: int
    day: date
    applications: list[Apply] = field(default_factory=list)
    method: str = ""
    bank: str = ""
    undeposited: str = ""
    reference: str = ""
    description: str = ""
    currency: str = ""
    base: str = ""
    rate: Decimal | None = None
    rate_type: str = ""
    rate_date: date | None = None
    paid: date | None = None
    location: str = ""
    payer: str = ""
    credit: str = ""
    record_type: str = PAYMENT
    recordno: int | None = None
    extra: dict[str, Native] = field(default_factory=dict)


def receive(context: Context, receipt: Receipt) -> int:
    """Book the receipt with its applications; RECORDNO of the ARPYMT. Raises Refused."""
    customer = usable(context, "CUSTOMER", "CUSTOMERID", receipt.customer, "Customer") if receipt.customer else None
    targets = [open_document(context, one.target, one.recordno) for one in receipt.applications]
    _check_targets(receipt, targets)
    rate = _rate(context, receipt, targets)
    cash_account, bank_place = _cash_account(context, receipt, rate)
    cash = sum(one.amount for one in receipt.applications if one.source is None)
    if cash > receipt.amount:
        raise refused("BL01001973", "The payment items are more than the payment amount.")
    if not receipt.customer and receipt.amount > cash:
        raise missing("A payment without a customer cannot leave anything unapplied.")
    place = _place(context, receipt, targets, rate.base)
    entities = {entity_of(context, place)} if receipt.amount > cash else set()
    periods.check_open(context, "AR", receipt.day, entities)
    head = _head(context, receipt, rate, cash, cash_account, place)
    head["_CREDITACCOUNTNO"] = receipt.credit or _control(context, customer)
    recordno = context.db.insert("ARPYMT", head)
    total_base = convert(receipt.amount, rate.rate)
    funds = Funds(recordno, rate, cash_account, bank_place, receipt.amount, total_base, context.entity or None)
    entries = apply_all(context, funds, receipt.applications, receipt.day)
    rest = receipt.amount - cash
    rest_base = total_base - funds.used_base
    dims = {"CUSTOMERID": receipt.customer}
    credit = str(head["_CREDITACCOUNTNO"])
    entries.append(Entry(cash_account, rest_base, rest, bank_place or place, dimensions=dims))
    entries.append(Entry(credit, -rest_base, -rest, place, dimensions=dims))
    context.db.update("ARPYMT", recordno, {"TOTALDUE": rest_base, "TOTALPAID": total_base - rest_base})
    _post(context, recordno, receipt, entries, rate, head)
    trail(context, "ARPYMT", recordno, "C")
    return recordno


def _check_targets(receipt: Receipt, targets: list[Row]) -> None:
    for target in targets:
        if receipt.customer and target["CUSTOMERID"] != receipt.customer:
            raise refused("BL01001973", f"{target['RECORDID']} does not belong to customer '{receipt.customer}'.")
        if receipt.currency and target["CURRENCY"] != receipt.currency:
            raise refused("BL01001973", f"The currency of {target['RECORDID']} is not that of the payment.")
    if len({(target["CURRENCY"], target["BASECURR"]) for target in targets}) > 1:
        raise refused("BL01001973", "A payment settles documents of one currency and base currency only.")


def _rate(context: Context, receipt: Receipt, targets: list[Row]) -> Rate:
    if targets:
        base, currency = targets[0]["BASECURR"], targets[0]["CURRENCY"]
    else:
        place = _place(context, receipt, targets, "")
        base = base_currency(context, entity_of(context, place) or context.entity)
        currency = receipt.currency or base
    if receipt.base and receipt.base != base:
        raise refused("BL01001973", f"The base currency '{receipt.base}' is not that of the documents ({base}).")
    return rate_for(
        context,
        base,
        currency,
        receipt.rate_date or receipt.day,
        type_name=receipt.rate_type,
        explicit=receipt.rate,
    )


def _cash_account(context: Context, receipt: Receipt, rate: Rate) -> tuple[str, str]:
    """The GL account the money goes to, and the bank's location (empty for undeposited funds)."""
    foreign = rate.currency != rate.base
    if receipt.bank:
        bank = usable(context, "CHECKINGACCOUNT", "BANKACCOUNTID", receipt.bank, "Bank account")
        currency = bank["CURRENCY"] or rate.base
        if currency != rate.currency:
            raise refused("BL01001973", f"The bank account '{receipt.bank}' is not in {rate.currency}.")
        return str(bank["GLACCOUNTNO"] or context.tenant["cash_account"]), str(bank["LOCATIONID"] or "")
    if receipt.amount and foreign and not (context.switches.undeposited_foreign_allowed or context.seeding):
        raise refused(
            "BL02000051", "The undeposited funds payment method is not allowed for invoices in a foreign currency."
        )
    number = receipt.undeposited or context.tenant["undeposited_account"]
    return str(account(context, number)["ACCOUNTNO"]), ""


def _place(context: Context, receipt: Receipt, targets: list[Row], base: str) -> str:
    """The location that carries what stays unapplied."""
    if receipt.location:
        found = usable(context, "LOCATION", "LOCATIONID", receipt.location, "Location")
        return str(found["LOCATIONID"])
    if context.entity:
        return context.entity
    for one in targets:
        lines = context.db.scalar(
            "SELECT LOCATIONID FROM ARINVOICEITEM WHERE RECORDKEY = ? ORDER BY RECORDNO LIMIT 1", (one["RECORDNO"],)
        )
        if lines:
            return str(lines)
    if not is_multi_entity(context):
        return ""
    wanted = base or context.tenant["base_currency"]
    for row in context.db.rows("SELECT LOCATIONID FROM LOCATIONENTITY ORDER BY RECORDNO"):
        if base_currency(context, row["LOCATIONID"]) == wanted:
            return str(row["LOCATIONID"])
    raise missing("A location is required for the unapplied part of the payment.")


def _control(context: Context, customer: Row | None) -> str:
    own = customer["ARACCOUNT"] if customer else None
    return str(own or context.tenant["ar_account"])


def _head(
    context: Context, receipt: Receipt, rate: Rate, cash: int, cash_account: str, place: str
) -> dict[str, Native]:
    if receipt.method not in ("", *METHODS):
        raise missing(f"The value '{receipt.method}' is not valid for PAYMENTMETHOD.")
    base = convert(receipt.amount, rate.rate)
    given: dict[str, Native] = {} if receipt.recordno is None else {"RECORDNO": receipt.recordno}
    return {
        **given,
        "RECORDTYPE": receipt.record_type,
        "FINANCIALENTITY": receipt.bank or None,
        "FINANCIALENTITYTYPE": "ba" if receipt.bank else None,
        "STATE": "Complete",
        "RAWSTATE": "C",
        "DISPLAYSTATE": "Complete",
        "PAYMENTMETHOD": receipt.method or "EFT",
        "CUSTOMERID": receipt.customer or None,
        "PAYERNAME": receipt.payer or None,
        "DOCNUMBER": receipt.reference or None,
        "DESCRIPTION": receipt.description or None,
        "WHENCREATED": receipt.day.isoformat(),
        "RECEIPTDATE": receipt.day.isoformat(),
        "WHENPAID": (receipt.paid or receipt.day).isoformat(),
        **rate.fields(),
        "TOTALENTERED": base,
        "TOTALPAID": 0,
        "TOTALDUE": base,
        "TRX_TOTALENTERED": receipt.amount,
        "TRX_TOTALPAID": cash,
        "TRX_TOTALDUE": receipt.amount - cash,
        "UNDEPOSITEDACCOUNTNO": None if receipt.bank else cash_account,
        "CLEARED": "F",
        "_ACCOUNTNO": cash_account,
        "_ENTITY": place or None,
        **created(context, ARPYMT),
        **context.entity_fields(),
        **receipt.extra,
    }


def _post(context: Context, recordno: int, receipt: Receipt, entries: list[Entry], rate: Rate, head: Row) -> None:
    source = journal.Source(
        "4.AR", "CRJ", receipt.record_type, recordno, receipt.reference or str(recordno), f"Payment {recordno}"
    )
    journal.post(context, source, receipt.day, balanced(context, entries), rate, head)


def balanced(context: Context, entries: list[Entry]) -> list[Entry]:
    """The entries with what the entities owe each other, so that each balances. Raises Refused where no
    inter-entity relationship is set up."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    places: dict[str, str] = {}
    for entry in entries:
        entity = entity_of(context, entry.location)
        places.setdefault(entity, entry.location)
        sums[entity][0] += entry.base
        sums[entity][1] += entry.trx
    uneven = {entity: owed for entity, owed in sums.items() if owed[0]}
    if not uneven:
        return entries
    number = context.tenant["inter_entity_account"]
    if not number:
        raise refused("BL01001973", "No inter-entity relationship is set up between the entities of this payment.")
    return entries + [Entry(number, -base, -trx, places[entity]) for entity, (base, trx) in uneven.items()]


def apply_unapplied(context: Context, recordno: int, applications: list[Apply], day: date) -> None:
    """Apply an advance's or a payment's rest to documents. Raises Refused."""
    head = context.db.get("ARPYMT", recordno)
    if head is None:
        raise invalid("Payment", str(recordno))
    if head["STATE"] != "Complete":
        raise refused("BL01001973", f"The payment {recordno} is {head['STATE'].lower()} and cannot be applied.")
    wanted = sum(one.amount for one in applications)
    if wanted > head["TRX_TOTALDUE"]:
        raise refused(
            "BL01001973",
            f"The amount {money_text(wanted)} is more than what is unapplied ({money_text(head['TRX_TOTALDUE'])}).",
        )
    rate = rate_of(head)
    source = "ADVANCE" if head["RECORDTYPE"] == ADVANCE else "OVERPAYMENT"
    for one in applications:
        target = open_document(context, one.target, one.recordno)
        if target["CUSTOMERID"] != head["CUSTOMERID"] or target["CURRENCY"] != head["CURRENCY"]:
            raise refused("BL01001973", f"{target['RECORDID']} is of another customer or currency.")
        if target["BASECURR"] != head["BASECURR"]:
            raise refused("BL01001973", f"{target['RECORDID']} has another base currency than the payment.")
        one.source, one.source_key = source, recordno
    funds = Funds(recordno, rate, str(head["_ACCOUNTNO"]), "", 0, 0, head["MEGAENTITYID"])
    entries = apply_all(context, funds, applications, day)
    source_record = journal.Source(
        "4.AR",
        "CRJ",
        head["RECORDTYPE"],
        recordno,
        head["DOCNUMBER"] or str(recordno),
        f"Application of payment {recordno}",
    )
    journal.post(context, source_record, day, balanced(context, entries), rate, head)
    trail(context, "ARPYMT", recordno, "M")
