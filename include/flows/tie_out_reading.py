"""Reading both systems for the tie-out: each function fills tables of the run's one DuckDB file.

HubSpot is read first, so that what changes in Intacct meanwhile is known by its time of change.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from include.connectors.hubspot.account import get_account
from include.core.decisions import Json
from include.core.money import Money
from include.core.sync import WriteRow
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows.deals.documents import TAX_ON_TOP, DealDocuments
from include.flows.instalments.billed import billed_so_far
from include.flows.instalments.contract import INSTALMENTS
from include.flows.run import FIRST_RUN_STARTS, FlowRun
from include.flows.tie_out_unbilled import classed, main_job
from include.reports.folder import remove_abandoned, working_folder
from include.reports.tie_out_breaks import differing_deals
from include.reports.tie_out_completeness import count_parts
from include.reports.tie_out_exchange import read_exchange
from include.reports.tie_out_figures import compute
from include.reports.tie_out_hubspot import FIGURES, HubSpotReader, read_edits
from include.reports.tie_out_hubspot_counts import count_hubspot
from include.reports.tie_out_intacct import IntacctReader
from include.reports.tie_out_tables import OWN, in_pages, load, make_tables, opened

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
        won = main_job(run)
        reader = HubSpotReader(run.hubspot, won[1].pipelines if won else "all", account.company_currency)
        counts = reader.read(connection)
        count_hubspot(run.hubspot, connection, read_at)
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
        read_exchange(run.intacct, run.books, connection)
        timeless = count_parts(
            run.intacct, connection, read_at, run.settings.control_accounts, run.books.company_currency
        )
        make_tables(connection, ("written", "memo", "on_top", "later", "known_link", "share", "held"))
        ended = {row.target_id for row in _made(run, "draft_deletion")}
        for page in in_pages(row for row in _made(run, "invoice") if row.target_id not in ended):
            load(connection, "written", (_written(row.key.source_id, row.target_id, row.expect) for row in page))
            load(connection, "on_top", _taxes(page))
            load(connection, "later", _later(run, page))
        for page in in_pages(_made(run, "credit_memo")):
            load(connection, "memo", ((int(row.key.source_id), int(row.target_id)) for row in page))
            load(connection, "on_top", _taxes(page))
        _read_links(run, connection)
        holds = run.store.open_holds(won_deals.FLOW.name)
        load(connection, "held", [(int(h.source_id), h.code, h.message) for h in holds if h.source_id.isdecimal()])
    log.info("Sage Intacct: %s; %d records without a time of change", _in_words(counts), timeless)
    return {**counts, "without_time_of_change": timeless}


def explain(run: FlowRun, began: Json) -> Json:
    """Ask for what explains differences: who changed the figures that HubSpot shows, and why won deals have no
    invoice. Only records that differ are asked for."""
    with opened(tables_of(run)) as connection:
        compute(connection)
        make_tables(connection, ("edited", "unbilled"))
        differing = differing_deals(connection)
        for start in range(0, len(differing), _AT_ONCE):
            wanted = _should_show(connection, differing[start : start + _AT_ONCE])
            load(connection, "edited", read_edits(run.hubspot, "deals", wanted))
        companies = _companies_should_show(connection)
        load(connection, "edited", read_edits(run.hubspot, "companies", companies))
        unbilled = classed(run, connection)
    log.info("%d deals differ; won deals without an invoice: %s", len(differing), _in_words(unbilled) or "none")
    return {"differing": len(differing), "unbilled": unbilled}


def _earlier(cursor: datetime | None, read_at: datetime) -> datetime:
    return min(cursor, read_at) if cursor else FIRST_RUN_STARTS


def _made(run: FlowRun, target_object: str) -> Iterator[WriteRow]:
    """What Tieout wrote to Intacct for deals, page by page."""
    for page in run.store.pages_of_written(("intacct", target_object), ("hubspot", "deal")):
        yield from page


def _written(deal_id: str, record_no: str, expect: Mapping[str, str]) -> tuple[int, int, str, int]:
    currency = expect["CURRENCY"]
    return int(deal_id), int(record_no), currency, Money.of(expect["TRX_TOTALENTERED"], currency).minor


def _taxes(rows: Iterable[WriteRow]) -> Iterator[tuple[int, int, int]]:
    """The tax that these documents bill on top of their deals' amounts."""
    for row in rows:
        if TAX_ON_TOP in row.facts:
            tax = Money.of(str(row.facts[TAX_ON_TOP]), row.expect["CURRENCY"])
            yield int(row.key.source_id), int(row.target_id), tax.minor


def _later(run: FlowRun, rows: Iterable[WriteRow]) -> Iterator[tuple[int, int]]:
    """What of the deals of these invoices is to be billed in later instalments (below zero where the deal states one
    billing of several). A deal may come again with another page."""
    dated = {row.key.source_id for row in rows if INSTALMENTS in row.facts}
    if not dated:
        return
    won = main_job(run)
    one_billing = won is not None and won[1].instalments.deal_amount == "first_billing"
    documents = DealDocuments.of(run.store.rows_about("hubspot", "deal", dated))
    for deal, its in billed_so_far(documents).items():
        yield int(deal), ((its.first_billing if one_billing else its.contract) - its.billed).minor


def _read_links(run: FlowRun, connection: duckdb.DuckDBPyConnection) -> None:
    """What the state knows of the deals of invoices beyond their keys, and the weights of deals that share one."""
    connection.execute("""INSERT INTO known_link SELECT w.deal_id, w.record_no FROM written w
        JOIN invoice i ON i.record_no = w.record_no AND i.deal_id IS DISTINCT FROM w.deal_id""")
    rows = connection.cursor().execute("SELECT record_no, deal_id FROM invoice ORDER BY 1")
    while page := dict(rows.fetchmany(_AT_ONCE)):
        links = run.store.links_of_documents([str(number) for number in page])
        ids = [(int(one.deal_id), int(one.document), one) for one in links]
        told = [(deal, number) for deal, number, one in ids if one.kind != "named" and page[number] != deal]
        load(connection, "known_link", told)
        load(
            connection, "share", [(deal, number, str(one.share)) for deal, number, one in ids if one.share is not None]
        )


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


def _in_words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items())
