"""Invoices, adjustments and bills: from a draft to a stored, posted document."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing, number_taken, refused
from include.sandbox.intacct.ledger import journal, periods, schedules
from include.sandbox.intacct.ledger.dimensions import account, check_dimensions, check_required, usable
from include.sandbox.intacct.ledger.drafts import Draft, DraftLine
from include.sandbox.intacct.ledger.journal import Entry
from include.sandbox.intacct.ledger.kinds import Kind
from include.sandbox.intacct.ledger.places import base_currency, entity_of
from include.sandbox.intacct.ledger.rates import Rate, rate_for
from include.sandbox.intacct.ledger.terms import discount_date, due_date
from include.sandbox.intacct.store.audit import created, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native, convert


@dataclass(frozen=True, slots=True)
class _Dates:
    created: date
    posting: date
    due: date
    discount: date | None


def store_document(context: Context, kind: Kind, draft: Draft, *, pending: bool = False) -> int:
    """RECORDNO of the new document, posted unless it is a draft or ``pending`` approval. Raises Refused."""
    party = _party(context, kind, draft)
    dates = _dates(context, kind, draft, party)
    accounts = [_account(context, kind, draft, line, number) for number, line in enumerate(draft.lines, 1)]
    entities = [entity_of(context, line.location) for line in draft.lines]
    rate = _rate(context, draft, entities)
    state = "Draft" if draft.is_draft else "Submitted" if pending else "Posted"
    if state == "Posted":
        periods.check_open(context, kind.module, dates.posting, entities or [context.entity])
    number = _number(context, kind, draft)
    head = _head(context, kind, draft, party, dates, rate, number, state)
    lines = [
        _line(context, kind, draft, line, gl, entity, dates, rate)
        for line, gl, entity in zip(draft.lines, accounts, entities, strict=True)
    ]
    _total(head, lines)
    if state == "Posted" and head["TRX_TOTALDUE"] == 0:
        head.update(STATE="Paid", WHENPAID=dates.posting.isoformat())
    recordno = context.db.insert(kind.object, head)
    head["RECORDNO"] = recordno
    for position, line in enumerate(lines):
        line["RECORDKEY"] = recordno
        line["LINE_NO"] = position
        line["_MEGAENTITYID"] = head.get("MEGAENTITYID")
        line["RECORDNO"] = context.db.insert(kind.lines, line)
    if state == "Posted":
        _post(context, kind, head, lines, party, rate)
    trail(context, kind.object, recordno, "C")
    return recordno


def post_pending(context: Context, kind: Kind, recordno: int) -> None:
    """Post a stored document that waited for approval. Raises Refused for a closed period."""
    head = context.db.get(kind.object, recordno)
    if head is None:
        raise invalid(kind.word.capitalize(), str(recordno))
    lines = context.db.matching(kind.lines, "RECORDKEY", recordno)
    posting = date.fromisoformat(head["WHENPOSTED"])
    periods.check_open(context, kind.module, posting, [line["_ENTITY"] or "" for line in lines])
    party = usable(context, kind.party_object, kind.party, head[kind.party], kind.party_title)
    rate = rate_of(head)
    _post(context, kind, head, lines, party, rate)
    state = document_state(head)
    context.db.update(kind.object, recordno, {"STATE": state, "RAWSTATE": "A", "WHENMODIFIED": context.stamp})


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


def _party(context: Context, kind: Kind, draft: Draft) -> Row:
    party = usable(context, kind.party_object, kind.party, draft.party, kind.party_title)
    allowed = str(party.get("RESTRICTEDLOCATIONS") or "").split("#~#")
    restriction = party.get("OBJECTRESTRICTION")
    if context.entity and restriction == "RootOnly":
        raise invalid(kind.party_title, draft.party)
    if context.entity and restriction == "Restricted" and context.entity not in allowed:
        raise invalid(kind.party_title, draft.party)
    return party


def _dates(context: Context, kind: Kind, draft: Draft, party: Row) -> _Dates:
    term_name = draft.term or ("" if draft.due else str(party.get("TERMNAME") or ""))
    term = None
    if term_name:
        term = usable(context, kind.term_object, "NAME", term_name, "Term")
        draft.term = term_name
    if draft.due is not None:
        due = draft.due
    elif term is not None:
        due = _within_calendar(term, draft.created)
    elif kind.object == "ARADJUSTMENT":
        due = draft.created
    else:
        raise missing("A due date or a term is required.")
    discount = discount_date(term, draft.created) if term is not None else None
    return _Dates(draft.created, draft.posting, due, discount)


def _within_calendar(term: Row, day: date) -> date:
    try:
        return due_date(term, day)
    except (OverflowError, ValueError):
        raise missing("The due date is out of range.") from None


def _account(context: Context, kind: Kind, draft: Draft, line: DraftLine, number: int) -> Row:
    if line.label:
        label = usable(context, kind.labels, "ACCOUNTLABEL", line.label, "Account label")
        line.account = str(label["GLACCOUNTNO"])
        line.offset = line.offset or str(label["OFFSETGLACCOUNTNO"] or "")
    elif context.switches.account_labels_required and not context.seeding:
        raise missing(f"Line {number}: an account label is required.")
    gl = account(context, line.account)
    if line.offset:
        account(context, line.offset)
    check_dimensions(context, number, line.location, line.department, line.dimensions)
    check_required(number, gl, line.location, line.department, line.dimensions)
    if line.template:
        template = schedules.template_of(context, line.template)
        line.revenue_start, line.revenue_end = schedules.term_of(
            template, line.revenue_start, line.revenue_end, draft.created
        )
        line.deferred = line.deferred or context.tenant["deferred_account"]
        account(context, line.deferred)
    return gl


def _rate(context: Context, draft: Draft, entities: list[str]) -> Rate:
    bases = {base_currency(context, entity) for entity in entities} or {base_currency(context, context.entity)}
    if len(bases) > 1:
        raise refused("BL01001973", "The lines belong to entities with different base currencies.")
    base = bases.pop()
    if len(set(entities)) > 1 and not context.tenant["inter_entity_account"]:
        raise refused(
            "BL01001973",
            "The lines belong to several entities and no inter-entity relationship is set up between them.",
        )
    if draft.base and draft.base != base:
        raise refused("BL01001973", f"The base currency '{draft.base}' is not that of the entity ({base}).")
    return rate_for(
        context,
        base,
        draft.currency or base,
        draft.rate_date or draft.created,
        type_name=draft.rate_type,
        explicit=draft.rate,
    )


def _number(context: Context, kind: Kind, draft: Draft) -> str:
    if not draft.number:
        while True:
            number = f"{kind.prefix}{context.db.next_number('number:' + kind.object):06d}"
            if not context.db.exists(kind.object, "RECORDID", number):
                return number
    if context.switches.duplicate_invoice_numbers_allowed:
        return draft.number
    column = [kind.party] if kind.object == "APBILL" else []
    sql = " ".join(
        (
            "SELECT 1 FROM",
            kind.object,
            "WHERE RECORDID = ?",
            *(f"AND {name} = ?" for name in column),
            "LIMIT 1",
        )
    )
    values = (draft.number, draft.party) if column else (draft.number,)
    if context.db.scalar(sql, values) is not None:
        raise number_taken(kind.word, draft.number)
    return draft.number


def _head(
    context: Context,
    kind: Kind,
    draft: Draft,
    party: Row,
    dates: _Dates,
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


def _line(
    context: Context,
    kind: Kind,
    draft: Draft,
    line: DraftLine,
    gl: Row,
    entity: str,
    dates: _Dates,
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


def _total(head: dict[str, Native], lines: list[dict[str, Native]]) -> None:
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


def control_account(context: Context, kind: Kind, party: Row) -> str:
    return str(party[kind.party_control] or context.tenant[kind.control])


def _post(context: Context, kind: Kind, head: Row, lines: list[dict[str, Native]], party: Row, rate: Rate) -> None:
    posting = date.fromisoformat(str(head["WHENPOSTED"]))
    if not head["_NOGL"]:
        source = journal.Source(
            str(head["MODULEKEY"]),
            kind.journal,
            kind.record_type,
            int(head["RECORDNO"]),
            str(head["RECORDID"]),
            f"{kind.word.capitalize()} {head['RECORDID']}",
        )
        entries = _entries(context, kind, party, lines)
        journal.post(context, source, posting, entries, rate, head)
    for line in lines:
        if line.get("REVRECTEMPLATE") and line["TRX_AMOUNT"]:
            template = schedules.template_of(context, str(line["REVRECTEMPLATE"]))
            schedules.create_schedule(context, head, line, template, rate)


def _entries(context: Context, kind: Kind, party: Row, lines: list[dict[str, Native]]) -> list[Entry]:
    """Each line against its account; its offset against the control account, summed per location.

    The control account of a document over several entities is in the first line's; the others owe it through the
    inter-entity account, so that each entity balances.
    """
    entries: list[Entry] = []
    offsets: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    default = control_account(context, kind, party)
    owner = str(lines[0]["_ENTITY"] or "")
    home = str(lines[0]["LOCATIONID"] or "")
    between = context.tenant["inter_entity_account"]
    for line in lines:
        base, trx = kind.sign * int(line["AMOUNT"] or 0), kind.sign * int(line["TRX_AMOUNT"] or 0)
        location = str(line["LOCATIONID"] or "")
        control = str(line["OFFSETGLACCOUNTNO"] or default)
        entries.append(_line_entry(line, -base, -trx))
        targets = [(control, location, 1)]
        if str(line["_ENTITY"] or "") != owner:
            targets = [(between, location, 1), (between, home, -1), (control, home, 1)]
        for number, place, sign in targets:
            offsets[(number, place)][0] += sign * base
            offsets[(number, place)][1] += sign * trx
    party_dimension = {kind.party: str(party[kind.party])}
    for (number, location), (base, trx) in offsets.items():
        entries.append(Entry(number, base, trx, location, dimensions=party_dimension))
    return entries


_LINE_DIMENSIONS = ("CUSTOMERID", "VENDORID", "EMPLOYEEID", "ITEMID", "CLASSID", "PROJECTID", "CONTRACTID")


def _line_entry(line: dict[str, Native], base: int, trx: int) -> Entry:
    deferred = line.get("DEFERREDREVACCTNO") if line.get("REVRECTEMPLATE") else None
    return Entry(
        str(deferred or line["ACCOUNTNO"]),
        base,
        trx,
        str(line["LOCATIONID"] or ""),
        str(line["DEPARTMENTID"] or ""),
        str(line["ENTRYDESCRIPTION"] or ""),
        {name: str(line[name]) for name in _LINE_DIMENSIONS if line.get(name)},
    )
