"""The twins in a process of their own: what they hold grows with every document, and is not our memory."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from include.sandbox.exchange import Request
from tests.faults.company import Company, MovingClock


@dataclass
class Line:
    """The line to the process of the twins: one question at a time, each at the instant that the clock tells."""

    pipe: Connection
    clock: MovingClock

    def ask(self, name: str, method: str, *arguments: Any, **named: Any) -> Any:
        self.pipe.send((self.clock.now(), name, method, arguments, named))
        answer = self.pipe.recv()
        if isinstance(answer, BaseException):
            raise answer
        return answer


class FarTwin:
    """A twin at the other end. ``most_at_once``: the requests that it had under way at a time, at most."""

    surprises = ()  # they are raised at once

    def __init__(self, name: str, line: Line) -> None:
        self.name, self._line = name, line
        self.under_way = self.most_at_once = 0

    def begin(self, request: Request) -> bool:
        admitted: bool = self._line.ask(self.name, "begin", request)
        self.under_way += admitted
        self.most_at_once = max(self.most_at_once, self.under_way)
        return admitted

    def end(self) -> None:
        self.under_way -= 1
        self._line.ask(self.name, "end")

    def __getattr__(self, method: str) -> Any:
        return lambda *arguments, **named: self._line.ask(self.name, method, *arguments, **named)


@dataclass
class FarCompany(Company):
    """As ``Company``, at the other end of a line."""

    line: Line = field(kw_only=True)
    process_id: int = field(kw_only=True)

    def put_back(self, intacct: Mapping[str, Any], hubspot: Mapping[str, Any], *, virgin: bool = False) -> None:
        self.line.ask("", "put_back", intacct, hubspot, virgin=virgin)

    @property
    def most_at_once(self) -> int:
        """Requests of Intacct."""
        twin: Any = self.intacct
        return int(twin.most_at_once)


@contextmanager
def far_company(deals: int, seed: int) -> Iterator[FarCompany]:
    """A new company in a process that ends with the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, deals, seed), daemon=True)
    process.start()
    theirs.close()
    clock = MovingClock()
    line = Line(ours, clock)
    intacct: Any = FarTwin("intacct", line)
    hubspot: Any = FarTwin("hubspot", line)
    kept = (b"", b"")
    try:
        yield FarCompany(intacct, hubspot, clock, ours.recv(), kept, kept, [], line=line, process_id=process.pid or 0)
    finally:
        ours.close()
        process.join(30.0)


def _serve(pipe: Connection, deals: int, seed: int) -> None:
    company = Company.make(deals, seed)
    pipe.send(company.manifest)
    while True:
        try:
            now, name, method, arguments, named = pipe.recv()
        except EOFError:
            return
        company.clock.now = lambda now=now: now
        try:
            pipe.send(_answer(company, name, method, arguments, named))
        except Exception as error:
            pipe.send(RuntimeError(f"{name} {method}: {type(error).__name__}: {error}"))


def _answer(company: Company, name: str, method: str, arguments: Any, named: Any) -> Any:
    if not name:
        return getattr(company, method)(*arguments, **named)
    twin: Any = getattr(company, name)
    act = twin.handle if method == "handle_admitted" and name == "hubspot" else getattr(twin, method)
    answer = act(*arguments, **named)
    for surprise in getattr(twin, "surprises", ()):
        raise surprise
    return list(answer) if isinstance(answer, Iterator) else answer
