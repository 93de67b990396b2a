"""What the seed does to our own processes: they are killed, they sleep until they are taken for dead, and their commits
fail."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.faults.airflow import ZOMBIE_AFTER
from tests.faults.timeline import Killed, Process

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule


class Crashes:
    """``point`` is called at the product's named points, ``trouble`` at every commit."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule, self._timeline, self._network = schedule, schedule.timeline, schedule.network
        self._rng = random.Random(f"{schedule.seed}/crashes")  # noqa: S311

    def point(self, name: str) -> None:
        process, weather = self._timeline.current, self._network.weather
        self._timeline.alive()
        if not process.faulty or not (weather.kill or weather.stall):
            return
        what = self._rng.random()
        if what < weather.kill:
            self._schedule.note(f"{process.name} is killed at {name}")
            self._network.faults["killed"] += 1
            process.dead = True
            raise Killed
        if what < weather.kill + weather.stall and not name.startswith("state."):
            self._stall(process, name)

    def _stall(self, process: Process, name: str) -> None:
        seconds = self._rng.choice([2.0, 40.0, 350.0, 700.0, 1400.0])
        self._schedule.note(f"{process.name} sleeps {seconds:.0f} s at {name}")
        self._network.faults["stalled"] += 1
        if seconds > ZOMBIE_AFTER:
            for run in self._schedule.runs:
                self._timeline.call_after(ZOMBIE_AFTER, lambda run=run: run.presume_dead(process))
        self._timeline.sleep(seconds)

    def trouble(self) -> str:
        """As ``state.Trouble`` has it."""
        process = self._timeline.current
        self._timeline.alive()
        if not process.faulty or self._rng.random() >= self._network.weather.commit:
            return ""
        trouble = self._rng.choice(["before", "before", "after"])
        self._schedule.note(f"{process.name}: a commit fails ({trouble})")
        self._network.faults[f"commit_{trouble}"] += 1
        return trouble
