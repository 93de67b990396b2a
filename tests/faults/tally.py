"""What is remembered of a day that is too long to keep its calls, and of its batches that Airflow keeps on disk."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.airflow import Task
from tests.faults.network import Call

ALLOWED = {"hubspot": (190, 10.0), "search": (5, 1.0)}
"""Calls in so many seconds, of HubSpot's professional tier."""
_LONGEST = 2000.0
"""Seconds after which a call that has no answer will have none."""


@dataclass
class Window:
    """The most calls in any so many seconds."""

    seconds: float
    most: int = 0
    _recent: deque[float] = field(default_factory=deque)

    def add(self, at: float) -> None:
        self._recent.append(at)
        while self._recent[0] <= at - self.seconds:
            self._recent.popleft()
        self.most = max(self.most, len(self._recent))


class Tally(list[Call]):
    """In the place of a network's calls: it counts them, and keeps those that are still under way."""

    def __init__(self) -> None:
        self.made, self.of_run = Counter[str](), Counter[tuple[str, str]]()
        self.refused = 0
        self.busiest = {name: Window(seconds) for name, (_, seconds) in ALLOWED.items()}
        self._under_way = deque[Call]()

    def append(self, call: Call) -> None:
        self.made[call.system] += 1
        self.of_run[call.process.partition(".")[0], call.system] += 1
        if call.system == "hubspot":
            self.busiest["hubspot"].add(call.at)
            if "search" in call.label:
                self.busiest["search"].add(call.at)
        self._under_way.append(call)
        self.settle(call.at - _LONGEST)

    def settle(self, before: float) -> None:
        """Look at the answers of the calls that were made before."""
        waiting = self._under_way
        while waiting and (waiting[0].status is not None or waiting[0].at < before):
            call = waiting.popleft()
            self.refused += call.status == 429 and call.fault != "too_many"


class Files(MutableMapping[Task, str]):
    """XComs of a run in files of a folder, as Tieout has Airflow keep them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder

    def __getitem__(self, task: Task) -> str:
        try:
            return self._file(task).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise KeyError(task) from None

    def __setitem__(self, task: Task, text: str) -> None:
        self._file(task).write_text(text, encoding="utf-8")

    def __delitem__(self, task: Task) -> None:
        try:
            self._file(task).unlink()
        except FileNotFoundError:
            raise KeyError(task) from None

    def __contains__(self, task: object) -> bool:
        return isinstance(task, tuple) and self._file(task).exists()

    def __iter__(self) -> Iterator[Task]:
        for file in self._folder.iterdir():
            name, _, index = file.name.partition(".")
            yield name, int(index)

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.iterdir())

    def _file(self, task: Task) -> Path:
        return self._folder / f"{task[0]}.{task[1]}"
