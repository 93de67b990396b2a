"""The call log: what was asked of the twins and what they answered, bounded in memory, secrets masked."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

WINDOW_SECONDS = 10
_MAX_LABELS = 2_000
_OTHER = "(other)"


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it is shown under ``/_sandbox/calls``.

    ``received_at`` is real time in UTC, whatever the twins' clock says; ``ms`` runs from the request's last
    byte to the answer's last byte. ``status`` is ``None`` where a fault left the call without an answer;
    ``fault`` names it and ``executed`` tells whether the twin did what was asked. Bodies are cut to the log's
    limit.
    """

    seq: int
    system: str
    label: str
    method: str
    path: str
    query: str
    request_headers: dict[str, str]
    request_body: str
    status: int | None
    response_headers: dict[str, str]
    response_body: str
    received_at: str
    ms: float
    fault: str | None = None
    executed: bool = True

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def size(self) -> int:
        headers = sum(map(len, (*self.request_headers.values(), *self.response_headers.values())))
        return 500 + len(self.request_body) + len(self.response_body) + headers


@dataclass(slots=True)
class _Load:
    """What one system had to bear."""

    calls: int = 0
    running: int = 0
    peak: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    windows: dict[int, Counter[str]] = field(default_factory=dict)


class CallLog:
    """Keeps the newest calls (at most ``max_calls`` and ``max_bytes``) and exact counts of all of them."""

    def __init__(
        self,
        *,
        body_limit: int = 4096,
        max_calls: int = 20_000,
        max_bytes: int = 64 * 1024 * 1024,
        max_windows: int = 720,
    ) -> None:
        self.body_limit = body_limit
        self._max_calls = max_calls
        self._max_bytes = max_bytes
        self._max_windows = max_windows
        self._lock = threading.Lock()
        self._seq = 0
        self._start()

    def _start(self) -> None:
        self._calls: deque[Call] = deque()
        self._bytes = 0
        self._load: dict[str, _Load] = {}

    @property
    def last_seq(self) -> int:
        """The number of the newest call; 0 before the first."""
        return self._seq

    def clear(self) -> None:
        """Forget all calls and counts; ``seq`` goes on, so that a reader's ``since`` stays valid."""
        with self._lock:
            running = {system: load.running for system, load in self._load.items()}
            self._start()
            for system, number in running.items():
                self._load[system] = _Load(running=number, peak=number)

    def begin(self, system: str) -> None:
        """A call of this system has arrived; ``end`` must follow."""
        with self._lock:
            load = self._load.setdefault(system, _Load())
            load.running += 1
            load.peak = max(load.peak, load.running)

    def end(self, system: str) -> None:
        with self._lock:
            self._load[system].running -= 1

    def add(self, **fields: Any) -> Call:
        """Append a finished call (all fields of ``Call`` but ``seq``); the returned call carries its
        ``seq``."""
        with self._lock:
            self._seq += 1
            call = Call(seq=self._seq, **fields)
            self._calls.append(call)
            self._bytes += call.size()
            while len(self._calls) > self._max_calls or self._bytes > self._max_bytes:
                self._bytes -= self._calls.popleft().size()
            self._count(call)
            return call

    def _count(self, call: Call) -> None:
        load = self._load.setdefault(call.system, _Load())
        label = call.label if call.label in load.labels or len(load.labels) < _MAX_LABELS else _OTHER
        load.calls += 1
        load.labels[label] += 1
        moment = datetime.fromisoformat(call.received_at)
        window = int(moment.timestamp()) // WINDOW_SECONDS * WINDOW_SECONDS
        load.windows.setdefault(window, Counter())[label] += 1
        while len(load.windows) > self._max_windows:
            del load.windows[min(load.windows)]

    def calls(
        self, *, system: str | None = None, since: int = 0, label: str = "", limit: int | None = None
    ) -> Iterator[Call]:
        """The kept calls in order, those after ``since``, of one system, whose label starts with ``label``.
        ``limit`` keeps the newest ones."""
        with self._lock:
            kept = list(self._calls)
        chosen = [
            call for call in kept if call.seq > since and system in {None, call.system} and call.label.startswith(label)
        ]
        return iter(chosen if limit is None else chosen[max(0, len(chosen) - limit) :])

    def find(self, seq: int) -> Call | None:
        """The call with this number, ``None`` if it was never made or is no longer kept."""
        with self._lock:
            return next((call for call in reversed(self._calls) if call.seq == seq), None)

    def counts(self) -> dict[str, Any]:
        """``{"calls", "last_seq", "systems": {name: {"calls", "peak_concurrency", "labels": {label: calls},
        "windows": [{"start", "calls", "labels"}]}}}``; a window is 10 seconds of real time."""
        with self._lock:
            systems = {
                name: {
                    "calls": load.calls,
                    "peak_concurrency": load.peak,
                    "labels": dict(sorted(load.labels.items())),
                    "windows": [
                        {
                            "start": datetime.fromtimestamp(start, UTC).isoformat(),
                            "calls": sum(labels.values()),
                            "labels": dict(sorted(labels.items())),
                        }
                        for start, labels in sorted(load.windows.items())
                    ],
                }
                for name, load in sorted(self._load.items())
            }
            total = sum(load.calls for load in self._load.values())
            return {"calls": total, "last_seq": self._seq, "systems": systems}
