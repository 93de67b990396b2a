"""The rest of a deal as one recurring invoice in Intacct, which makes the later invoices itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.recurring import get_recurring_invoices
from include.connectors.intacct.recurring_writes import KEY
from include.core.billing_plan import Instalment
from include.core.decisions import Decision, Hold, Json, Write
from include.core.recurrence import Recurrence
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.documents import RECURRING, RECURRING_INVOICE, DealDocuments, part_key
from include.flows.deals.records import DealRecord

_RHYTHMS = (
    *(("Months", every) for every in (1, 3, 6, 12, 24, 36, 48, 60)),
    ("Weeks", 1),
    ("Weeks", 2),
)
Whole = Callable[[Bill], list[Decision]]
"""A bill as the documents that it becomes: perhaps its new customer, and its invoice."""
_COMMON = ("customerid", "termname", "currency", "exchratetype", "description")


def recurring_invoice(
    record: DealRecord, first: Bill, rest: Sequence[Instalment], whole: Whole, facts: Json
) -> list[Decision]:
    """All of ``rest``, the instalments that are still to come, as one document, perhaps with its new customer;
    ``first`` is the first of them as a bill of its own. Nothing where invoices are drafts: Intacct would post what it
    makes. Raises ``HoldThis`` where Intacct could not bill them so."""
    rhythm = _rhythm(rest)
    contents = {tuple((part.line, part.amount.text) for part in one.parts) for one in rest}
    if rhythm is None or len(contents) > 1:
        raise _cannot("its later billings are not all alike, one rhythm after the other")
    made = whole(first)
    held = [one for one in made if isinstance(one, Hold)]
    if held:
        return list(held)
    *_, dated = (one for one in made if isinstance(one, Write))
    if any(item.get("revrectemplate") for item in dated.payload["invoiceitems"]):
        raise _cannot("its lines earn over a term, and a recurring invoice bears the same revenue dates every time")
    if any(item.get("taxentries") for item in dated.payload["invoiceitems"]):
        raise _cannot("its lines are taxed one by one")
    # Without the span that it bills: every invoice has another one.
    *others, plain = (
        one
        for one in whole(replace(first, lines=[replace(line, starts=None, ends=None) for line in first.lines]))
        if isinstance(one, Write)
    )
    if plain.payload.get("action") == "Draft":
        return []
    key = part_key(record.deal_id, RECURRING_INVOICE, "recurring")
    payload: Json = {
        **{name: plain.payload[name] for name in _COMMON if plain.payload.get(name)},
        KEY: key.document_key(),
        "datecreated": rhythm.anchor.isoformat(),
        "docnumber": plain.payload.get("ponumber"),
        "startdate": rhythm.anchor.isoformat(),
        "ending": {"occurrences": str(len(rest))},
        "modenew": rhythm.unit,
        "interval": str(rhythm.interval),
        "eom": rhythm.month_end or None,
        "recurinvoiceitems": plain.payload["invoiceitems"],
    }
    each = rest[0].total
    made_of = {**facts, RECURRING: {"from": str(rest[0].due), "times": len(rest)}}
    expect = {"TRX_TOTALENTERED": each.text, "CUSTOMERID": plain.expect["CUSTOMERID"]}
    text = f"{record.title}: recurring invoice over {each}, {len(rest)} times from {rest[0].due}"
    sent = {name: value for name, value in payload.items() if value is not None}
    return [*others, Write(key, sent, made_of, expect, text)]


def running(intacct: IntacctClient, documents: Mapping[str, DealDocuments]) -> dict[str, str]:
    """Of these deals those whose recurring invoice goes on billing in Intacct, with its name. One query for 1,000."""
    made = {row.target_id: deal for deal, its in documents.items() for row in its.made(RECURRING_INVOICE).values()}
    found = get_recurring_invoices(intacct, made) if made else []
    return {made[one.record_no]: one.number or one.record_no for one in found if one.active}


def end_it_first(running_invoice: str) -> str:
    """The deal changed or is gone, and Intacct would go on billing it as it was."""
    return (
        f"it changed, is no longer won, or was deleted, and recurring invoice {running_invoice} goes on billing it in "
        "Intacct. Make that inactive there, and credit what it billed too much; the next run then plans what Tieout "
        "billed."
    )


def _rhythm(rest: Sequence[Instalment]) -> Recurrence | None:
    """The recurrence by which Intacct, counting from the first day, would come to just these days."""
    days = [one.due for one in rest if one.due]
    if len(days) < len(rest):
        return None
    for unit, every in _RHYTHMS:
        for month_end in (False, True):
            rhythm = Recurrence(days[0], unit, every, month_end, count=len(days))
            if [rhythm.date_at(n) for n in range(len(days))] == days:
                return rhythm
    return None


def _cannot(why: str) -> HoldThis:
    return HoldThis(
        "no_recurring_invoice", f"{why}, so one recurring invoice cannot bill it. Choose invoice_when_due for it."
    )
