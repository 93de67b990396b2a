"""One sandbox for all tests of a worker, emptied for each, and a real write log on a clock that only waits move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from include.core.decisions import Write
from include.core.sync.apply import apply
from include.core.sync.rows import Owner, Result
from include.core.target import Target
from include.notices.mail_server import MailServer
from include.notices.slack_target import SlackTarget
from include.notices.target import MailTarget
from include.sandbox.running import Running, running
from include.state.engine import connect
from include.state.migrate import migrate_engine
from include.state.store import StateStore

SENDER = "Tieout <books@brightwater.example>"


@dataclass
class Runs:
    """Runs of one flow on one write log. ``waits`` are the seconds that they slept."""

    store: StateStore
    at: datetime = datetime(2026, 11, 16, 9, tzinfo=UTC)
    number: int = 0
    waits: list[float] = field(default_factory=list)

    def run(self, writes: Sequence[Write], target: Target) -> list[Result]:
        """A new run of the same flow an hour later."""
        self.number += 1
        self.at += timedelta(hours=1)
        owner = Owner(f"run-{self.number}", "notify")
        return apply(writes, target, self.store, owner=owner, now=lambda: self.at, wait=self._wait)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def _served() -> Iterator[Running]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_served: Running) -> Running:
    _served.control.reset()
    return _served


@pytest.fixture
def mail(sandbox: Running) -> MailTarget:
    return MailTarget(MailServer(sandbox.mail.host, sandbox.mail.port, SENDER, security="none"))


@pytest.fixture
def slack(sandbox: Running) -> SlackTarget:
    session = requests.Session()
    session.trust_env = False
    return SlackTarget(sandbox.slack.url, session)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    engine = connect(f"sqlite:///{tmp_path / 'state.db'}", synchronous="OFF")
    migrate_engine(engine)
    runs = Runs(None)  # type: ignore[arg-type]
    now: Callable[[], datetime] = lambda: runs.at  # noqa: E731
    runs.store = StateStore(engine, now)
    return runs
