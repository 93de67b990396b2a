"""Reading both systems for the tie-out: each function fills tables of the run's one DuckDB file.

HubSpot is read first, so that what changes in Intacct meanwhile is known by its time of change.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from include.connectors.hubspot.account import get_account
from include.core.decisions import Json, Write
from include.core.money import Money
from include.core.sync import WriteRow
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows.checks.flows_in_use import flows_in_use
from include.flows.deals.settings import WonDealSettings
from include.flows.run import FIRST_RUN_STARTS, FlowRun
from include.reports.folder import remove_abandoned, working_folder
from include.reports.tie_out_breaks import differing_deals
from include.reports.tie_out_completeness import count_parts
from include.reports.tie_out_figures import compute
from include.reports.tie_out_hubspot import FIGURES, HubSpotReader, read_edits
from include.reports.tie_out_intacct import IntacctReader
from include.reports.tie_out_tables import OWN, load, make_tables, opened

log = logging.getLogger(__name__)

FILE = "tie_out.duckdb"
_AT_ONCE = 500


def tables_of(run: FlowRun) -> Path:
    """The DuckDB file that the run's tasks fill one after the other."""
    return working_folder(run.flow.name, run.run_id) / FILE


def read_hubspot(run: FlowRun) -> Json:
    """Fill the file with HubSpot's side, made anew; what the next tasks need to know. Bad settings stop it here."""
    settings = run.settings
    read_at = run.now().astimezone(UTC)
    remove_abandoned(run.flow.name)
    account = get_account(run.hubspot)
    cursors = {flow.name: run.store.cursor(flow.name) for flow in (payments.FLOW, won_deals.FLOW)}
    with opened(tables_of(run)) as connection:
        won = _won_deal_settings(run)
        reader = HubSpotReader(run.hubspot, won[1].pipelines if won else "all", account.company_currency)
        counts = reader.read(connection)
        make_tables(connection, OWN)
    log.info("HubSpot: %s", _in_words(counts))
    return {
        "read_at": read_at.isoformat(),
        "shown_until": _earlier(cursors[payments.FLOW.name], read_at).isoformat(),
        "invoiced_until": _earlier(cursors[won_deals.FLOW.name], read_at).isoformat(),
        "rounding": settings.rounding,
        "deal_url": account.record_url("deals", ""),
        "company_url": account.record_url("companies", ""),
        "counts": counts,
    }


def read_intacct(run: FlowRun, began: Json) -> Json:
    """Fill the file with Intacct's side and with what Tieout itself remembers; how much, and how complete it is."""
    read_at = datetime.fromisoformat(began["read_at"])
    reader = IntacctReader(run.intacct, run.books, run.document_key, run.settings.control_accounts)
    with opened(tables_of(run)) as connection:
        counts = reader.read(connection, FIRST_RUN_STARTS, run.now())
        timeless = count_parts(run.intacct, connection, read_at, run.books.company_currency)
        make_tables(connection, ("written", "memo", "known_link", "held"))
        ended = {row.target_id for row in _made(run, "draft_deletion")}
        rows = (row for row in _made(run, "invoice") if row.target_id not in ended)
        load(connection, "written", (_written(row.key.source_id, row.target_id, row.expect) for row in rows))
        memos = ((int(row.key.source_id), int(row.target_id)) for row in _made(run, "credit_memo"))
        load(connection, "memo", memos)
        connection.execute("INSERT INTO known_link SELECT deal_id, record_no FROM written")
        for numbers in _unlinked(connection):
            known = run.store.xrefs("intacct", "invoice", numbers, "hubspot", "deal")
            load(connection, "known_link", [(int(deal), int(number)) for number, deal in known.items()])
        holds = run.store.open_holds(won_deals.FLOW.name)
        load(connection, "held", [(int(h.source_id), h.code, h.message) for h in holds if h.source_id.isdecimal()])
    log.info("Sage Intacct: %s; %d records without a time of change", _in_words(counts), timeless)
    return {**counts, "without_time_of_change": timeless}


def explain(run: FlowRun, began: Json) -> Json:
    """Ask for what explains differences: who changed the figures that HubSpot shows, and which won deals without an
    invoice should have one. Only records that differ are asked for."""
    with opened(tables_of(run)) as connection:
        compute(connection)
        make_tables(connection, ("edited", "expected"))
        differing = differing_deals(connection)
        for start in range(0, len(differing), _AT_ONCE):
            wanted = _should_show(connection, differing[start : start + _AT_ONCE])
            load(connection, "edited", read_edits(run.hubspot, "deals", wanted))
        companies = _companies_should_show(connection)
        load(connection, "edited", read_edits(run.hubspot, "companies", companies))
        expected = _expected(run, connection)
        load(connection, "expected", expected)
    log.info("%d deals differ; %d won deals should have an invoice", len(differing), len(expected))
    return {"differing": len(differing), "expected": len(expected)}


def _earlier(cursor: datetime | None, read_at: datetime) -> datetime:
    return min(cursor, read_at) if cursor else FIRST_RUN_STARTS


def _made(run: FlowRun, target_object: str) -> Iterator[WriteRow]:
    """What Tieout wrote to Intacct for deals, page by page."""
    for page in run.store.pages_of_written(("intacct", target_object), ("hubspot", "deal")):
        yield from page


def _written(deal_id: str, record_no: str, expect: Mapping[str, str]) -> tuple[int, int, str, int]:
    currency = expect["CURRENCY"]
    return int(deal_id), int(record_no), currency, Money.of(expect["TRX_TOTALENTERED"], currency).minor


def _unlinked(connection: duckdb.DuckDBPyConnection) -> Iterable[list[str]]:
    """The invoices that neither carry Tieout's key nor were written by it, 500 at a time."""
    query = """SELECT i.record_no FROM invoice i ANTI JOIN written w ON w.record_no = i.record_no
        WHERE NOT starts_with(i.document_key, 'hs-deal-') ORDER BY 1"""
    rows = connection.cursor().execute(query)
    while page := rows.fetchmany(_AT_ONCE):
        yield [str(number) for (number,) in page]


def _should_show(connection: duckdb.DuckDBPyConnection, deals: Sequence[str]) -> dict[str, dict[str, tuple[int, str]]]:
    query = """SELECT deal_id, currency, total_minor, paid_minor, credited_minor, written_off_minor, balance_minor
        FROM deal_books WHERE deal_id IN (SELECT unnest(?::BIGINT[]))"""
    rows = connection.execute(query, [[int(deal) for deal in deals]]).fetchall()
    return {str(row[0]): {name: (value, row[1]) for name, value in zip(FIGURES, row[2:], strict=True)} for row in rows}


def _companies_should_show(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, tuple[int, str]]]:
    query = """SELECT c.company_id, b.currency, b.open_minor FROM company c
        JOIN customer_books b ON b.customer_id = c.customer_id
        LEFT JOIN company_balance k ON k.company_id = c.company_id AND k.currency = b.currency
        WHERE c.shown AND k.open_minor IS DISTINCT FROM b.open_minor"""
    return {
        str(company): {"intacct_open_balance": (value, currency)}
        for company, currency, value in connection.execute(query).fetchall()
    }


def _won_deal_settings(run: FlowRun) -> tuple[FlowRun, WonDealSettings] | None:
    """The main job as a dry run of its own, where this company runs it."""
    if won_deals.FLOW.name not in flows_in_use():
        return None
    main = replace(run, flow=won_deals.FLOW, params={"post_mode": "dry_run"})
    return main, main.settings


def _expected(run: FlowRun, connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    """The won deals without an invoice for which the main job would make one, in its own words."""
    won = _won_deal_settings(run)
    if won is None:
        return []
    main, settings = won
    first: date = settings.go_live - timedelta(days=1)
    query = """SELECT deal_id FROM deal d ANTI JOIN link l ON l.deal_id = d.deal_id ANTI JOIN held h
        ON h.deal_id = d.deal_id WHERE d.won AND NOT d.archived AND d.won_on >= ? AND d.numbers = '' ORDER BY 1"""
    candidates = [str(deal) for (deal,) in connection.execute(query, [first]).fetchall()]
    expected = []
    for start in range(0, len(candidates), _AT_ONCE):
        records = won_deals.read(main, candidates[start : start + _AT_ONCE])
        for one in won_deals.decide(main, list(records.values())):
            if isinstance(one, Write) and one.key.target_object == "invoice":
                expected.append((int(one.key.source_id), one.summary))
    return expected


def _in_words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items())
