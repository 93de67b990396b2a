"""Journal entries: GLBATCH as a generic object, create_gltransaction, and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.catalogue.books import GLBATCH, GLENTRY
from include.sandbox.intacct.catalogue.definition import Field
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, texts_of
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import Refused, invalid, missing, no_permission, refused
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.ledger import periods
from include.sandbox.intacct.ledger.dimensions import DIMENSIONS
from include.sandbox.intacct.ledger.manual import MODULE, Journal, Line, store_journal
from include.sandbox.intacct.masters.flatten import flatten
from include.sandbox.intacct.masters.reading import read_value
from include.sandbox.intacct.masters.records import find_record
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.audit import trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native

Texts = Mapping[str, str]


def create_batch(context: Context, element: Element) -> Row:
    texts, lines = _parts(element)
    try:
        return {"RECORDNO": store_journal(context, read_journal(context, texts, lines))}
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create Journal Entry record!") from None


def _parts(element: Element) -> tuple[dict[str, str], list[dict[str, str]]]:
    lines = [flatten(one) for one in element.iterfind("ENTRIES/GLENTRY")]
    return flatten(element, without=("ENTRIES",)), lines


def read_journal(context: Context, texts: Texts, lines: Sequence[Texts]) -> Journal:
    """Raises Refused for missing fields and values of the wrong kind."""
    for name in ("JOURNAL", "BATCH_DATE", "BATCH_TITLE"):
        if not texts.get(name):
            raise missing(f"Journal Entry: the required field {name} is missing.")
    state = texts.get("STATE", "") or "Posted"
    if state.lower() not in {"posted", "draft"}:
        raise missing(f"The value '{state}' is not valid for STATE.")
    day = _date(context, GLBATCH.fields["BATCH_DATE"], texts["BATCH_DATE"])
    if day is None:
        raise missing("Journal Entry: the required field BATCH_DATE is missing.")
    item = context.db.catalogue.objects["GLBATCH"]
    extra: dict[str, Native] = {
        field.name: read_value(context, field, texts[field.name])
        for field in item.fields.values()
        if field.name in texts and (field.custom or field.name in {"SUPDOCID", "BASELOCATION_NO", "TAXIMPLICATIONS"})
    }
    return Journal(
        symbol=texts["JOURNAL"],
        day=day,
        title=texts["BATCH_TITLE"],
        lines=[_line(context, line, number) for number, line in enumerate(lines, 1)],
        reference=texts.get("REFERENCENO", ""),
        reverse_on=_date(context, GLBATCH.fields["REVERSEDATE"], texts.get("REVERSEDATE", "")),
        is_draft=state.lower() == "draft",
        extra=extra,
    )


def _line(context: Context, texts: Texts, number: int) -> Line:
    side = texts.get("TR_TYPE", "")
    if side not in {"1", "-1"}:
        raise missing(f"Line {number}: TR_TYPE must be 1 (debit) or -1 (credit).")
    amount = read_value(context, GLENTRY.fields["TRX_AMOUNT"], texts.get("TRX_AMOUNT") or texts.get("AMOUNT", ""))
    if not isinstance(amount, int):
        raise missing(f"Line {number}: the required field TRX_AMOUNT is missing.")
    if texts.get("ALLOCATION"):
        raise refused("BL01001973", "Allocations are not supported.")
    rate = read_value(context, GLENTRY.fields["EXCHANGE_RATE"], texts.get("EXCHANGE_RATE", ""))
    return Line(
        account=texts.get("ACCOUNTNO", ""),
        side=int(side),
        amount=amount,
        location=texts.get("LOCATION", ""),
        department=texts.get("DEPARTMENT", ""),
        document=texts.get("DOCUMENT", ""),
        memo=texts.get("DESCRIPTION", ""),
        currency=texts.get("CURRENCY", ""),
        rate=Decimal(str(rate)) if rate is not None else None,
        rate_type=texts.get("EXCH_RATE_TYPE_ID", ""),
        rate_date=_date(context, GLENTRY.fields["EXCH_RATE_DATE"], texts.get("EXCH_RATE_DATE", "")),
        dimensions={name: texts[name] for name in DIMENSIONS if texts.get(name)},
    )


def _date(context: Context, field: Field, text: str) -> date | None:
    value = read_value(context, field, text)
    return date.fromisoformat(str(value)) if value else None


def update_batch(context: Context, element: Element) -> Row:
    """Replaces all lines of a journal entry made by hand. Raises Refused."""
    texts, lines = _parts(element)
    found = find_record(context, GLBATCH, texts)
    _check_own(context, found)
    kept = {
        "JOURNAL": found["JOURNAL"],
        "BATCH_DATE": f"{date.fromisoformat(found['BATCH_DATE']):%m/%d/%Y}",
        "BATCH_TITLE": found["BATCH_TITLE"],
        "REFERENCENO": found["REFERENCENO"] or "",
        "STATE": found["STATE"],
    }
    if not lines:
        raise missing("Journal Entry: ENTRIES are required, they replace all lines.")
    entry = read_journal(context, {**kept, **texts}, lines)
    entry.extra.update(WHENCREATED=found["WHENCREATED"], CREATEDBY=found["CREATEDBY"])
    _erase(context, found["RECORDNO"])
    store_journal(context, entry, found["RECORDNO"])
    return found


def delete_batch(context: Context, recordno: int) -> None:
    found = context.db.get("GLBATCH", recordno)
    if found is None:
        raise invalid("Journal Entry", str(recordno))
    _check_own(context, found)
    _erase(context, recordno)
    trail(context, "GLBATCH", recordno, "D")


def _check_own(context: Context, found: Row) -> None:
    if found["MODULE"] != MODULE:
        raise refused("BL01001973", "Entries posted by a subledger cannot be changed in the general ledger.")
    if found["STATE"] == "Posted":
        lines = context.db.matching("GLENTRY", "BATCHNO", found["RECORDNO"])
        day = date.fromisoformat(found["BATCH_DATE"])
        periods.check_open(context, "GL", day, {line["_ENTITY"] or "" for line in lines})


def _erase(context: Context, recordno: int) -> None:
    context.db.remove_where("GLENTRY", "BATCHNO", [recordno])
    context.db.delete("GLBATCH", recordno)


def create_gltransaction(context: Context, element: Element) -> Result:
    if not context.may_make("GLBATCH"):
        raise no_permission("create", "GLBATCH")
    sides = {"debit": 1, "credit": -1, "1": 1, "-1": -1}
    lines: list[Line] = []
    for number, entry in enumerate(element.iterfind("gltransactionentries/glentry"), 1):
        side = sides.get(child_text(entry, "trtype").lower())
        if side is None:
            raise missing(f"Line {number}: trtype must be debit or credit.")
        texts = texts_of(entry)
        group = typed.currency_in(entry)
        lines.append(
            Line(
                account=texts.get("glaccountno", ""),
                side=side,
                amount=typed.money_in(entry, "amount"),
                location=texts.get("locationid", ""),
                department=texts.get("departmentid", ""),
                document=texts.get("document", ""),
                memo=texts.get("memo", ""),
                currency=group.currency,
                rate=group.rate,
                rate_type=group.rate_type,
                rate_date=group.rate_date,
                dimensions=typed.dimensions_of(texts),
            )
        )
    entry_ = Journal(
        symbol=child_text(element, "journalid"),
        day=typed.required_date(element, "datecreated"),
        title=child_text(element, "description"),
        lines=lines,
        reference=child_text(element, "referenceno"),
        reverse_on=typed.date_in(element, "reversedate"),
    )
    return Result(leaf("key", str(store_journal(context, entry_))))


def load_batch(context: Context, texts: Texts, items: Sequence[Texts]) -> None:
    store_journal(context, read_journal(context, texts, items))


HANDLERS = {"create_gltransaction": create_gltransaction}
