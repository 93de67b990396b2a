"""Troubles that last: a system is down for an hour, the books' period is closed. Tasks use up their tries, documents
are refused and held, and people mark what failed as done, so that the list looks clean."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.airflow import CURSOR

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule

Event = tuple[float, Callable[[], None]]


class Spells:
    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._rng = random.Random(f"{schedule.seed}/spells")  # noqa: S311

    def events(self) -> list[Event]:
        rng, events = self._rng, list[Event]()
        if rng.random() < 0.3:
            events += self._weather(
                "the period is closed", 0.0, rng.uniform(1.0, 3000.0), closed=rng.choice([0.5, 1.0])
            )
        if self._schedule.whole and rng.random() < 0.3:
            system, begins = rng.choice(["intacct", "intacct", "hubspot"]), rng.uniform(0.0, 200.0)
            events += self._weather(f"{system} is down", begins, begins + rng.uniform(900.0, 4000.0), down=system)
            events += [(rng.uniform(1500.0, 7000.0), self._mark_what_failed)] if rng.random() < 0.5 else []
        return events

    def _weather(self, what: str, begins: float, ends: float, **change: Any) -> list[Event]:
        network = self._schedule.network
        over = {name: type(value)() for name, value in change.items()}

        def begin() -> None:
            self._schedule.note(what)
            network.weather = replace(network.weather, **change)

        def end() -> None:
            self._schedule.note(f"no longer: {what}")
            network.weather = replace(network.weather, **over)

        return [(begins, begin), (ends, end)]

    def _mark_what_failed(self) -> None:
        for run in self._schedule.runs:
            waits = {*run.done, *run.working, *run.waiting, CURSOR}
            for task in reversed(run.tasks if run.failed else []):
                if task not in waits:
                    run.mark_success(task)
