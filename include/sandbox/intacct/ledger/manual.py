"""Journal entries that people or programs make themselves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.catalogue.books import GLBATCH, GLENTRY
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import missing, refused
from include.sandbox.intacct.ledger import periods
from include.sandbox.intacct.ledger.dimensions import account, check_dimensions, check_required, usable
from include.sandbox.intacct.ledger.places import base_currency, entity_of
from include.sandbox.intacct.ledger.rates import Rate, rate_for
from include.sandbox.intacct.store.audit import created, trail
from include.sandbox.intacct.values import Native, convert

MODULE = "2.GL"


@dataclass(slots=True)
class Line:
    """``side`` is 1 for debit, -1 for credit; ``amount`` is absolute hundredths of ``currency``."""

    account: str
    side: int
    amount: int
    location: str = ""
    department: str = ""
    document: str = ""
    memo: str = ""
    currency: str = ""
    rate: Decimal | None = None
    rate_type: str = ""
    rate_date: date | None = None
    dimensions: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Journal:
    symbol: str
    day: date
    title: str
    lines: list[Line]
    reference: str = ""
    reverse_on: date | None = None
    is_draft: bool = False
    extra: dict[str, Native] = field(default_factory=dict)


def store_journal(context: Context, entry: Journal, recordno: int | None = None) -> int:
    """RECORDNO of the GLBATCH; with ``reverse_on`` a second batch posts the opposite. Raises Refused."""
    usable(context, "JOURNAL", "SYMBOL", entry.symbol, "Journal")
    if len(entry.lines) < 2:
        raise missing("A journal entry needs at least two lines.")
    rates = [_check(context, number, line, entry.day) for number, line in enumerate(entry.lines, 1)]
    entities = [entity_of(context, line.location) for line in entry.lines]
    amounts = _balanced(entry.lines, rates, entities)
    if not entry.is_draft:
        periods.check_open(context, "GL", entry.day, entities)
    batch = _store(context, entry, rates, entities, amounts, recordno)
    if entry.reverse_on is not None and not entry.is_draft:
        if entry.reverse_on <= entry.day:
            raise missing("The reversal date must be after the journal date.")
        _reverse(context, entry, batch)
    return batch


def _reverse(context: Context, entry: Journal, batch: int) -> None:
    opposite = [
        Line(
            line.account,
            -line.side,
            line.amount,
            line.location,
            line.department,
            line.document,
            line.memo,
            line.currency,
            line.rate,
            line.rate_type,
            line.rate_date or entry.day,
            line.dimensions,
        )
        for line in entry.lines
    ]
    day = entry.reverse_on or entry.day
    reversal = Journal(
        entry.symbol, day, f"Reversed - {entry.title}", opposite, entry.reference, extra={"REVERSEDFROM": str(batch)}
    )
    key = store_journal(context, reversal)
    context.db.update("GLBATCH", batch, {"REVERSED": day.isoformat(), "REVERSEDKEY": key})


def _check(context: Context, number: int, line: Line, day: date) -> Rate:
    gl = account(context, line.account)
    check_dimensions(context, number, line.location, line.department, line.dimensions)
    check_required(number, gl, line.location, line.department, line.dimensions)
    if line.amount < 0:
        raise missing(f"Line {number}: the amount must not be negative; use TR_TYPE.")
    base = base_currency(context, entity_of(context, line.location) or context.entity)
    return rate_for(
        context,
        base,
        line.currency or base,
        line.rate_date or day,
        type_name=line.rate_type,
        explicit=line.rate,
    )


def _balanced(lines: list[Line], rates: list[Rate], entities: list[str]) -> list[int]:
    """Base amounts per line. Transaction amounts must balance per entity and currency, base amounts per entity; the
    cents that conversion leaves go to the entity's largest foreign line."""
    trx: dict[tuple[str, str], int] = defaultdict(int)
    base: dict[str, int] = defaultdict(int)
    amounts = [convert(line.amount, rate.rate) for line, rate in zip(lines, rates, strict=True)]
    for line, rate, entity, amount in zip(lines, rates, entities, amounts, strict=True):
        trx[(entity, rate.currency)] += line.side * line.amount
        base[entity] += line.side * amount
    one_currency = not any(trx.values())
    for entity, off in base.items():
        if not off:
            continue
        foreign = [
            (amount, index)
            for index, (amount, rate) in enumerate(zip(amounts, rates, strict=True))
            if entities[index] == entity and rate.currency != rate.base
        ]
        if not foreign or abs(off) > len(lines) or not one_currency:
            raise refused("BL01001973", "The journal entry does not balance: debits and credits differ.")
        index = max(foreign)[1]
        amounts[index] -= lines[index].side * off
    if not one_currency and any(base.values()):
        raise refused("BL01001973", "The journal entry does not balance per currency and entity.")
    return amounts


def _store(
    context: Context,
    entry: Journal,
    rates: list[Rate],
    entities: list[str],
    amounts: list[int],
    recordno: int | None,
) -> int:
    state = "Draft" if entry.is_draft else "Posted"
    given: dict[str, Native] = {} if recordno is None else {"RECORDNO": recordno}
    head: dict[str, Native] = {
        **given,
        "BATCHNO": context.db.next_number("GLBATCHNO"),
        "BATCH_TITLE": entry.title,
        "JOURNAL": entry.symbol,
        "BATCH_DATE": entry.day.isoformat(),
        "MODULE": MODULE,
        "USERKEY": context.userno,
        "REFERENCENO": entry.reference or None,
        "REVERSEDATE": entry.reverse_on.isoformat() if entry.reverse_on else None,
        "MODIFIED": context.stamp,
        "STATE": state,
        "_SOURCETYPE": "gl",
        **created(context, GLBATCH),
        **context.entity_fields(),
        **entry.extra,
    }
    batch = context.db.insert("GLBATCH", head)
    for number, (line, rate, entity, amount) in enumerate(zip(entry.lines, rates, entities, amounts, strict=True)):
        values = {**_line_values(line, rate, amount), "BATCHNO": batch, "LINE_NO": number}
        values.update(ENTRY_DATE=entry.day.isoformat(), STATE=state, _ENTITY=entity or None)
        values.update(_MEGAENTITYID=context.entity or None, **created(context, GLENTRY))
        context.db.insert("GLENTRY", values)
    trail(context, "GLBATCH", batch, "C")
    return batch


def _line_values(line: Line, rate: Rate, amount: int) -> dict[str, Native]:
    return {
        "TR_TYPE": line.side,
        "AMOUNT": amount,
        "TRX_AMOUNT": line.amount,
        "ACCOUNTNO": line.account,
        "DEPARTMENT": line.department or None,
        "LOCATION": line.location or None,
        "DOCUMENT": line.document or None,
        "DESCRIPTION": line.memo or None,
        **rate.fields(),
        **{name: value for name, value in line.dimensions.items() if value},
    }
