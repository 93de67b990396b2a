"""Foreign invoices and realised gains on the page of the tie-out."""

from __future__ import annotations

import duckdb

from include.reports.amounts import amount_text
from include.reports.page import Cell, Section, table

_FOREIGN = """
SELECT i.entity_id, i.currency, i.base_currency, count(*), sum(i.total_minor)::BIGINT, sum(f.base_total_minor)::BIGINT,
    sum(i.balance_minor)::BIGINT, sum(i.base_balance_minor)::BIGINT, min(f.rate_date), max(f.rate_date)
FROM foreign_invoice f JOIN invoice i ON i.record_no = f.record_no GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_REALISED = """
SELECT entity_id, base_currency, count(*), sum(gain_minor)::BIGINT, sum(rounding_minor)::BIGINT
FROM realised GROUP BY 1, 2 ORDER BY 1, 2
"""


def exchange_sections(connection: duckdb.DuckDBPyConnection) -> list[Section]:
    """None in a company of one currency."""
    foreign = connection.execute(_FOREIGN).fetchall()
    if not foreign:
        return []
    rows: list[list[Cell]] = [
        [
            entity, code, base, count, amount_text(total, code), amount_text(booked, base), amount_text(left, code),
            amount_text(in_base, base), str(first or ""), str(last or ""),
        ]
        for entity, code, base, count, total, booked, left, in_base, first, last in foreign
    ]  # fmt: skip
    columns = (
        "Entity", "Currency", "Base currency", "Invoices", "Total", "Booked in base", "Open", "Open in base",
        "First rate", "Last rate",
    )  # fmt: skip
    told = "As Intacct booked them; each invoice's base balance is held against its own rate."
    sections = [Section("Foreign invoices", table(columns, rows, numbers=columns[3:8]), told)]
    realised = connection.execute(_REALISED).fetchall()
    if realised:
        gains: list[list[Cell]] = [
            [entity, base, count, amount_text(gain, base), amount_text(rounding, base)]
            for entity, base, count, gain, rounding in realised
        ]
        heads = ("Entity", "Base currency", "Payments", "Gain or loss", "Rounding")
        told = "Posted by Intacct for payments of foreign invoices; a loss is below zero. Rounding is no break."
        sections.append(Section("Realised exchange gains", table(heads, gains, numbers=heads[2:]), told))
    return sections
