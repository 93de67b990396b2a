"""A gateway with books, as the write path meets it: control ids, late posting, lost replies, refusals, duplicates.

One ``Gateway`` is the remote system. Each worker talks to it through its own ``Line``, which decides by ``Faults``
what happens to a request. Time is virtual and only moved by those who call.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from include.core.decisions import Key, Write
from include.core.errors import InvariantError
from include.core.target import Found, Lost, NotSent, Outcome, Refused, Running, Send, Spent, Written

START = datetime(2026, 11, 16, 9, tzinfo=UTC)
DEADLINE = 60.0
SETTLE = 240.0


class VirtualClock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Habits:
    """Where vendors differ, or say too little. ``burns``: a refused function uses up its control id. ``honest``: a
    request in work is answered as running, instead of as spent. ``lag``: seconds until a new record can be found.
    ``forgets``: seconds after which a control id is forgotten."""

    burns: bool = False
    honest: bool = True
    lag: float = 0.0
    forgets: float = 86400.0
    unique_numbers: bool = False
    names_records: bool = True


@dataclass(frozen=True)
class Document:
    key: Key
    number: str
    payload: Mapping[str, Any]
    record: str
    at: datetime


@dataclass
class Gateway:
    clock: VirtualClock
    habits: Habits = field(default_factory=Habits)
    chunk_size: int = 100
    documents: list[Document] = field(default_factory=list)
    done: dict[str, datetime] = field(default_factory=dict)
    in_work: dict[str, tuple[datetime, Send]] = field(default_factory=dict)
    refuses: Callable[[Send], bool] = lambda send: bool(send.payload.get("bad"))
    requests: list[list[Send]] = field(default_factory=list)
    looks: list[list[Key]] = field(default_factory=list)

    def tick(self) -> None:
        """Do what was received earlier and is due by now."""
        for controlid, (due, send) in sorted(self.in_work.items(), key=lambda entry: entry[1][0]):
            if due <= self.clock.at:
                del self.in_work[controlid]
                self.done.pop(controlid, None)
                self._execute(send, due)

    def execute(self, send: Send) -> Outcome:
        used = self.done.get(send.controlid)
        if used is not None and (self.clock.at - used).total_seconds() < self.habits.forgets:
            return Spent(send.key)
        if send.controlid in self.in_work:
            return Running(send.key) if self.habits.honest else Spent(send.key)
        return self._execute(send, self.clock.at)

    def execute_later(self, send: Send, seconds: float) -> None:
        if send.controlid not in self.in_work and send.controlid not in self.done:
            self.in_work[send.controlid] = (self.clock.at + timedelta(seconds=seconds), send)

    def find(self, keys: Sequence[Key]) -> dict[Key, Document]:
        self.tick()
        self.looks.append(list(keys))
        seen = {}
        for document in self.documents:
            if document.key in keys and (self.clock.at - document.at).total_seconds() >= self.habits.lag:
                if document.key in seen:
                    raise InvariantError("two records carry one key", record_id=document.key.text())
                seen[document.key] = document
        return seen

    def live(self, key: Key) -> list[Document]:
        return [document for document in self.documents if document.key == key]

    def _execute(self, send: Send, at: datetime) -> Outcome:
        if self.refuses(send):
            if self.habits.burns:
                self.done[send.controlid] = at
            return Refused(send.key, "BL01001973", "the period is closed")
        number = str(send.payload.get("number", ""))
        if self.habits.unique_numbers and any(document.number == number for document in self.documents):
            return Refused(send.key, "BL03002185", "a record with this number exists", duplicate=True)
        record = str(len(self.documents) + 1)
        self.documents.append(Document(send.key, number, dict(send.payload), record, at))
        self.done[send.controlid] = at
        return Written(send.key, record, self.natural_id(send.key) if self.habits.names_records else "")

    @staticmethod
    def natural_id(key: Key) -> str:
        return f"{key.target_object[:1].upper()}-{key.source_id}"


Fault = Callable[["Line", Sequence[Send]], Sequence[Outcome] | None]


class Line:
    """``Target`` over one worker's connection. ``faults`` are used up one a request; then all goes well."""

    system = "intacct"
    request_deadline = DEADLINE
    settle_seconds = SETTLE

    def __init__(self, gateway: Gateway, faults: list[Fault] | None = None) -> None:
        self.gateway = gateway
        self.faults = faults if faults is not None else []

    @property
    def chunk_size(self) -> int:
        return self.gateway.chunk_size

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        expected = {write.key: write.expect for write in writes}
        return {
            key: Found(
                key,
                document.record,
                self.gateway.natural_id(key),
                {name: str(document.payload.get(name, "")) for name in expected[key]},
            )
            for key, document in self.gateway.find(list(expected)).items()
        }

    def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
        self.gateway.tick()
        self.gateway.requests.append(list(sends))
        fault = self.faults.pop(0) if self.faults else None
        answers = fault(self, sends) if fault else None
        return answers if answers is not None else [self.gateway.execute(send) for send in sends]


def reply_lost(line: Line, sends: Sequence[Send]) -> Sequence[Outcome]:
    """Everything is done, but the caller never learns it."""
    for send in sends:
        line.gateway.execute(send)
    return request_lost(line, sends)


def request_lost(line: Line, sends: Sequence[Send]) -> Sequence[Outcome]:
    line.gateway.clock.advance(DEADLINE)
    return [Lost(send.key, "timed out") for send in sends]


def posted_late(seconds: float) -> Fault:
    """The request arrives and is worked on, but done only so many seconds later; the caller gives up."""

    def fault(line: Line, sends: Sequence[Send]) -> Sequence[Outcome]:
        for send in sends:
            line.gateway.execute_later(send, seconds)
        return request_lost(line, sends)

    return fault


def too_many_requests(retry_after: float | None) -> Fault:
    return lambda line, sends: [NotSent(send.key, "429", retry_after) for send in sends]


def cut_after(count: int) -> Fault:
    """The answer can be read up to ``count`` results; everything was done."""

    def fault(line: Line, sends: Sequence[Send]) -> Sequence[Outcome]:
        answers = [line.gateway.execute(send) for send in sends]
        return [*answers[:count], *(Lost(send.key, "the reply was cut") for send in sends[count:])]

    return fault


def random_fault(rng: random.Random, latest: float) -> Fault | None:
    """What a bad day does to one request; ``None`` for nothing. ``latest``: how late a request may be posted."""
    faults: list[Fault | None] = [
        None,
        reply_lost,
        request_lost,
        posted_late(rng.uniform(0, latest)),
        too_many_requests(rng.choice([None, 1.0, 30.0, 400.0])),
        cut_after(rng.randrange(3)),
    ]
    return rng.choices(faults, weights=[4, 2, 2, 3, 1, 2])[0]
