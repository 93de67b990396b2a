"""The twins' clock: real time until someone stops, sets or advances it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC time. ``set`` moves it and lets it run on; ``stop`` freezes it, ``start`` lets it run again."""

    def __init__(self, start: datetime | None = None, *, stopped: bool = False) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta(0)
        self._stopped_at: datetime | None = None
        if start is not None:
            self.set(start)
        if stopped:
            self.stop()

    def now(self) -> datetime:
        with self._lock:
            return self._now()

    def set(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("the clock needs an aware time, for example 2026-11-16T09:00:00+00:00")
        with self._lock:
            if self._stopped_at is not None:
                self._stopped_at = moment.astimezone(UTC)
            self._offset = moment.astimezone(UTC) - datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._offset += timedelta(seconds=seconds)
            if self._stopped_at is not None:
                self._stopped_at += timedelta(seconds=seconds)

    def stop(self) -> None:
        with self._lock:
            self._stopped_at = self._now()

    def start(self) -> None:
        with self._lock:
            if self._stopped_at is not None:
                self._offset = self._stopped_at - datetime.now(UTC)
                self._stopped_at = None

    def set_real(self) -> None:
        """Back to real time, running."""
        with self._lock:
            self._offset = timedelta(0)
            self._stopped_at = None

    @property
    def stopped(self) -> bool:
        return self._stopped_at is not None

    def _now(self) -> datetime:
        return self._stopped_at if self._stopped_at is not None else datetime.now(UTC) + self._offset
