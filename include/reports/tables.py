"""Report tables as other programs read them: a DuckDB file, Parquet files. Money is integer minor units, never a float.

A column of kind ``minor`` is a 64-bit integer whose name ends in ``_minor``; its currency stands in a column of the
same row (``currency_column``). Instants are UTC.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

Kind = Literal["text", "int", "date", "instant", "minor", "flag"]
_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "date": "DATE",
    "instant": "TIMESTAMP",
    "minor": "BIGINT",
    "flag": "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class Column:
    """``title`` is what people read (default: the name). ``currency_column`` names the column with a ``minor`` one's
    currency."""

    name: str
    kind: Kind = "text"
    title: str = ""
    currency_column: str = "currency"

    def __post_init__(self) -> None:
        if not self.name.replace("_", "").isalnum() or (self.kind == "minor") != self.name.endswith("_minor"):
            raise ValueError(f"{self.name} is no name for a column of kind {self.kind}")

    @property
    def heading(self) -> str:
        return self.title or self.name.removesuffix("_minor").replace("_", " ")


@dataclass(frozen=True, slots=True)
class Table:
    """``rows``: tuples in the order of ``columns``; instants are aware, money is ``int``."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    title: str = ""

    def position(self, column: str) -> int:
        return next(place for place, one in enumerate(self.columns) if one.name == column)


def write_duckdb(path: Path, tables: Iterable[Table]) -> None:
    """One DuckDB file with these tables; replaces what is there."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as store:
        for table in tables:
            load(store, table)


def write_parquet(path: Path, table: Table) -> None:
    """One Parquet file; replaces what is there."""
    with duckdb.connect() as store:
        load(store, table)
        target = str(path).replace("'", "''")
        store.execute(f"COPY {table.name} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def read_parquet(path: Path, table: str, columns: tuple[Column, ...]) -> Table:
    """What ``write_parquet`` wrote. Raises ``duckdb.Error`` where it is no such file."""
    names = ", ".join(f'"{one.name}"' for one in columns)
    with duckdb.connect() as store:
        found = store.execute(f"SELECT {names} FROM read_parquet(?)", [str(path)]).fetchall()  # noqa: S608
    instants = [place for place, one in enumerate(columns) if one.kind == "instant"]
    return Table(table, columns, [_aware(row, instants) for row in found])


def load(store: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create the table in the open store and fill it. Raises ``TypeError`` for a float among the money."""
    wanted = ", ".join(f'"{one.name}" {_TYPES[one.kind]}' for one in table.columns)
    store.execute(f"CREATE OR REPLACE TABLE {table.name} ({wanted})")
    if not table.rows:
        return
    minors = [place for place, one in enumerate(table.columns) if one.kind == "minor"]
    # Through a file: row-by-row inserts of DuckDB take a millisecond each.
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        for row in table.rows:
            if any(type(row[place]) is not int for place in minors):
                raise TypeError(f"{table.name}: money is an int of minor units: {[row[place] for place in minors]}")
            file.write(json.dumps(dict(zip(_names(table), row, strict=True)), default=_plain) + "\n")
        file.flush()
        types = ", ".join(f"\"{one.name}\": '{_TYPES[one.kind]}'" for one in table.columns)
        names = ", ".join(f'"{name}"' for name in _names(table))
        store.execute(
            f"INSERT INTO {table.name} SELECT {names} FROM read_json(?, format = 'newline_delimited', "  # noqa: S608
            f"columns = {{{types}}})",
            [file.name],
        )


def _names(table: Table) -> list[str]:
    return [one.name for one in table.columns]


def _aware(row: tuple[Any, ...], instants: Sequence[int]) -> tuple[Any, ...]:
    cells = list(row)
    for place in instants:
        if cells[place] is not None:
            cells[place] = cells[place].replace(tzinfo=UTC)
    return tuple(cells)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a report table")
