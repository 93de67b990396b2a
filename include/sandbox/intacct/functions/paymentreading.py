"""Reading ARPYMT and ARADVANCE from generic texts, of the API and of seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.catalogue.receivables import ARPYMT, ARPYMTDETAIL
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing, refused
from include.sandbox.intacct.ledger.applications import Apply
from include.sandbox.intacct.ledger.receipts import ADVANCE, PAYMENT, Receipt
from include.sandbox.intacct.masters.reading import read_value
from include.sandbox.intacct.values import Native, parse_seed

Texts = Mapping[str, str]

_SOURCES = (
    ("ADVANCE", "TRX_POSTEDADVANCEAMOUNT"),
    ("OVERPAYMENT", "TRX_POSTEDOVERPAYMENTAMOUNT"),
    ("ADJUSTMENT", "TRX_ADJUSTMENTAMOUNT"),
    ("NEGATIVEINVOICE", "TRX_NEGATIVEINVOICEAMOUNT"),
)


def read_payment(context: Context, texts: Texts, details: Sequence[Texts]) -> Receipt:
    """Raises Refused for missing or contradicting fields."""
    receipt = _read_head(context, texts)
    receipt.applications = [one for detail in details for one in _applications(context, detail)]
    if not receipt.applications:
        raise missing("A payment needs at least one detail; use an advance for money that is not applied.")
    cash = sum(one.amount for one in receipt.applications if one.source is None)
    stated = _money(context, ARPYMT.name, texts, "TRX_AMOUNTTOPAY")
    over = _money(context, ARPYMT.name, texts, "OVERPAYMENTAMOUNT") or 0
    receipt.amount = max(cash + over, stated) if stated is not None else cash + over
    return receipt


def read_advance(context: Context, texts: Texts, items: Sequence[Texts]) -> Receipt:
    receipt = _read_head(context, texts)
    amounts = [_money(context, ARPYMT.name, item, "TRX_AMOUNT") for item in items]
    stated = _money(context, ARPYMT.name, texts, "TRX_AMOUNTTOPAY")
    receipt.amount = sum(amount or 0 for amount in amounts) if items else stated or 0
    if receipt.amount <= 0:
        raise missing("An advance needs items with an amount greater than zero.")
    accounts = {item.get("ACCOUNTNO") or _label_account(context, item.get("ACCOUNTLABEL", "")) for item in items}
    places = {item["LOCATIONID"] for item in items if item.get("LOCATIONID")}
    if len(accounts) > 1 or len(places) > 1:
        raise missing("All items of an advance must have one account and one location.")
    receipt.credit = (accounts.pop() if accounts else "") or context.tenant["advance_account"]
    receipt.location = places.pop() if places else receipt.location
    receipt.record_type = ADVANCE
    return receipt


def _label_account(context: Context, label: str) -> str:
    if not label:
        return ""
    found = context.db.lookup("ARACCOUNTLABEL", "ACCOUNTLABEL", label)
    if found is None:
        raise invalid("Account label", label)
    return str(found["GLACCOUNTNO"])


def _read_head(context: Context, texts: Texts) -> Receipt:
    day = _day(context, texts, "RECEIPTDATE") or _day(context, texts, "PAYMENTDATE")
    if day is None:
        raise missing("The required field RECEIPTDATE is missing.")
    if not texts.get("CUSTOMERID") and not texts.get("PAYERNAME"):
        raise missing("The required field CUSTOMERID is missing.")
    if not texts.get("PAYMENTMETHOD") and not context.seeding:
        raise missing("The required field PAYMENTMETHOD is missing.")
    if texts.get("PRBATCH"):
        raise missing("Please provide a payment batch key.")
    if not context.seeding and not (texts.get("FINANCIALENTITY") or texts.get("UNDEPOSITEDACCOUNTNO")):
        raise missing("One of FINANCIALENTITY, UNDEPOSITEDACCOUNTNO or PRBATCH is required.")
    recordno = texts.get("RECORDNO", "")
    stamps: dict[str, Native] = {
        name: parse_seed("S", texts[name])
        for name in ("AUWHENCREATED", "WHENMODIFIED")
        if context.seeding and texts.get(name)
    }
    return Receipt(
        customer=texts.get("CUSTOMERID", ""),
        amount=0,
        day=day,
        method=texts.get("PAYMENTMETHOD", ""),
        bank=texts.get("FINANCIALENTITY", ""),
        undeposited=texts.get("UNDEPOSITEDACCOUNTNO", ""),
        reference=texts.get("DOCNUMBER", ""),
        description=texts.get("DESCRIPTION", ""),
        currency=texts.get("CURRENCY", ""),
        base=texts.get("BASECURR", ""),
        rate=_rate(context, texts.get("EXCHANGE_RATE", "")),
        rate_type=texts.get("EXCH_RATE_TYPE_ID", ""),
        rate_date=_day(context, texts, "EXCH_RATE_DATE"),
        paid=_day(context, texts, "PAYMENTDATE"),
        location=texts.get("OVERPAYMENTLOCATIONID", ""),
        payer=texts.get("PAYERNAME", ""),
        record_type=PAYMENT,
        recordno=int(recordno) if context.seeding and recordno else None,
        extra=stamps,
    )


def _applications(context: Context, detail: Texts) -> list[Apply]:
    """A detail may settle its target from several sources at once."""
    target, key, entry = _target(context, detail)
    found: list[Apply] = []
    cash = _money(context, "ARPYMTDETAIL", detail, "TRX_PAYMENTAMOUNT")
    if cash:
        found.append(Apply(target, key, cash, entry))
    for source, field in _SOURCES:
        amount = _money(context, "ARPYMTDETAIL", detail, field)
        if not amount:
            continue
        source_key = _key(detail.get(f"{source}KEY", "")) or _seed_key(context, source, detail)
        if source_key is None:
            raise missing(f"The required field {source}KEY is missing.")
        line = _key(detail.get(f"{source}ENTRYKEY", ""))
        found.append(Apply(target, key, amount, entry, source, source_key, line))
    if not found:
        raise missing("A payment detail needs an amount.")
    if any(detail.get(name) for name in ("TRX_INLINEAMOUNT", "TRX_TOTALDISCOUNTTOAPPLY", "INLINEKEY")):
        raise refused("BL01001973", "Inline credits and discounts are not supported.")
    return found


def _target(context: Context, detail: Texts) -> tuple[str, int, int | None]:
    memo = _key(detail.get("POSADJKEY", ""))
    if memo is not None:
        return "ARADJUSTMENT", memo, _key(detail.get("POSADJENTRYKEY", ""))
    key = _key(detail.get("RECORDKEY", ""))
    if key is None and context.seeding and detail.get("RECORDID"):
        key = _by_number(context, "ARINVOICE", detail["RECORDID"])
    if key is None:
        raise missing("The required field RECORDKEY is missing.")
    return "ARINVOICE", key, _key(detail.get("ENTRYKEY", ""))


def _seed_key(context: Context, source: str, detail: Texts) -> int | None:
    """Seeds may name a credit memo by its number."""
    number = detail.get("ADJUSTMENTID", "")
    if not context.seeding or source != "ADJUSTMENT" or not number:
        return None
    return _by_number(context, "ARADJUSTMENT", number)


def _by_number(context: Context, object_name: str, number: str) -> int:
    found = context.db.find(object_name, "RECORDID", number)
    if found is None:
        raise invalid(object_name, number)
    return int(found["RECORDNO"])


def _key(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise invalid("Record", text)
    return int(text)


def _money(context: Context, object_name: str, texts: Texts, name: str) -> int | None:
    text = texts.get(name, "")
    if not text:
        return None
    value = read_value(context, ARPYMTDETAIL.fields["TRX_PAYMENTAMOUNT"], text)
    if not isinstance(value, int) or value < 0:
        raise missing(f"The value '{text}' is not valid for {name}.")
    return value


def _day(context: Context, texts: Texts, name: str) -> date | None:
    text = texts.get(name, "")
    if not text:
        return None
    return date.fromisoformat(str(read_value(context, ARPYMT.fields["RECEIPTDATE"], text)))


def _rate(context: Context, text: str) -> Decimal | None:
    if not text:
        return None
    return Decimal(str(read_value(context, ARPYMT.fields["EXCHANGE_RATE"], text)))
