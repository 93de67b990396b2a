"""What one sandbox consists of: the twins, their clock, the call log, the faults, and what was seeded."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from include.sandbox.calls import CallLog
from include.sandbox.clock import Clock
from include.sandbox.company import PROFILES as COMPANIES
from include.sandbox.company import Company, generate
from include.sandbox.exchange import Request, Twin
from include.sandbox.faults import FaultBook
from include.sandbox.mail.messages import Messages
from include.sandbox.mail.slack import SlackTwin

PROFILES = (*COMPANIES, "empty")
MOST = 1_000_000


class SeedError(ValueError):
    """The sandbox cannot be seeded like that; the message says why."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the twins were filled with. The same numbers give the same company."""

    profile: str = "empty"
    deals: int = 0
    seed: int = 1
    invoices: int = 0

    def company(self) -> Company:
        return generate(self.deals, self.seed, profile=self.profile, invoices=self.invoices)


class Sandbox:
    """The twins and everything around them, without HTTP.

    ``seedings`` rises whenever the twins are emptied or filled. ``data`` is the folder in which ``Seeded`` is
    remembered beside the twins' files; ``None`` forgets it at exit.
    """

    def __init__(
        self,
        twins: Sequence[Twin],
        clock: Clock,
        *,
        calls: CallLog | None = None,
        faults: FaultBook | None = None,
        data: Path | None = None,
    ) -> None:
        self.twins = {twin.name: twin for twin in twins}
        self.clock = clock
        self.calls = calls or CallLog()
        self.faults = faults or FaultBook()
        self.messages = Messages(clock)
        self._slack = SlackTwin(self.messages)
        self._note = data / "seeded.json" if data else None
        self._seeding = threading.Lock()
        self.seedings = 0
        self.seeded = self._remembered()

    def owner(self, request: Request) -> Twin | None:
        """The twin that this path belongs to."""
        return next((twin for twin in (*self.twins.values(), self._slack) if twin.owns(request)), None)

    def reset(self) -> None:
        """Empty twins, no faults, no calls, and the clock back on real time."""
        with self._seeding:
            self._empty()
            self.faults.remove()
            self.calls.clear()
            self.clock.set_real()

    def seed(self, profile: str = "demo", deals: int = 60, seed: int = 1, invoices: int = 0) -> dict[str, Any]:
        """Empty the twins and fill them with ``deals`` won deals and at least ``invoices`` older invoices. Answers
        what was done, with the number of records per system and the
        seconds it took. Raises ``SeedError`` for an unknown profile, a size out of range, or while another
        seeding is under way."""
        if profile not in PROFILES:
            raise SeedError(f"unknown profile {profile!r}; known are {', '.join(PROFILES)}")
        for name, number in (("deals", deals), ("invoices", invoices)):
            if not 0 <= number <= MOST:
                raise SeedError(f"{name} must lie between 0 and {MOST:,}, not {number}")
        if not self._seeding.acquire(blocking=False):
            raise SeedError("the twins are being seeded already; wait until that is done")
        try:
            started = time.perf_counter()
            self._empty()
            counts: Counter[str] = Counter()
            seeded = Seeded()
            if profile != "empty":
                seeded = Seeded(profile, deals, seed, invoices)
                company = seeded.company()
                for name, twin in self.twins.items():
                    twin.load(_counted(company.records(name), name, counts))
            self._remember(seeded)
            seconds = round(time.perf_counter() - started, 3)
            return {**asdict(seeded), "records": dict(counts), "seconds": seconds}
        finally:
            self._seeding.release()

    def manifest(self) -> Iterator[bytes] | None:
        """What must happen to the seeded company's deals, as JSON in pieces; ``None`` while the twins hold no
        company."""
        return None if self.seeded.profile == "empty" else self.seeded.company().manifest_json()

    def books(self, system: str) -> Iterator[Mapping[str, Any]]:
        """A twin's books, record by record. Raises ``KeyError`` for an unknown system."""
        return self.twins[system].export()

    def _empty(self) -> None:
        for twin in self.twins.values():
            twin.reset()
        self.messages.clear()
        self._remember(Seeded())

    def _remember(self, seeded: Seeded) -> None:
        self.seeded = seeded
        self.seedings += 1
        if self._note is not None:
            self._note.write_text(json.dumps(asdict(seeded)))

    def _remembered(self) -> Seeded:
        if self._note is None or not self._note.exists():
            return Seeded()
        return Seeded(**json.loads(self._note.read_text()))


def _counted(records: Iterable[Mapping[str, Any]], name: str, counts: Counter[str]) -> Iterator[Mapping[str, Any]]:
    for record in records:
        counts[name] += 1
        yield record
