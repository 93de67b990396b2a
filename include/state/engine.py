"""The database under the state store: SQLite or PostgreSQL, one transaction at a time, no connection kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import NullPool, StaticPool

from include.core import crash
from include.core.errors import SettingsError, Unavailable
from include.state.schema import SCHEMA

BUSY_SECONDS = 30


def connect(url: str, *, synchronous: str = "FULL", busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql://...``. Connects only when used.

    Every transaction opens its own connection and closes it (``NullPool``), so that none crosses a fork. It waits
    ``busy_seconds`` for another one's lock. ``synchronous`` is SQLite's pragma: FULL keeps every commit over a power
    failure. ``sqlite://`` is a database in memory on one connection, for tests. Raises ``SettingsError`` for another
    kind of URL.
    """
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, synchronous, busy_seconds)
    return _postgres(parsed, busy_seconds)


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; ``None`` for a database in memory or on a server."""
    parsed = parsed_url(url)
    if parsed.get_backend_name() != "sqlite" or _in_memory(parsed):
        return None
    return Path(str(parsed.database))


def _in_memory(url: URL) -> bool:
    return url.database in {None, "", ":memory:"}


def parsed_url(url: str) -> URL:
    """The URL with the driver that is installed for it. Raises ``SettingsError``."""
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))  # as Airflow writes it
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise SettingsError(
            "the state database's URL cannot be read; use sqlite:////path or postgresql://..."
        ) from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise SettingsError(f"the state database is {parsed.get_backend_name()}; use sqlite or postgresql")
    driver = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2"}[parsed.get_backend_name()]
    return parsed.set(drivername=driver)


def _sqlite(url: URL, synchronous: str, busy_seconds: float) -> Engine:
    if _in_memory(url):
        engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": busy_seconds}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # None: this driver must not open transactions by itself; the begin listener does, with the right
        # word.
        connection.isolation_level = None
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")  # payloads that are emptied may be personal data

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE takes the write lock at once: a lock taken by the first write instead can be refused
        # without waiting, because the transaction's view of the data is already old.
        reading = connection.get_execution_options().get("tieout_reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgres(url: URL, busy_seconds: float) -> Engine:
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The tables' names carry no schema, so that every query has the same text as on SQLite.
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {SCHEMA}")
            cursor.execute(f"SET lock_timeout TO {int(busy_seconds * 1000)}")
        connection.commit()

    return engine


class Database:
    """Transactions on one engine. ``now`` gives aware UTC instants for the rows' time stamps."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._writing = engine
        self._reading = engine.execution_options(tieout_reading=True)
        self._now = now

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that may write. Raises ``Unavailable`` where the database is down, locked or full."""
        with _translated(), self._writing.begin() as connection:
            yield connection
            crash.point("state.before_commit")
        crash.point("state.after_commit")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads. Raises ``Unavailable``."""
        with _translated(), self._reading.begin() as connection:
            yield connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turns what a database says when it is down, locked or full into ``Unavailable``, without statement or values."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if says_no_such_table(error):
            raise
        raise _unavailable(error) from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _unavailable(error) from None
        raise


def _unavailable(error: DBAPIError) -> Unavailable:
    lines = str(error.orig).strip().splitlines()
    return Unavailable(
        f"the state database cannot be used just now: {lines[0] if lines else type(error.orig).__name__}",
        retry_after=10.0,
        system="state",
    )


def says_no_such_table(error: DBAPIError) -> bool:
    """Whether the database is not migrated, rather than down."""
    # SQLite has only the words; PostgreSQL has codes: 42P01 undefined table, 3F000 undefined schema.
    return "no such table" in str(error.orig) or getattr(error.orig, "pgcode", "") in {"42P01", "3F000"}
