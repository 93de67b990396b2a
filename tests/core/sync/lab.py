"""Seeded schedules of faults: several workers over one write log and one gateway, interleaved step by step.

Only one worker runs at a time. At every named crash point of the write path the seed decides whether it dies there,
sleeps while others run, or goes on. A worker that died does nothing any more: no clean-up of its own reaches the log.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from include.core import crash
from include.core.decisions import Key, Write
from include.core.errors import TieoutError, TransientError
from include.core.sync import Claimed, Limits, Owner, Result, WriteRow, WriteState, apply
from tests.core.sync.gateway import DEADLINE, SETTLE, Document, Gateway, Habits, Line, VirtualClock, random_fault
from tests.core.sync.plans import customer, edited, invoice

LIMITS = Limits(busy=30.0, not_sent=60.0)
PASSES = 12

Apply = Callable[..., list[Result]]
_THREADS = ThreadPoolExecutor(64)


class Log(Protocol):
    """The write log under test, with a way to go back to an older state of it."""

    def rows(self, keys: Collection[Key]) -> Mapping[Key, WriteRow]: ...
    def claim(
        self, writes: Sequence[Write], owner: Owner, now: datetime, lease_until: datetime
    ) -> Sequence[Claimed]: ...
    def save(self, rows: Sequence[WriteRow]) -> Collection[Key]: ...
    def backup(self) -> Any: ...
    def restore(self, backup: Any) -> None: ...
    def empty(self) -> None: ...


def _is_final(result: Result) -> bool:
    return result.state in {"written", "unchanged"} or result.code == "changed_after_posting"


def _wrong(document: Document, row: WriteRow | None) -> str:
    """How the record in the target and our row of it contradict each other; empty where they do not."""
    if document.payload.get("customer", "C-1") != "C-1":
        return f"it names customer {document.payload['customer']}"
    if row is None or row.state not in {WriteState.WRITTEN, WriteState.DIFFERS} or row.target_id != document.record:
        return f"the log says {row and (row.state, row.target_id)}, the target {document.record}"
    if row.payload is not None or row.owner is not None:
        return "the log keeps a payload or an owner"
    if (row.facts == _facts(document)) != (row.state is WriteState.WRITTEN):
        return f"the log says {row.state} with {row.facts}, the target has {_facts(document)}"
    return ""


def _facts(document: Document) -> dict[str, Any]:
    return {name: document.payload[name] for name in ("name", "total", "memo") if name in document.payload}


def _shut() -> threading.Lock:
    """A door that one thread waits at and another one opens; a semaphore would do, at three times the cost."""
    door = threading.Lock()
    door.acquire()
    return door


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Task:
    """One task of one run: the same writes at every try."""

    name: str
    writes: list[Write]
    tries: int = 0


class Worker:
    """One try of a task, on a thread of its own that runs only while the lab waits for it."""

    def __init__(self, lab: Lab, task: Task) -> None:
        task.tries += 1
        self.lab, self.task = lab, task
        self.owner = Owner(task.name, "load", -1, task.tries)
        self.dead = self.over = False
        self.results: list[Result] | None = None
        self.error: BaseException | None = None
        self._go = _shut()
        _THREADS.submit(self._run)

    def step(self) -> None:
        """Let it run until it sleeps or ends."""
        self.lab.current = self
        self._go.release()
        self.lab.back.acquire()

    def sleep(self) -> None:
        """Called by the worker itself: the others' turn."""
        self.lab.back.release()
        self._go.acquire()
        self.alive()

    def alive(self) -> None:
        if self.dead:
            raise Crash

    def _run(self) -> None:
        self._go.acquire()
        try:
            self.alive()
            self.results = self.lab.apply(
                self.task.writes,
                WorkersLine(self),
                WorkersLog(self),
                owner=self.owner,
                now=self.lab.clock.now,
                wait=self._wait,
                limits=LIMITS,
            )
        except BaseException as error:
            self.error = error
        self.over = True
        self.lab.back.release()

    def _wait(self, seconds: float) -> None:
        self.lab.clock.advance(seconds)
        self.lab.note(f"{self.owner.run}.{self.owner.attempt} waits {seconds:g}")
        self.sleep()


class WorkersLog:
    """The log as one worker sees it: unreachable once it is dead."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.log = worker, worker.lab.log

    def rows(self, keys: Collection[Key]) -> Mapping[Key, WriteRow]:
        self.worker.alive()
        return self.log.rows(keys)

    def claim(self, writes: Sequence[Write], owner: Owner, now: datetime, lease_until: datetime) -> Sequence[Claimed]:
        self.worker.alive()
        return self.log.claim(writes, owner, now, lease_until)

    def save(self, rows: Sequence[WriteRow]) -> Collection[Key]:
        self.worker.alive()
        return self.log.save(rows)


class WorkersLine(Line):
    """The gateway as one worker reaches it, with the seed's faults on the way."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker.lab.gateway)
        self.worker = worker

    def find(self, writes: Sequence[Write]) -> Any:
        self.worker.alive()
        return super().find(writes)

    def send(self, sends: Sequence[Any]) -> Any:
        self.worker.alive()
        lab = self.worker.lab
        if not lab.healing and (fault := random_fault(lab.rng, lab.latest)) is not None:
            self.faults = [fault]
            lab.note(f"fault {getattr(fault, '__name__', fault)} on {len(sends)}")
        return super().send(sends)


@dataclass
class Verdict:
    """What a schedule came to. ``trace`` is its story, for a person."""

    seed: int
    duplicates: int = 0
    lost: int = 0
    stuck: int = 0
    wrong: list[str] = field(default_factory=list)
    requests: int = 0
    trace: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.duplicates or self.lost or self.stuck or self.wrong)

    def __str__(self) -> str:
        story = "\n  ".join(self.trace[-60:])
        return (
            f"seed {self.seed}: {self.duplicates} duplicates, {self.lost} lost, {self.stuck} stuck, "
            f"{self.wrong or 'nothing else'}\n  {story}"
        )


class Lab:
    """One schedule, decided by its seed. ``apply`` is the write path under test."""

    def __init__(self, seed: int, log: Log, apply_writes: Apply = apply) -> None:
        self.seed, self.log, self.apply = seed, log, apply_writes
        self.rng = random.Random(seed)  # noqa: S311  a replayable day, no secret
        self.clock = VirtualClock()
        self.back = _shut()
        self.current: Worker | None = None
        self.workers: list[Worker] = []
        self.healing = False
        self.trace: list[str] = []
        # A log that has forgotten a request can be survived only if the gateway remembers it: that it is in work, and
        # which control ids were used. Either side alone may forget.
        self.restores = self.rng.random() < 0.3
        habits = Habits(
            burns=self.rng.random() < 0.5,
            honest=self.restores or self.rng.random() < 0.7,
            lag=self.rng.choice([0.0, 0.0, 10.0]),
            forgets=86400.0 if self.restores else self.rng.choice([500.0, 86400.0]),
            unique_numbers=self.rng.random() < 0.4,
            names_records=self.rng.random() < 0.8,
        )
        self.latest = DEADLINE + SETTLE - habits.lag - 1.0  # a request in work ends, and is seen, in the time promised
        self.gateway = Gateway(self.clock, habits, chunk_size=self.rng.choice([1, 2, 3, 100]))
        self.edits = self.rng.random() < 0.5
        self.tasks = self._plan()
        self.note(f"{habits} chunk {self.gateway.chunk_size} restores {self.restores}")

    def note(self, text: str) -> None:
        self.trace.append(f"{(self.clock.at.timestamp()) % 100_000:9.1f} {text}")

    def run(self) -> Verdict:
        self.log.empty()
        crash.install(self._point)
        try:
            self._bad_day()
            stuck = self._heal()
            return self._verdict(stuck)
        finally:
            crash.install(None)
            self._bury()

    # -- the plan and the bad day ------------------------------------------------------------------------------------

    def _plan(self) -> list[Task]:
        deals = [str(n) for n in range(self.rng.randint(2, 5))]
        bad = {deal for deal in deals if self.rng.random() < 0.2}
        self.all_writes = [
            customer("1"),
            *(invoice(deal, "1" if self.rng.random() < 0.4 else None, bad=deal in bad) for deal in deals),
        ]
        tasks = [Task("run-1", list(self.all_writes))]
        if self.rng.random() < 0.6:
            some = [write for write in self.all_writes if self.rng.random() < 0.7]
            tasks.append(Task("run-2", [self.all_writes[0], *(w for w in some if w is not self.all_writes[0])]))
        return tasks

    def _bad_day(self) -> None:
        backup = self.log.backup() if self.restores else None
        for _ in range(self.rng.randint(4, 14)):
            what = self.rng.random()
            asleep = [worker for worker in self.workers if not worker.over]
            if what < 0.35 or not asleep:
                task = self.rng.choice(self.tasks)
                if task.tries < 4:
                    self._start(task)
            elif what < 0.85:
                self._step(self.rng.choice(asleep))
            elif what < 0.93:
                self.clock.advance(self.rng.choice([5.0, 45.0, DEADLINE + 31.0, SETTLE, 1000.0]))
            elif what < 0.96 and self.edits:
                self._edit()
            elif backup is not None:
                self.note("restore")
                self.log.restore(backup)
            if self.restores and self.rng.random() < 0.15:
                backup = self.log.backup()

    def _edit(self) -> None:
        """Somebody changes a deal; every try that starts from now on plans it so."""
        deal = self.rng.choice(self.tasks[0].writes[1:]).key
        # What cannot be seen on the record cannot be told from it once the log has forgotten: only with a log.
        what = "total" if self.restores or self.rng.random() < 0.5 else "memo"
        change = {what: f"{self.rng.randint(101, 999)}.00"}
        self.note(f"edit {deal.source_id} to {change}")
        for task in self.tasks:
            task.writes = [edited(write, **change) if write.key == deal else write for write in task.writes]

    def _start(self, task: Task) -> None:
        worker = Worker(self, task)
        self.workers.append(worker)
        self.note(f"start {task.name}.{task.tries}")
        self._step(worker)

    def _step(self, worker: Worker) -> None:
        worker.step()
        if worker.over:
            said = worker.error.message if isinstance(worker.error, TieoutError) else worker.error
            self.note(f"end {worker.task.name}.{worker.owner.attempt}: {said or worker.results}"[:300])
            if worker.error is not None and not isinstance(worker.error, TieoutError | Crash):
                raise worker.error

    def _point(self, name: str) -> None:
        worker = self.current
        if worker is None or name not in crash.SYNC_POINTS:
            return  # a worker that sleeps around a commit would keep the log from all others
        worker.alive()
        if self.healing:
            return
        what = self.rng.random()
        if what < 0.04:
            self.note(f"kill {worker.task.name}.{worker.owner.attempt} at {name}")
            worker.dead = True
            raise Crash
        if what < 0.20:
            self.note(f"{worker.task.name}.{worker.owner.attempt} sleeps at {name}")
            worker.sleep()
        elif what < 0.24:
            self.clock.advance(self.rng.choice([5.0, DEADLINE + 31.0, 400.0, 600.0]))

    # -- healing and judging -----------------------------------------------------------------------------------------

    def _heal(self) -> int:
        """No more faults: sleepers wake, then every task is tried until it succeeds. Returns how many never did."""
        self.healing = True
        self.note("healing")
        while asleep := [worker for worker in self.workers if not worker.over]:
            self._step(asleep[0])
        self.gateway.refuses = lambda send: False  # what was refused has been repaired
        return sum(not self._finish(task) for task in self.tasks)

    def _finish(self, task: Task) -> bool:
        for _ in range(PASSES):
            worker = self._finished_try(task)
            if worker.results is not None and all(map(_is_final, worker.results)):
                return True
            if isinstance(worker.error, TransientError) and worker.error.retry_after:
                self.clock.advance(worker.error.retry_after)
            else:
                self.clock.advance(60.0)
        return False

    def _finished_try(self, task: Task) -> Worker:
        worker = Worker(self, task)
        self.workers.append(worker)
        while not worker.over:
            self._step(worker)
        return worker

    def _verdict(self, stuck: int) -> Verdict:
        self.clock.advance(10_000)
        self.gateway.tick()
        verdict = Verdict(self.seed, stuck=stuck, requests=len(self.gateway.requests), trace=self.trace)
        planned = {write.key: write for task in self.tasks for write in task.writes}
        rows = self.log.rows(list(planned))
        for key in planned:
            documents = self.gateway.live(key)
            verdict.duplicates += max(0, len(documents) - 1)
            verdict.lost += not documents
            if documents and (wrong := _wrong(documents[0], rows.get(key))):
                verdict.wrong.append(f"{key.text()}: {wrong}")
        self._judge_a_rerun(verdict, planned)
        return verdict

    def _judge_a_rerun(self, verdict: Verdict, planned: Mapping[Key, Write]) -> None:
        """Running the finished tasks again sends nothing and says of each record how it stands."""
        requests, looks = len(self.gateway.requests), len(self.gateway.looks)
        results = [result for task in self.tasks for result in self._finished_try(task).results or []]
        if len(self.gateway.requests) != requests:
            verdict.wrong.append("a finished run sent something")
        if len(self.gateway.looks) != looks and not any("but there" in result.message for result in results):
            verdict.wrong.append("a finished run asked the target again")
        for result in results:
            document = next(iter(self.gateway.live(result.key)), None)
            same = document is not None and _facts(document) == planned[result.key].facts
            if result.state != ("unchanged" if same else "held"):
                verdict.wrong.append(f"a finished run says {result.state} of {result.key.text()}")

    def _bury(self) -> None:
        """End the threads of workers that still sleep."""
        for worker in self.workers:
            if not worker.over:
                worker.dead = True
                worker.step()
