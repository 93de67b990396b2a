"""Undoing what was posted: the original stays, its mirror is posted at the reversal's date, together they are zero."""

from __future__ import annotations

from datetime import date

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing, refused
from include.sandbox.intacct.ledger import journal, periods, schedules
from include.sandbox.intacct.ledger.applications import undo_all
from include.sandbox.intacct.ledger.documentrows import rate_of
from include.sandbox.intacct.ledger.kinds import Kind
from include.sandbox.intacct.ledger.places import entity_of
from include.sandbox.intacct.store.audit import trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native

_NEGATED = (
    "TOTALENTERED",
    "TRX_TOTALENTERED",
)


def reverse_document(context: Context, kind: Kind, recordno: int, day: date, description: str) -> int:
    """RECORDNO of the reversal. Raises Refused for a draft, a paid or an already reversed document."""
    head = context.db.get(kind.object, recordno)
    if head is None:
        raise refused("DL03000005", f"There is no record for the {kind.word} key {recordno}.")
    _check_level(context, kind, head)
    if head["STATE"] in {"Draft", "Submitted", "Declined", "Reversed", "Reversal"}:
        raise refused(
            "BL01001973", f"The {kind.word} {head['RECORDID']} is {head['STATE'].lower()} and cannot be reversed."
        )
    if head["TRX_TOTALPAID"] or head["TOTALPAID"]:
        raise refused("BL01001973", f"The {kind.word} {head['RECORDID']} has payments applied and cannot be reversed.")
    if day < date.fromisoformat(head["WHENPOSTED"]):
        raise missing("The reversal date is before the posting date.")
    lines = context.db.matching(kind.lines, "RECORDKEY", recordno)
    periods.check_open(context, kind.module, day, {line["_ENTITY"] or "" for line in lines})
    entries = journal.mirrored_entries(context, recordno)
    reversal = _copy(context, kind, head, lines, day, description)
    source = journal.Source(
        head["MODULEKEY"],
        kind.journal,
        kind.record_type,
        reversal,
        f"{head['RECORDID']} - Reversed",
        f"Reversal of {kind.word} {head['RECORDID']}",
    )
    journal.post(context, source, day, entries, rate_of(head), head)
    context.db.update(
        kind.object,
        recordno,
        {"STATE": "Reversed", "RAWSTATE": "V", "TOTALDUE": 0, "TRX_TOTALDUE": 0, "WHENMODIFIED": context.stamp},
    )
    for line in lines:
        context.db.update(kind.lines, line["RECORDNO"], {"_DUE": 0, "_TRX_DUE": 0, "WHENMODIFIED": context.stamp})
    if kind.module == "AR":
        schedules.terminate_schedules(context, recordno)
    trail(context, kind.object, recordno, "M")
    return reversal


def _check_level(context: Context, kind: Kind, head: Row) -> None:
    owner = head.get("MEGAENTITYID")
    if owner and owner != context.entity:
        raise refused("BL01001973", f"The {kind.word} belongs to entity {owner} and can only be changed there.")


def _copy(context: Context, kind: Kind, head: Row, lines: list[Row], day: date, description: str) -> int:
    stamps: dict[str, Native] = {
        "AUWHENCREATED": context.stamp,
        "WHENMODIFIED": context.stamp,
        "CREATEDBY": context.userno,
        "MODIFIEDBY": context.userno,
    }
    mirror = {name: value for name, value in head.items() if name != "RECORDNO"}
    custom = [f.name for f in context.db.catalogue.objects[kind.object].fields.values() if f.custom]
    mirror.update(
        {name: -head[name] for name in _NEGATED},
        RECORDID=f"{head['RECORDID']} - Reversed",
        STATE="Reversal",
        RAWSTATE="R",
        DESCRIPTION=description or f"Reversal of {head['RECORDID']}",
        WHENCREATED=day.isoformat(),
        WHENPOSTED=day.isoformat(),
        TOTALDUE=0,
        TRX_TOTALDUE=0,
        WHENPAID=None,
        _REVERSALOF=head["RECORDNO"],
        _EXTERNALID=None,
        **stamps,
        **dict.fromkeys(custom),
    )
    recordno = context.db.insert(kind.object, mirror)
    mirrored: dict[Native, int] = {}
    for line in lines:
        opposite = {name: value for name, value in line.items() if name != "RECORDNO"}
        opposite.update(
            RECORDKEY=recordno,
            AMOUNT=-line["AMOUNT"],
            TRX_AMOUNT=-line["TRX_AMOUNT"],
            ENTRY_DATE=day.isoformat(),
            _DUE=0,
            _TRX_DUE=0,
            WHENCREATED=context.stamp,
            WHENMODIFIED=context.stamp,
        )
        if line.get("PARENTENTRY") in mirrored:
            opposite["PARENTENTRY"] = mirrored[line["PARENTENTRY"]]
        mirrored[line["RECORDNO"]] = context.db.insert(kind.lines, opposite)
    trail(context, kind.object, recordno, "C")
    return recordno


def reverse_payment(context: Context, recordno: int, day: date, description: str) -> int:
    """RECORDNO of the reversing ARPYMT; everything the payment settled is open again. Raises Refused."""
    head = context.db.get("ARPYMT", recordno)
    if head is None:
        raise invalid("Payment", str(recordno))
    if head["STATE"] != "Complete":
        raise refused("BL01001973", f"The payment {recordno} is {head['STATE'].lower()} and cannot be reversed.")
    if day < date.fromisoformat(head["RECEIPTDATE"]):
        raise missing("The reversal date is before the receipt date.")
    elsewhere = context.db.scalar(
        "SELECT payment FROM \"_applied\" WHERE object = 'ARPYMT' AND recordno = ? AND payment <> ? LIMIT 1",
        (recordno, recordno),
    )
    if elsewhere is not None:
        raise refused("BL01001973", f"The payment {recordno} was applied by payment {elsewhere}; reverse that first.")
    entries = journal.mirrored_entries(context, recordno)
    periods.check_open(context, "AR", day, {entity_of(context, entry.location) for entry in entries})
    undo_all(context, recordno)
    reversal = _mirror_payment(context, head, day, description)
    source = journal.Source(
        "4.AR",
        "CRJ",
        str(head["RECORDTYPE"]),
        reversal,
        head["DOCNUMBER"] or str(reversal),
        f"Reversal of payment {recordno}",
    )
    journal.post(context, source, day, entries, rate_of(head), head)
    context.db.update(
        "ARPYMT",
        recordno,
        {
            "STATE": "Reversed",
            "RAWSTATE": "V",
            "DISPLAYSTATE": "Reversed",
            "TRX_TOTALDUE": 0,
            "TOTALDUE": 0,
            "TRX_TOTALPAID": 0,
            "TOTALPAID": 0,
            "WHENMODIFIED": context.stamp,
        },
    )
    trail(context, "ARPYMT", recordno, "M")
    return reversal


def _mirror_payment(context: Context, head: Row, day: date, description: str) -> int:
    mirror = {name: value for name, value in head.items() if name != "RECORDNO"}
    mirror.update(
        {name: -head[name] for name in _NEGATED},
        TRX_TOTALDUE=0,
        TOTALDUE=0,
        TRX_TOTALPAID=0,
        TOTALPAID=0,
        STATE="Reversal",
        RAWSTATE="R",
        DISPLAYSTATE="Reversal",
        DESCRIPTION=description or f"Reversal of payment {head['RECORDNO']}",
        WHENCREATED=day.isoformat(),
        RECEIPTDATE=day.isoformat(),
        WHENPAID=day.isoformat(),
        PARENTPAYMENTKEY=head["RECORDNO"],
        AUWHENCREATED=context.stamp,
        WHENMODIFIED=context.stamp,
        CREATEDBY=context.userno,
        MODIFIEDBY=context.userno,
        _REVERSALOF=head["RECORDNO"],
    )
    recordno = context.db.insert("ARPYMT", mirror)
    item = context.db.catalogue.objects["ARPYMTDETAIL"]
    amounts = [field.name for field in item.stored() if field.kind == "C"]
    for detail in context.db.matching("ARPYMTDETAIL", "PAYMENTKEY", head["RECORDNO"]):
        opposite = {name: value for name, value in detail.items() if name != "RECORDNO"}
        opposite.update(
            {name: -detail[name] for name in amounts if detail[name] is not None},
            PAYMENTKEY=recordno,
            PARENTPAYMENTKEY=head["RECORDNO"],
            PAYMENTDATE=day.isoformat(),
            STATE="Reversal",
            WHENCREATED=context.stamp,
            WHENMODIFIED=context.stamp,
        )
        context.db.insert("ARPYMTDETAIL", opposite)
        context.db.update("ARPYMTDETAIL", detail["RECORDNO"], {"STATE": "Reversed", "WHENMODIFIED": context.stamp})
    trail(context, "ARPYMT", recordno, "C")
    return recordno
