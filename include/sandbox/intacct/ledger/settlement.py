"""What is open on a document, and taking from it: line by line, so that the last payment clears the base balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, refused
from include.sandbox.intacct.ledger.documentrows import document_state, rate_of
from include.sandbox.intacct.ledger.kinds import BY_OBJECT
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native, convert, money_text

_CLOSED_STATES = {"Draft", "Submitted", "Partially Approved", "Declined", "Reversed", "Reversal"}


@dataclass(frozen=True, slots=True)
class Portion:
    """What was taken from one line, in hundredths: ``trx``, the base it clears, and the base that the document's own
    rate gives for it (``expected``); they differ by the rounding that the last payment clears."""

    line: int
    location: str
    entity: str
    trx: int
    base: int
    expected: int


def open_document(context: Context, object_name: str, recordno: int) -> Row:
    """The posted document. Raises Refused (DL03000005, or BL01001973 where it is not open)."""
    kind = BY_OBJECT[object_name]
    head = context.db.get(object_name, recordno)
    if head is None:
        raise refused("DL03000005", f"There is no record for the {kind.word} key {recordno}.")
    owner = head.get("MEGAENTITYID")
    if owner and context.entity and owner != context.entity:
        raise invalid(kind.word.capitalize(), str(recordno))
    if head["STATE"] in _CLOSED_STATES:
        raise refused(
            "BL01001973", f"The {kind.word} {head['RECORDID']} is {head['STATE'].lower()} and cannot be paid."
        )
    return head


def take(context: Context, object_name: str, recordno: int, entry: int | None, amount: int, day: date) -> list[Portion]:
    """Reduce what is open by ``amount`` (towards zero), on one line or over all in order. Raises Refused.

    Works on credits too: their open amounts are negative and grow towards zero.
    """
    head = open_document(context, object_name, recordno)
    sign = 1 if head["TRX_TOTALDUE"] > 0 else -1
    due = sign * head["TRX_TOTALDUE"]
    if amount <= 0:
        raise refused("BL03000018", "An amount to apply must be greater than zero.")
    if amount > due:
        raise refused(
            "XL03000027",
            f"The amount {money_text(amount)} is more than what is due on {head['RECORDID']} ({money_text(due)}).",
        )
    kind = BY_OBJECT[object_name]
    lines = context.db.matching(kind.lines, "RECORDKEY", recordno)
    shares = _shares(lines, sign, amount, due, entry, head)
    rate = rate_of(head).rate
    portions: list[Portion] = []
    for line, share in shares:
        base_open = sign * line["_DUE"]
        expected = convert(share, rate)
        base = base_open if share == sign * line["_TRX_DUE"] else expected
        _move(context, kind.lines, line, sign * share, sign * base)
        portions.append(
            Portion(line["RECORDNO"], line["LOCATIONID"] or "", line["_ENTITY"] or "", share, base, expected)
        )
    _move_head(context, object_name, head, sign * amount, sign * sum(p.base for p in portions), day)
    return portions


def put_back(context: Context, object_name: str, recordno: int, entry: int, trx: int, base: int) -> None:
    """Undo what ``take`` took from one line; amounts as it answered them, unsigned."""
    kind = BY_OBJECT[object_name]
    head = context.db.get(object_name, recordno)
    line = context.db.get(kind.lines, entry)
    if head is None or line is None:
        raise invalid(kind.word.capitalize(), str(recordno))
    sign = 1 if head["TRX_TOTALENTERED"] > 0 else -1
    _move(context, kind.lines, line, -sign * trx, -sign * base)
    _move_head(context, object_name, head, -sign * trx, -sign * base, None)


def _shares(lines: list[Row], sign: int, amount: int, due: int, entry: int | None, head: Row) -> list[tuple[Row, int]]:
    if entry is not None:
        chosen = [line for line in lines if line["RECORDNO"] == entry]
        if not chosen:
            raise invalid("Line", str(entry))
        if amount > sign * chosen[0]["_TRX_DUE"]:
            raise refused("XL03000027", f"The amount is more than what is due on the line of {head['RECORDID']}.")
        return [(chosen[0], amount)]
    if amount == due:
        return [(line, sign * line["_TRX_DUE"]) for line in lines if line["_TRX_DUE"]]
    shares: list[tuple[Row, int]] = []
    for line in lines:
        share = min(amount, max(0, sign * line["_TRX_DUE"]))
        if share:
            shares.append((line, share))
            amount -= share
    return shares


def _move(context: Context, object_name: str, line: Row, trx: int, base: int) -> None:
    context.db.update(
        object_name,
        line["RECORDNO"],
        {
            "_TRX_DUE": line["_TRX_DUE"] - trx,
            "_DUE": line["_DUE"] - base,
            "TRX_TOTALPAID": (line["TRX_TOTALPAID"] or 0) + trx,
            "TOTALPAID": (line["TOTALPAID"] or 0) + base,
            "WHENMODIFIED": context.stamp,
        },
    )


def _move_head(context: Context, object_name: str, head: Row, trx: int, base: int, day: date | None) -> None:
    changes: dict[str, Native] = {
        "TRX_TOTALDUE": head["TRX_TOTALDUE"] - trx,
        "TOTALDUE": head["TOTALDUE"] - base,
        "TRX_TOTALPAID": head["TRX_TOTALPAID"] + trx,
        "TOTALPAID": head["TOTALPAID"] + base,
    }
    after = {**head, **changes}
    changes["STATE"] = document_state(after)
    paid = after["TRX_TOTALDUE"] == 0
    changes["WHENPAID"] = day.isoformat() if paid and day else None
    if context.switches.payment_bumps_invoice:
        changes["WHENMODIFIED"] = context.stamp
    context.db.update(object_name, head["RECORDNO"], changes)
