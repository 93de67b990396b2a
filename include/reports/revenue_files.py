"""The files of one revenue report, and its summary."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from include.core.books import Books
from include.core.money import Money
from include.reports.revenue_closed import Compared
from include.reports.revenue_page import revenue_page
from include.reports.revenue_table import COLUMNS, Revenue, Span
from include.reports.spreadsheets import write_csv, write_excel
from include.reports.tables import Stored, Table, asked, write_duckdb, write_parquet

PAGE = "revenue.html"
SUMMARY = "summary.json"
EXCEL_ROWS = 100_000
"""Rows of a table in the workbook."""


def write_files(
    folder: Path, found: Revenue, ageing: Table, compared: Compared, books: Books, span: Span, made_at: datetime
) -> Mapping[str, Any]:
    """Everything into ``folder``; the summary, which stands in ``summary.json`` too."""
    tables = (*found.tables[:2], ageing, compared.periods, compared.changes, found.facts)
    write_duckdb(folder / "revenue.duckdb", tables)
    for table in tables:
        write_parquet(folder / f"{table.name}.parquet", table)
        write_csv(folder / f"{table.name}.csv", table)
    write_excel(folder / "revenue.xlsx", [_shortened(table) for table in tables])
    (folder / PAGE).write_text(revenue_page(found, ageing, compared, books, span, made_at), encoding="utf-8")
    summary = summed_up(found, ageing, compared, span)
    (folder / SUMMARY).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary


def summed_up(found: Revenue, ageing: Table, compared: Compared, span: Span) -> dict[str, Any]:
    """Totals per currency as texts, exact; how many records; what a person should look at."""
    changed = compared.periods.position("difference_minor")
    return {
        "from": span.first.isoformat(),
        "as_of": span.as_of.isoformat(),
        "totals": _totals(found.rows, "currency", ""),
        "totals_in_base": _totals(found.rows, "base_currency", "_base"),
        "open_by_bucket": _buckets(ageing),
        "deals": _count(found.deals, "count(DISTINCT deal_id) FILTER (deal_id <> '')"),
        "records": len(found.facts.rows),
        "without_deal": _count(found.facts, "count(*) FILTER (deal_id = '')"),
        "to_look_at": _findings(found.deals),
        "closed_periods": len({row[:2] for row in compared.periods.rows}),
        "changed_after_close": len({row[:2] for row in compared.periods.rows if row[changed]}),
    }


def _shortened(table: Table) -> Table:
    """A workbook of millions of rows can be opened by nobody: it has the first ones, CSV and Parquet have all."""
    rows = table.rows
    first = replace(rows, most=EXCEL_ROWS) if isinstance(rows, Stored) else rows[:EXCEL_ROWS]
    return replace(table, rows=first)


def _count(table: Table, what: str) -> int:
    (found,) = asked(table, "SELECT " + what + " FROM {table}")[0]  # noqa: S608
    return int(found)


def _findings(deals: Table) -> dict[str, int]:
    return dict(asked(deals, "SELECT finding, count(*) FROM {table} WHERE finding <> '' GROUP BY ALL ORDER BY ALL"))


def _totals(rows: Table, currency_column: str, kind: str) -> dict[str, dict[str, str]]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    currency = rows.position(currency_column)
    places = {name: rows.position(f"{name}{kind}_minor") for name in COLUMNS}
    for row in rows.rows:
        for name, place in places.items():
            sums[row[currency]][name] += row[place]
    return {
        code: {name: Money.from_minor(minor, code).text for name, minor in its.items()}
        for code, its in sorted(sums.items())
        if code
    }


def _buckets(ageing: Table) -> dict[str, dict[str, str]]:
    query = """SELECT currency, bucket, sum(open_minor + unapplied_minor)::BIGINT FROM {table}
        GROUP BY ALL ORDER BY currency, min(rowid)"""
    sums: dict[str, dict[str, str]] = defaultdict(dict)
    for code, bucket, minor in asked(ageing, query):
        sums[code][bucket] = Money.from_minor(minor, code).text
    return sums
