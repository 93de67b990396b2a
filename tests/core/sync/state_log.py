"""The real write log with what a laboratory needs besides: emptying it, and going back to an older backup."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, delete, insert, select

from include.state.engine import connect
from include.state.migrate import migrate_engine
from include.state.schema import writes
from include.state.write_log import WriteLog


class StateLog(WriteLog):
    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def backup(self) -> list[dict[str, Any]]:
        with self.read() as connection:
            return [dict(row._mapping) for row in connection.execute(select(writes))]

    def restore(self, backup: list[dict[str, Any]]) -> None:
        with self.begin() as connection:
            connection.execute(delete(writes))
            if backup:
                connection.execute(insert(writes), backup)

    def empty(self) -> None:
        with self.begin() as connection:
            connection.execute(delete(writes))

    def close(self) -> None:
        self._engine.dispose()


def memory_log() -> StateLog:
    return log_at("sqlite://")


def log_at(url: str) -> StateLog:
    """A migrated log at ``url``; commits are not synchronised to disk, the tests kill processes, not machines."""
    engine = connect(url, synchronous="OFF")
    migrate_engine(engine)
    return StateLog(engine)
