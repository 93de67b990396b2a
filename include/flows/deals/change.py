"""What happens to the documents of a deal that changed after it was invoiced. Pure.

The table in ``core.changed_deal_table`` decides by what stands in Intacct and what changed; here its actions become
documents with amounts, dates and lines, and sentences that a person consents to before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from include.core.books import Books, Entity
from include.core.calendar_terms import Term
from include.core.changed_deal_table import Action, Change, State, actions, moved, needs_approval
from include.core.decisions import Decision, Hold, Json, Skip, Write, canonical_hash
from include.core.money import Money, zero
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.change_parts import Parts, Step
from include.flows.deals.change_steps import Steps, Whole
from include.flows.deals.change_text import STATES, in_words
from include.flows.deals.documents import ACTIONS, CHANGE, PARTS, Begun, DealDocuments, billed_facts
from include.flows.deals.live import LiveDeal
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings

UNWON: Json = {"won": False}


@dataclass(frozen=True, slots=True)
class Changed:
    """A deal with documents: what the log knows of them and how they stand in Intacct."""

    documents: DealDocuments
    live: LiveDeal


@dataclass(frozen=True, slots=True)
class Consent:
    """``approved``: what a person released, ``"<deal id>:<hash of the plan>"``. ``owner_id``: whose the tasks are."""

    approved: Collection[str] = ()
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What is to happen, why, and what the customer owes for the deal before and after. ``hash`` is of everything that
    a person consents to: what stands, and every document's kind, customer, amount, lines and posting month."""

    title: str
    change: Change
    state: State
    period_open: bool
    actions: tuple[Action, ...]
    size: Money
    steps: tuple[Step, ...]
    live: LiveDeal
    new_total: Money
    billed: Money
    before: Money
    after: Money = field(init=False)

    def __post_init__(self) -> None:
        after = self.before
        for step in self.steps:
            if step.receivable is not None and step.receivable.currency == after.currency:
                after = after + step.receivable
        object.__setattr__(self, "after", after)

    @property
    def hash(self) -> str:
        planned = [step.identity for step in self.steps]
        return canonical_hash([self.change, self.live.fingerprint, list(self.actions), planned])[:12]

    def details(self) -> Json:
        return {
            "hash": self.hash,
            "change": self.change,
            "state": self.state,
            "period_open": self.period_open,
            "actions": list(self.actions),
            "size": str(self.size),
            "receivable_before": str(self.before),
            "receivable_after": str(self.after),
            "steps": [{"what": step.text, "postings": [one.to_json() for one in step.postings]} for step in self.steps],
        }


def current_facts(record: DealRecord, bill: Bill | None, billed: Json) -> Json:
    """The deal as it is now, to be compared with ``billed``; a company merged into the paying one is no change."""
    if bill is None:
        return {"deal": record.deal_id, **UNWON}
    facts = bill.facts(record)
    if billed.get("company") in record.merged_companies:
        facts["company"] = billed["company"]
    return facts


def unchanged(documents: DealDocuments, title: str) -> Write:
    """Tells that the deal is as it was billed; sends nothing."""
    row = documents.witness
    return Write(row.key, {}, row.facts, summary=f"{title}: invoiced before")


def kind_of(bill: Bill | None, company: object, billed: Json, live: LiveDeal) -> Change:
    """What changed, by the strongest that holds."""
    if bill is None:
        return "unwon"
    if bill.currency != live.currency:
        return "currency_changed"
    if live.standing and billed.get("company") not in (None, company):
        return "company_changed"
    if bill.total == live.net:
        return "lines_changed_same_total"
    return "amount_up" if bill.total > live.net else "amount_down"


def decide_change(
    record: DealRecord,
    bill: Bill | None,
    facts: Json,
    changed: Changed,
    whole: Whole,
    settings: WonDealSettings,
    books: Books,
    consent: Consent,
    now: datetime,
    terms: Mapping[str, Term],
) -> list[Decision]:
    """Writes where nobody need be asked (or somebody consented), else a ``Hold`` with the plan, or why there is none.

    ``bill`` is the deal priced, ``None`` where it is no longer won. Raises ``HoldThis`` and ``Unmapped`` like the plan
    of a new deal.
    """
    documents, live = changed.documents, changed.live
    begun = documents.begun
    resumed = begun if begun and begun.facts == facts else None
    if documents.in_doubt and not resumed:
        return _settle_first(record, documents)
    _only_ours(live, documents)
    change = kind_of(bill, facts.get("company"), documents.facts, live)
    state, is_open = live.state, live.period_open(books)
    chosen = resumed.actions if resumed else actions(state, is_open, change, settings.changes.choices)
    if set(chosen) <= {"nothing", "drop_plan"}:
        return [_nothing(record, change, state, live)]
    parts = Parts(documents, resumed.number if resumed else documents.next_number)
    today = now.astimezone(_entity(live, books, bill).zone).date()
    build = Steps(record, bill, live, parts, settings, books, today, consent.owner_id, terms)
    steps = build.of(chosen, change, whole)
    if not steps and not documents.in_doubt:
        return [_nothing(record, change, state, live)]
    plan = _plan(record, bill, change, state, is_open, chosen, steps, live)
    asked = build.asks or needs_approval(state, chosen, plan.size, settings.changes.thresholds)
    token = f"{record.deal_id}:{plan.hash}"
    if asked and not resumed and token not in consent.approved:
        stale = any(one.startswith(f"{record.deal_id}:") for one in consent.approved)
        return [Hold(record.deal_id, "needs_approval", in_words(plan, token, stale=stale), plan.details())]
    writes = _writes(record, facts, plan, parts, resumed)
    planned = {one.key for one in writes if isinstance(one, Write)}
    return [*(row.write for row in documents.in_doubt if row.key not in planned), *writes]


def _plan(
    record: DealRecord,
    bill: Bill | None,
    change: Change,
    state: State,
    is_open: bool,
    chosen: tuple[Action, ...],
    steps: Sequence[Step],
    live: LiveDeal,
) -> ChangePlan:
    total = bill.total if bill else zero(live.currency)
    comparable = total.currency == live.currency
    size = moved(change, live.net, total if comparable else None)
    if size.is_zero and bill:
        size = abs(total)  # nothing stands: it is billed anew as a whole
    before = live.receivable if comparable else zero(total.currency)
    return ChangePlan(record.title, change, state, is_open, chosen, size, tuple(steps), live, total, live.net, before)


def _writes(record: DealRecord, facts: Json, plan: ChangePlan, parts: Parts, resumed: Begun | None) -> list[Decision]:
    """The steps' writes; each carries the deal's facts and what the whole version consists of."""
    mine = [write for step in plan.steps for write in step.writes if write.key.source_id == record.deal_id]
    others = [write for step in plan.steps for write in step.writes if write.key.source_id != record.deal_id]
    named = list(resumed.parts) if resumed else [write.key.part for write in mine]
    version = {CHANGE: parts.number, PARTS: named, ACTIONS: list(plan.actions)}
    expected = {"live": plan.live.fingerprint, "deal": record.deal_id}
    texts = {write.key: step.text for step in plan.steps for write in step.writes}
    return [
        *others,
        *(
            Write(
                write.key,
                {**write.payload, "tieout": {**write.payload.get("tieout", {}), **expected}},
                {**billed_facts(facts), **version, **{k: v for k, v in write.facts.items() if k == "customer_on_hold"}},
                write.expect,
                f"{record.title}: {texts[write.key]}",
            )
            for write in mine
        ),
    ]


def _settle_first(record: DealRecord, documents: DealDocuments) -> list[Decision]:
    """What may have happened is looked up, or sent again as it was consented to; only then comes the next plan."""
    message = f"{record.title}: a document of its last change is in doubt and is settled first; the next run goes on."
    return [
        *(row.write for row in documents.in_doubt if row.payload is not None),
        Hold(record.deal_id, "change_under_way", message),
    ]


def _only_ours(live: LiveDeal, documents: DealDocuments) -> None:
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


def _nothing(record: DealRecord, change: Change, state: State, live: LiveDeal) -> Decision:
    if change == "unwon" and (not live.standing or live.net.is_zero):
        return Skip(record.deal_id, f"not won, and nothing of it is billed: its documents are {STATES[state]}")
    names = ", ".join(one.name for one in live.invoices)
    message = (
        f"{record.title}: it changed after it was invoiced, and {names} is {STATES[state]} in Intacct, so nothing is "
        "done by itself. Decide there, or undo the change."
    )
    return Hold(record.deal_id, "changed_after_posting", message)


def _entity(live: LiveDeal, books: Books, bill: Bill | None) -> Entity:
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


def billed_day(billed: Json) -> date | None:
    """The day on which the deal was won when it was billed: it stays the invoice date, whatever is edited later."""
    text = billed.get("invoice_date")
    return date.fromisoformat(text) if text else None
