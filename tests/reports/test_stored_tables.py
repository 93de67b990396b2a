"""A table that stays in DuckDB reads and writes as one in memory does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from include.reports.spreadsheets import write_csv
from include.reports.tables import Column, Stored, Table, asked, load

COLUMNS = (
    Column("name"),
    Column("currency"),
    Column("owed_minor", "minor"),
    Column("day", "date"),
    Column("at", "instant"),
)
AT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
ROWS: list[tuple[Any, ...]] = [(f"n, {number}", "USD", number, date(2026, 11, 16), AT) for number in range(7)]


@pytest.fixture
def kept() -> Stored:
    store = duckdb.connect()
    load(store, Table("owed", COLUMNS, ROWS))
    return Stored(store, "owed", COLUMNS)


def test_a_stored_table_is_written_to_the_same_csv_as_one_in_memory(tmp_path: Path, kept: Stored) -> None:
    write_csv(tmp_path / "listed.csv", Table("owed", COLUMNS, ROWS))
    write_csv(tmp_path / "stored.csv", Table("owed", COLUMNS, kept))
    assert (tmp_path / "stored.csv").read_bytes() == (tmp_path / "listed.csv").read_bytes()


def test_the_first_rows_of_a_stored_table_are_read_without_the_rest(kept: Stored) -> None:
    first = replace(kept, most=3)
    assert (len(first), list(first), first[1], first[1:9]) == (3, ROWS[:3], ROWS[1], ROWS[1:3])


def test_questions_are_asked_of_stored_tables_alone(kept: Stored) -> None:
    table = Table("owed", COLUMNS, kept)
    assert asked(table, "SELECT sum(owed_minor)::BIGINT FROM {table} WHERE owed_minor > ?", 4) == [(11,)]
    with pytest.raises(TypeError):
        asked(replace(table, rows=ROWS), "SELECT 1 FROM {table}")
