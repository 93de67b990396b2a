"""The files of a tie-out: tables for programs, breaks for a spreadsheet, a page for people, a summary for jobs."""

# ruff: noqa: S608  (the conditions in statements are this file's own)

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from include.core.decisions import Json
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
_PARQUET = (
    "tie_out", "break", "completeness", "control_books", "customer_books", "foreign_invoice", "realised", "won_deal",
    "won_deals",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Links:
    """Where people see records. ``deal`` and ``company``: the beginnings of HubSpot's addresses."""

    deal: str
    company: str
    companies: Mapping[str, int] = field(default_factory=dict)
    records: Mapping[int, str] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)
    journals: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, began: Json) -> Links:
        return cls(began["deal_url"], began["company_url"])

    def read(self, connection: duckdb.DuckDBPyConnection, found: Sequence[Break]) -> Links:
        """With the addresses of all that these breaks are about, as far as Intacct gave one."""
        numbers = sorted({one.record_no for one in found if one.record_no})
        customers = sorted({one.customer_id for one in found if one.customer_id})

        def told(query: str, *given: object) -> dict[Any, Any]:
            return dict(connection.execute(query, list(given)).fetchall())

        of_customers = "customer_id IN (SELECT unnest(?::VARCHAR[]))"
        return Links(
            self.deal,
            self.company,
            told(f"SELECT customer_id, min(company_id) FROM company WHERE {of_customers} GROUP BY ALL", customers),
            told("SELECT record_no, url FROM invoice WHERE record_no IN (SELECT unnest(?::BIGINT[]))", numbers),
            told(f"SELECT customer_id, url FROM customer WHERE {of_customers}", customers),
            told("""SELECT 'control ' || c.entity_id || ' ' || c.base_currency || ' '
                    || coalesce(nullif(c.customer_id, ''), '-'), arg_max(j.url, abs(c.amount_minor))
                FROM control c JOIN journal j ON j.record_no = c.batch_key GROUP BY ALL"""),
        )

    def hubspot(self, one: Break) -> str:
        """The deal, else the company of the customer; empty for what is about neither."""
        if not self.deal:
            return ""
        if one.deal_id is not None:
            return f"{self.deal}{one.deal_id}"
        if one.subject.startswith("company "):
            return f"{self.company}{one.subject.split()[1]}"
        company = self.companies.get(one.customer_id)
        return f"{self.company}{company}" if company else ""

    def intacct(self, one: Break) -> str:
        """The invoice, else the largest journal that was booked by hand, else the customer."""
        journal = self.journals.get(one.subject, "") if one.break_class == "manual_edit" else ""
        url = self.records.get(one.record_no or 0) or journal or self.customers.get(one.customer_id, "")
        return url if url.startswith("http") else ""


def write_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, found: Sequence[Break], summary: Json, links: Links
) -> None:
    """Write ``breaks.csv``, ``tie_out.html``, ``summary.json`` and Parquet files beside the open ``tie_out.duckdb``."""
    write_csv(folder / "breaks.csv", breaks_table(found, links))
    (folder / "tie_out.html").write_text(as_html(page_of(connection, found, summary, links)), encoding="utf-8")
    for table in _PARQUET:
        target = str(folder / f"{table}.parquet").replace("'", "''")
        connection.execute(f"COPY \"{table}\" TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    (folder / "summary.json").write_text(json.dumps(summary, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    connection.execute("CHECKPOINT")
    for file in folder.iterdir():
        file.chmod(0o600)


def breaks_table(found: Sequence[Break], links: Links) -> Table:
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
                links.intacct(one),
                one.detail.strip(),
                one.next_step,
            )
        )
    return Table("breaks", BREAK_COLUMNS, rows, "Breaks")
