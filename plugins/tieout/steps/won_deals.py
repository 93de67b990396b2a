"""The steps of ``hubspot_closed_won_to_intacct_invoice``, each the body of one task. What they mean stands in
``include.flows``; here they meet clients, state and the run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from include.core.decisions import Hold, Json, Skip, Write, decision_from_json, decision_to_json
from include.core.windows import Window
from include.flows import hubspot_closed_won_to_intacct_invoice as flow
from include.flows.deal_extract import find_deal_ids, read_deals
from include.flows.deal_records import DealRecord
from include.flows.deal_writeback import (
    InvoicedDeal,
    ensure_deal_properties,
    read_invoiced,
    unlike_the_books,
    write_deals_back,
)
from tieout.flow_dag import MOST_SLICES, SLICE_SIZE
from tieout.run import FlowRun, add_counts, in_slices

log = logging.getLogger(__name__)


def slices(run: FlowRun) -> list[list[str]]:
    """The ids of the deals to look at, in slices: those in the run's window, and in an ordinary run those on hold."""
    _ = run.settings  # bad settings stop the run here, before anything is called
    window = run.window()
    if not run.dry_run:
        created = ensure_deal_properties(run.hubspot)
        log.info("Properties created in HubSpot: %s", ", ".join(created) or "none, all there")
    ids = list(dict.fromkeys([*find_deal_ids(run.hubspot, window, run.settings), *_held_ids(run, window)]))
    limit = run.params.get("limit")
    if limit:
        done = {key.source_id for key in run.store.written([flow.invoice_key(i) for i in ids])}
        ids = [i for i in ids if i not in done][:limit]
    log.info("%s: %d deals to look at", window.describe(), len(ids))
    return in_slices(ids, SLICE_SIZE, MOST_SLICES)


def _held_ids(run: FlowRun, window: Window) -> list[str]:
    """Open holds are planned anew by every ordinary run, so that a repaired cause needs no touch on the deal."""
    return [hold.source_id for hold in run.store.open_holds(flow.NAME)] if window.kind == "modified" else []


def extract(run: FlowRun, deal_ids: list[str]) -> list[Json]:
    """The deals as ``DealRecord`` JSON; holds of deals that no longer exist are closed."""
    deals = read_deals(run.hubspot, deal_ids, run.settings)
    found = {deal.deal_id for deal in deals}
    gone = [i for i in deal_ids if i not in found]
    if gone and not run.dry_run:
        run.store.close_holds(flow.NAME, gone, run.run_id)
    log.info("%d deals read, %d no longer exist", len(deals), len(gone))
    return [deal.to_json() for deal in deals]


def plan(run: FlowRun, deals: list[Json]) -> list[Json]:
    """The decisions as JSON, customers before their invoices, each told in the log."""
    records = [DealRecord.from_json(deal) for deal in deals]
    companies = sorted({r.company_id for r in records if r.company_id})
    known = run.store.xrefs("hubspot", "company", companies, "intacct", "customer")
    keys = [flow.invoice_key(deal) for r in records for deal in (r.deal_id, *r.merged_deals)]
    invoiced = {key.source_id: row.facts for key, row in run.store.written(keys).items()}
    lookups = flow.lookup(records, run.intacct, known, invoiced, run.settings)
    decisions = flow.plan(
        records,
        lookups,
        run.settings,
        run.books,
        now=run.now(),
        draft=run.post_mode == "draft",
        window=flow.WonBetween.of(run.window()),
    )
    for decision in decisions:
        match decision:
            case Write(summary=summary):
                log.info("write: %s", summary)
            case Hold(source_id, code, message):
                log.warning("hold %s (%s): %s", source_id, code, message)
            case Skip(source_id, why):
                log.info("skip %s: %s", source_id, why)
    return [decision_to_json(decision) for decision in decisions]


def load(run: FlowRun, decisions: list[Json]) -> Json:
    """What ``write_back`` needs: the invoiced deals as the books show them, the holds, the deals that are held no more,
    and the counts. A dry run stops here with its counts alone."""
    planned = [decision_from_json(d) for d in decisions]
    writes = [d for d in planned if isinstance(d, Write)]
    holds = [d for d in planned if isinstance(d, Hold)]
    skipped = [d for d in planned if isinstance(d, Skip)]
    invoices = [w for w in writes if w.key.target_object == "invoice"]
    counts = {
        "read": len(invoices) + len(holds) + len(skipped),
        "planned": sum(bool(write.payload) for write in invoices),
        "skipped": len(skipped),
    }
    if run.dry_run:
        log.info("Dry run: nothing was sent. It would post %d and hold %d.", counts["planned"], len(holds))
        return {"invoiced": [], "holds": [], "released": [], "counts": counts | {"held": len(holds)}}
    results = run.apply(writes)
    invoiced = read_invoiced(run.intacct, invoices, results)
    holds += [flow.hold_of(r) for r in results if r.key.target_object == "invoice" and r.state in {"rejected", "held"}]
    holds += unlike_the_books(invoices, results, invoiced)
    on_hold = {hold.source_id for hold in holds}
    settled = [s.source_id for s in skipped if s.settles]
    released = {h.source_id for h in run.store.open_holds(flow.NAME)} & set(settled)
    run.store.put_holds(flow.NAME, run.run_id, holds)
    run.store.close_holds(flow.NAME, [*(d.deal_id for d in invoiced if d.deal_id not in on_hold), *settled], run.run_id)
    run.store.put_xrefs("hubspot", "company", "intacct", "customer", {d.company_id: d.customer_id for d in invoiced})
    states = [r.state for r in results if r.key.target_object == "invoice"]
    counts |= {
        "posted": states.count("written"),
        "unchanged": states.count("unchanged"),
        "held": len(holds),
        "customers_created": sum(r.state == "written" for r in results if r.key.target_object == "customer"),
    }
    log.info("Posted %d, unchanged %d, held %d", counts["posted"], counts["unchanged"], counts["held"])
    return {
        "invoiced": [d.to_json() for d in invoiced],
        "holds": [{"deal_id": h.source_id, "message": h.message} for h in holds],
        "released": sorted(released),
        "counts": counts,
    }


def write_back(run: FlowRun, loaded: Json) -> Json:
    """What HubSpot refuses becomes a hold, so that the next run tries again."""
    if run.dry_run:
        return dict(loaded["counts"])
    invoiced = [InvoicedDeal.from_json(d) for d in loaded["invoiced"]]
    deals, companies = write_deals_back(
        run.hubspot, invoiced, {h["deal_id"]: h["message"] for h in loaded["holds"]}, loaded["released"]
    )
    refused = {**deals.failed}
    refused |= {d.deal_id: companies.failed[d.company_id] for d in invoiced if d.company_id in companies.failed}
    held = {hold["deal_id"] for hold in loaded["holds"]}  # their own reason matters more, and keeps them in sight too
    run.store.put_holds(
        flow.NAME,
        run.run_id,
        [
            Hold(deal, "write_back_refused", f"Deal {deal}: {error.message}")
            for deal, error in refused.items()
            if deal not in held
        ],
    )
    for deal, error in refused.items():
        log.error("HubSpot refused what is written back for deal %s: %s", deal, error)
    return {
        **loaded["counts"],
        "written_back": len(deals.sent) + len(companies.sent),
        "write_back_failed": len(deals.failed) + len(companies.failed),
    }


def finish(run: FlowRun, counts: Iterable[Mapping[str, int]] | Mapping[str, int] | None) -> dict[str, Any]:
    """``counts`` of every slice. Airflow 3.3 hands the result of a group that was mapped once over as it is."""
    window = run.window()
    note = add_counts([counts] if isinstance(counts, Mapping) else counts or [])
    run.store.put_note(flow.NAME, run.run_id, note)
    if window.moves_cursor and window.end:
        run.store.raise_cursor(flow.NAME, window.end)
    log.info("%s: %s", window.describe(), ", ".join(f"{k} {v}" for k, v in note.items()) or "nothing to do")
    return note
