"""The PostgreSQL server of a run on that engine: the one that bin/test would use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def postgres_url(engine: str) -> Iterator[str | None]:
    """The URL of a new database; ``None`` for SQLite. Raises ``NoPostgres``."""
    if engine == "sqlite":
        yield None
        return
    from tests.engines import PostgresServer

    server = PostgresServer()
    try:
        yield server.new_database()
    finally:
        server.stop()
