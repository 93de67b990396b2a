"""What becomes of a deal that is billed in instalments: those that are due are billed, the others wait. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from include.core.billing_plan import Instalment
from include.core.decisions import Decision, Hold, Json, Update, Write
from include.core.money import sum_money
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.documents import CHANGE, INSTALMENT, DealDocuments, document_facts
from include.flows.deals.records import DealRecord
from include.flows.instalments.billed import (
    BilledInstalments,
    billed_lines,
    due_by,
    in_doubt,
    instalment_key,
    left,
    progress,
)
from include.flows.instalments.contract import INSTALMENTS, lines_of, split_in_words
from include.flows.instalments.recurring import Whole, recurring_invoice

WAITING = "waiting"


def bill_of(bill: Bill, due: Sequence[Instalment]) -> Bill:
    """The deal's bill with just these instalments on it, dated on the day of the last one."""
    days = [one.due for one in due if one.due]
    lines, total = lines_of(due, bill.lines), sum_money((one.total for one in due), bill.currency)
    return replace(bill, lines=lines, total=total, invoice_date=max(days), instalments=())


def first_bill(record: DealRecord, bill: Bill, whole: Whole, today: date) -> list[Decision]:
    """Of a deal of which nothing is billed: what is due, else why it waits."""
    return _due(record, bill, None, whole, today) or [waits(record, bill)]


def later_bills(record: DealRecord, bill: Bill, documents: DealDocuments, whole: Whole, today: date) -> list[Decision]:
    """Of a deal of which some is billed and stands as it was billed: what is due since; nothing where nothing is."""
    if doubtful := in_doubt(documents):
        return [row.write for row in doubtful]
    return _due(record, bill, documents, whole, today)


def settled_first(record: DealRecord, documents: DealDocuments) -> list[Decision]:
    """Of a changed deal the instalments that may have been made: they are looked up, or sent again as they were, before
    anything is planned on them."""
    doubtful = in_doubt(documents)
    message = (
        f"{record.title}: it changed while an instalment is in doubt. That is settled first; the next run goes on."
    )
    hold = [Hold(record.deal_id, "change_under_way", message)] if doubtful else []
    return [*(row.write for row in doubtful), *hold]


def only_later_changed(bill: Bill, facts: Json, documents: DealDocuments) -> bool:
    """Whether a changed deal is still what its billed instalments billed: same payer, currency, day and lines."""
    if not bill.instalments or INSTALMENTS not in documents.facts or documents.begun is not None:
        return False
    same = all(facts.get(name) == documents.facts.get(name) for name in ("company", "currency", "invoice_date"))
    return same and BilledInstalments.of(documents).agree_with(bill)


def due_so_far(bill: Bill, documents: DealDocuments, today: date) -> Bill | None:
    """What the deal as it is now should have been billed for up to the last instalment that was: what the documents of
    a changed deal are corrected to, dated on the day of that instalment. A deal that was lost and is won again from a
    later day on is billed for what is due by ``today``, ``None`` where that is nothing yet. Raises ``HoldThis`` where
    another deal is due for nothing."""
    last = BilledInstalments.of(documents).last or bill.invoice_date
    due = [one for one in bill.instalments if one.due and one.due <= last]
    if not due and documents.facts.get("won") is False:
        last = today
        due = [one for one in bill.instalments if one.due and one.due <= last]
        if not due:
            return None
    if not due:
        raise HoldThis(
            "changed_after_posting",
            f"nothing of it was due by {last} any more, and it is billed up to then. Reverse its invoices in Intacct, "
            "or undo the change.",
        )
    return replace(bill_of(bill, due), through=last)


def waits(record: DealRecord, bill: Bill) -> Update:
    """Nothing is due yet: the deal says until when it waits."""
    first = left(bill.instalments, BilledInstalments())[0]
    when = f"until {first.due}" if first.due else "until the day of its first instalment is entered"
    split = split_in_words(bill.planned_by)
    told = f" Its one-time lines are {split}." if split else ""
    message = f"Its billing waits {when}: {first.total} then.{told} Nothing needs to be done."
    return _said(record, WAITING, message)


def says_progress(record: DealRecord, bill: Bill, documents: DealDocuments) -> Update:
    """What is billed stands, and what comes later changed."""
    return _said(record, "posted", progress(bill.facts(record), BilledInstalments.of(documents)))


def _due(record: DealRecord, bill: Bill, documents: DealDocuments | None, whole: Whole, today: date) -> list[Decision]:
    """The invoices of what is due and, where that is how the rest is billed, the recurring invoice of what is not."""
    billed = BilledInstalments.of(documents)
    due = due_by(bill.instalments, billed, today)
    decisions = _billed(record, bill, due, documents, whole)
    rest = [one for one in left(bill.instalments, billed) if one not in due]
    if bill.rest != "recurring_invoice" or not rest or any(isinstance(one, Hold) for one in decisions):
        return decisions
    if any(one.due is None for one in rest):
        raise HoldThis("no_recurring_invoice", "a later part has no day yet. Choose invoice_when_due for it.")
    facts = bill.facts(record)
    return [*decisions, *recurring_invoice(record, bill_of(bill, rest[:1]), rest, whole, facts)]


def _said(record: DealRecord, state: str, message: str) -> Update:
    values = {"tieout_state": state, "tieout_message": message}
    return Update("hubspot", "deals", record.deal_id, record.deal_id, values, f"{record.title}: {message}")


def _billed(
    record: DealRecord, bill: Bill, due: Sequence[Instalment], documents: DealDocuments | None, whole: Whole
) -> list[Decision]:
    """One invoice for each that is due. A hold of one holds them all: they go in order or not at all."""
    decisions: list[Decision] = []
    facts = bill.facts(record)
    version = documents.last if documents else 0
    split = f", {told}" if (told := split_in_words(bill.planned_by)) else ""
    for n, one in enumerate(due):
        if one.total.amount <= 0:
            raise HoldThis(
                "negative_total" if one.total.is_negative else "zero_total",
                f"its instalment of {one.due} is {one.total}, which is no invoice. Bill it together with another: move "
                "the start of a line.",
            )
        name = f"instalment {bill.instalments.index(one) + 1} of {len(bill.instalments)}"
        made = whole(replace(bill_of(bill, [one]), instalment=name))
        held = [decision for decision in made if isinstance(decision, Hold)]
        if held:
            return list(held)
        *others, invoice = (decision for decision in made if isinstance(decision, Write))
        own = {INSTALMENT: {"due": str(one.due), "lines": billed_lines(one, bill)}}
        decisions += [
            *others,
            replace(
                invoice,
                key=instalment_key(record.deal_id, one, first=documents is None and n == 0),
                facts={**facts, **document_facts(invoice.facts), **own, **({CHANGE: version} if version else {})},
                summary=f"{invoice.summary}, {name}{split}",
            ),
        ]
    return decisions
