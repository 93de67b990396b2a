"""The network between our processes and the twins: the seed decides what becomes of each request and each answer.

A request travels, is executed by the twin at some moment of virtual time, and its answer travels back. Each of the
three can go wrong (``passage``).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from include.sandbox.exchange import Request, Response
from tests.faults.passage import Passage
from tests.faults.timeline import Process, Timeline
from tests.faults.wire import Socket

KINDS = {
    "request_lost": 3,
    "reply_lost": 4,
    "late": 2,
    "cut": 3,
    "status": 3,
    "status_done": 2,
    "too_many": 3,
    "html": 1,
    "html_done": 1,
    "empty_done": 1,
    "garbage_done": 1,
    "slow": 2,
    "dribble": 1,
    "session": 2,
    "moved": 1,
    "off_line": 1,
    "partial": 4,
    "twice": 1,
}
"""What can become of one request, and how often; ``.._done``: the twin has done what was asked."""


@dataclass
class Weather:
    """How bad a schedule's day is: chances per request, write, connection, crash point and commit; ``late``: of a write
    to be executed after its sender gave up; ``work``: of a write that Intacct works on for minutes, and answers;
    ``closed``: of an invoice to be refused, as its period is closed. ``down``: a system that is. All zero once it
    heals."""

    request: float = 0.0
    write: float = 0.0
    connect: float = 0.0
    kill: float = 0.0
    stall: float = 0.0
    commit: float = 0.0
    late: float = 0.0
    work: float = 0.0
    closed: float = 0.0
    down: str = ""
    kinds: tuple[str, ...] = tuple(KINDS)


@dataclass
class Call:
    """One request, as the schedule's log keeps it."""

    at: float
    process: str
    system: str
    label: str
    fault: str
    executed: bool = True
    status: int | None = None

    @property
    def writes(self) -> bool:
        return is_write(self.system, self.label)


def is_write(system: str, label: str) -> bool:
    """Whether a call with this label changes something in the system."""
    if system == "intacct":
        return re.search(r"\b(create|update|delete|reverse|apply|void|approve)", label) is not None
    method, _, rest = label.partition(" ")
    return method in {"PATCH", "PUT", "DELETE"} or (
        method == "POST" and not re.search(r"(search|batch/read|audit|token)", rest)
    )


@dataclass
class Network:
    """``owner`` names the twin of a request, ``clock`` says its time. ``note`` writes the schedule's story.
    ``carried_out`` counts, where it is asked for, the requests under each control id that Intacct took on."""

    timeline: Timeline
    rng: random.Random
    owner: Callable[[Request], Any]
    note: Callable[[str], None]
    clock: Callable[[str], datetime]
    weather: Weather = field(default_factory=Weather)
    calls: list[Call] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    partly: bool = False
    carried_out: Counter[str] | None = None
    address: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def create_connection(self, address: tuple[str, int], timeout: Any = None, *_: Any, **__: Any) -> Socket:
        """In the place of ``urllib3.util.connection.create_connection``."""
        process = self.timeline.current
        self.timeline.alive()
        if process.faulty and self.rng.random() < self.weather.connect:
            self.faults["no_connection"] += 1
            if self.rng.random() < 0.5:
                raise ConnectionRefusedError(111, "Connection refused")
            self.timeline.sleep(float(timeout or 15.0))
            raise TimeoutError("timed out")
        return Socket(self.timeline, self, address, timeout)

    def sent(self, sock: Socket, request: Request) -> None:
        """A whole request has left its process."""
        process = self.timeline.current
        twin = self.owner(request)
        label = twin.label(request)
        fault = self._fault(process, twin.name, label)
        call = Call(self.timeline.elapsed, process.name, twin.name, label, fault)
        self.calls.append(call)
        self.digest.update(f"{call.at:.3f} {process.name} {label} {fault} ".encode())
        self.digest.update(hashlib.sha256(request.body).digest())
        if fault:
            self.faults[fault] += 1
        Passage(self, sock, request, twin, call).begin()

    def _fault(self, process: Process, system: str, label: str) -> str:
        if not process.faulty:
            return ""
        if system == self.weather.down:
            return "status"
        if is_write(system, label) and self.rng.random() < self.weather.late:
            return "late"
        if system == "intacct" and is_write(system, label) and self.rng.random() < self.weather.work:
            return "worked_on"
        chance = self.weather.write if is_write(system, label) else self.weather.request
        if self.rng.random() >= chance:
            return ""
        kinds = self.weather.kinds
        return self.rng.choices(kinds, weights=[KINDS[kind] for kind in kinds])[0]

    def end(self, call: Call, response: Response | None) -> None:
        call.status = response.status if response else None
        shown = f"{call.status or 'no answer'}" + (f" [{call.fault}]" if call.fault else "")
        self.note(f"{call.process}: {call.system} {call.label}: {shown}")
        self.digest.update(f"{call.status}".encode())
        self.digest.update(hashlib.sha256(response.body if response else b"").digest())
