"""The tie-out as a page for people."""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from include.core.decisions import Json
from include.reports.amounts import amount_text
from include.reports.page import Cell, Page, Part, Section, table, tiles
from include.reports.tie_out_compare import Break, totals
from include.reports.tie_out_exchange_page import exchange_sections
from include.reports.tie_out_won import won_rows, won_statement
from include.reports.tie_out_words import CHECKS

if TYPE_CHECKING:
    from include.reports.tie_out_output import Links

MOST = 5_000
"""Rows of a table on the page; the files beside it hold all."""
_FIGURES = (
    ("invoice", "Invoiced"),
    ("paid", "Applied"),
    ("credited", "Credited"),
    ("written_off", "Written off"),
    ("balance", "Balance"),
)


def page_of(connection: duckdb.DuckDBPyConnection, found: Sequence[Break], summary: Json, links: Links) -> Page:
    """Tiles, breaks with evidence and next step, both sides by entity, currency and customer, the control account, and
    completeness."""
    state = "good" if summary["green"] else "bad"
    sections = [
        Section(
            "Do both systems agree?",
            tiles(
                [
                    ("Breaks", str(summary["breaks"]), "none: both systems agree" if not found else "see below", state),
                    ("Deals", str(summary["deals"]), "with an invoice"),
                    ("Invoices", str(summary["invoices"]), "in Sage Intacct"),
                    ("Without time of change", str(summary["without_time_of_change"]), "found by sweeping"),
                ]
            ),
        )
    ]
    if found:
        sections.append(Section("Breaks", _breaks(found, links), _told(found, "breaks.csv")))
    sections += [
        Section("By entity and currency", _totals(connection), "As HubSpot shows it and as Intacct has it."),
        Section("Every won deal in one class", _won(connection), f"{won_statement(connection)}."),
        Section("By customer", *_customers(connection)),
        Section(
            "Subledger and control account",
            _control(connection),
            "In the entity's base currency: open documents less unapplied money, and the GL control account.",
        ),
        *exchange_sections(connection),
        Section(
            "Was everything read?",
            _completeness(connection),
            "Intacct's own counts beside what was read; sums are checksums in thousandths, all currencies together.",
        ),
        Section("What was compared", table(("Check", "Breaks"), _checks(found), numbers=("Breaks",))),
    ]
    subtitle = "Both systems agree to the cent." if summary["green"] else f"{summary['breaks']} breaks."
    as_of = str(summary["as_of"])[:16].replace("T", " ")
    return Page("Tie-out", subtitle, sections, f"HubSpot and Sage Intacct as read on {as_of} UTC.")


def _breaks(found: Sequence[Break], links: Links) -> Part:
    columns = (
        "Class", "What", "Customer", "HubSpot or subledger", "Intacct or GL", "Difference", "Next step", "Evidence",
        "Figure", "Entity", "Intacct record",
    )  # fmt: skip
    rows: list[list[Cell]] = [
        [
            one.break_class.replace("_", " "),
            _link(one.subject, links.hubspot(one)),
            one.customer_id,
            one.amount(one.hubspot_minor),
            one.amount(one.intacct_minor),
            one.amount(one.difference_minor),
            one.next_step,
            one.detail.strip(),
            one.measure,
            one.entity_id,
            _link(str(one.record_no or one.customer_id or "journal"), links.intacct(one)),
        ]
        for one in found[:MOST]
    ]
    return table(columns, rows, numbers=columns[3:6], search=True)


def _totals(connection: duckdb.DuckDBPyConnection) -> Part:
    columns = ["Entity", "Currency", "Deals", "Deal amounts"]
    for _, title in _FIGURES:
        columns += [f"{title}, HubSpot", f"{title}, Intacct", f"{title}, difference"]
    columns += ["Without deal", "of it open"]
    rows: list[list[Cell]] = []
    for one in totals(connection):
        code = one["currency"]
        row: list[Cell] = [one["entity_id"], code, one["deals"], amount_text(one["deal_minor"], code)]
        for name, _ in _FIGURES:
            theirs, books = one[f"hubspot_{name}_minor"], one[f"intacct_{name}_minor"]
            row += [amount_text(theirs, code), amount_text(books, code), amount_text(theirs - books, code)]
        rows.append(
            [*row, amount_text(one["other_invoice_minor"], code), amount_text(one["other_balance_minor"], code)]
        )
    return table(columns, rows, numbers=columns[2:])


def _customers(connection: duckdb.DuckDBPyConnection) -> tuple[Part, str]:
    columns = ["Entity", "Currency", "Customer", "Deals", "Deal amounts"]
    for _, title in _FIGURES:
        columns += [f"{title}, HubSpot", f"{title}, Intacct"]
    columns += ["Difference", "Open without deal"]
    pairs = ", ".join(f"hubspot_{name}_minor, intacct_{name}_minor" for name, _ in _FIGURES)
    differences = " + ".join(f"abs(hubspot_{name}_minor - intacct_{name}_minor)" for name, _ in _FIGURES)
    query = f"""SELECT entity_id, currency, customer_id, deals, deal_minor, {pairs}, {differences} AS off,
        other_balance_minor FROM tie_out ORDER BY off DESC, entity_id, currency, customer_id LIMIT {MOST}"""
    rows: list[list[Cell]] = [
        [*row[:4], *(amount_text(value, row[1]) for value in row[4:])] for row in connection.execute(query).fetchall()
    ]
    there = connection.execute("SELECT count(*) FROM tie_out").fetchone() or (0,)
    text = "All of them." if there[0] <= MOST else f"The first {MOST} of {there[0]}; tie_out.parquet holds all."
    return table(columns, rows, numbers=columns[3:], search=True), text


def _won(connection: duckdb.DuckDBPyConnection) -> Part:
    rows: list[list[Cell]] = [list(row) for row in won_rows(connection)]
    return table(("Class", "Currency", "Won deals", "Deal amounts"), rows, numbers=("Won deals", "Deal amounts"))


def _control(connection: duckdb.DuckDBPyConnection) -> Part:
    columns = ("Entity", "Currency", "Subledger", "Control account", "Difference", "By journal")
    query = """SELECT entity_id, currency, sum(subledger_minor)::BIGINT, sum(gl_minor)::BIGINT,
        sum(subledger_minor - gl_minor)::BIGINT, sum(by_hand_minor)::BIGINT
        FROM control_books GROUP BY ALL ORDER BY 1, 2"""
    rows: list[list[Cell]] = [
        [*row[:2], *(amount_text(value, row[1]) for value in row[2:])] for row in connection.execute(query).fetchall()
    ]
    return table(columns, rows, numbers=columns[2:])


def _completeness(connection: duckdb.DuckDBPyConnection) -> Part:
    columns = ("Object", "Part", "From", "To", "In Intacct", "Read", "Sum in Intacct", "Sum read")
    query = f"""SELECT object, part, first, last, told, read, coalesce(told_checksum::VARCHAR, ''),
        coalesce(read_checksum::VARCHAR, '') FROM completeness WHERE told + read > 0 LIMIT {MOST}"""
    rows: list[list[Cell]] = [list(row) for row in connection.execute(query).fetchall()]
    return table(columns, rows, numbers=columns[4:])


def _checks(found: Sequence[Break]) -> list[list[Cell]]:
    return [[title, sum(one.check == check for one in found)] for check, title in CHECKS.items()]


def _told(found: Sequence[Break], file: str) -> str:
    return "" if len(found) <= MOST else f"The first {MOST} of {len(found)}; {file} holds all."


def _link(text: str, url: str) -> Cell:
    return {"text": text, "url": url} if url else text
