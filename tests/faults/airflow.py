"""What a scheduler does with a flow's run: starts its tasks in order as processes, tries them again, gives up, and does
what a person clicks (clear, mark success). The bodies of the tasks are the DAGs' own (``tieout.steps``)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from include.core.decisions import Write, decision_from_json
from include.core.errors import OutcomeUnknown, TieoutError, TransientError
from include.core.sync import Owner
from include.flows.flow import Flow
from include.flows.run import FlowRun
from tests.faults.timeline import Killed, Process, Timeline
from tieout import steps

RETRIES = 5
"""Of the flows' DAGs (``tieout.flow_dag``)."""
ZOMBIE_AFTER = 300.0
"""Seconds without a heartbeat after which Airflow takes a task for dead and starts the next try."""
Task = tuple[str, int]
SLICES, CURSOR = ("slices", -1), ("cursor", -1)
IN_SLICE = ("extract", "map", "load", "write_back")


class Place(Protocol):
    """Where tasks run: the schedule."""

    timeline: Timeline

    def open(self, run: DagRun, task: Task, attempt: int) -> FlowRun: ...
    def machine(self) -> float: ...
    def start_what_can(self) -> None: ...
    def note(self, text: str) -> None: ...
    def surprise(self, what: str, error: BaseException) -> None: ...


@dataclass
class DagRun:
    """One run. ``xcom`` is what its tasks returned, as JSON text; ``tries`` counts the tries of each task."""

    place: Place
    flow: Flow
    run_id: str
    run_type: str = "scheduled"
    interval: tuple[datetime | None, datetime | None] = (None, None)
    params: Mapping[str, Any] = field(default_factory=dict)
    in_slice: Sequence[str] = IN_SLICE
    xcom: MutableMapping[Task, str] = field(default_factory=dict)
    tries: Counter[Task] = field(default_factory=Counter)
    left: Counter[Task] = field(default_factory=Counter)
    working: dict[Task, Process] = field(default_factory=dict)
    done: set[Task] = field(default_factory=set)
    failed: dict[Task, str] = field(default_factory=dict)
    waiting: set[Task] = field(default_factory=set)
    marked: set[Task] = field(default_factory=set)
    admits: Callable[[Task], bool] = lambda task: True
    """Whether the task's pool has a slot for it."""

    @property
    def tasks(self) -> list[Task]:
        slices = len(self._pulled(SLICES) or []) if SLICES in self.done else 0
        names = [name for name in self.in_slice if name != "write_back" or self.flow.write_back]
        return [SLICES, *((name, index) for index in range(slices) for name in names), CURSOR]

    @property
    def over(self) -> bool:
        """Nothing of it runs, waits or could run. A group that is mapped over nothing because a person marked the
        slices as done cannot be made, and what is behind it never runs (``upstream_failed``)."""
        return not (self.working or self.waiting or self._ready())

    @property
    def succeeded(self) -> bool:
        return CURSOR in self.done

    def start(self) -> None:
        """Start whatever can run now."""
        for task in self._ready():
            if self.admits(task):
                self._try(task)

    def clear(self, task: Task) -> None:
        """A person lets a task and all after it run again."""
        again = [one for one in self.tasks if one == task or self._after(one, task)]
        if any(one in self.working or one in self.waiting for one in again):
            return
        self.place.note(f"a person clears {self.run_id} {_name(task)}")
        for one in again:
            self.xcom.pop(one, None)
            self.done.discard(one)
            self.failed.pop(one, None)
            self.left[one] = 0
        self.start()

    def mark_success(self, task: Task) -> None:
        """A person says that it is done; it left no result."""
        self.place.note(f"a person marks {self.run_id} {_name(task)} as a success")
        self.marked.add(task)
        self.failed.pop(task, None)
        if (process := self.working.pop(task, None)) is not None:
            self.place.timeline.kill(process)
        self.waiting.discard(task)
        self.done.add(task)
        self.start()

    def _ready(self) -> list[Task]:
        taken = self.done | self.working.keys() | self.waiting | self.failed.keys()
        if SLICES in self.done and SLICES not in self.xcom:
            return []
        return [task for task in self.tasks if task not in taken and self._before(task) <= self.done]

    def _before(self, task: Task) -> set[Task]:
        if task == SLICES:
            return set()
        if task == CURSOR:
            return {one for one in self.tasks if one != CURSOR}
        name, index = task
        place = self.in_slice.index(name)
        return {(self.in_slice[place - 1], index)} if place else {SLICES}

    def _after(self, one: Task, task: Task) -> bool:
        if CURSOR in (task, one) or task == SLICES:
            return task == SLICES or one == CURSOR
        return one[1] == task[1] and one[0] in self.in_slice[self.in_slice.index(task[0]) :]

    def _try(self, task: Task) -> None:
        self.waiting.discard(task)
        self.tries[task] += 1
        self.left[task] += 1
        process = Process(f"{self.run_id}.{_name(task)}.{self.tries[task]}", skew=self.place.machine())
        self.working[task] = process
        attempt = self.tries[task]

        def work() -> None:
            run = self.place.open(self, task, attempt)
            result = json.dumps(self._body(task)(run))
            if self.working.get(task) is process:  # a zombie's result is not taken
                self.xcom[task] = result

        self.place.timeline.spawn(process, work, lambda error: self._ended(task, process, error))

    def _body(self, task: Task) -> Callable[[FlowRun], Any]:
        name, index = task
        match name:
            case "slices":
                return steps.slices
            case "extract":
                return lambda run: steps.extract(run, self._pulled(SLICES)[index])
            case "map":
                return lambda run: steps.plan(run, self._pulled(("extract", index)))
            case "load":
                return lambda run: steps.load(run, self._pulled(("map", index)))
            case "writes":
                return lambda run: _writes(run, self._pulled(("map", index)))
            case "write_back":
                return lambda run: steps.write_back(run, self._pulled(("load", index)))
        if "writes" in self.in_slice:
            return lambda run: {}
        last = "write_back" if self.flow.write_back else "load"
        given = [self._pulled(one) for one in self.tasks if one[0] == last and one in self.xcom]
        slices = len(self._pulled(SLICES) or [])
        # As Airflow 3.3 does it: the result of a group that was mapped once is handed over as it is.
        done = given if slices > 1 else next(iter(given), None)
        return lambda run: steps.finish(run, done, slices)

    def _pulled(self, task: Task) -> Any:
        return json.loads(self.xcom.get(task, "null"))

    def _ended(self, task: Task, process: Process, error: BaseException | None) -> None:
        """In the scheduler: what becomes of the task."""
        if self.working.get(task) is not process:
            return
        del self.working[task]
        if error is None:
            self.done.add(task)
            self.place.start_what_can()
            return
        again, pause = self._verdict(task, error)
        if not again or self.left[task] > RETRIES:
            self.failed[task] = str(error) or type(error).__name__
            self.place.note(f"{process.name} failed: {self.failed[task][:160]}")
            self.place.start_what_can()
            return
        self.place.note(f"{process.name} ended with {type(error).__name__} {str(error)[:120]}; again in {pause:.0f} s")
        self.waiting.add(task)
        self.place.start_what_can()
        self.place.timeline.call_after(pause, lambda: self._again(task))

    def _again(self, task: Task) -> None:
        if task in self.waiting:
            self.waiting.discard(task)
            self.place.start_what_can()

    def _verdict(self, task: Task, error: BaseException) -> tuple[bool, float]:
        """As ``tieout.retry.RetryByError`` has it."""
        pause = float(min(20 * 2 ** max(self.tries[task] - 1, 0), 900))
        match error:
            case Killed():
                return True, 30.0
            case TransientError(retry_after=float() | int() as seconds):
                return True, max(seconds, 1.0)
            case TransientError() | OutcomeUnknown():
                return True, pause
            case TieoutError():
                return False, 0.0
        if not self.marked:  # what a person marked left nothing for the tasks after it
            self.place.surprise(f"{self.run_id} {_name(task)}", error)
        return True, 30.0

    def presume_dead(self, process: Process) -> None:
        """No heartbeat for too long: the next try starts, whether or not the old one wakes again."""
        for task, working in list(self.working.items()):
            if working is process:
                self.place.note(f"{process.name} is taken for dead")
                del self.working[task]
                if self.left[task] > RETRIES:
                    self.failed[task] = "zombie"
                else:
                    self._try(task)

    def owner(self, task: Task, attempt: int) -> Owner:
        group = "" if task in (SLICES, CURSOR) else "slice."
        return Owner(f"{self.flow.name}/{self.run_id}", f"{group}{task[0]}", task[1], attempt)


def _writes(run: FlowRun, decisions: list[Any]) -> dict[str, int]:
    """The heart of ``steps.load``: what is planned, through the one write path."""
    planned = [decision_from_json(one) for one in decisions]
    results = run.apply(one for one in planned if isinstance(one, Write))
    return dict(Counter(result.state for result in results))


def _name(task: Task) -> str:
    return task[0] if task[1] < 0 else f"{task[0]}[{task[1]}]"
