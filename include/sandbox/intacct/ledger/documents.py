"""Invoices, adjustments and bills: from a draft to a stored, posted document."""

from __future__ import annotations

from datetime import date

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing, number_taken, refused
from include.sandbox.intacct.ledger import periods, schedules
from include.sandbox.intacct.ledger.dimensions import account, check_dimensions, check_required, usable
from include.sandbox.intacct.ledger.documentrows import (
    Dates,
    document_state,
    head_values,
    line_values,
    rate_of,
    set_totals,
)
from include.sandbox.intacct.ledger.drafts import Draft, DraftLine
from include.sandbox.intacct.ledger.kinds import Kind
from include.sandbox.intacct.ledger.places import base_currency, entity_of
from include.sandbox.intacct.ledger.posting import post_document
from include.sandbox.intacct.ledger.rates import Rate, rate_for
from include.sandbox.intacct.ledger.taxes import tax_lines
from include.sandbox.intacct.ledger.terms import discount_date, due_date
from include.sandbox.intacct.store.audit import trail
from include.sandbox.intacct.store.database import Row


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
    head = head_values(context, kind, draft, party, dates, rate, number, state)
    lines = [
        line_values(context, kind, draft, line, gl, entity, dates, rate)
        for line, gl, entity in zip(draft.lines, accounts, entities, strict=True)
    ]
    taxes = tax_lines(context, draft, lines, rate)
    lines += [line for _, line in taxes]
    set_totals(head, lines)
    if state == "Posted" and head["TRX_TOTALDUE"] == 0:
        head.update(STATE="Paid", WHENPAID=dates.posting.isoformat())
    recordno = context.db.insert(kind.object, head)
    head["RECORDNO"] = recordno
    parents = {id(line): lines[place] for place, line in taxes}
    for position, line in enumerate(lines):
        line["RECORDKEY"] = recordno
        if id(line) in parents:
            line["PARENTENTRY"] = parents[id(line)]["RECORDNO"]
        line["LINE_NO"] = position
        line["_MEGAENTITYID"] = head.get("MEGAENTITYID")
        line["RECORDNO"] = context.db.insert(kind.lines, line)
    if state == "Posted":
        post_document(context, kind, head, lines, party, rate)
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
    post_document(context, kind, head, lines, party, rate)
    state = document_state(head)
    context.db.update(kind.object, recordno, {"STATE": state, "RAWSTATE": "A", "WHENMODIFIED": context.stamp})


def _party(context: Context, kind: Kind, draft: Draft) -> Row:
    party = usable(context, kind.party_object, kind.party, draft.party, kind.party_title)
    allowed = str(party.get("RESTRICTEDLOCATIONS") or "").split("#~#")
    restriction = party.get("OBJECTRESTRICTION")
    if context.entity and restriction == "RootOnly":
        raise invalid(kind.party_title, draft.party)
    if context.entity and restriction == "Restricted" and context.entity not in allowed:
        raise invalid(kind.party_title, draft.party)
    return party


def _dates(context: Context, kind: Kind, draft: Draft, party: Row) -> Dates:
    term_name = draft.term or ("" if draft.due else str(party.get("TERMNAME") or ""))
    term = None
    if term_name:
        term = usable(context, kind.term_object, "NAME", term_name, "Term")
        draft.term = term_name
    if draft.due is not None:
        due = draft.due
    elif term is not None:
        due = _within_calendar(term, draft.created)
    elif kind.object.endswith("ADJUSTMENT"):
        due = draft.created
    else:
        raise missing("A due date or a term is required.")
    discount = discount_date(term, draft.created) if term is not None else None
    return Dates(draft.created, draft.posting, due, discount)


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
    column = [kind.party] if kind.party == "VENDORID" else []
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
