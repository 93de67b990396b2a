"""Applying money and credits to documents: what it clears, what it leaves to exchange differences, what it posts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.catalogue.receivables import ARPYMTDETAIL
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, refused
from include.sandbox.intacct.ledger import periods
from include.sandbox.intacct.ledger.documentrows import rate_of
from include.sandbox.intacct.ledger.journal import Entry
from include.sandbox.intacct.ledger.kinds import BY_OBJECT
from include.sandbox.intacct.ledger.rates import Rate
from include.sandbox.intacct.ledger.settlement import Portion, open_document, put_back, take
from include.sandbox.intacct.store.audit import created
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native, convert

CREDITS = {"ADJUSTMENT": "ARADJUSTMENT", "NEGATIVEINVOICE": "ARINVOICE"}


@dataclass(slots=True)
class Apply:
    """``amount`` hundredths to ``target`` (ARINVOICE, or ARADJUSTMENT for a debit memo), on one line or over all.
    ``source`` is ``None`` for the payment's cash, else ADVANCE, OVERPAYMENT, ADJUSTMENT or NEGATIVEINVOICE with the
    record (and line) it comes from."""

    target: str
    recordno: int
    amount: int
    entry: int | None = None
    source: str | None = None
    source_key: int = 0
    source_entry: int | None = None


@dataclass(slots=True)
class Funds:
    """The payment that applies: its cash in both currencies and how much of it is used. ``place`` is the bank's
    location, empty where the money goes to undeposited funds of whichever entity it settles."""

    payment: int
    rate: Rate
    account: str
    place: str
    trx: int
    base: int
    owner: str | None = None
    used_trx: int = 0
    used_base: int = 0

    def spend(self, trx: int) -> int:
        """The base of this much cash; the last of it takes what is left."""
        self.used_trx += trx
        base = self.base - self.used_base if self.used_trx == self.trx else convert(trx, self.rate.rate)
        self.used_base += base
        return base


@dataclass(frozen=True, slots=True)
class _Given:
    """One piece of a source: the base it is carried at, on which account and where."""

    trx: int
    base: int
    account: str
    location: str


def apply_all(context: Context, funds: Funds, applications: Iterable[Apply], day: date) -> list[Entry]:
    """Store every application and answer the journal entries. Raises Refused; the caller's unit undoes all."""
    entries: list[Entry] = []
    for one in applications:
        target = open_document(context, one.target, one.recordno)
        portions = take(context, one.target, one.recordno, one.entry, one.amount, day)
        periods.check_open(context, "AR", day, {portion.entity for portion in portions})
        for portion in portions:
            _remember(context, funds.payment, one.target, one.recordno, portion.line, portion.trx, portion.base)
        source_rate, groups = _pair(context, funds, one, target, portions, day)
        for given, taken in groups:
            entries += _clearing(context, target, taken, given, source_rate)
        _details(context, funds, one, target, portions, day)
    return entries


def _pair(
    context: Context, funds: Funds, one: Apply, target: Row, portions: list[Portion], day: date
) -> tuple[Decimal, list[tuple[list[_Given], list[Portion]]]]:
    """The source's rate, and which pieces of it pay which portions: cash portion by portion, a credit as a whole."""
    if one.source is None:
        return funds.rate.rate, [
            (
                [_Given(portion.trx, funds.spend(portion.trx), funds.account, funds.place or portion.location)],
                [portion],
            )
            for portion in portions
        ]
    if one.source in CREDITS:
        return _from_credit(context, funds, one, target, portions, day)
    return _from_payment(context, funds, one, target, portions)


def _from_payment(
    context: Context, funds: Funds, one: Apply, target: Row, portions: list[Portion]
) -> tuple[Decimal, list[tuple[list[_Given], list[Portion]]]]:
    head = context.db.get("ARPYMT", one.source_key)
    if head is None or head["STATE"] != "Complete":
        raise invalid("Payment", str(one.source_key))
    _check_pair(head, target, f"payment {one.source_key}")
    if one.amount > head["TRX_TOTALDUE"]:
        raise refused("BL01001973", f"The amount is more than what is unapplied on payment {one.source_key}.")
    rate = rate_of(head).rate
    whole = one.amount == head["TRX_TOTALDUE"]
    base = head["TOTALDUE"] if whole else convert(one.amount, rate)
    move_unapplied(context, head, -one.amount, -base)
    _remember(context, funds.payment, "ARPYMT", one.source_key, None, one.amount, base)
    given = _Given(one.amount, base, str(head["_CREDITACCOUNTNO"]), str(head["_ENTITY"] or ""))
    return rate, [([given], portions)]


def _from_credit(
    context: Context, funds: Funds, one: Apply, target: Row, portions: list[Portion], day: date
) -> tuple[Decimal, list[tuple[list[_Given], list[Portion]]]]:
    object_name = CREDITS[str(one.source)]
    head = open_document(context, object_name, one.source_key)
    _check_pair(head, target, str(head["RECORDID"]))
    if head["TRX_TOTALDUE"] >= 0:
        raise refused("BL01001973", f"{head['RECORDID']} has no credit to apply.")
    given: list[_Given] = []
    kind = BY_OBJECT[object_name]
    default = _control(context, str(head["CUSTOMERID"]))
    for portion in take(context, object_name, one.source_key, one.source_entry, one.amount, day):
        _remember(context, funds.payment, object_name, one.source_key, portion.line, portion.trx, portion.base)
        line = context.db.get(kind.lines, portion.line) or {}
        number = str(line.get("OFFSETGLACCOUNTNO") or default)
        given.append(_Given(portion.trx, portion.base, number, portion.location))
    return rate_of(head).rate, [(given, portions)]


def _check_pair(source: Row, target: Row, name: str) -> None:
    if source["CUSTOMERID"] != target["CUSTOMERID"]:
        raise refused("BL01001973", f"{name} is of another customer than {target['RECORDID']}.")
    if (source["CURRENCY"], source["BASECURR"]) != (target["CURRENCY"], target["BASECURR"]):
        raise refused("BL01001973", f"{name} is of another currency than {target['RECORDID']}.")


def _clearing(
    context: Context, target: Row, portions: list[Portion], given: list[_Given], source_rate: Decimal
) -> list[Entry]:
    """Debit the source, credit the receivable. What differs is realised exchange gain or loss, and the cents that
    rounding left on the document (all of it rounding where both were booked at one rate)."""
    dims = {"CUSTOMERID": str(target["CUSTOMERID"] or "")}
    lines = context.db.catalogue.objects[_line_object(target)].name
    default = _control(context, str(target["CUSTOMERID"]))
    entries = [Entry(one.account, one.base, one.trx, one.location, dimensions=dims) for one in given]
    for portion in portions:
        row = context.db.get(lines, portion.line) or {}
        number = str(row.get("OFFSETGLACCOUNTNO") or default)
        entries.append(Entry(number, -portion.base, -portion.trx, portion.location, dimensions=dims))
    paid = sum(one.base for one in given)
    cleared = sum(portion.base for portion in portions)
    expected = sum(portion.expected for portion in portions)
    same_rate = source_rate == rate_of(target).rate
    rounding = cleared - paid if same_rate else cleared - expected
    exchange = 0 if same_rate else expected - paid
    place = portions[0].location
    entries.append(Entry(context.tenant["rounding_account"], rounding, 0, place))
    entries.append(Entry(context.tenant["fx_account"], exchange, 0, place))
    return entries


def _line_object(target: Row) -> str:
    return "ARADJUSTMENTITEM" if target["RECORDTYPE"] == "ra" else "ARINVOICEITEM"


def _control(context: Context, customer: str) -> str:
    found = context.db.lookup("CUSTOMER", "CUSTOMERID", customer)
    return str((found and found["ARACCOUNT"]) or context.tenant["ar_account"])


def move_unapplied(context: Context, head: Row, trx: int, base: int) -> None:
    """Change what is unapplied on a payment or advance."""
    context.db.update(
        "ARPYMT",
        head["RECORDNO"],
        {
            "TRX_TOTALDUE": head["TRX_TOTALDUE"] + trx,
            "TOTALDUE": head["TOTALDUE"] + base,
            "TRX_TOTALPAID": head["TRX_TOTALPAID"] - trx,
            "TOTALPAID": head["TOTALPAID"] - base,
            "WHENMODIFIED": context.stamp,
        },
    )


def _remember(
    context: Context, payment: int, object_name: str, recordno: int, line: int | None, trx: int, base: int
) -> None:
    context.db.execute(
        'INSERT INTO "_applied" (payment, object, recordno, line, trx, base) VALUES (?, ?, ?, ?, ?, ?)',
        (payment, object_name, recordno, line, trx, base),
    )


def undo_all(context: Context, payment: int) -> None:
    """Put back everything this payment moved."""
    rows = context.db.rows('SELECT * FROM "_applied" WHERE payment = ? ORDER BY rowid DESC', (payment,))
    for row in rows:
        if row["object"] == "ARPYMT":
            head = context.db.get("ARPYMT", row["recordno"])
            if head is not None:
                move_unapplied(context, head, row["trx"], row["base"])
        else:
            put_back(context, row["object"], row["recordno"], row["line"], row["trx"], row["base"])
    context.db.execute('DELETE FROM "_applied" WHERE payment = ?', (payment,))


def _details(context: Context, funds: Funds, one: Apply, target: Row, portions: list[Portion], day: date) -> None:
    """What readers see: one detail per line, in the field of its source."""
    stamps = created(context, ARPYMTDETAIL)
    for portion in portions:
        values: dict[str, Native] = {
            "PAYMENTKEY": funds.payment,
            "PAYMENTDATE": day.isoformat(),
            "CURRENCY": target["CURRENCY"],
            "STATE": "Complete",
            "_MEGAENTITYID": funds.owner,
            **_target_fields(one, portion),
            **_source_fields(one, portion.trx, portion.base),
            **stamps,
        }
        context.db.insert("ARPYMTDETAIL", values)


def _target_fields(one: Apply, portion: Portion) -> dict[str, Native]:
    if one.target == "ARADJUSTMENT":
        return {"POSADJKEY": one.recordno, "POSADJENTRYKEY": portion.line}
    return {"RECORDKEY": one.recordno, "ENTRYKEY": portion.line}


def _source_fields(one: Apply, trx: int, base: int) -> dict[str, Native]:
    if one.source is None:
        return {"TRX_PAYMENTAMOUNT": trx, "PAYMENTAMOUNT": base}
    fields: dict[str, Native] = {f"{one.source}KEY": one.source_key, f"{one.source}ENTRYKEY": one.source_entry}
    name = one.source if one.source in CREDITS else f"POSTED{one.source}"
    if name != one.source:
        fields[f"{name}KEY"] = one.source_key
    return {**fields, f"TRX_{name}AMOUNT": trx, f"{name}AMOUNT": base}
