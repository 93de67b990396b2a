"""Write logs for the write path's tests: the real one, on SQLite in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.core.sync.state_log import StateLog, memory_log


@pytest.fixture(scope="session")
def memory() -> Iterator[StateLog]:
    log = memory_log()
    yield log
    log.close()


@pytest.fixture
def log(memory: StateLog) -> StateLog:
    """An empty write log."""
    memory.empty()
    return memory
