"""A clock that moves only when somebody waits on it."""

from __future__ import annotations


class VirtualClock:
    def __init__(self) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        assert seconds >= 0
        self.waits.append(seconds)
        self.seconds += seconds
