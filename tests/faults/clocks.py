"""Clocks that are wrong: that of our machines, Intacct's, HubSpot's. Twenty seconds between our own machines are drawn
elsewhere (``Schedule.machine``)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

HOUR = 3600.0
DAY = 24 * HOUR


@dataclass
class Clocks:
    """``ours``: seconds by which all clocks of ours are ahead of the right time; ``theirs``: system -> how far its own
    clock is. ``set_right``: somebody reads the warning and sets ours right before the good days."""

    ours: float = 0.0
    theirs: dict[str, timedelta] = field(default_factory=dict)
    set_right: bool = False

    @classmethod
    def drawn(cls, seed: int) -> Clocks:
        """On half of the days all are right."""
        rng = random.Random(f"{seed}/clocks")  # noqa: S311
        if rng.random() < 0.5:
            return cls()
        ours = rng.choice([0.0, DAY, -DAY, rng.uniform(-DAY, DAY), rng.choice([-2 * HOUR, 2 * HOUR])])
        theirs = {
            name: timedelta(seconds=rng.choice([0.0, 0.0, 0.0, DAY, -DAY, rng.uniform(-DAY, DAY)]))
            for name in ("intacct", "hubspot")
        }
        return cls(ours, theirs, rng.random() < 0.5)

    @property
    def wrong(self) -> bool:
        return bool(self.ours or any(self.theirs.values()))

    @property
    def behind(self) -> float:
        """Seconds until our clock says what the most advanced of the systems' clocks says now."""
        return max(0.0, *(ahead.total_seconds() - self.ours for ahead in self.theirs.values()), -self.ours)

    def __str__(self) -> str:
        told = {"ours": self.ours, **{name: ahead.total_seconds() for name, ahead in self.theirs.items()}}
        return ", ".join(f"{name} {seconds / HOUR:+.1f} h" for name, seconds in told.items())
