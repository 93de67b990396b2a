"""Report tables as other programs read them: a DuckDB file, Parquet files. Money is integer minor units, never a float.

A column of kind ``minor`` is a 64-bit integer whose name ends in ``_minor``; its currency stands in a column of the
same row (``currency_column``). Instants are UTC.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, overload

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


MEMORY = "1GB"
"""What DuckDB may use; beyond it it works on disk."""
_AT_ONCE = 100_000
PAGE = 5_000
"""Rows that are in Python's memory at once."""


@dataclass(frozen=True, slots=True)
class Stored(Sequence[tuple[Any, ...]]):
    """The rows of a table that stays in DuckDB, a page at a time, in its order: DuckDB keeps it unless told not to.
    ``most``: only so many of the first."""

    store: duckdb.DuckDBPyConnection
    table: str
    columns: tuple[Column, ...]
    most: int | None = None

    @property
    def query(self) -> str:
        names = ", ".join(f'"{one.name}"' for one in self.columns)
        first = "" if self.most is None else f" LIMIT {self.most}"
        return f"SELECT {names} FROM {self.table}{first}"  # noqa: S608

    def __len__(self) -> int:
        found = self.store.execute(f"SELECT count(*) FROM ({self.query})").fetchone()  # noqa: S608
        return int(found[0]) if found else 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        yield from self._rows(self.query)

    @overload
    def __getitem__(self, place: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[Any, ...]]: ...
    def __getitem__(self, place: int | slice) -> tuple[Any, ...] | Sequence[tuple[Any, ...]]:
        start, stop, _ = (place if isinstance(place, slice) else slice(place, place + 1)).indices(len(self))
        found = list(self._rows(f"FROM ({self.query}) LIMIT {max(0, stop - start)} OFFSET {start}"))
        return found if isinstance(place, slice) else found[0]

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        instants = [place for place, one in enumerate(self.columns) if one.kind == "instant"]
        rows = self.store.cursor().execute(query)
        while page := rows.fetchmany(PAGE):
            yield from (aware(row, instants) for row in page) if instants else page


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB file that works in bounded memory, keeps rows in their order, and reaches out for nothing."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(str(path), config=config)
    try:
        yield connection
    finally:
        connection.close()


def stored(store: duckdb.DuckDBPyConnection, name: str, columns: tuple[Column, ...], title: str = "") -> Table:
    """A table of the open store as a ``Table``."""
    return Table(name, columns, Stored(store, name, columns), title)


def asked(table: Table, query: str, *given: Any) -> list[tuple[Any, ...]]:
    """The rows that the query finds, with what is ``given`` for its question marks; ``{table}`` in it is the table,
    which is stored. Raises ``TypeError`` where it is not."""
    rows = table.rows
    if not isinstance(rows, Stored):
        raise TypeError(f"{table.name} is not stored")
    return rows.store.execute(query.format(table=rows.table), given).fetchall()


def write_duckdb(path: Path, tables: Iterable[Table]) -> None:
    """One DuckDB file with these tables; replaces what is there."""
    path.unlink(missing_ok=True)
    held = []
    with duckdb.connect(str(path)) as store:
        for table in tables:
            if isinstance(table.rows, Stored):
                held.append((table.name, table.rows))
            else:
                load(store, table)
    for name, rows in held:
        rows.store.execute(f"ATTACH {_quoted(path)} AS made")
        try:
            rows.store.execute(f"CREATE TABLE made.{name} AS {rows.query}")
        finally:
            rows.store.execute("DETACH made")


def write_parquet(path: Path, table: Table) -> None:
    """One Parquet file; replaces what is there."""
    kind = "(FORMAT parquet, COMPRESSION zstd)"
    if isinstance(table.rows, Stored):
        table.rows.store.execute(f"COPY ({table.rows.query}) TO {_quoted(path)} {kind}")
        return
    with duckdb.connect() as store:
        load(store, table)
        store.execute(f"COPY {table.name} TO {_quoted(path)} {kind}")


def read_parquet(path: Path, table: str, columns: tuple[Column, ...]) -> Table:
    """What ``write_parquet`` wrote. Raises ``duckdb.Error`` where it is no such file."""
    names = ", ".join(f'"{one.name}"' for one in columns)
    with duckdb.connect() as store:
        found = store.execute(f"SELECT {names} FROM read_parquet(?)", [str(path)]).fetchall()  # noqa: S608
    instants = [place for place, one in enumerate(columns) if one.kind == "instant"]
    return Table(table, columns, [aware(row, instants) for row in found])


def load(store: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create the table in the open store and fill it. Raises ``TypeError`` for a float among the money."""
    create(store, table.name, table.columns)
    append(store, table.name, table.columns, table.rows)


def create(store: duckdb.DuckDBPyConnection, name: str, columns: Sequence[Column]) -> None:
    """The table, empty, in place of what is there."""
    wanted = ", ".join(f'"{one.name}" {_TYPES[one.kind]}' for one in columns)
    store.execute(f"CREATE OR REPLACE TABLE {name} ({wanted})")


def append(
    store: duckdb.DuckDBPyConnection, name: str, columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Add rows in their order, however many; a part of them is in memory at a time. Raises as ``load``."""
    minors = [place for place, one in enumerate(columns) if one.kind == "minor"]
    names = [one.name for one in columns]
    types = ", ".join(f"\"{one.name}\": '{_TYPES[one.kind]}'" for one in columns)
    chosen = ", ".join(f'"{one}"' for one in names)
    waiting = iter(rows)
    # Through a file: row-by-row inserts of DuckDB take a millisecond each.
    while first := next(waiting, None):
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            for row in chain((first,), islice(waiting, _AT_ONCE - 1)):
                if any(type(row[place]) is not int for place in minors):
                    raise TypeError(f"{name}: money is an int of minor units: {[row[place] for place in minors]}")
                file.write(json.dumps(dict(zip(names, row, strict=True)), default=_plain) + "\n")
            file.flush()
            store.execute(
                f"INSERT INTO {name} SELECT {chosen} FROM read_json(?, format = 'newline_delimited', "  # noqa: S608
                f"columns = {{{types}}})",
                [file.name],
            )


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def aware(row: tuple[Any, ...], instants: Sequence[int]) -> tuple[Any, ...]:
    """The row with its instants in UTC, as ``Table`` has them."""
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
