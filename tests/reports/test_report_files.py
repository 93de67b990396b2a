"""What every report's files promise: exact money, no formula from data, a page that no text can break."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.reports.page import Page, Section, as_html, bars, table, tiles
from include.reports.spreadsheets import write_csv, write_excel
from include.reports.tables import Column, Table, read_parquet, write_duckdb, write_parquet

COLUMNS = (
    Column("name"),
    Column("currency"),
    Column("owed_minor", "minor"),
    Column("day", "date"),
    Column("at", "instant"),
)
AT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)


def one(name: str = "Pell", currency: str = "USD", owed: int = 125_050) -> Table:
    return Table("owed", COLUMNS, [(name, currency, owed, date(2026, 11, 16), AT)])


@given(
    st.integers(-(2**62), 2**62), st.text(max_size=20).filter(lambda text: "\x00" not in text and text.isprintable())
)
def test_any_amount_and_text_comes_back_from_parquet_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, owed: int, name: str
) -> None:
    file = tmp_path_factory.mktemp("parquet") / "owed.parquet"
    write_parquet(file, one(name, owed=owed))
    assert read_parquet(file, "owed", COLUMNS).rows == one(name, owed=owed).rows


@pytest.mark.parametrize("wrong", [1.5, "12", None, True])
def test_money_that_is_no_whole_number_is_refused(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(TypeError):
        write_duckdb(tmp_path / "x.duckdb", [one(owed=wrong)])  # type: ignore[arg-type]


def test_a_money_column_says_so_in_its_name() -> None:
    with pytest.raises(ValueError, match="owed"):
        Column("owed", "minor")
    with pytest.raises(ValueError, match="owed_minor"):
        Column("owed_minor", "int")


def test_instants_stand_in_utc_and_money_as_bigint(tmp_path: Path) -> None:
    write_duckdb(tmp_path / "x.duckdb", [one()])
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as store:
        assert store.execute('SELECT owed_minor, "at" FROM owed').fetchall() == [(125_050, AT.replace(tzinfo=None))]
        assert store.execute("SELECT typeof(owed_minor) FROM owed").fetchone() == ("BIGINT",)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1+1", '=HYPERLINK("http://x")']
)
def test_no_text_acts_as_a_formula(tmp_path: Path, text: str) -> None:
    write_csv(tmp_path / "x.csv", one(text))
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    # A guard may stand inside it too, where a spreadsheet that separates by tabs begins a cell.
    assert (row["name"][0], row["name"].replace("'", "")) == ("'", text)
    write_excel(tmp_path / "x.xlsx", [one(text)])
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet


@pytest.mark.parametrize(
    ("currency", "owed", "shown"), [("USD", -125_050, "-1250.50"), ("JPY", 692_083, "692083"), ("KWD", 1_234, "1.234")]
)
def test_csv_shows_amounts_at_their_currencys_precision(tmp_path: Path, currency: str, owed: int, shown: str) -> None:
    write_csv(tmp_path / "x.csv", one(currency=currency, owed=owed))
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["owed"], row["day"], row["at"]) == (shown, "2026-11-16", "2026-11-16T09:30:00+00:00")


def test_an_amount_beyond_excels_precision_is_written_as_text(tmp_path: Path) -> None:
    write_excel(tmp_path / "x.xlsx", [one(owed=12_345_678_901_234_567)])
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        assert "123456789012345.67</t>" in book.read("xl/worksheets/sheet1.xml").decode()


@given(st.text(max_size=40))
def test_no_text_ends_the_pages_data_or_becomes_markup(text: str) -> None:
    hostile = f"</script><script>alert(1)</script><!--{text}"
    parts = [
        tiles([(hostile, hostile, "")]),
        table([hostile], [[{"text": hostile, "url": hostile}]]),
        bars([hostile], {hostile: [1]}),
    ]
    page = as_html(Page(hostile, hostile, [Section(hostile, part, hostile) for part in parts], hostile))
    assert page.count("<script") == 2
    assert "<!--" not in page
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert data["parts"][0]["items"][0]["label"] == hostile
