"""How many calls run at once, and which control ids are still running."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime


class Gate:
    """Admits up to ``limit`` calls at a time; 0 admits all. Keeps the peak for the call log."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._inside = 0
        self.peak = 0

    def enter(self) -> bool:
        with self._lock:
            if self._limit and self._inside >= self._limit:
                return False
            self._inside += 1
            self.peak = max(self.peak, self._inside)
            return True

    def leave(self) -> None:
        with self._lock:
            self._inside = max(0, self._inside - 1)


class Running:
    """Control ids of calls in progress; a fault can mark one as running until a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count: dict[str, int] = {}
        self._until: dict[str, datetime] = {}

    def enter(self, controlids: Iterable[str], now: datetime) -> frozenset[str]:
        """Mark these as running; the answer are those that another call was already running."""
        with self._lock:
            wanted = set(controlids)
            self._until = {key: until for key, until in self._until.items() if until > now}
            busy = frozenset(key for key in wanted if self._count.get(key) or key in self._until)
            for key in wanted:
                self._count[key] = self._count.get(key, 0) + 1
            return busy

    def leave(self, controlids: Iterable[str]) -> None:
        with self._lock:
            for key in set(controlids):
                left = self._count.get(key, 0) - 1
                if left > 0:
                    self._count[key] = left
                else:
                    self._count.pop(key, None)

    def mark(self, controlid: str, until: datetime) -> None:
        with self._lock:
            self._until[controlid] = until

    def clear(self) -> None:
        with self._lock:
            self._until.clear()
