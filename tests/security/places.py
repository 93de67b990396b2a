"""All the places where a run leaves something that a person, or another program, can read."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Place = tuple[str, str | bytes]


def tables_of(database: Path, name: str) -> Iterator[Place]:
    """One place for each column that holds anything, and the file itself with whatever deleted rows it keeps."""
    yield f"{name} (file)", database.read_bytes()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            found = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            columns = [column[0] for column in found.description]
            rows = found.fetchall()
            for number, column in enumerate(columns):
                values = [row[number] for row in rows if row[number] is not None]
                if values:
                    yield f"{name}: {table}.{column}", b"\n".join(map(_bytes, values))


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def files_in(folder: Path, name: str) -> Iterator[Place]:
    """Every file, unpacked where it is packed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            shown = f"{name}: {path.relative_to(folder)}"
            content = path.read_bytes()
            yield shown, gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as book:
                    yield from ((f"{shown}: {member}", book.read(member)) for member in book.namelist())
            if path.suffix == ".duckdb":
                yield from _duckdb(path, shown)


def _duckdb(path: Path, name: str) -> Iterator[Place]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        for (table,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall():
            yield f"{name}: {table}", str(connection.table(table).fetchall())
