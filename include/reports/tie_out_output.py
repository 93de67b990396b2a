"""The files of a tie-out: tables for programs, breaks for a spreadsheet, a page for people, a summary for jobs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from include.core.decisions import Json
from include.core.money import Money
from include.reports.page import as_html
from include.reports.spreadsheets import write_csv
from include.reports.tables import Column, Table
from include.reports.tie_out_compare import Break
from include.reports.tie_out_page import page_of

BREAK_COLUMNS = (
    Column("class", title="Class"),
    Column("check", title="Check"),
    Column("subject", title="What"),
    Column("entity", title="Entity"),
    Column("customer", title="Customer"),
    Column("currency", title="Currency"),
    Column("measure", title="Figure"),
    Column("hubspot_minor", "minor", "HubSpot or subledger"),
    Column("intacct_minor", "minor", "Intacct or GL"),
    Column("difference_minor", "minor", "Difference"),
    Column("dated", "date", "Dated"),
    Column("deal", title="HubSpot deal"),
    Column("deal_link", title="Link to HubSpot"),
    Column("record", title="Intacct record"),
    Column("record_link", title="Link to Intacct"),
    Column("evidence", title="Evidence"),
    Column("next_step", title="Next step"),
)
_PARQUET = ("tie_out", "break", "completeness", "control_books", "customer_books")


@dataclass(frozen=True, slots=True)
class Links:
    """Where people see records: the beginnings of HubSpot's addresses, and Intacct's whole ones by record number."""

    deal: str
    company: str

    @classmethod
    def of(cls, began: Json) -> Links:
        return cls(began["deal_url"], began["company_url"])

    def hubspot(self, one: Break) -> str:
        if one.deal_id is not None:
            return f"{self.deal}{one.deal_id}"
        if one.subject.startswith("company "):
            return f"{self.company}{one.subject.split()[1]}"
        return ""


def write_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, found: Sequence[Break], summary: Json, links: Links
) -> None:
    """Write ``breaks.csv``, ``tie_out.html``, ``summary.json`` and Parquet files beside the open ``tie_out.duckdb``."""
    urls = intacct_urls(connection, found)
    write_csv(folder / "breaks.csv", breaks_table(found, links, urls))
    (folder / "tie_out.html").write_text(as_html(page_of(connection, found, summary, links, urls)), encoding="utf-8")
    for table in _PARQUET:
        target = str(folder / f"{table}.parquet").replace("'", "''")
        connection.execute(f"COPY \"{table}\" TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    (folder / "summary.json").write_text(json.dumps(summary, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    connection.execute("CHECKPOINT")
    for file in folder.iterdir():
        file.chmod(0o600)


def breaks_table(found: Sequence[Break], links: Links, urls: dict[int, str]) -> Table:
    rows = []
    for one in found:
        has_money = bool(one.currency)
        rows.append(
            (
                one.break_class,
                one.check,
                one.subject,
                one.entity_id,
                one.customer_id,
                one.currency,
                one.measure,
                one.hubspot_minor if has_money else None,
                one.intacct_minor if has_money else None,
                one.difference_minor if has_money else None,
                one.dated,
                str(one.deal_id or ""),
                links.hubspot(one),
                str(one.record_no or ""),
                urls.get(one.record_no or 0, ""),
                one.detail.strip(),
                one.next_step,
            )
        )
    return Table("breaks", BREAK_COLUMNS, rows, "Breaks")


def intacct_urls(connection: duckdb.DuckDBPyConnection, found: Sequence[Break]) -> dict[int, str]:
    """Record number -> the invoice's own address, of those that Intacct gave one."""
    numbers = sorted({one.record_no for one in found if one.record_no})
    query = "SELECT record_no, url FROM invoice WHERE url LIKE 'http%' AND record_no IN (SELECT unnest(?::BIGINT[]))"
    return dict(connection.execute(query, [numbers]).fetchall())


def shown(minor: int | None, currency: str) -> str:
    """``1,200.00``; empty where there is no amount."""
    return f"{Money.from_minor(minor, currency).amount:,}" if minor is not None and currency else ""
