"""Days on which nothing goes wrong: Intacct is slow, and several runs post the same plan beside each other.

The books come right on such a day whoever sends what, as each document has one control id. But every request costs time
and money, and runs that take each other's work away fail each other's tries: so each document is sent once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.faults.network import Weather

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule

SHARE = 0.1
"""Of the days of kind ``writes``."""
WEATHER = Weather(work=0.8)
VENDOR = {"session_duration": timedelta(minutes=360), "concurrency": 3}


def is_calm(seed: int, kind: str) -> bool:
    return kind == "writes" and Random(f"{seed}/calm").random() < SHARE  # noqa: S311


def beginnings(rng: Random) -> list[float]:
    """When the runs begin, in seconds."""
    return [1.0, *(1.0 + rng.choice([0.0, 0.5, 3.0, 60.0]) for _ in range(rng.randint(1, 2)))]


def sent_twice(schedule: Schedule) -> Iterator[str]:
    for controlid, times in (schedule.network.carried_out or {}).items():
        if times > 1:
            yield f"control id {controlid[:12]} was sent {times} times on a calm day"
