"""A twin of nothing in particular, to test the server around twins with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import requests

from include.sandbox.calls import CallLog
from include.sandbox.exchange import Request, Response
from include.sandbox.running import Running, running


class EchoTwin:
    """Counts what it executed and gives every body back, under a prefix of paths that is its own."""

    def __init__(self, name: str, prefix: str) -> None:
        self._name = name
        self._prefix = prefix
        self._lock = threading.Lock()
        self.renew()

    def renew(self) -> None:
        """As on the first day."""
        self.__dict__.pop("end_sessions", None)
        self.executed: list[str] = []
        self.records: list[Mapping[str, Any]] = []
        self.breaks = False
        self.barrier: threading.Barrier | None = None
        self.requests: list[Request] = []

    @property
    def name(self) -> str:
        return self._name

    def owns(self, request: Request) -> bool:
        return request.path.startswith(self._prefix)

    def label(self, request: Request) -> str:
        return f"{request.method} {request.path.rsplit('/', 1)[-1]}"

    def handle(self, request: Request) -> Response:
        if self.breaks:
            raise RuntimeError("a defect in the twin")
        if self.barrier is not None:
            self.barrier.wait(5)
        with self._lock:
            self.executed.append(request.path)
            self.requests.append(request)
        return Response(200, {"Content-Type": "application/json", "X-Twin": self._name}, request.body or b"{}")

    def reset(self) -> None:
        self.records = []

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        self.records.extend(records)

    def export(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.records)


@pytest.fixture(scope="session")
def _started() -> Iterator[tuple[Running, EchoTwin, EchoTwin]]:
    """Starting and stopping takes longer than most tests: one server for all of them."""
    intacct, hubspot = EchoTwin("intacct", "/ia/"), EchoTwin("hubspot", "/crm/")
    with running(twins=[intacct, hubspot]) as started:
        yield started, intacct, hubspot


@pytest.fixture
def sandbox(_started: tuple[Running, EchoTwin, EchoTwin]) -> Running:
    """A sandbox in which nothing has happened yet."""
    started, intacct, hubspot = _started
    intacct.renew()
    hubspot.renew()
    started.sandbox.reset()
    started.sandbox.calls = CallLog()
    return started


@pytest.fixture
def intacct(sandbox: Running, _started: tuple[Running, EchoTwin, EchoTwin]) -> EchoTwin:
    return _started[1]


@pytest.fixture
def hubspot(sandbox: Running, _started: tuple[Running, EchoTwin, EchoTwin]) -> EchoTwin:
    return _started[2]


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def serving() -> Callable[..., AbstractContextManager[Running]]:
    """``running`` with two echo twins and other options."""

    @contextmanager
    def serve(**options: Any) -> Iterator[Running]:
        twins = [EchoTwin("intacct", "/ia/"), EchoTwin("hubspot", "/crm/")]
        with running(twins=twins, **options) as started:
            yield started

    return serve
