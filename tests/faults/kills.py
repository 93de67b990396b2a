"""Which kills there are: every passing of every named point by the runs that the scenes show. Pure."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from include.core.crash import POINTS

AIRFLOW = "airflow"
"""Where the killed process is an Airflow task's; elsewhere it is a process of its own, with the state on an engine."""
SQLITE, POSTGRESQL = "sqlite", "postgresql"

IN_COMMIT = "state.in_commit"
"""Asked of PostgreSQL, and no answer heard: in the place of every other kill before a commit there."""

Passings = Mapping[tuple[str, int], Counter[str]]
"""Scene and company -> how often its run passes each point."""


@dataclass(frozen=True)
class Kill:
    """The run of ``scene``, over the company of that seed, is killed when it passes ``place`` (``name:n``). Its
    own next try completes it, or, where nobody tries it again, the ``next_run``."""

    scene: str
    place: str
    company: int = 1
    where: str = SQLITE
    next_run: bool = False

    @property
    def point(self) -> str:
        return self.place.partition(":")[0]

    def __str__(self) -> str:
        return f"{self.scene} at {self.place}, company {self.company}, {self.where}{', next run' * self.next_run}"


@dataclass
class Outcome:
    """What became of it. ``seconds``: from the kill to the end of the try that completed the run."""

    kill: Kill
    killed: bool = False
    wrong: list[str] = field(default_factory=list)
    duplicates: int = 0
    lost: int = 0
    cents_off: int = 0
    seconds: float = 0.0

    @property
    def bad(self) -> bool:
        """Whether anything is wrong. A kill that did not happen is: nothing was shown by it."""
        return bool(self.wrong) or not self.killed

    def __str__(self) -> str:
        return f"{self.kill}: {'; '.join(self.wrong) or ('good' if self.killed else 'the place was not reached')}"


OF_AIRFLOW = (
    Kill("won deals", "sync.after_send:1", where=AIRFLOW),
    Kill("won deals", "sync.after_intent:1", where=AIRFLOW),
    Kill("won deals", "state.before_commit:2", where=AIRFLOW),
    Kill("won deals", "intacct.after_call:2", where=AIRFLOW),
    Kill("payments", "update.after_object:1", where=AIRFLOW),
    Kill("won deals", "hubspot.before_call:2", where=AIRFLOW),
)
"""Of tasks that load, plan, look for records and write back."""


def enumerated(passings: Passings, seed: int) -> list[Kill]:
    """Every place once: company after company, in each the scenes in turn, in each an order of the seed's."""
    rng = random.Random(seed)  # noqa: S311
    listed: list[Kill] = []
    for company in sorted({company for _, company in passings}):
        of_scenes = []
        for scene, passed in _of_company(passings, company):
            places = [f"{name}:{n}" for name, times in sorted(passed.items()) for n in range(1, times + 1)]
            rng.shuffle(places)
            of_scenes.append([Kill(scene, place, company) for place in places])
        listed += [kill for turn in zip_longest(*of_scenes) for kill in turn if kill]
    return listed


def chosen(passings: Passings, number: int, seed: int, engines: Sequence[str] = (SQLITE,)) -> list[Kill]:
    """So many of them, the same for the same seed: one at each point first, then as they come. Of those, around commits
    the state is on the ``engines`` in turn, elsewhere on the last of them in every fourth kill."""
    listed = enumerated(passings, seed)
    by_point = {kill.point: kill for kill in reversed(listed)}
    first = [by_point[point] for point in POINTS if point in by_point]
    rest = [kill for kill in listed if by_point[kill.point] != kill]
    return [*first, *(_varied(kill, n, engines) for n, kill in enumerate(rest))][:number]


def _varied(kill: Kill, n: int, engines: Sequence[str]) -> Kill:
    in_turn = kill.point.startswith("state.") or n % 4 == 3
    engine = engines[n % len(engines)] if in_turn else engines[0]
    nth = int(kill.place.partition(":")[2])
    inside = engine == POSTGRESQL and kill.point == "state.before_commit" and nth % 2 == 1
    place = f"{IN_COMMIT}:{nth}" if inside else kill.place
    return replace(kill, where=engine, place=place, next_run=n % 5 == 4)


def _of_company(passings: Passings, company: int) -> Iterable[tuple[str, Counter[str]]]:
    return ((scene, passed) for (scene, of), passed in passings.items() if of == company)
