"""The flow: does every deal, invoice, payment and balance agree in both systems, to the cent? It reads and writes to
neither.

``read_hubspot``, ``read_intacct`` and ``explain`` fill the tables of one DuckDB file, one task after the other;
``report`` compares, writes the files, opens and closes holds, and tells. HubSpot is read first, so that what changes in
Intacct meanwhile is known by its time of change.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
from pydantic import Field

from include.connectors.hubspot.account import get_account
from include.core.books import Strict
from include.core.decisions import Decision, Hold, Json, Skip, Write
from include.core.errors import SettingsError, TieoutError
from include.core.money import Money
from include.core.sync import WriteRow
from include.core.windows import Window
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows.flow import Flow
from include.flows.flows_in_use import flows_in_use
from include.flows.run import FIRST_RUN_STARTS, FlowRun
from include.flows.won_deal_settings import WonDealSettings
from include.reports.folder import publish, remove_abandoned, run_name, working_folder
from include.reports.tie_out_breaks import Known, differing_deals
from include.reports.tie_out_compare import Break, breaks_in, compare
from include.reports.tie_out_completeness import count_parts
from include.reports.tie_out_figures import compute
from include.reports.tie_out_hubspot import FIGURES, HubSpotReader, read_edits
from include.reports.tie_out_intacct import IntacctReader
from include.reports.tie_out_notice import notices
from include.reports.tie_out_output import Links, write_files
from include.reports.tie_out_tables import OWN, load, make_tables, opened

log = logging.getLogger(__name__)

FILE = "tie_out.duckdb"
ALL = "everything"
_AT_ONCE = 500


class TieOutSettings(Strict):
    control_accounts: tuple[str, ...] = Field(min_length=1)
    rounding: int = Field(default=1, ge=0, le=100)
    notify: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    slack: bool = False


def read_hubspot(run: FlowRun) -> Json:
    """Fill the file with HubSpot's side, made anew; what the next tasks need to know. Bad settings stop it here."""
    settings = run.settings
    read_at = run.now().astimezone(UTC)
    remove_abandoned(FLOW.name)
    account = get_account(run.hubspot)
    cursors = {flow.name: run.store.cursor(flow.name) for flow in (payments.FLOW, won_deals.FLOW)}
    with opened(_file(run)) as connection:
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
    with opened(_file(run)) as connection:
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
    with opened(_file(run)) as connection:
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


def report(run: FlowRun, began: Json, read: Json) -> Json:
    """Compare, write the files, open holds for what a person must look at and close those of breaks that are gone,
    leave the note, and tell. Gives the summary."""
    if not _file(run).exists():
        raise SettingsError("The tables of this run are gone or published already: clear the run from its first task.")
    at = {name: datetime.fromisoformat(began[name]) for name in ("shown_until", "invoiced_until", "read_at")}
    with opened(_file(run)) as connection:
        compare(connection, Known(**at, rounding=began["rounding"]))
        found = breaks_in(connection)
        summary = summary_of(connection, found, began, read)
        write_files(connection, working_folder(FLOW.name, run.run_id), found, summary, Links.of(began))
    name = run_name(at["read_at"].date().isoformat(), run.run_id)
    decided = decisions(found)
    run.store.put_holds(FLOW.name, run.run_id, [one for one in decided if isinstance(one, Hold)])
    gone = {hold.source_id for hold in run.store.open_holds(FLOW.name)} - {one.break_id for one in found if _held(one)}
    closed = run.store.close_holds(FLOW.name, gone, run.run_id)
    note = {**summary, "folder": name, "holds_closed": closed}
    run.store.put_note(FLOW.name, run.run_id, note)
    _tell(run, found, summary, name)
    # Last, so that a retry finds the tables.
    folder = publish(working_folder(FLOW.name, run.run_id), FLOW.name, name)
    log.info("%s\nThe files are in %s", in_words(summary), folder)
    return note


def tie_out(run: FlowRun) -> Json:
    """The whole of it, one task after the other; the note."""
    began = read_hubspot(run)
    read = read_intacct(run, began)
    explain(run, began)
    return report(run, began, read)


def decisions(found: Sequence[Break]) -> list[Decision]:
    """A hold for each break that needs a person; timing is over by itself."""
    return [
        Hold(one.break_id, f"break_{one.break_class}", str(one), details=_details(one)) for one in found if _held(one)
    ]


def summary_of(connection: duckdb.DuckDBPyConnection, found: Sequence[Break], began: Json, read: Json) -> Json:
    """What the note, the log and ``summary.json`` say. Amounts are minor units."""
    classes: dict[str, int] = {}
    for one in found:
        classes[one.break_class] = classes.get(one.break_class, 0) + 1
    rows = connection.execute("SELECT count(*), coalesce(sum(deals), 0)::BIGINT FROM tie_out").fetchone() or (0, 0)
    return {
        "green": not found,
        "breaks": len(found),
        "classes": dict(sorted(classes.items())),
        "as_of": began["read_at"],
        "deals": rows[1],
        "customers": rows[0],
        "invoices": read.get("invoice", 0),
        "without_time_of_change": read.get("without_time_of_change", 0),
        "deleted": read.get("deleted", 0),
        "breaks_by_day": _by_day(found),
    }


def in_words(summary: Json) -> str:
    """``Both systems agree: 44 deals, 105 invoices.`` or how many breaks of which class there are."""
    size = f"{summary['deals']} deals, {summary['invoices']} invoices"
    if summary["green"]:
        return f"Both systems agree: {size}."
    classes = ", ".join(f"{number} {name}" for name, number in summary["classes"].items())
    return f"{summary['breaks']} breaks ({classes}) in {size}."


def find(_run: FlowRun, _window: Window) -> Iterable[str]:
    return [ALL]


def read_all(run: FlowRun, _ids: Sequence[str]) -> Mapping[str, Json]:
    return {ALL: tie_out(run)}


def decide(_run: FlowRun, _records: Sequence[Json]) -> list[Decision]:
    """``report`` has put the holds already."""
    return [Skip(ALL, "compared")]


def _by_day(found: Sequence[Break]) -> dict[str, dict[str, int]]:
    """Entity -> day (``""``: about no document) -> breaks, for the close of a period."""
    days: dict[str, dict[str, int]] = {}
    for one in found:
        its = days.setdefault(one.entity_id, {})
        day = one.dated.isoformat() if one.dated else ""
        its[day] = its.get(day, 0) + 1
    return {entity: dict(sorted(its.items())) for entity, its in sorted(days.items())}


def _held(one: Break) -> bool:
    return one.break_class != "timing"


def _details(one: Break) -> Json:
    return {
        "class": one.break_class,
        "check": one.check,
        "entity": one.entity_id,
        "customer": one.customer_id,
        "currency": one.currency,
        "deal": str(one.deal_id or ""),
        "record": str(one.record_no or ""),
        "dated": one.dated.isoformat() if one.dated else "",
        "difference_minor": one.difference_minor,
    }


def _tell(run: FlowRun, found: Sequence[Break], summary: Json, name: str) -> None:
    """Files, holds and note stand whatever becomes of the message. Timing alone is no news."""
    real = [one for one in found if _held(one)]
    if not real:
        return
    settings: TieOutSettings = run.settings
    writes: list[Write] = notices(real, in_words(summary), name, settings.notify, slack=settings.slack)
    try:
        results = run.apply(writes)
    except TieoutError as error:
        log.error("Nobody was told: %s", error.message)
        return
    for result in results:
        if result.state not in {"written", "unchanged"}:
            log.error("%s was not sent: %s", result.key.target_system, result.message)


def _file(run: FlowRun) -> Path:
    return working_folder(FLOW.name, run.run_id) / FILE


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


FLOW = Flow(
    name="tie_out",
    settings=TieOutSettings,
    source=("tieout", "break"),
    find=find,
    read=read_all,
    decide=decide,
)
