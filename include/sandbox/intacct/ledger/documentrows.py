"""A document's head and lines as they are stored, before they are posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.ledger.dimensions import usable
from include.sandbox.intacct.ledger.drafts import Draft, DraftLine
from include.sandbox.intacct.ledger.kinds import Kind
from include.sandbox.intacct.ledger.rates import Rate
from include.sandbox.intacct.store.audit import created
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native, convert


@dataclass(frozen=True, slots=True)
class Dates:
    """When a document was made, posts, falls due, and until when paying it early is cheaper."""

    created: date
    posting: date
    due: date
    discount: date | None


def head_values(
    context: Context,
    kind: Kind,
    draft: Draft,
    party: Row,
    dates: Dates,
    rate: Rate,
    number: str,
    state: str,
) -> dict[str, Native]:
    item = context.db.catalogue.objects[kind.object]
    values: dict[str, Native] = {
        "RECORDTYPE": kind.record_type,
        "RECORDID": number,
        "STATE": state,
        "RAWSTATE": {"Draft": "D", "Submitted": "S"}.get(state, "A"),
        kind.party: draft.party,
        "DOCNUMBER": draft.reference or None,
        "DESCRIPTION": draft.description or None,
        "TERMNAME": draft.term or None,
        "WHENCREATED": dates.created.isoformat(),
        "WHENPOSTED": dates.posting.isoformat(),
        "WHENDUE": dates.due.isoformat(),
        "WHENDISCOUNT": dates.discount.isoformat() if dates.discount else None,
        **rate.fields(),
        "BILLTOPAYTOKEY": _contact(context, draft.billto, party, "BILLTOKEY"),
        "SHIPTORETURNTOKEY": _contact(context, draft.shipto, party, "SHIPTOKEY"),
        "TAXSOLUTIONID": draft.solution or None,
        "MODULEKEY": draft.module or kind.module_key,
        "SYSTEMGENERATED": "T" if draft.system_generated else "F",
        "_CONTACTKEY": party["DISPLAYCONTACTKEY"],
        "_ENTITY": context.entity or None,
        "_NOGL": 1 if draft.no_gl else 0,
        "_EXTERNALID": draft.external or None,
        **created(context, item),
        **context.entity_fields(),
        **draft.custom,
        **draft.extra,
    }
    known = {"_CONTACTKEY", "_ENTITY", "_NOGL", "_EXTERNALID"}
    kept = {name: value for name, value in values.items() if name in item.fields or name in known}
    if draft.recordno is not None:
        kept = {"RECORDNO": draft.recordno, **kept}
    return kept


def _contact(context: Context, name: str, party: Row, link: str) -> Native:
    if not name:
        key: Native = party[link] or party["DISPLAYCONTACTKEY"]
        return key
    return int(usable(context, "CONTACT", "CONTACTNAME", name, "Contact")["RECORDNO"])


def line_values(
    context: Context,
    kind: Kind,
    draft: Draft,
    line: DraftLine,
    gl: Row,
    entity: str,
    dates: Dates,
    rate: Rate,
) -> dict[str, Native]:
    item = context.db.catalogue.objects[kind.lines]
    base = convert(line.amount, rate.rate)
    values: dict[str, Native] = {
        "ACCOUNTNO": gl["ACCOUNTNO"],
        "ACCOUNTLABEL": line.label or None,
        "OFFSETGLACCOUNTNO": line.offset or None,
        "ENTRY_DATE": dates.posting.isoformat(),
        "AMOUNT": base,
        "TRX_AMOUNT": line.amount,
        "ENTRYDESCRIPTION": line.memo or None,
        "DEPARTMENTID": line.department or None,
        "LOCATIONID": line.location or None,
        **rate.fields(),
        "ALLOCATION": line.allocation or None,
        "LINEITEM": "T",
        "TOTALPAID": 0,
        "TRX_TOTALPAID": 0,
        "TOTALSELECTED": 0,
        "TRX_TOTALSELECTED": 0,
        "DEFERREVENUE": "true" if line.template else "false",
        "REVRECTEMPLATE": line.template or None,
        "DEFERREDREVACCTNO": line.deferred or None,
        "REVRECSTARTDATE": line.revenue_start.isoformat() if line.revenue_start else None,
        "REVRECENDDATE": line.revenue_end.isoformat() if line.revenue_end else None,
        "STATE": "Draft" if draft.is_draft else "Posted",
        "RECORDTYPE": kind.record_type,
        "_ENTITY": entity or None,
        "_DUE": base,
        "_TRX_DUE": line.amount,
        **created(context, item),
        **{name: value or None for name, value in line.dimensions.items()},
        **line.custom,
    }
    internal = {"_ENTITY", "_DUE", "_TRX_DUE"}
    return {name: value for name, value in values.items() if name in item.fields or name in internal}


def set_totals(head: dict[str, Native], lines: list[dict[str, Native]]) -> None:
    base = sum(int(line["AMOUNT"] or 0) for line in lines)
    trx = sum(int(line["TRX_AMOUNT"] or 0) for line in lines)
    head.update(
        TOTALENTERED=base,
        TRX_TOTALENTERED=trx,
        TOTALDUE=base,
        TRX_TOTALDUE=trx,
        TOTALPAID=0,
        TRX_TOTALPAID=0,
        TOTALSELECTED=0,
        TRX_TOTALSELECTED=0,
    )


def rate_of(head: Row) -> Rate:
    """The rate a stored document was booked at."""
    day = date.fromisoformat(head["EXCH_RATE_DATE"] or head["WHENCREATED"])
    return Rate(
        head["BASECURR"],
        head["CURRENCY"],
        Decimal(head["EXCHANGE_RATE"] or "1"),
        day,
        head["EXCH_RATE_TYPE_ID"] or "",
    )


def document_state(head: Row) -> str:
    """Posted, Partially Paid or Paid by what is due."""
    if head["TRX_TOTALDUE"] == 0:
        return "Paid"
    return "Partially Paid" if head["TRX_TOTALPAID"] else "Posted"
