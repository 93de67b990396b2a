"""Virtual time and the processes that live in it: one runs at a time, and time passes only while all of them wait.

Every process has a thread of its own, because the product's clients keep things in thread-locals; but a thread runs
only while it holds the baton. Whoever waits works off the next events itself and hands the baton to the process that
is due. The same events in the same order give the same run, to the byte.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

_THREADS = ThreadPoolExecutor(256, thread_name_prefix="process")


class Killed(BaseException):
    """This process is dead: nothing that it still tries to do may have an effect."""


class Quiet(RuntimeError):
    """Everybody waits and nothing is due any more: the schedule hangs."""


class Process:
    """One operating system process. ``skew``: how far its machine's clock is ahead, in seconds. ``faulty``: whether
    the seed decides over its network and its life."""

    def __init__(self, name: str, *, skew: float = 0.0, faulty: bool = True) -> None:
        self.name, self.skew, self.faulty = name, skew, faulty
        self.dead = False
        self.over = False
        self._door = threading.Lock()
        self._door.acquire()

    def wait_for_turn(self) -> None:
        self._door.acquire()

    def go(self) -> None:
        self._door.release()


class Event:
    __slots__ = ("call", "dropped", "process")

    def __init__(self, process: Process | None, call: Callable[[], None] | None) -> None:
        self.process, self.call, self.dropped = process, call, False

    def drop(self) -> None:
        self.dropped = True


class Timeline:
    """``start``: the instant at which virtual time begins. The thread that makes it is its first process, ``main``."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.elapsed = 0.0
        self.main = Process("main", faulty=False)
        self.current = self.main
        self.processes: list[Process] = []
        self._events: list[tuple[float, int, Event]] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def local_now(self) -> datetime:
        """What the clock of the running process's machine says."""
        return self.start + timedelta(seconds=self.elapsed + self.current.skew)

    def monotonic(self) -> float:
        return 1_000_000.0 + self.elapsed

    def call_after(self, seconds: float, call: Callable[[], None]) -> Event:
        return self._add(seconds, Event(None, call))

    def sleep(self, seconds: float) -> None:
        """The running process does nothing for so long. Raises ``Killed`` where it dies meanwhile."""
        until = self.elapsed + max(0.0, seconds)
        self.wait(self.alarm(seconds))
        while self.elapsed < until:
            self.wait(self.alarm(until - self.elapsed))

    def alarm(self, seconds: float) -> Event:
        """An event that wakes the running process; ``wait`` for it, or for another one that comes first."""
        return self._add(max(0.0, seconds), Event(self.current, None))

    def wake(self, process: Process, seconds: float = 0.0) -> Event:
        return self._add(seconds, Event(process, None))

    def wait(self, alarm: Event) -> None:
        """Until the running process is woken, by its ``alarm`` or by somebody else."""
        me = self.current
        following = self._next()
        if following is not me:
            self.current = following
            following.go()
            me.wait_for_turn()
        alarm.drop()
        self.alive()

    def alive(self) -> None:
        if self.current.dead:
            raise Killed

    def kill(self, process: Process) -> None:
        """It dies where it stands; a sleeping one without doing anything more."""
        process.dead = True
        if process is not self.current and not process.over:
            self.wake(process)

    def spawn(self, process: Process, work: Callable[[], None], at_end: Callable[[BaseException | None], None]) -> None:
        """Start a process now. ``at_end`` is called with what it raised, while nothing else runs."""

        def run() -> None:
            process.wait_for_turn()
            error: BaseException | None = None
            try:
                self.alive()
                work()
            except BaseException as raised:
                error = raised
            process.over = True
            self.call_after(0.0, lambda: at_end(error))
            following = self._next()
            self.current = following
            following.go()

        self.processes.append(process)
        _THREADS.submit(run)
        self.wake(process)

    def end(self) -> None:
        """Kill what is left, so that no thread waits for ever."""
        for process in self.processes:
            if not process.over:
                self.kill(process)
        while any(not process.over for process in self.processes):
            self.sleep(1.0)

    def _add(self, seconds: float, event: Event) -> Event:
        heapq.heappush(self._events, (self.elapsed + max(0.0, seconds), next(self._numbers), event))
        return event

    def _next(self) -> Process:
        """Pass the time until a process is due, doing what is due meanwhile."""
        while self._events:
            when, _, event = heapq.heappop(self._events)
            if event.dropped or (event.process is not None and event.process.over):
                continue
            self.elapsed = max(self.elapsed, when)
            if event.process is not None:
                return event.process
            if event.call is not None:
                event.call()
        raise Quiet("everybody waits and nothing is due")


class VirtualTimer:
    """``threading.Timer`` on a timeline, for the client that ends an exchange from outside."""

    timeline: Timeline

    def __init__(self, seconds: float, call: Callable[..., Any]) -> None:
        self._seconds, self._call, self.daemon = seconds, call, True
        self._event: Event | None = None

    def start(self) -> None:
        self._event = self.timeline.call_after(self._seconds, self._call)

    def cancel(self) -> None:
        if self._event is not None:
            self._event.drop()
