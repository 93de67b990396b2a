"""Seed records of documents in read field names, through the same posting rules as the API functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.catalogue.definition import ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.ledger.dimensions import DIMENSIONS
from include.sandbox.intacct.ledger.documents import store_document
from include.sandbox.intacct.ledger.drafts import Draft, DraftLine
from include.sandbox.intacct.ledger.kinds import ADJUSTMENT, AP_ADJUSTMENT, BILL, INVOICE, Kind
from include.sandbox.intacct.masters.reading import read_value
from include.sandbox.intacct.values import Native, cents, parse_seed

Texts = Mapping[str, str]
DocumentLoader = Callable[[Context, Texts, Sequence[Texts]], None]

_STAMPS = ("AUWHENCREATED", "WHENMODIFIED")


def _loader(kind: Kind) -> DocumentLoader:
    def load(context: Context, texts: Texts, items: Sequence[Texts]) -> None:
        draft = draft_from_fields(context, kind, texts, items)
        recordno = store_document(context, kind, draft)
        context.db.at_least("PRRECORD", recordno)

    return load


def draft_from_fields(context: Context, kind: Kind, texts: Texts, items: Sequence[Texts]) -> Draft:
    """A document in upper-case field names (generic create, seeds). Raises Refused or ValueError."""
    item = context.db.catalogue.objects[kind.object]
    line_item = context.db.catalogue.objects[kind.lines]
    created = _date(context, item, texts, "WHENCREATED")
    if created is None:
        raise ValueError(f"{kind.object}: WHENCREATED is missing")
    rate = texts.get("EXCHANGE_RATE", "")
    recordno = texts.get("RECORDNO", "")
    extra: dict[str, Native] = {
        name: parse_seed("S", texts[name]) for name in _STAMPS if context.seeding and texts.get(name)
    }
    for name in ("SUPDOCID", "DESCRIPTION2", "RECPAYMENTDATE", "PAYMENTPRIORITY", "ONHOLD", "DELIVERY_OPTIONS"):
        if texts.get(name) and name in item.fields:
            extra[name] = read_value(context, item.fields[name], texts[name])
    return Draft(
        party=texts.get(kind.party, ""),
        created=created,
        lines=[line_from_fields(context, line_item, line) for line in items],
        posted=_date(context, item, texts, "WHENPOSTED"),
        due=_date(context, item, texts, "WHENDUE"),
        term=texts.get("TERMNAME", ""),
        number=texts.get("RECORDID", ""),
        reference=texts.get("DOCNUMBER", ""),
        description=texts.get("DESCRIPTION", ""),
        external=texts.get("EXTERNALID", ""),
        billto=texts.get("BILLTOPAYTOCONTACTNAME", ""),
        shipto=texts.get("SHIPTORETURNTOCONTACTNAME", ""),
        currency=texts.get("CURRENCY", ""),
        base=texts.get("BASECURR", ""),
        rate=Decimal(rate) if rate else None,
        rate_type=texts.get("EXCH_RATE_TYPE_ID", ""),
        rate_date=_date(context, item, texts, "EXCH_RATE_DATE"),
        is_draft=(texts.get("STATE") or texts.get("ACTION", "")).lower() == "draft",
        custom=_custom(context, item, texts),
        extra=extra,
        recordno=int(recordno) if context.seeding and recordno else None,
        module=texts.get("MODULEKEY", "") if context.seeding else "",
    )


def line_from_fields(context: Context, item: ObjectType, texts: Texts) -> DraftLine:
    """A line in upper-case field names of ``item``. Raises Refused or ValueError."""
    amount = texts.get("TRX_AMOUNT") or texts.get("AMOUNT") or ""
    field = item.fields["TRX_AMOUNT"]
    return DraftLine(
        amount=cents(amount) if context.seeding else int(read_value(context, field, amount) or 0),
        account=texts.get("ACCOUNTNO", ""),
        label=texts.get("ACCOUNTLABEL", ""),
        offset=texts.get("OFFSETGLACCOUNTNO", ""),
        memo=texts.get("ENTRYDESCRIPTION", ""),
        location=texts.get("LOCATIONID", ""),
        department=texts.get("DEPARTMENTID", ""),
        dimensions={name: texts[name] for name in DIMENSIONS if texts.get(name)},
        template=texts.get("REVRECTEMPLATE", ""),
        deferred=texts.get("DEFERREDREVACCTNO", ""),
        revenue_start=_date(context, item, texts, "REVRECSTARTDATE"),
        revenue_end=_date(context, item, texts, "REVRECENDDATE"),
        allocation=texts.get("ALLOCATION", ""),
        custom=_custom(context, item, texts),
    )


def _custom(context: Context, item: ObjectType, texts: Texts) -> dict[str, Native]:
    return {
        field.name: read_value(context, field, texts[field.name])
        for field in item.fields.values()
        if field.custom and field.name in texts
    }


def _date(context: Context, item: ObjectType, texts: Texts, name: str) -> date | None:
    text = texts.get(name, "")
    field = item.fields.get(name)
    if not text or field is None:
        return None
    value = read_value(context, field, text)
    return date.fromisoformat(str(value)[:10]) if value else None


DOCUMENTS: dict[str, DocumentLoader] = {
    "ARINVOICE": _loader(INVOICE),
    "ARADJUSTMENT": _loader(ADJUSTMENT),
    "APBILL": _loader(BILL),
    "APADJUSTMENT": _loader(AP_ADJUSTMENT),
}
"""Loaders by object; payments and journals are added by their areas."""
