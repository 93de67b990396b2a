"""A company of any size is read a fixed number of times: what is asked for each part reads that part alone."""

from __future__ import annotations

from typing import Any

import duckdb

from benchmarks.revenue_books import FIRST_DEAL, records
from include.reports.revenue_staging import Staging
from include.reports.revenue_table import FactStore

DEALS = 400


class Asked:
    """A DuckDB connection that keeps what it was asked."""

    def __init__(self, store: Any, statements: list[str]) -> None:
        self._store, self.statements = store, statements

    def execute(self, query: str, *given: Any) -> Any:
        self.statements.append(query)
        return self._store.execute(query, *given)

    def cursor(self) -> Asked:
        return Asked(self._store.cursor(), self.statements)


def staged(part: int) -> tuple[Asked, Staging]:
    asked: Any = Asked(duckdb.connect(), [])
    staging = Staging(asked, {one: one for one in ("100", "200", "300")}, part=part)
    for name, wires in records(DEALS):
        staging.keep(name, wires)
    asked.statements.clear()
    return asked, staging


def test_however_many_parts_there_are_the_staged_records_are_read_as_often() -> None:
    reads, parts = [], []
    for size in (10_000, 50):
        asked, staging = staged(size)
        parts.append([sorted(str(one["RECORDNO"]) for one in part.invoices) for part in staging.parts()])
        reads.append(sum(query.count("staged_") for query in asked.statements))
    assert (len(parts[0]), len(parts[1])) == (1, 8)
    assert sorted(number for part in parts[1] for number in part) == parts[0][0]
    assert reads[0] == reads[1]


def test_what_deals_were_billed_is_looked_up_without_reading_the_facts_again() -> None:
    asked: Any = Asked(duckdb.connect(), [])
    facts = FactStore(asked, {})
    facts.sum_up_billed()
    asked.statements.clear()
    for start in range(FIRST_DEAL, FIRST_DEAL + 5):
        assert (facts.entities_of([str(start)]), facts.billed_of([str(start)])) == ({}, {})
    assert [query for query in asked.statements if " fact " in query or "facts" in query] == []
    assert len(asked.statements) == 10
