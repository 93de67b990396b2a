"""A deal that is planned as one document and was billed as another: its pipeline or the settings changed while an
answer was lost, or the state database was. What stands in Intacct counts, so that no deal is billed twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from include.core.decisions import Decision, Hold, Key, Write
from include.core.sync import WriteRow, WriteState
from include.core.target import Target
from include.flows.deals.credit import CREDIT_PART
from include.flows.deals.documents import MEMO, invoice_key, order_key, part_key
from include.flows.deals.records import DealRecord
from include.flows.run import FlowRun

_KEYS: Mapping[str, Callable[[str], Key]] = {
    "invoice": invoice_key,
    "sales_order": order_key,
    MEMO: lambda deal: part_key(deal, MEMO, CREDIT_PART),
}


def kept_as_billed(
    run: FlowRun, planned: Sequence[Decision], records: Iterable[DealRecord], target: Target
) -> list[Decision]:
    """The plan, with each new document of a deal that already has another one replaced by that one, and held where a
    merged deal has one or where an answer is still out. Intacct is asked once for a slice, and for orders and
    credit memos only where deals become such or the write log knows of one."""
    merged = {record.deal_id: record.merged_deals for record in records}
    others = {
        one.key: list(_others(one.key, merged.get(one.key.source_id, ())))
        for one in planned
        if isinstance(one, Write) and one.payload and one.key in _first(one.key.source_id)
    }
    maybe = [key for keys in others.values() for key in keys]
    rows = run.store.rows(maybe)
    possible = {
        "invoice": True,
        "sales_order": bool(run.settings.sales_orders),
        MEMO: run.settings.negative_total == "credit_memo",
    }
    asked = [key for key in maybe if possible[key.target_object] or key in rows]
    there = target.find([Write(key, {}, {}) for key in asked]).keys() if asked else set[Key]()
    return [
        _decided(one, others[one.key], rows, there, run.now()) if isinstance(one, Write) and one.key in others else one
        for one in planned
    ]


def whole_deals(planned: Iterable[Decision], kept: Iterable[Decision]) -> list[Decision]:
    """``kept`` without the other documents of deals whose first one it no longer has: of a deal that is held, linked or
    billed otherwise no later instalment goes either. Pure."""
    listed = list(kept)
    gone = _begun(planned) - _begun(listed)
    return [one for one in listed if not (isinstance(one, Write) and one.payload and one.key.source_id in gone)]


def _begun(decisions: Iterable[Decision]) -> set[str]:
    """The deals of which the first document is to be sent."""
    writes = (one for one in decisions if isinstance(one, Write) and one.payload)
    return {one.key.source_id for one in writes if one.key in _first(one.key.source_id)}


def _first(deal_id: str) -> set[Key]:
    """The keys of a deal's first document; those of its changes are planned from what stands."""
    return {of(deal_id) for of in _KEYS.values()}


def _others(key: Key, merged: Iterable[str]) -> Iterator[Key]:
    """Every key under which the deal may be billed already, beside its own."""
    for deal in (key.source_id, *merged):
        yield from (other for of in _KEYS.values() if (other := of(deal)) != key)


def _decided(
    write: Write, others: Iterable[Key], rows: Mapping[Key, WriteRow], there: Collection[Key], now: datetime
) -> Decision:
    deal = write.key.source_id
    for key in others:
        kind = key.target_object.replace("_", " ")
        if key in there and key.source_id == deal:
            return Write(key, {}, write.facts, summary=f"deal {deal}: billed before, by {kind} {key.document_key()}")
        if key in there:
            told = f"deal {key.source_id}, which was merged into it, has {kind} {key.document_key()} already"
            return Hold(deal, "merged_after_posting", f"Deal {deal}: {told}. Bill by hand what came with it.")
        if key in rows and _in_doubt(rows[key], now):
            told = f"Intacct has not answered yet whether it made {kind} {key.document_key()} of it"
            return Hold(deal, "billing_in_doubt", f"Deal {deal}: {told}. Wait for the next run.")
    return write


def _in_doubt(row: WriteRow, now: datetime) -> bool:
    return row.state is WriteState.UNKNOWN and (row.running_until is None or now < row.running_until)
