"""What happens to the documents of a deal that changed after it was invoiced. Pure.

The table in ``core.changed_deal_table`` decides by what stands in Intacct and what changed; here its actions become
documents with amounts, dates and lines, and sentences that a person consents to before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from include.core.books import Books
from include.core.calendar_terms import Term
from include.core.changed_deal_table import Change, actions, needs_approval
from include.core.decisions import Decision, Hold, Json, Write
from include.flows.deals.bill import Bill, comparable
from include.flows.deals.change_parts import Parts
from include.flows.deals.change_plan import ChangePlan, plan_of
from include.flows.deals.change_refusals import entity_of, nothing_to_do, only_ours, settle_first
from include.flows.deals.change_revenue import revenue_of
from include.flows.deals.change_steps import steps_of
from include.flows.deals.change_text import in_words
from include.flows.deals.change_work import Whole, Work
from include.flows.deals.documents import (
    ACTIONS,
    CHANGE,
    PARTS,
    THROUGH,
    Begun,
    DealDocuments,
    billed_facts,
    document_facts,
)
from include.flows.deals.live import LiveDeal
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.tax_as_billed import is_said_anew

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


def current_facts(record: DealRecord, bill: Bill | None, billed: Json) -> Json:
    """The deal as it is now, to be compared with ``billed``; a company merged into the paying one is no change."""
    if bill is None:
        return {"deal": record.deal_id, **UNWON}
    facts = comparable(bill.facts(record), billed)
    if not record.lines and len(billed.get("lines") or ()) == 1:
        # The product of a deal without lines is the settings': another one there is no change of the deal.
        facts["lines"] = [[billed["lines"][0][0], *facts["lines"][0][1:]]]
    if billed.get("company") in record.merged_companies:
        facts["company"] = billed["company"]
    return facts


def unchanged(documents: DealDocuments, title: str) -> Write:
    """Tells that the deal is as it was billed; sends nothing."""
    row = documents.witness
    return Write(row.key, {}, row.facts, summary=f"{title}: invoiced before")


def is_open_again(documents: DealDocuments, live: LiveDeal | None, settings: WonDealSettings) -> bool:
    """Whether a deal that was lost and credited has something open that a credit can settle: a payment came back."""
    if live is None or documents.facts.get("won") is not False or not live.open.amount > 0:
        return False
    unapplied = any(not memo.balance.is_zero for memo in live.memos)
    return live.net.amount > 0 or (unapplied and bool(settings.changes.apply_credits_through))


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
        return settle_first(record, documents)
    only_ours(live, documents, record.merged_deals)
    change = kind_of(bill, facts.get("company"), documents.facts, live)
    state, is_open = live.state, live.period_open(books)
    chosen = resumed.actions if resumed else actions(state, is_open, change, settings.changes.choices)
    if set(chosen) <= {"nothing", "drop_plan"}:
        return [nothing_to_do(record, change, state, live)]
    parts = Parts(documents, resumed.number if resumed else documents.next_number)
    today = now.astimezone(entity_of(live, books, bill).zone).date()
    again = bill is None and facts == documents.facts and (begun is None or begun == resumed)
    anew = is_said_anew(facts, documents.facts)
    work = Work(record, bill, live, change, parts, settings, books, today, consent.owner_id, whole, terms, again, anew)
    steps = steps_of(chosen, work)
    if not steps and not documents.in_doubt:
        return [nothing_to_do(record, change, state, live)]
    plan = plan_of(work, state, is_open, chosen, steps, revenue_of(work, chosen, documents.facts, facts))
    asked = work.asks or needs_approval(state, chosen, plan.size, settings.changes.thresholds)
    token = f"{record.deal_id}:{plan.hash}"
    if asked and not resumed and token not in consent.approved:
        stale = any(one.startswith(f"{record.deal_id}:") for one in consent.approved)
        return [Hold(record.deal_id, "needs_approval", in_words(plan, token, stale=stale), plan.details())]
    writes = _writes(record, facts, plan, parts, resumed, bill.through if bill else None)
    planned = {one.key for one in writes if isinstance(one, Write)}
    return [*(row.write for row in documents.in_doubt if row.key not in planned), *writes]


def _writes(
    record: DealRecord, facts: Json, plan: ChangePlan, parts: Parts, resumed: Begun | None, through: date | None
) -> list[Decision]:
    """The steps' writes; each carries the deal's facts, what the whole version consists of, and up to which day it has
    the deal's instalments."""
    mine = [write for step in plan.steps for write in step.writes if write.key.source_id == record.deal_id]
    others = [write for step in plan.steps for write in step.writes if write.key.source_id != record.deal_id]
    named = list(resumed.parts) if resumed else [write.key.part for write in mine]
    version = {CHANGE: parts.number, PARTS: named, ACTIONS: list(plan.actions)}
    version |= {THROUGH: through.isoformat()} if through else {}
    expected = {"live": plan.live.fingerprint, "deal": record.deal_id}
    texts = {write.key: step.text for step in plan.steps for write in step.writes}
    return [
        *others,
        *(
            Write(
                write.key,
                {**write.payload, "tieout": {**write.payload.get("tieout", {}), **expected}},
                {**billed_facts(facts), **version, **document_facts(write.facts)},
                write.expect,
                f"{record.title}: {texts[write.key]}",
            )
            for write in mine
        ),
    ]


def billed_day(billed: Json) -> date | None:
    """The day on which the deal was won when it was billed: it stays the invoice date, whatever is edited later."""
    text = billed.get("invoice_date")
    return date.fromisoformat(text) if text else None
