"""A workbook holds what the table holds, in a form that every reader of the format knows."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from include.reports.spreadsheets import write_excel
from include.reports.tables import Column, Table

NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
COLUMNS = (
    Column("name"),
    Column("currency"),
    Column("owed_minor", "minor"),
    Column("day", "date"),
    Column("at", "instant"),
    Column("open", "flag"),
)
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
PELL = ("Pell", "USD", -125_050, date(2026, 11, 16), NOON, True)


def cells(path: Path, sheet: int = 1) -> dict[str, tuple[str, str, str]]:
    """Place of each cell -> its kind, its number format and its text, as the format's rules read it."""
    with zipfile.ZipFile(path) as book:
        root = etree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
        styles = etree.fromstring(book.read("xl/styles.xml"))
    formats = {one.get("numFmtId"): str(one.get("formatCode")) for one in styles.iterfind(".//m:numFmt", NAMES)}
    shown = [formats.get(one.get("numFmtId"), "") for one in styles.iterfind("m:cellXfs/m:xf", NAMES)]
    found = {}
    for one in root.iterfind(".//m:c", NAMES):
        text = "".join(str(part) for part in one.itertext())
        if one.get("t") == "inlineStr":
            text = re.sub("_x([0-9A-F]{4})_", lambda code: chr(int(code[1], 16)), text)
        found[str(one.attrib["r"])] = (str(one.get("t", "n")), shown[int(one.get("s", 0))], text)
    return found


def written(tmp_path: Path, rows: list[tuple[Any, ...]]) -> dict[str, tuple[str, str, str]]:
    write_excel(tmp_path / "x.xlsx", [Table("owed", COLUMNS, rows)])
    return cells(tmp_path / "x.xlsx")


def test_amounts_dates_and_times_are_numbers_with_their_formats(tmp_path: Path) -> None:
    found = written(tmp_path, [PELL])
    assert [found[f"{letter}1"][2] for letter in "ABCDEF"] == ["name", "currency", "owed", "day", "at", "open"]
    assert found["C2"] == ("n", "#,##0.00", "-1250.50")
    assert found["D2"] == ("n", "yyyy-mm-dd", "46342")
    assert found["E2"] == ("n", "yyyy-mm-dd hh:mm:ss", "46342.5")
    assert found["F2"] == ("b", "", "1")


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "#,##0"), ("USD", "#,##0.00"), ("KWD", "#,##0.000")])
def test_an_amount_is_shown_with_its_currencys_decimals(tmp_path: Path, currency: str, shown: str) -> None:
    assert written(tmp_path, [("Pell", currency, 5, None, None, None)])["C2"][1] == shown


@given(st.text(max_size=30))
def test_any_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    wanted = "".join(one for one in name if one in "\t\n\r" or one >= " ")
    found = written(tmp_path_factory.mktemp("workbook"), [(name, *PELL[1:])])
    assert found.get("A2", ("", "", ""))[2] == wanted


def test_what_looks_like_an_escape_of_the_format_is_text_too(tmp_path: Path) -> None:
    assert written(tmp_path, [("_x0041_ & <b>", *PELL[1:])])["A2"][2] == "_x0041_ & <b>"


def test_days_before_those_that_excel_counts_rightly_are_texts(tmp_path: Path) -> None:
    old = date(1900, 3, 1) - timedelta(days=1)
    found = written(tmp_path, [("Pell", "USD", 5, old, datetime(1850, 1, 1, tzinfo=UTC), None), PELL])
    assert (found["D2"][0], found["D2"][2]) == ("inlineStr", "1900-02-28")
    assert (found["E2"][0], found["E2"][2]) == ("inlineStr", "1850-01-01 00:00:00")


def test_what_is_empty_has_no_cell_and_zero_has_one(tmp_path: Path) -> None:
    found = written(tmp_path, [("", "USD", 0, None, None, None), ("Pell", "", 5, None, None, False)])
    assert sorted(place for place in found if place.endswith("2")) == ["B2", "C2"]
    assert sorted(place for place in found if place.endswith("3")) == ["A3", "F3"]


def test_the_same_tables_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_excel(tmp_path / name, [Table("owed", COLUMNS, [PELL])])
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_every_part_of_a_workbook_is_named_and_whole(tmp_path: Path) -> None:
    wide = tuple(Column(f"c{number}") for number in range(28))
    tables = [
        Table("a's & b", COLUMNS, [PELL]),
        Table("none", COLUMNS, []),
        Table("wide", wide, [tuple("x" * 28)]),
    ]
    write_excel(tmp_path / "x.xlsx", tables)
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        parts = {name: etree.fromstring(book.read(name)) for name in book.namelist()}
    listed = {one.get("PartName") for one in parts["[Content_Types].xml"] if one.get("PartName")}
    assert listed == {f"/{name}" for name in parts if name.startswith("xl/") and not name.endswith(".rels")}
    targets = {f"xl/{one.get('Target')}" for one in parts["xl/_rels/workbook.xml.rels"]}
    assert targets == {"xl/styles.xml", *(f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))}
    contents = parts["xl/workbook.xml"]
    assert [one.get("name") for one in contents.iterfind(".//m:sheet", NAMES)] == ["a's & b", "none", "wide"]
    filters = [one.text for one in contents.iterfind(".//m:definedName", NAMES)]
    assert filters == ["'a''s & b'!$A$1:$F$2", "'wide'!$A$1:$AB$2"]
    assert "AB2" in cells(tmp_path / "x.xlsx", 3)
