"""Follows one run of a DAG until it has ended, telling how far each step is."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tieout.local.airflow_api import AirflowApi
from tieout.local.booting import NotHealthy
from tieout.local.components import Components
from tieout.local.session import members

ENDED = frozenset({"success", "failed"})
_DONE = frozenset({"success", "skipped"})
_TOO_LONG = 3600.0
STEP_WORDS = {
    "slices": "Won deals are found in HubSpot",
    "extract": "Deals are read with their lines, companies and contacts",
    "map": "For each deal it is decided: post, hold or leave",
    "load": "Customers and invoices are in Intacct",
    "write_back": "HubSpot's deals show their invoices, or why they are held",
    "cursor": "The run has noted how far it came",
}


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many of a step's tasks have begun and how many are done, of how many that are known so far."""

    step: str
    done: int
    known: int
    begun: int = 0

    @property
    def finished(self) -> bool:
        return self.done == self.known


def step_counts(tasks: Iterable[Mapping[str, Any]]) -> list[StepCount]:
    """Count the run's tasks by step, in the order in which they began. ``slice.load`` is the step ``load``."""
    known: Counter[str] = Counter()
    done: Counter[str] = Counter()
    begun: Counter[str] = Counter()
    for task in sorted(tasks, key=lambda row: (row["start_date"] or "9", row["task_id"])):
        step = str(task["task_id"]).rpartition(".")[2]
        known[step] += 1
        done[step] += task["state"] in _DONE
        begun[step] += task["start_date"] is not None
    return [StepCount(step, done[step], known[step], begun[step]) for step in known]


def follow(
    api: AirflowApi,
    components: Components,
    dag_id: str,
    run_id: str,
    *,
    now_at: Callable[[str], None],
    step_done: Callable[[str], None],
) -> tuple[str, int]:
    """Wait for the run's end. Returns its state, ``success`` or ``failed``, and the largest memory that one task
    was seen to have, in bytes.

    ``now_at`` is told where the run stands, ``step_done`` each step once when all its tasks are done.
    """
    told: set[str] = set()
    deadline, memory = time.monotonic() + _TOO_LONG, 0
    while True:
        components.check()
        state = str(api.run(dag_id, run_id)["state"])
        steps = step_counts(api.task_instances(dag_id, run_id))
        for count in steps:
            if count.finished and count.step not in told:
                told.add(count.step)
                slices = f" ({count.known} slices)" if count.known > 1 else ""
                step_done(STEP_WORDS.get(count.step, count.step) + slices)
        at_work = [f"{c.step} {c.done}/{c.known}" for c in steps if c.begun and not c.finished]
        now_at("Working on " + ", ".join(at_work) if at_work else f"The run is {state}")
        if state in ENDED:
            return state, memory
        if time.monotonic() > deadline:
            raise NotHealthy(f"The run has not ended after {_TOO_LONG / 60:.0f} minutes.")
        for _ in range(5):
            memory = max(memory, largest_task(components.session))
            time.sleep(0.1)


def largest_task(session: int) -> int:
    """Resident memory in bytes of the largest task that runs just now; pages shared with its parent count as its
    own. Airflow makes each task the leader of a process group."""
    sizes = [0]
    for pid in members(session):
        with suppress(OSError, psutil.Error):
            if pid != session and os.getpgid(pid) == pid:
                sizes.append(int(psutil.Process(pid).memory_info().rss))
    return max(sizes)


def failures(tasks: Iterable[Mapping[str, Any]], dag_id: str, run_id: str, logs: Path) -> list[str]:
    """For each failed task, its name and the last error in its log."""
    found = []
    for task in tasks:
        if task["state"] != "failed":
            continue
        folder = logs / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task['task_id']}"
        if task["map_index"] >= 0:
            folder /= f"map_index={task['map_index']}"
        log = folder / f"attempt={task['try_number']}.log"
        found.append(f"{task['task_id']}: {_last_error(log)} (log: {log})")
    return found


def _last_error(log: Path) -> str:
    """The message of the last error in a task's log, whose lines are JSON."""
    said = "it left no reason in its log"
    if not log.is_file():
        return said
    for line in log.read_text(errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("level") in {"error", "critical"}:
            said = str(entry.get("event", said))
            for cause in entry.get("error_detail") or []:
                said = f"{cause.get('exc_type')}: {cause.get('exc_value')}"
    return said
