"""Why won deals have no invoice: the main job is asked, as a dry run, for each that no hold explains."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import duckdb

from include.core.decisions import Decision, Hold, Skip, Update, Write
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows.checks.flows_in_use import flows_in_use
from include.flows.deals.documents import MEMO, RECURRING_INVOICE
from include.flows.deals.settings import WonDealSettings
from include.flows.instalments.decide import WAITING
from include.flows.run import FlowRun
from include.reports.tie_out_tables import load

Row = tuple[int, str, str]
_AT_ONCE = 500
_INSTEAD = {"sales_order": "ordered", MEMO: "credited", RECURRING_INVOICE: "recurring invoice"}
"""What the main job makes of a deal in place of an invoice, and the class of a deal of which it has."""

_HELD = """INSERT INTO unbilled SELECT DISTINCT ON (d.deal_id) d.deal_id, 'on hold', h.message FROM deal d
    JOIN held h ON h.deal_id = d.deal_id ANTI JOIN link l ON l.deal_id = d.deal_id WHERE d.won AND NOT d.archived"""
_BEFORE = """INSERT INTO unbilled SELECT d.deal_id, 'before go-live', $why FROM deal d
    ANTI JOIN link l ON l.deal_id = d.deal_id ANTI JOIN unbilled u ON u.deal_id = d.deal_id
    WHERE d.won AND NOT d.archived AND ($first IS NULL OR d.won_on < $first)"""
# A deal that shows a number without there being such an invoice is a break already.
_REST = """SELECT d.deal_id FROM deal d ANTI JOIN link l ON l.deal_id = d.deal_id
    ANTI JOIN unbilled u ON u.deal_id = d.deal_id WHERE d.won AND NOT d.archived AND d.numbers = '' ORDER BY 1"""


def main_job(run: FlowRun) -> tuple[FlowRun, WonDealSettings] | None:
    """The job that bills won deals as a dry run of its own, and its settings; ``None`` where this company does not run
    it."""
    if won_deals.FLOW.name not in flows_in_use():
        return None
    # Not of the tie-out's own dates: a backfill of it asks about every deal too.
    plain = replace(run, run_type="manual", interval=(None, None))
    main = replace(plain, flow=won_deals.FLOW, params={"post_mode": "dry_run"})
    return main, main.settings


def classed(run: FlowRun, connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Fill ``unbilled`` with every won deal that has no invoice, each once: ``due`` (the main job would bill it),
    ``to hold`` (it would hold it, and no hold is open), ``on hold``, ``waiting`` (its first instalment is not due),
    ``ordered``, ``credited``, ``recurring invoice``, ``nothing to bill``, ``before go-live``; ``why`` in the job's own
    words. How many there are of each."""
    connection.execute(_HELD)
    main = main_job(run)
    if main is None:
        connection.execute(_BEFORE, {"first": None, "why": "Tieout does not bill won deals here."})
    else:
        # A won date is a moment: its day may be another one in the entity's calendar.
        first = main[1].go_live - timedelta(days=1)
        connection.execute(_BEFORE, {"first": first, "why": f"won before go-live on {main[1].go_live}"})
        waiting = [str(deal) for (deal,) in connection.execute(_REST).fetchall()]
        made = {kind: _made(run, kind) for kind in _INSTEAD}
        for start in range(0, len(waiting), _AT_ONCE):
            load(connection, "unbilled", _decided(main[0], waiting[start : start + _AT_ONCE], made))
    found = connection.execute("SELECT class, count(*) FROM unbilled GROUP BY class ORDER BY class").fetchall()
    return dict(found)


def _made(run: FlowRun, kind: str) -> set[str]:
    return {key.source_id for key in run.store.records_made(("intacct", kind), ("hubspot", "deal"))}


def _decided(main: FlowRun, deals: Sequence[str], made: Mapping[str, Collection[str]]) -> Iterator[Row]:
    """What the main job says of these deals. One that it does not find any more, and one that it says nothing of, has
    no row."""
    records = won_deals.read(main, deals)
    found: dict[str, Row] = {}
    for one in won_deals.decide(main, list(records.values())):
        row = _row(one, made)
        if row is not None:
            found.setdefault(str(row[0]), row)
    yield from found.values()


def _row(one: Decision, made: Mapping[str, Collection[str]]) -> Row | None:
    match one:
        case Write() if (kind := one.key.target_object) in ("invoice", *_INSTEAD):
            deal = one.key.source_id
            return int(deal), _INSTEAD[kind] if deal in made.get(kind, ()) else "due", one.summary
        case Update() if one.values.get("tieout_state") == WAITING:
            return int(one.source_id), WAITING, str(one.values["tieout_message"])
        case Hold():
            return int(one.source_id), "to hold", one.message
        case Skip():
            return int(one.source_id), "nothing to bill", one.why
        case _:
            return None
