"""State databases for kills: a SQLite file and a PostgreSQL database, both filled from a kept file; and a death in the
middle of a commit."""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, insert, select, text

from include.state.engine import connect
from include.state.migrate import migrate
from include.state.schema import metadata
from tests.faults.kills import POSTGRESQL, SQLITE


class States:
    """``postgres`` is the URL of an empty database, if there is a server."""

    def __init__(self, folder: Path, postgres: str | None) -> None:
        self._first, self._file = folder / "first.db", folder / "state.db"
        self._urls = {SQLITE: f"sqlite:///{self._file}"}
        migrate(f"sqlite:///{self._first}")
        if postgres:
            self._urls[POSTGRESQL] = postgres
            migrate(postgres)

    def begin(self) -> str:
        """The URL of an empty state."""
        return self.put_back(self._first.read_bytes(), SQLITE)

    def keep(self) -> bytes:
        """The SQLite state as it is now."""
        return self._file.read_bytes()

    def put_back(self, kept: bytes, engine: str) -> str:
        """The state as it was; its URL."""
        for leftover in self._file.parent.glob(f"{self._file.name}-*"):
            leftover.unlink()
        self._file.write_bytes(kept)
        if engine == POSTGRESQL:
            self._copy()
        return self._urls[engine]

    def _copy(self) -> None:
        source, target = connect(self._urls[SQLITE]), connect(self._urls[POSTGRESQL])
        with source.connect() as old, target.begin() as new:
            names = ", ".join(table.name for table in metadata.sorted_tables)
            new.execute(text(f"truncate {names}"))
            for table in metadata.sorted_tables:
                rows = [dict(row) for row in old.execute(select(table)).mappings()]
                if rows:
                    new.execute(insert(table), rows)


def die_in_commit(nth: int) -> None:
    """From now on this process dies in that commit of a transaction that writes: PostgreSQL has been asked to commit,
    and nobody hears its answer."""
    commits = count(1)

    @event.listens_for(Engine, "commit")
    def commit(connection: Connection) -> None:
        if not connection.get_execution_options().get("tieout_reading") and next(commits) == nth:
            driver: Any = connection.connection.dbapi_connection
            os.write(driver.fileno(), _COMMIT)
            os.kill(os.getpid(), signal.SIGKILL)


_COMMIT = b"Q" + (4 + 7).to_bytes(4, "big") + b"COMMIT\0"
"""As it travels: a simple query, its length, its text."""
