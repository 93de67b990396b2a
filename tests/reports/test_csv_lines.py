"""A CSV file is the same to the byte whether DuckDB or Python writes its lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.currencies import UnknownCurrency
from include.reports.csv_lines import csv_lines
from include.reports.spreadsheets import write_csv
from include.reports.tables import Column, Stored, Table, load

COLUMNS = (
    Column("name"),
    Column("currency"),
    Column("owed_minor", "minor"),
    Column("note"),
    Column("day", "date"),
    Column("at", "instant"),
    Column("late", "int"),
    Column("open", "flag"),
)
ACTING = st.sampled_from(
    ["=1", "+1", "-1", "@A", " =1", "1;=2", "1\t=2", "a,b", 'a"b', "Zoë", "\uff1d1", "\r\n", "\x85=1", ""]
)
TEXTS = st.one_of(
    ACTING, st.text(max_size=8).filter(lambda text: "\x00" not in text), st.from_regex("[ -~]{0,12}", fullmatch=True)
)
ROWS = st.lists(
    st.tuples(
        TEXTS,
        st.sampled_from(["USD", "JPY", "KWD", ""]),
        st.integers(-(2**63), 2**63 - 1),
        TEXTS,
        st.one_of(st.none(), st.dates(date(1, 1, 1))),
        st.one_of(st.none(), st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
        st.one_of(st.none(), st.integers(-(2**40), 2**40)),
        st.one_of(st.none(), st.booleans()),
    ),
    max_size=5,
)


def kept(rows: list[tuple[Any, ...]]) -> Stored:
    store = duckdb.connect()
    load(store, Table("owed", COLUMNS, rows))
    return Stored(store, "owed", COLUMNS)


@given(ROWS)
def test_any_row_is_written_to_the_same_bytes_from_either_side(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    write_csv(folder / "python.csv", Table("owed", COLUMNS, rows))
    write_csv(folder / "duckdb.csv", Table("owed", COLUMNS, kept(rows)))
    assert (folder / "duckdb.csv").read_bytes() == (folder / "python.csv").read_bytes()


def test_only_rows_with_texts_that_need_a_guard_come_back_from_duckdb() -> None:
    at = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
    rest: tuple[Any, ...] = (date(2026, 11, 16), at, 3, True)
    rows = [("Pell 24, Inc", "USD", -5, "a=b", *rest), ("=1", "USD", 5, "", *rest), ("Zoë", "JPY", 5, "", *rest)]
    line = '"Pell 24, Inc",USD,-0.05,a=b,2026-11-16,2026-11-16T09:30:00+00:00,3,true'
    assert list(csv_lines(kept(rows))) == [line, *rows[1:]]


def test_an_amount_in_an_unknown_currency_is_refused_by_both(tmp_path: Path) -> None:
    rows = [("Pell", "QQQ", 5, "", None, None, None, None)]
    for held in (rows, kept(rows)):
        with pytest.raises(UnknownCurrency):
            write_csv(tmp_path / "x.csv", Table("owed", COLUMNS, held))


def test_the_first_rows_of_a_stored_table_are_read_without_the_rest() -> None:
    rows = [(f"n{number}", "USD", number, "", None, None, None, None) for number in range(7)]
    cut = replace(kept(rows), most=3)
    assert (len(cut), list(cut), cut[1], cut[1:9]) == (3, rows[:3], rows[1], rows[1:3])
