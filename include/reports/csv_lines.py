"""Lines of a CSV file made where the table is: of most rows no cell needs quotes or a guard, and DuckDB writes them.

What it cannot vouch for is left to ``include.reports.spreadsheets``; both write the same bytes.
"""

# ruff: noqa: S608  (the names in statements are those of our own columns)

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from include.core.currencies import minor_units
from include.reports.tables import PAGE, Column, Stored, aware

_PLAIN = "[0-9A-Za-z][ !#-:<-~]*"
"""A text that needs no guard: it begins with a letter or digit, and all of it is printable ASCII without semicolon and
quotes. Quotes stand around it where it has a comma."""


def csv_lines(rows: Stored) -> Iterator[str | tuple[Any, ...]]:
    """Each row in its order: its line without the end, or the row itself where a text of it is not plain. Raises
    ``UnknownCurrency``."""
    texts = [f'"{one.name}"' for one in rows.columns if one.kind == "text"]
    odd = " OR ".join(f"NOT regexp_full_match(coalesce({one}, ''), '({_PLAIN})?')" for one in texts) or "false"
    cells = ", ".join(_cell(one, rows) for one in rows.columns)
    names = ", ".join(f'"{one.name}"' for one in rows.columns)
    query = (
        f"SELECT CASE WHEN odd THEN NULL ELSE concat_ws(',', {cells}) END, CASE WHEN odd THEN row({names}) END FROM "
    )
    query += f"(SELECT *, {odd} AS odd FROM ({rows.query}))"
    instants = [place for place, one in enumerate(rows.columns) if one.kind == "instant"]
    found = rows.store.cursor().execute(query)
    while page := found.fetchmany(PAGE):
        for line, row in page:
            yield aware(row, instants) if line is None else line


def _cell(column: Column, rows: Stored) -> str:
    """The cell as ``spreadsheets`` writes it."""
    name = f'"{column.name}"'
    match column.kind:
        case "text":
            shown = f"CASE WHEN contains({name}, ',') THEN '\"' || {name} || '\"' ELSE {name} END"
        case "instant":
            whole = f"strftime({name}, '%Y-%m-%dT%H:%M:%S')"
            exact = f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%f')"
            shown = f"CASE WHEN {name} = date_trunc('second', {name}) THEN {whole} ELSE {exact} END || '+00:00'"
        case "minor":
            shown = _amount(name, column.currency_column, rows)
        case _:
            shown = f"{name}::VARCHAR"
    return f"coalesce({shown}, '')"


def _amount(name: str, currency: str, rows: Stored) -> str:
    query = f"SELECT DISTINCT coalesce(\"{currency}\", '') FROM ({rows.query})"
    codes = sorted(code for (code,) in rows.store.cursor().execute(query).fetchall() if code)
    by_currency = " ".join(f"WHEN '{code}' THEN {_decimal(name, minor_units(code))}" for code in codes)
    return f'CASE "{currency}" {by_currency} END' if codes else "''"


def _decimal(name: str, digits: int) -> str:
    if not digits:
        return f"{name}::VARCHAR"
    unit = 10**digits
    size = f"abs({name}::HUGEINT)"
    sign = f"CASE WHEN {name} < 0 THEN '-' ELSE '' END"
    return f"{sign} || ({size} // {unit})::VARCHAR || '.' || lpad(({size} % {unit})::VARCHAR, {digits}, '0')"
