"""Report tables for people with a spreadsheet: CSV and Excel. Amounts are decimals; no text can act as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from include.core.currencies import minor_units
from include.reports.tables import Table

_ACTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may take for the start of a formula, full-width forms included."""
_NEW_CELL = re.compile(r'([;\t\r\n\x85\u2028\u2029][ "]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])')
"""Where a cell begins for a spreadsheet that separates by semicolons, as in most of Europe, or by tabs, and so sees no
quotes around what is in the middle of its row."""
SHEET_ROWS = 1_048_575
"""Rows of an Excel sheet below its heading."""
_CELL_TEXT = 32_767
_NUMBER_DIGITS = 15
"""Excel calculates with 15 digits; a longer amount is written as text."""
_NO_GUESSES = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_csv(path: Path, table: Table) -> None:
    """UTF-8 with a byte order mark (Excel needs it), comma, ``12.50``; times in UTC."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow([one.name.removesuffix("_minor") for one in table.columns])
        readable = _readable(table)
        writer.writerows([_csv_cell(value) for value in readable(row)] for row in table.rows)


def write_excel(path: Path, tables: Sequence[Table]) -> None:
    """A sheet for each table, headings frozen and filtered. A table longer than a sheet goes on in another one."""
    with xlsxwriter.Workbook(str(path), {**_NO_GUESSES, "constant_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        amounts = [book.add_format({"num_format": _pattern(digits)}) for digits in range(5)]
        for table, name, rows in _sheets(tables):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                sheet.write_string(0, place, column.heading, head)
                sheet.set_column(place, place, 20 if column.kind == "text" else 14)
            readable = _readable(table)
            for number, row in enumerate(rows, 1):
                for place, value in enumerate(readable(row)):
                    match value:
                        case None | "":
                            pass
                        case bool():
                            sheet.write_boolean(number, place, value)
                        case int():
                            sheet.write_number(number, place, value)
                        case Decimal() if len(value.as_tuple().digits) <= _NUMBER_DIGITS:
                            sheet.write_number(number, place, value, amounts[-int(value.as_tuple().exponent)])
                        case datetime():
                            sheet.write_datetime(number, place, value.astimezone(UTC).replace(tzinfo=None), instant)
                        case date():
                            sheet.write_datetime(number, place, value, day)
                        case _:
                            sheet.write_string(number, place, _printable(str(value))[:_CELL_TEXT])
            if rows:
                sheet.autofilter(0, 0, len(rows), len(table.columns) - 1)


def _sheets(tables: Iterable[Table]) -> Iterator[tuple[Table, str, Sequence[tuple[Any, ...]]]]:
    for table in tables:
        for part, start in enumerate(range(0, max(len(table.rows), 1), SHEET_ROWS)):
            name = f"{table.name[:26]} {part + 1}" if part else table.name[:31]
            whole = len(table.rows) <= SHEET_ROWS
            yield table, name, table.rows if whole else table.rows[start : start + SHEET_ROWS]


def _readable(table: Table) -> Callable[[tuple[Any, ...]], list[Any]]:
    """Gives rows with money as ``Decimal`` at its currency's precision; empty where there is no currency."""
    money = {
        place: table.position(column.currency_column)
        for place, column in enumerate(table.columns)
        if column.kind == "minor"
    }

    def readable(row: tuple[Any, ...]) -> list[Any]:
        return [value if place not in money else _amount(value, row[money[place]]) for place, value in enumerate(row)]

    return readable


def _amount(minor: int | None, currency: str) -> Decimal | None:
    return Decimal(minor).scaleb(-minor_units(currency)) if currency and minor is not None else None


def _csv_cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case int() | date():
            return str(value)
    return _harmless(str(value))


@lru_cache(maxsize=10_000)
def _harmless(text: str) -> str:
    """A text that a spreadsheet takes for text: an apostrophe stands before what could act, wherever it might begin a
    cell."""
    shown = _NEW_CELL.sub(r"\1'", _printable(text))
    return f"'{shown}" if shown.lstrip(" ").startswith(_ACTS) else shown


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(one for one in text if one in "\t\n\r" or ord(one) >= 32)


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")
