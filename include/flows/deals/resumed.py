"""A deal that changed after it was invoiced, and of which the write log knows nothing: the state database was lost.

Its documents are told by their keys in Intacct. Where together they bill just what the deal says now (of a deal in
instalments: just its first ones), they are taken over as its newest version, and a later change is planned from there;
else the deal is held, and nothing is sent. What a recurring invoice in Intacct bills is not billed by Tieout too."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from include.connectors.hubspot.target import HubSpotTarget
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.recurring import get_recurring_invoices
from include.connectors.intacct.recurring_writes import KEY as RECURRING_KEY
from include.connectors.intacct.target import IntacctTarget
from include.core.decisions import Decision, Hold, Json, Key, Write
from include.core.money import Money, sum_money
from include.core.sync import WriteRow, WriteState
from include.core.sync.rows import planned_row
from include.core.target import Found, Target
from include.flows.deals.change_lines import billed, wanted
from include.flows.deals.documents import (
    ACTIONS,
    CHANGE,
    INSTALMENT,
    MEMO,
    PARTS,
    RECURRING,
    RECURRING_INVOICE,
    TASK_PART,
    TAX_ON_TOP,
    THROUGH,
    DealDocuments,
    billed_facts,
    invoice_key,
    part_key,
)
from include.flows.deals.live import LiveDeal, read_live
from include.flows.deals.records import DealRecord
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.instalments.contract import INSTALMENTS
from include.flows.run import FlowRun

_CHANGES_ASKED = 9
"""How many changes of a deal are looked for by the keys of their credit memos and tasks, which are not linked to it."""
_KEY = re.compile(r"hs-deal-\d+-(invoice(?:-(\d+))?|b\d{8})")


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a deal in Intacct; ``number`` is the version that made it."""

    key: Key
    record_no: str
    number: int


def resumed_from_books(run: FlowRun, planned: Sequence[Decision], records: Iterable[DealRecord]) -> list[Decision]:
    """The plan, with the invoices of each deal whose documents were taken over replaced by those documents.

    Nothing is asked unless a deal that HubSpot shows as written by Tieout is new to the log; then a few requests for
    500 deals.
    """
    ours = {record.deal_id: record.title for record in records if record.deal.get("tieout_key")}
    invoices: dict[str, list[Write]] = {}
    for one in planned:
        if isinstance(one, Write) and one.payload and one.key.target_object == "invoice" and one.key.source_id in ours:
            invoices.setdefault(one.key.source_id, []).append(one)
    invoices = {deal: its for deal, its in invoices.items() if its[0].key == invoice_key(deal)}
    unknown = invoices.keys() - {key.source_id for key in run.store.rows([invoice_key(deal) for deal in invoices])}
    if not unknown:
        return list(planned)
    target = IntacctTarget(run.intacct, run.document_key)
    begins = _recurring(run.intacct, target, [its[0] for deal, its in invoices.items() if deal in unknown])
    if begins:
        planned = [one for one in planned if not _billed_by_intacct(one, begins)] + list(begins.values())
        invoices = {d: [one for one in its if not _billed_by_intacct(one, begins)] for d, its in invoices.items()}
    links = InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key, run.run_id)
    asked = sorted(unknown, key=int)
    found = _documents(links, asked, target)
    changed = {deal: its for deal, its in found.items() if _is_changed(its, invoices[deal])}
    told = {
        deal: DealDocuments(deal, tuple(_row(one, invoices[deal][0]) for one in its)) for deal, its in changed.items()
    }
    live = read_live(links, told, run.books, run.now())
    label = run.books.line_accounts == "label"
    tasks = _keyed(HubSpotTarget(run.hubspot), changed, "task", TASK_PART)
    taken: dict[str, list[Decision]] = {}
    for deal, its in changed.items():
        billed_now = billed_by(live[deal], invoices[deal], by_label=label)
        newest = max([*(one.number for one in tasks if one.key.source_id == deal), *(one.number for one in its)])
        if billed_now:
            more = [replace(one, facts={**one.facts, CHANGE: newest}) for one in invoices[deal][len(billed_now) :]]
            taken[deal] = [*_taken(its, newest, billed_now, live[deal]), *more]
        else:
            taken[deal] = [_unlike(deal, ours[deal], live[deal])]
    first = {one.key for deal in taken for one in invoices[deal][:1]}
    return [write for one in planned for write in _instead(one, taken, first)]


def _instead(one: Decision, taken: Mapping[str, list[Decision]], first: Collection[Key]) -> list[Decision]:
    if not isinstance(one, Write) or one.key.source_id not in taken or one.key.source_object != "deal":
        return [one]
    if one.key in first:
        return taken[one.key.source_id]
    held = any(isinstance(decision, Hold) for decision in taken[one.key.source_id])
    return [] if held or one.key.target_object == "invoice" else [one]


def _is_changed(found: Sequence[Document], invoices: Sequence[Write]) -> bool:
    """Whether the documents in Intacct are others than those that the deal would be billed by as it is now."""
    return not {one.key for one in found} <= {one.key for one in invoices}


def _unlike(deal: str, title: str, live: LiveDeal) -> Hold:
    names = ", ".join(one.name for one in live.standing) or "nothing any more"
    message = (
        f"{title}: it was invoiced and corrected before, the state database does not know how, and {names} in Intacct "
        f"({live.net}) does not bill it as it is now. Set the deal back to what they bill, or correct them there."
    )
    return Hold(deal, "changed_after_posting", message)


def billed_by(live: LiveDeal, invoices: Sequence[Write], *, by_label: bool) -> list[Write]:
    """The first ones of these invoices that together bill, line by coding, what stands in Intacct; empty where none do.
    Pure."""
    found = (invoices[:n] for n in range(len(invoices), 0, -1))
    return list(next((its for its in found if bills_the_same(live, its, by_label=by_label)), ()))


def bills_the_same(live: LiveDeal, invoices: Sequence[Write], *, by_label: bool) -> bool:
    """Whether what stands in Intacct bills, line by coding, what the deal would be billed by these. Pure."""
    if not live.standing or live.shared or live.is_mixed or not all(one.ours for one in live.standing):
        return False
    if any(one.expect["CURRENCY"] != live.currency for one in invoices):
        return False
    total = sum_money((Money.of(one.expect["TRX_TOTALENTERED"], live.currency) for one in invoices), live.currency)
    customers = {one.expect["CUSTOMERID"] for one in invoices}
    if (live.net, {one.standing.customer_id for one in live.standing}) != (total, customers):
        return False
    before = {code: one for code, one in billed(live, by_label=by_label).items() if not one.is_nothing}
    after = wanted([item for one in invoices for item in one.payload["invoiceitems"]], live.currency)
    return before == {code: one for code, one in after.items() if not one.is_nothing}


def _recurring(intacct: IntacctClient, target: IntacctTarget, first: Iterable[Write]) -> dict[str, Write]:
    """Of these deals in instalments those of which Intacct bills the rest by a recurring invoice that Tieout made."""
    asked = [
        Write(key, {RECURRING_KEY: key.document_key()}, billed_facts(one.facts))
        for one in first
        if INSTALMENTS in one.facts
        for key in [part_key(one.key.source_id, RECURRING_INVOICE, "recurring")]
    ]
    size = target.chunk_size
    there: dict[Key, Found] = {}
    for start in range(0, len(asked), size):
        there |= target.find(asked[start : start + size])
    records = get_recurring_invoices(intacct, [one.target_id for one in there.values()]) if there else []
    made = {one.record_no: one for one in records}
    found = {}
    for one in asked:
        its = made.get(there[one.key].target_id) if one.key in there else None
        if its and its.start:
            text = f"deal {one.key.source_id}: its rest is billed by a recurring invoice already"
            begins = {RECURRING: {"from": its.start.isoformat(), "times": its.repeat_count}}
            found[one.key.source_id] = Write(one.key, one.payload, {**one.facts, **begins}, summary=text)
    return found


def _billed_by_intacct(one: Decision, begins: Mapping[str, Write]) -> bool:
    """Whether it is what the deal's recurring invoice bills, or that invoice anew."""
    if not isinstance(one, Write) or one.key.source_object != "deal" or one.key.source_id not in begins:
        return False
    if one.key == begins[one.key.source_id].key:
        return True
    due = one.facts.get(INSTALMENT, {}).get("due")
    return bool(due) and str(due) >= begins[one.key.source_id].facts[RECURRING]["from"]


def _documents(links: InvoiceLinks, deals: Sequence[str], target: Target) -> dict[str, list[Document]]:
    """The invoices that carry these deals' keys, reversed ones too, and their credit memos."""
    found: dict[str, list[Document]] = {deal: [] for deal in deals}
    linked = links.invoices_of(deals)
    named = {one.record_no: one for one in links.named({n for its in linked.values() for n in its.record_nos})}
    for deal, its in linked.items():
        for number in its.record_nos:
            match = _KEY.fullmatch(named[number].document_key) if number in named else None
            if match and named[number].document_key.startswith(f"hs-deal-{deal}-"):
                key = part_key(deal, "invoice", match[1])
                found[deal].append(Document(key, number, int(match[2] or 1) - 1))
    for memo in _keyed(target, deals, MEMO, "credit-"):
        found[memo.key.source_id].append(memo)
    return found


def _keyed(target: Target, deals: Iterable[str], target_object: str, part: str) -> list[Document]:
    """What of this kind carries the key of one of the deals' changes."""
    keys = [part_key(deal, target_object, f"{part}{n}") for deal in deals for n in range(1, _CHANGES_ASKED + 1)]
    asked = [Write(key, {}, {}) for key in keys]
    size = target.chunk_size
    return [
        Document(key, there.target_id, int(key.part.removeprefix(part)))
        for start in range(0, len(asked), size)
        for key, there in target.find(asked[start : start + size]).items()
    ]


def _row(one: Document, invoice: Write) -> WriteRow:
    planned = planned_row(Write(one.key, {}, invoice.facts))
    return replace(planned, state=WriteState.WRITTEN, target_id=one.record_no)


def _taken(found: Sequence[Document], newest: int, invoices: Sequence[Write], live: LiveDeal) -> list[Decision]:
    """What stands, as the ``newest`` version of the deal: as it is now, up to the last of ``invoices``."""
    standing = {one.standing.record_no for one in live.standing} | {memo.record_no for memo in live.memos}
    kept = [one for one in found if one.record_no in standing]
    version: Json = {
        CHANGE: newest,
        PARTS: [one.key.part for one in kept],
        ACTIONS: [],
    }
    first, last = invoices[0], invoices[-1]
    if INSTALMENT in last.facts:
        version[THROUGH] = last.facts[INSTALMENT]["due"]
    facts = {name: value for name, value in first.facts.items() if name not in (INSTALMENT, TAX_ON_TOP)}
    taxes = [Money.of(one.facts[TAX_ON_TOP], live.currency) for one in invoices if TAX_ON_TOP in one.facts]
    taxed = {TAX_ON_TOP: sum_money(taxes, live.currency).text} if taxes else {}  # of all of them, so told once
    summary = f"deal {first.key.source_id}: changed and billed before, taken over from the books"
    return [
        Write(one.key, {}, {**facts, **version, **(taxed if one is kept[0] else {})}, summary=summary) for one in kept
    ]
