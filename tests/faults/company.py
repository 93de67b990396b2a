"""Small demo companies in both twins, put back to their first state for every schedule by copying their databases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from include.sandbox.company import generate
from include.sandbox.exchange import Request, Twin
from include.sandbox.hubspot.twin import HubSpotTwin
from include.sandbox.intacct.twin import IntacctTwin

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
STARTS = (
    MONDAY,
    datetime(2026, 11, 30, 22, 30, tzinfo=UTC),  # a month ends, in each entity at another instant
    datetime(2027, 3, 14, 8, 0, tzinfo=UTC),  # New York loses an hour
    datetime(2027, 3, 28, 0, 10, tzinfo=UTC),  # London and Berlin lose one
    datetime(2027, 10, 31, 0, 10, tzinfo=UTC),  # and get it back
    datetime(2028, 2, 28, 22, 0, tzinfo=UTC),  # a leap day follows
)
ZONES = tuple(map(ZoneInfo, ("America/New_York", "Europe/London", "Europe/Berlin")))
"""Of the company's entities."""
SEEDS = (1, 2, 3)
DEALS = (2, 3, 4)


class MovingClock:
    """The right time; a schedule sets ``now``."""

    def __init__(self) -> None:
        self.now: Any = lambda: MONDAY


class OwnClock:
    """A twin's clock: ``ahead`` of the right one by what stands there under its name."""

    def __init__(self, name: str, right: MovingClock, ahead: Mapping[str, timedelta]) -> None:
        self._name, self._right, self._ahead = name, right, ahead

    def now(self) -> datetime:
        now: datetime = self._right.now()
        return now + self._ahead.get(self._name, timedelta())


@dataclass
class Company:
    """The twins with one company, and what must become of its deals."""

    intacct: IntacctTwin
    hubspot: HubSpotTwin
    clock: MovingClock
    manifest: Mapping[str, Any]
    virgin: tuple[bytes, bytes]
    prepared: tuple[bytes, bytes]
    decisions: list[dict[str, Any]]
    ahead: dict[str, timedelta] = field(default_factory=dict)
    """How far a twin's clock is ahead of the right one."""

    @classmethod
    def make(cls, deals: int, seed: int) -> Company:
        clock, ahead = MovingClock(), dict[str, timedelta]()
        clocks: Any = {name: OwnClock(name, clock, ahead) for name in ("intacct", "hubspot")}
        intacct = IntacctTwin(":memory:", clocks["intacct"], gzip_responses=False)
        hubspot = HubSpotTwin(":memory:", clocks["hubspot"])
        made = generate(deals, seed)
        twins: tuple[Twin, Twin] = (intacct, hubspot)
        for twin in twins:
            twin.load(made.records(twin.name))
        manifest = json.loads(b"".join(made.manifest_json()))
        both = (intacct.snapshot(), hubspot.snapshot())
        return cls(intacct, hubspot, clock, manifest, both, both, [], ahead)

    def keep(self, decisions: list[dict[str, Any]]) -> None:
        """The twins are prepared now (properties are defined), and this is the plan for their deals."""
        self.prepared, self.decisions = (self.intacct.snapshot(), self.hubspot.snapshot()), decisions

    def put_back(self, intacct: Mapping[str, Any], hubspot: Mapping[str, Any], *, virgin: bool = False) -> None:
        """The company as it was, in twins with these switches; ``virgin``: Tieout was never there."""
        books, account = self.virgin if virgin else self.prepared
        self.intacct.restore(books, gzip_responses=False, **intacct)
        self.hubspot.restore(account, **hubspot)

    def now(self, system: str) -> datetime:
        """What the system's own clock says."""
        return OwnClock(system, self.clock, self.ahead).now()

    def owner(self, request: Request) -> Twin:
        return self.intacct if self.intacct.owns(request) else self.hubspot
