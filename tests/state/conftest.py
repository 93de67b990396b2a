"""A migrated state store on each engine, with a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from include.state.engine import connect
from include.state.migrate import migrate_engine
from include.state.store import StateStore


@dataclass
class Clock:
    at: datetime = datetime(2026, 11, 16, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Clock) -> StateStore:
    engine = connect(database_url, synchronous="OFF")
    migrate_engine(engine)
    return StateStore(engine, clock.now)
