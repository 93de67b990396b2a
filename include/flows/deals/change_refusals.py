"""What of a changed deal is left to a person, and why. Pure."""

from __future__ import annotations

from collections.abc import Collection

from include.core.books import Books, Entity
from include.core.changed_deal_table import Change, State
from include.core.decisions import Decision, Hold, Skip
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.change_text import STATES
from include.flows.deals.documents import DealDocuments
from include.flows.deals.live import LiveDeal
from include.flows.deals.merged import deal_of, deals_of
from include.flows.deals.records import DealRecord


def settle_first(record: DealRecord, documents: DealDocuments) -> list[Decision]:
    """What may have happened is looked up, or sent again as it was consented to; only then comes the next plan."""
    message = f"{record.title}: a document of its last change is in doubt and is settled first; the next run goes on."
    return [
        *(row.write for row in documents.in_doubt if row.payload is not None),
        Hold(record.deal_id, "change_under_way", message),
    ]


def only_ours(live: LiveDeal, documents: DealDocuments, merged_deals: Collection[str] = ()) -> None:
    """Raises ``HoldThis`` where a person must decide, as documents are involved that Tieout did not make."""
    made = documents.made("invoice")
    if not made:
        raise HoldThis(
            "changed_after_posting",
            "it changed after its credit memo was posted. Reverse that in Intacct, or undo the change.",
        )
    if not live.invoices and set(made) - documents.ended:
        raise HoldThis(
            "invoice_gone", "its invoice was deleted in Intacct. Delete nothing by hand that Tieout made; decide there."
        )
    foreign = [one.name for one in live.standing if not one.ours]
    others = [f"{one.name} was made for deal {deal_of(one)}" for one in live.standing if not one.ours and deal_of(one)]
    if others:
        merged = ", which was merged into it" if deals_of(live) & {*merged_deals} else ""
        raise HoldThis(
            "changed_after_posting",
            f"it changed after it was invoiced, and {', '.join(others)}{merged}. Correct it in Intacct, or undo the "
            "change.",
        )
    if foreign:
        raise HoldThis(
            "changed_after_posting",
            f"it changed after it was invoiced, and {', '.join(foreign)} was entered by hand for it. Correct it in "
            "Intacct, or undo the change.",
        )
    if live.shared and live.standing:
        names = ", ".join(one.name for one in live.standing)
        raise HoldThis(
            "changed_after_posting",
            f"it changed after it was invoiced, and another deal names {names} as its own too. Correct it in Intacct, "
            "or undo the change.",
        )
    if live.is_mixed:
        names = ", ".join(one.name for one in live.standing if one.standing.status == "draft")
        raise HoldThis(
            "changed_after_posting",
            f"it changed after it was invoiced, and draft {names} waits beside posted invoices. Post the draft in "
            "Intacct or delete it there first.",
        )


def nothing_to_do(record: DealRecord, change: Change, state: State, live: LiveDeal) -> Decision:
    if change == "unwon" and (not live.standing or live.net.is_zero):
        return Skip(record.deal_id, f"not won, and nothing of it is billed: its documents are {STATES[state]}")
    names = ", ".join(one.name for one in live.invoices)
    message = (
        f"{record.title}: it changed after it was invoiced, and {names} is {STATES[state]} in Intacct, so nothing is "
        "done by itself. Decide there, or undo the change."
    )
    return Hold(record.deal_id, "changed_after_posting", message)


def won_elsewhere(record: DealRecord) -> Hold:
    """No setting takes an invoice out of the books: whoever names fewer pipelines lost no deal."""
    message = (
        f"{record.title}: it was invoiced, and is won in pipeline “{record.deal.get('pipeline')}”, which pipelines in "
        "the settings does not name. Name it there, or move the deal."
    )
    return Hold(record.deal_id, "changed_after_posting", message)


def entity_of(live: LiveDeal, books: Books, bill: Bill | None) -> Entity:
    """The entity whose books the documents are in. Raises ``HoldThis`` where the deal names another one now."""
    ids = {one.entity_id for one in live.standing} or ({bill.entity_id} if bill else set())
    if len(ids) != 1 or not ids <= books.entities.keys():
        raise HoldThis("changed_after_posting", "its documents are in several entities. Correct them in Intacct.")
    (entity_id,) = ids
    if bill and bill.entity_id != entity_id:
        was, now = books.entities[entity_id].name, bill.entity.name
        raise HoldThis(
            "changed_after_posting",
            f"it was invoiced by {was} and would be by {now} now. Correct it in Intacct, or set the entity back.",
        )
    return books.entities[entity_id]
