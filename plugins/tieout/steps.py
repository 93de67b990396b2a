"""The steps of a flow's DAG, each the body of one task. They are the same for every flow; what a flow means stands in
its module in ``include.flows``."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from include.core.decisions import (
    Decision,
    Hold,
    Json,
    Key,
    Skip,
    Update,
    Write,
    canonical_hash,
    decision_from_json,
    decision_to_json,
)
from include.core.errors import TieoutError
from include.core.log_line import log_line
from include.core.sync import Result
from include.flows.flow import Applied, Counts, Loaded, ReadBack
from include.flows.run import FlowRun
from include.state.approvals import Approval

log = logging.getLogger(__name__)

SLICE_SIZE = 500
"""Records in one slice: large enough to fill Intacct's requests of 100 functions, small enough to bound a task."""
MOST_SLICES = 500
NOTICES = ("mail", "slack")
"""The systems that only tell people."""


def slices(run: FlowRun) -> list[list[str]]:
    """The source ids to look at, in slices: those in the run's window, and in an ordinary run those on hold."""
    flow, _ = run.flow, run.settings  # bad settings stop the run here, before anything is called
    if why := _off(run):
        log.warning("%s.", why)
        return []
    window, began = run.window(), run.now()
    if flow.prepare and not run.dry_run:
        flow.prepare(run)
    # Open holds are planned anew by every ordinary run, so that a repaired cause needs no touch on the record.
    held = [hold.source_id for hold in run.store.open_holds(flow.name)] if window.kind == "modified" else []
    found = list(flow.find(run, window))
    run.window_was_read(began)
    if run.window().is_other_than(window):  # a later try of this task was quicker, and its window counts
        found = list(flow.find(run, run.window()))
    ids = list(dict.fromkeys([*found, *held]))
    limit = run.params.get("limit")
    if limit:
        done = flow.done(run, ids) if flow.done else set()
        ids = [i for i in ids if i not in done][:limit]
    log.info("%s: %d of %s %s to look at", window.describe(), len(ids), *flow.source)
    return in_slices(ids, SLICE_SIZE, MOST_SLICES)


def extract(run: FlowRun, ids: list[str]) -> list[Json]:
    """The slice's records as JSON; holds of records that no longer exist are closed."""
    found = run.flow.read(run, ids)
    gone = [i for i in ids if i not in found]
    if gone and not run.dry_run:
        run.store.close_holds(run.flow.name, gone, run.run_id)
    log.info("%d read, %d not found: %s", len(found), len(gone), ", ".join(gone[:10]) or "none")
    return list(found.values())


def plan(run: FlowRun, records: list[Json]) -> list[Json]:
    """The decisions as JSON, each told in the log."""
    decisions = run.flow.decide(run, records)
    for decision in decisions:
        match decision:
            case Write(summary=summary, payload=payload):
                log.info("%s: %s", "write" if payload else "known", log_line(summary))
            case Update(summary=summary):
                log.info("update if it differs: %s", log_line(summary))
            case Hold(source_id, code, message):
                log.warning("hold %s (%s): %s", source_id, code, log_line(message))
            case Skip(source_id, why):
                log.info("skip %s: %s", source_id, log_line(why))
    return [decision_to_json(decision) for decision in decisions]


def load(run: FlowRun, decisions: list[Json]) -> Json:
    """Carry the decisions out; what ``write_back`` needs, with the counts. A dry run gives its counts alone."""
    planned = [decision_from_json(d) for d in decisions]
    writes = [d for d in planned if isinstance(d, Write)]
    updates = [d for d in planned if isinstance(d, Update)]
    holds = [d for d in planned if isinstance(d, Hold)]
    counts = _planned(run, planned)
    if run.dry_run:
        log.info("Dry run: nothing was sent. %s", in_words(counts))
        return Loaded([], {}, [], counts).to_json()
    stale = run.flow.recheck(run, writes) if run.flow.recheck else ()
    holds += stale
    not_now = {hold.source_id for hold in stale}
    writes = [write for write in writes if not (_is_source(run, write) and write.key.source_id in not_now)]
    run.store.put_approvals(_approved(run, writes))  # before anything of it is sent
    results = run.apply(write for write in writes if write.key.target_system not in NOTICES)
    told, trouble = _tell(run, [write for write in writes if write.key.target_system in NOTICES])
    results += told
    updated = run.update(updates)
    back = run.flow.read_back(run, Applied(writes, updates, results)) if run.flow.read_back else ReadBack()
    holds += [*_refused(run, results), *updated.refused, *back.holds]
    held = {hold.source_id: hold.message for hold in reversed(holds)}
    written = {r.key.source_id for r in results if _is_source(run, r) and r.state in {"written", "unchanged"}}
    settled = {d.source_id for d in planned if isinstance(d, Skip) and d.settles}
    released = {h.source_id for h in run.store.open_holds(run.flow.name)} & settled - held.keys()
    run.store.put_holds(run.flow.name, run.run_id, [*reversed(holds)])
    over = (written | settled | {*updated.sent, *updated.unchanged}) - held.keys()
    run.store.close_holds(run.flow.name, over, run.run_id)
    created = dict.fromkeys((_created(write.key) for write in writes), 0)
    created |= Counter(_created(result.key) for result in results if result.state == "written")
    counts |= {
        **created,
        "updated": len(updated.sent),
        "unchanged": sum(r.state == "unchanged" for r in results if _is_source(run, r)) + len(updated.unchanged),
        "held": len(held),
    }
    if not trouble and len(results) < len(writes):
        counts["notices_not_sent"] = len(writes) - len(results)
    log.info("%s", in_words(counts))
    if trouble:
        raise trouble
    return Loaded(back.records, held, sorted(released), counts).to_json()


def write_back(run: FlowRun, loaded: Json) -> Json:
    """The flow's write-back. Its counts join those of ``load``."""
    done = Loaded.from_json(loaded)
    if run.dry_run or run.flow.write_back is None:
        return dict(done.counts)
    return {**done.counts, **run.flow.write_back(run, done)}


def finish(run: FlowRun, done: Iterable[Json | None] | Json | None, slices: int) -> dict[str, Any]:
    """Move the cursor, leave the note. ``done`` is what the last task of each slice gave: its counts, or what
    ``load`` gave. Airflow 3.3 hands the result of a group that was mapped once over as it is, not as a list.

    The cursor moves only where each of the ``slices`` has a result: a task that a person marked as a success has none,
    and what it should have done would never be looked at again."""
    if why := _off(run):
        run.store.put_note(run.flow.name, run.run_id, {"off": 1})
        log.warning("%s.", why)
        return {"off": 1}
    window = run.window()
    slices_done = [one for one in ([done] if isinstance(done, Mapping) else done or []) if one is not None]
    note = add_counts(one.get("counts", one) for one in slices_done)
    run.store.put_note(run.flow.name, run.run_id, note)
    if len(slices_done) < slices:
        log.warning(
            "%d of %d slices have no result (a task was marked as a success by hand?): the cursor stays where it is, "
            "so that the next run looks at all of them again.",
            slices - len(slices_done),
            slices,
        )
    elif window.moves_cursor and window.cursor:
        run.store.raise_cursor(run.flow.name, window.cursor)
    log.info("%s: %s", window.describe(), in_words(note))
    return note


def changed(note: Mapping[str, Any]) -> bool:
    """Whether a run with this note wrote to either system; messages to people are no such thing."""
    counts = {name: number for name, number in note.items() if name != "messages_created"}
    return any(
        number for name, number in counts.items() if name.endswith("_created") or name in ("updated", "written_back")
    )


def _approved(run: FlowRun, writes: Sequence[Write]) -> list[Approval]:
    """What this run carries out because a person approved it: ``<source id>:<hash>``, or the source id alone."""
    given = []
    for token in sorted({str(one).strip() for one in run.params.get("approve") or ()}):
        subject = token.partition(":")[0]
        mine = [
            write for write in writes if write.payload and _is_source(run, write) and write.key.source_id == subject
        ]
        if mine:
            sent = canonical_hash(sorted([write.key.text(), write.content_hash] for write in mine))
            what = "; ".join(write.summary for write in mine)
            given.append(Approval(run.flow.name, run.run_id, subject, token, sent, what, run.started_by))
    return given


def _tell(run: FlowRun, notices: Sequence[Write]) -> tuple[list[Result], TieoutError | None]:
    """Send the notices; the first trouble with a mail server or Slack, which the step raises once all else is done: it
    keeps no record from its target, and a retry of the step tells what was not told."""
    results: list[Result] = []
    trouble: TieoutError | None = None
    for system in NOTICES:
        try:
            results += run.apply(notice for notice in notices if notice.key.target_system == system)
        except TieoutError as error:
            log.error("Notices by %s were not sent: %s", system, error.message)
            trouble = trouble or error
    return results, trouble


def _off(run: FlowRun) -> str:
    return run.flow.off(run) if run.flow.off else ""


def _planned(run: FlowRun, planned: Sequence[Decision]) -> dict[str, int]:
    """``read`` counts source records; ``planned`` what would be sent at most."""
    writes = [d for d in planned if isinstance(d, Write) and d.payload]
    updates = [d for d in planned if isinstance(d, Update)]
    ids = {d.key.source_id for d in planned if isinstance(d, Write) and _is_source(run, d)}
    ids |= {d.source_id for d in planned if not isinstance(d, Write)}
    return {
        "read": len(ids),
        "planned": sum(_is_source(run, d) for d in writes) + len(updates),
        "skipped": sum(isinstance(d, Skip) for d in planned),
        "held": sum(isinstance(d, Hold) for d in planned),
    }


def _is_source(run: FlowRun, about: Write | Result) -> bool:
    """Whether it is about a record that this flow holds, not one that is written along (a deal's new customer)."""
    return (about.key.source_system, about.key.source_object) == run.flow.source


def _refused(run: FlowRun, results: Sequence[Result]) -> list[Hold]:
    holds = []
    for result in results:
        if result.state not in {"rejected", "held"}:
            continue
        code = f"rejected_by_{result.key.target_system}" if result.state == "rejected" else result.code
        told = f"{run.flow.source[1].capitalize()} {result.key.source_id}: {result.message}"
        if _is_source(run, result):
            holds.append(Hold(result.key.source_id, code, told))
        else:
            log.error("%s of %s: %s", result.key.target_object, result.key.source_id, log_line(result.message))
    return holds


def _created(key: Key) -> str:
    """The name of the count: ``invoices_created``."""
    word = key.target_object
    return f"{word[:-1]}ies_created" if word.endswith("y") else f"{word}s_created"


def in_slices(ids: Iterable[str], size: int, most: int) -> list[list[str]]:
    """Cut ids into slices of ``size``; where that makes more than ``most`` slices, into larger ones."""
    listed = list(ids)
    size = max(size, -(-len(listed) // most))
    return [listed[n : n + size] for n in range(0, len(listed), size)]


def add_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total = Counter[str]()
    for one in counts:
        total.update(one)
    return dict(total)


def in_words(counts: Counts) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in counts.items()) or "nothing to do"
