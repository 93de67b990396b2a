"""Changing and deleting stored documents: drafts freely, posted ones only where the books allow it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import refused
from include.sandbox.intacct.ledger.dimensions import DIMENSIONS
from include.sandbox.intacct.ledger.documents import store_document
from include.sandbox.intacct.ledger.drafts import Draft, DraftLine, TaxEntry
from include.sandbox.intacct.ledger.kinds import Kind
from include.sandbox.intacct.ledger.rates import CUSTOM_RATE
from include.sandbox.intacct.ledger.taxes import TAX_LINE
from include.sandbox.intacct.store.audit import trail
from include.sandbox.intacct.store.database import Row

_PENDING = {"Draft", "Submitted", "Declined"}


def changeable(context: Context, kind: Kind, recordno: int) -> Row:
    """The document, if it exists and this session may change it. Raises Refused."""
    head = context.db.get(kind.object, recordno)
    if head is None:
        raise refused("DL03000005", f"There is no record for the {kind.word} key {recordno}.")
    owner = head.get("MEGAENTITYID")
    if owner and owner != context.entity:
        raise refused("BL01001973", f"The {kind.word} belongs to entity {owner} and can only be changed there.")
    if head["STATE"] in {"Reversed", "Reversal"}:
        raise refused("BL01001973", f"The {kind.word} {head['RECORDID']} is reversed and cannot be changed.")
    return head


def is_pending(head: Row) -> bool:
    """Not posted yet."""
    return head["STATE"] in _PENDING


def draft_of(context: Context, kind: Kind, head: Row) -> Draft:
    """The stored document as a draft again, with its number and record number."""
    item = context.db.catalogue.objects[kind.object]
    line_item = context.db.catalogue.objects[kind.lines]
    explicit = head["EXCH_RATE_TYPE_ID"] == CUSTOM_RATE
    return Draft(
        party=head[kind.party],
        created=date.fromisoformat(head["WHENCREATED"]),
        posted=date.fromisoformat(head["WHENPOSTED"]) if head["WHENPOSTED"] else None,
        due=date.fromisoformat(head["WHENDUE"]) if head.get("WHENDUE") else None,
        term=head.get("TERMNAME") or "",
        number=head["RECORDID"],
        reference=head["DOCNUMBER"] or "",
        description=head["DESCRIPTION"] or "",
        external=head["_EXTERNALID"] or "",
        billto=_contact_name(context, head["BILLTOPAYTOKEY"]),
        shipto=_contact_name(context, head["SHIPTORETURNTOKEY"]),
        currency=head["CURRENCY"] or "",
        base=head["BASECURR"] or "",
        rate=Decimal(head["EXCHANGE_RATE"]) if explicit else None,
        rate_type="" if explicit else head["EXCH_RATE_TYPE_ID"] or "",
        rate_date=date.fromisoformat(head["EXCH_RATE_DATE"]) if head["EXCH_RATE_DATE"] else None,
        is_draft=head["STATE"] == "Draft",
        no_gl=bool(head["_NOGL"]),
        custom={field.name: head[field.name] for field in item.fields.values() if field.custom},
        extra={"AUWHENCREATED": head["AUWHENCREATED"], "CREATEDBY": head["CREATEDBY"], "SUPDOCID": head["SUPDOCID"]},
        recordno=head["RECORDNO"],
        module=head["MODULEKEY"] or "",
        solution=head.get("TAXSOLUTIONID") or "",
        lines=_draft_lines(context, kind, head, [field.name for field in line_item.fields.values() if field.custom]),
    )


def _draft_lines(context: Context, kind: Kind, head: Row, custom: list[str]) -> list[DraftLine]:
    """The lines that were entered, with their tax entries."""
    stored = context.db.matching(kind.lines, "RECORDKEY", head["RECORDNO"])
    lines = {line["RECORDNO"]: draft_line_of(line, custom) for line in stored if line["LINEITEM"] != TAX_LINE}
    for line in stored:
        if line["LINEITEM"] == TAX_LINE:
            detail = context.db.get("TAXDETAIL", line["DETAILKEY"])
            entry = TaxEntry(str(detail["DETAILID"]) if detail else "", line["TRX_AMOUNT"])
            lines[line["PARENTENTRY"]].taxes.append(entry)
    return list(lines.values())


def _contact_name(context: Context, key: int | None) -> str:
    found = context.db.lookup("CONTACT", "RECORDNO", key) if key else None
    return str(found["CONTACTNAME"]) if found else ""


def draft_line_of(line: Row, custom: list[str]) -> DraftLine:
    """A stored line as a draft line; ``custom`` are the custom fields to keep."""
    start, end = line.get("REVRECSTARTDATE"), line.get("REVRECENDDATE")
    return DraftLine(
        amount=line["TRX_AMOUNT"],
        account="" if line["ACCOUNTLABEL"] else line["ACCOUNTNO"],
        label=line["ACCOUNTLABEL"] or "",
        offset=line["OFFSETGLACCOUNTNO"] or "",
        memo=line["ENTRYDESCRIPTION"] or "",
        location=line["LOCATIONID"] or "",
        department=line["DEPARTMENTID"] or "",
        dimensions={name: line[name] for name in DIMENSIONS if line.get(name)},
        template=line.get("REVRECTEMPLATE") or "",
        deferred=line.get("DEFERREDREVACCTNO") or "",
        revenue_start=date.fromisoformat(start) if start else None,
        revenue_end=date.fromisoformat(end) if end else None,
        allocation=line["ALLOCATION"] or "",
        custom={name: line[name] for name in custom},
    )


def replace_document(context: Context, kind: Kind, draft: Draft, *, pending: bool = False) -> None:
    """Store a changed draft under its own record number. Raises Refused."""
    if draft.recordno is None:
        raise ValueError("only a stored document can be replaced")
    lines = context.db.matching(kind.lines, "RECORDKEY", draft.recordno)
    context.db.remove_where(kind.lines, "RECORDNO", [line["RECORDNO"] for line in lines])
    context.db.delete(kind.object, draft.recordno)
    store_document(context, kind, draft, pending=pending)


def delete_document(context: Context, kind: Kind, recordno: int) -> None:
    """Only what was never posted. Raises Refused."""
    head = changeable(context, kind, recordno)
    if not is_pending(head):
        raise refused(
            "BL01001973", f"Cannot delete {kind.word} {head['RECORDID']} because it is posted; reverse it instead."
        )
    lines = context.db.matching(kind.lines, "RECORDKEY", recordno)
    context.db.remove_where(kind.lines, "RECORDNO", [line["RECORDNO"] for line in lines])
    context.db.delete(kind.object, recordno)
    trail(context, kind.object, recordno, "D")
