"""One SQLite connection with explicit transactions, and small documents (settings) kept parsed in memory."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from include.sandbox.hubspot.store.tables import DEAL_INDEXES, NAMES, TABLES

SHAPING = frozenset({"account", "property", "pipeline"})  # what parsed settings are made of
FIRST_ID = 30_000_000_001  # above 2^31 on purpose: ids are not 32-bit integers


class Database:
    """Not thread-safe by itself: the twin holds its lock around every use."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        run = self.connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("PRAGMA cache_size = -65536")
        run("PRAGMA temp_store = MEMORY")
        self.connection.create_function("has_token", 2, _has_token, deterministic=True)
        self.connection.create_function("folded", 1, _folded, deterministic=True)
        self.connection.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type]
        self.connection.executescript(TABLES + DEAL_INDEXES)
        self._documents: dict[str, dict[str, Any]] = {}
        self.settings_version = 0

    def close(self) -> None:
        self.connection.close()

    def checkpoint(self) -> None:
        """Empty the write-ahead log, which after a large load is as large as the records."""
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def snapshot(self) -> bytes:
        """The whole file."""
        return self.connection.serialize()

    def restore(self, snapshot: bytes) -> None:
        """Everything as in the snapshot; the database must be in memory."""
        self.connection.deserialize(snapshot)
        self.forget_documents()

    def run(self, sql: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        return self.connection.execute(sql, tuple(values))

    def rows(self, sql: str, values: Iterable[Any] = ()) -> list[Any]:
        return self.connection.execute(sql, tuple(values)).fetchall()

    def one(self, sql: str, values: Iterable[Any] = ()) -> Any:
        return self.connection.execute(sql, tuple(values)).fetchone()

    def many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self.connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an exception inside leaves the file, and what is kept in memory of it, as before."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            self.forget_documents()
            raise
        self.run("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """All or nothing of one row within a transaction."""
        self.run("SAVEPOINT row")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK TO row")
            self.run("RELEASE row")
            self.forget_documents()
            raise
        self.run("RELEASE row")

    def clear(self) -> None:
        """Forget every row of every table."""
        with self.transaction():
            for name in NAMES:
                self.run(f"DELETE FROM {name}")  # noqa: S608 - our own table names
        self.forget_documents()

    def documents(self, kind: str) -> Mapping[str, Any]:
        """All documents of a kind by key, in key order. Shared: never change one in place."""
        if kind not in self._documents:
            rows = self.rows("SELECT key, body FROM documents WHERE kind = ? ORDER BY key", (kind,))
            self._documents[kind] = {key: json.loads(body) for key, body in rows}
        return self._documents[kind]

    def document(self, kind: str, key: str) -> Any:
        return self.documents(kind).get(key)

    def put_document(self, kind: str, key: str, body: Any) -> None:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str)
        self.run(
            "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, text),
        )
        self._changed(kind)

    def drop_document(self, kind: str, key: str) -> None:
        self.run("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))
        self._changed(kind)

    def _changed(self, kind: str) -> None:
        self._documents.pop(kind, None)
        if kind in SHAPING:
            self.settings_version += 1

    def forget_documents(self) -> None:
        self._documents.clear()
        self.settings_version += 1

    def next_id(self) -> int:
        """A new id, higher than every one given or loaded before."""
        row = self.one("SELECT body FROM documents WHERE kind = '_next' AND key = 'id'")
        number = int(row[0]) if row else FIRST_ID
        self._set_next(number + 1)
        return number

    def keep_clear_of(self, used: int) -> None:
        """Never give this id, nor a lower one."""
        row = self.one("SELECT body FROM documents WHERE kind = '_next' AND key = 'id'")
        if used + 1 > (int(row[0]) if row else FIRST_ID):
            self._set_next(used + 1)

    def _set_next(self, number: int) -> None:
        self.run("INSERT OR REPLACE INTO documents VALUES ('_next', 'id', ?)", (str(number),))


class _ExactSum:
    """Adds texts as decimals; nothing to add gives NULL."""

    def __init__(self) -> None:
        self.total: Decimal | None = None

    def step(self, value: object) -> None:
        if value is not None:
            self.total = (self.total or Decimal(0)) + Decimal(str(value))

    def finalize(self) -> str | None:
        return None if self.total is None else format(self.total, "f")


def _folded(value: object) -> str | None:
    return None if value is None else str(value).casefold()


def _has_token(value: object, pattern: object) -> int:
    """Whether a word of ``value`` is ``pattern``, in which ``*`` stands for any characters; case does not matter."""
    if value is None or pattern is None:
        return 0
    text, wanted = str(value).casefold(), str(pattern).casefold()
    expression = re.compile(".*".join(re.escape(part) for part in wanted.split("*")), re.DOTALL)
    if expression.fullmatch(text):
        return 1
    words = re.findall(r"[^\s,;:/|()\[\]\"'<>]+", text)
    parts = [part for word in words for part in re.split(r"[@.\-_+&]+", word)]
    return int(any(expression.fullmatch(word) for word in (*words, *parts)))
