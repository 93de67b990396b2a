"""The real state database of a schedule, on either engine, and what can happen to it: locked, full, gone in the middle
of a commit, put back from an old backup."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg2
from psycopg2.extensions import connection as PgConnection
from sqlalchemy import event

from include.core.sync import WriteRow
from include.state.engine import connect
from include.state.migrate import migrate_engine
from include.state.schema import metadata
from include.state.store import StateStore

Trouble = Callable[[], str]
"""Asked at every commit: "" (it goes well), ``before`` (nothing is kept), ``after`` (kept, but nobody is told)."""

_LOCKED = "database is locked"
_FULL = "database or disk is full"


class _Lite(sqlite3.Connection):
    state: State

    def commit(self) -> None:
        trouble = self.state.trouble()
        if trouble != "before":
            super().commit()
        if trouble:
            raise sqlite3.OperationalError(_FULL if trouble == "before" else _LOCKED)


class _Pg(PgConnection):
    state: State

    def commit(self) -> None:
        trouble = self.state.trouble()
        if trouble != "before":
            super().commit()
        if trouble:
            raise psycopg2.OperationalError("server closed the connection unexpectedly")


class State:
    """One database for all schedules of this process. ``trouble`` decides about each commit of a faulty process."""

    trouble: Trouble

    def __init__(self, url: str | None = None) -> None:
        """``url`` names an empty PostgreSQL database or a new SQLite file; without it, it is SQLite in memory."""
        self.trouble = lambda: ""
        self.postgres = url is not None and url.startswith("postgresql")
        self._engine = connect(url or "sqlite://")
        event.listen(self._engine, "do_connect", self._watched)
        migrate_engine(self._engine)
        self._first = self.backup()

    def store(self, now: Callable[[], Any]) -> StateStore:
        return StateStore(self._engine, now)

    def empty(self) -> None:
        self.restore(self._first)

    def backup(self) -> Any:
        if not self.postgres:
            return self._lite().serialize()
        with self._engine.begin() as connection:
            return {
                table.name: [dict(row._mapping) for row in connection.execute(table.select())]
                for table in metadata.sorted_tables
            }

    def restore(self, backup: Any) -> None:
        if not self.postgres:
            self._lite().deserialize(backup)
            return
        with self._engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
                if backup[table.name]:
                    connection.execute(table.insert(), backup[table.name])

    def invoices(self) -> list[WriteRow]:
        """The log's rows of all deals."""
        store = self.store(lambda: None)
        return [row for page in store.pages_of_written(("intacct", "invoice"), ("hubspot", "deal")) for row in page]

    def _lite(self) -> Any:
        return self._engine.raw_connection().driver_connection

    def _watched(self, _dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        kind = type("Watched", (_Pg if self.postgres else _Lite,), {"state": self})
        options["connection_factory" if self.postgres else "factory"] = kind
