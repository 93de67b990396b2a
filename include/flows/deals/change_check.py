"""Just before it is carried out: is a plan still true? A period may have been closed since, money may have come, or a
person may have reversed the invoice (accounting case 40). What is not true any more is held, and planned anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from include.core.books import Books
from include.core.decisions import Hold, Json, Write
from include.core.periods import Dates, PlanIsStale, still_open
from include.core.sync import WriteState
from include.flows.deals.documents import DealDocuments
from include.flows.deals.live import read_live
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.run import FlowRun

STALE = "plan_is_stale"
_BEGUN = (WriteState.WRITTEN, WriteState.UNKNOWN)


def stale_plans(run: FlowRun, writes: Sequence[Write]) -> list[Hold]:
    """A hold for each deal whose writes must not be sent any more. What was begun goes on: to stop half way would leave
    a deal billed twice or not at all. Nothing is asked where no deal changed."""
    sent = [write for write in writes if write.payload and write.key.source_object == "deal"]
    rows = run.store.rows([write.key for write in sent])
    begun = {key.source_id for key, row in rows.items() if row.state in _BEGUN}
    fresh = [write for write in sent if write.key.source_id not in begun]
    holds = {hold.source_id: hold for hold in (*_closed(fresh, run.books), *_moved(run, fresh))}
    return list(holds.values())


def whole_changes(decisions: Iterable[Hold | object], changed: Iterable[str]) -> set[str]:
    """Of the deals in ``changed`` those of which a part is held: nothing of them may go."""
    held = {one.source_id for one in decisions if isinstance(one, Hold) and one.code != "change_under_way"}
    return held & set(changed)


def _closed(writes: Iterable[Write], books: Books) -> Iterable[Hold]:
    for write in writes:
        payload = write.payload
        day = payload.get("dateposted") or payload.get("datereversed")
        items: Sequence[Json] = payload.get("invoiceitems") or payload.get("aradjustmentitems") or ({},)
        told = payload.get("tieout", {}).get("entity")
        ids = [told] if told else dict.fromkeys(item.get("locationid") for item in items)
        for entity in (books.entities[str(one)] for one in ids if str(one) in books.entities):
            if not isinstance(day, str):
                continue
            posting = date.fromisoformat(day)
            try:
                still_open(entity, "AR", Dates(posting, posting))
            except PlanIsStale as stale:
                yield Hold(write.key.source_id, STALE, f"Deal {write.key.source_id}: {stale.message}")


def _moved(run: FlowRun, writes: Iterable[Write]) -> Iterable[Hold]:
    expected = {
        write.key.source_id: write.payload["tieout"]["live"]
        for write in writes
        if write.payload.get("tieout", {}).get("live") is not None
    }
    if not expected:
        return
    documents = DealDocuments.of(run.store.rows_about("hubspot", "deal", expected))
    links = InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key, run.run_id)
    live = read_live(links, {deal: its for deal, its in documents.items() if deal in expected}, run.books, run.now())
    for deal, fingerprint in expected.items():
        if deal not in live or live[deal].fingerprint != fingerprint:
            yield Hold(
                deal,
                STALE,
                f"Deal {deal}: its documents in Intacct changed after it was planned; nothing was sent. The next run "
                "plans it again.",
            )
