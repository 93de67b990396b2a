"""HubSpot's limits as this client keeps them: calls per rolling ten seconds, and searches per second.

The allowance (usage guidelines) is per app and account, so it is divided by the number of slots of the
Airflow pool that all callers share; a tenth is left for others who use the same token. Search is limited to
five a second per *account*; we take four. The connection's tier is a starting value: the first reply's
headers say what really holds.
"""

from __future__ import annotations

import enum
import threading
from collections import deque
from collections.abc import Callable, Mapping

from include.core.errors import SettingsError

TIERS = {"free": (100, 100), "starter": (100, 100), "professional": (190, 150), "enterprise": (190, 200)}
"""Calls per ten seconds, and association calls per ten seconds."""
INTERVAL = 10.0
SEARCHES_PER_SECOND = 4
_SHARE = 0.9
_RESERVE = 0.05


class Bucket(enum.Enum):
    """What a call counts as."""

    GENERAL = "any call"
    ASSOCIATIONS = "association batches, with an allowance of their own"
    SEARCH = "searches"


class RollingWindow:
    """Never more than ``allowance`` calls in any ``interval`` seconds. Not locked: its owner is."""

    def __init__(self, allowance: float, interval: float) -> None:
        self._went: deque[float] = deque()
        self.allow(allowance, interval)

    def allow(self, allowance: float, interval: float) -> None:
        """Change the allowance; below one call it becomes one call in a longer interval."""
        self.allowance = max(1, int(allowance))
        self.interval = interval if allowance >= 1 else interval / allowance

    def reserve(self, now: float) -> float:
        """Take the next free place; returns the moment, ``now`` or later, at which the call may go."""
        while self._went and self._went[0] <= now - self.interval:
            self._went.popleft()
        go = max(now, self._went[-1]) if self._went else now
        if len(self._went) >= self.allowance:
            go = max(go, self._went[-self.allowance] + self.interval)
        self._went.append(go)
        return go


class Limits:
    """The limits of one client that has one of ``slots`` equal shares.

    ``now`` tells seconds on any steady clock, ``wait`` sleeps that many. Raises ``SettingsError`` for an unknown tier.
    """

    def __init__(self, tier: str, slots: int, now: Callable[[], float], wait: Callable[[float], None]) -> None:
        if tier not in TIERS:
            raise SettingsError(f"The HubSpot tier {tier!r} is not one of {', '.join(TIERS)}.", system="hubspot")
        if slots < 1:
            raise SettingsError("The number of HubSpot slots must be at least 1.", system="hubspot")
        self._slots = slots
        self._now = now
        self._wait = wait
        self._lock = threading.Lock()
        calls, associations = TIERS[tier]
        self._windows = {
            Bucket.GENERAL: RollingWindow(_SHARE * calls / slots, INTERVAL),
            Bucket.ASSOCIATIONS: RollingWindow(_SHARE * associations / slots, INTERVAL),
            Bucket.SEARCH: RollingWindow(SEARCHES_PER_SECOND / slots, 1.0),
        }
        self._not_before = 0.0

    def allowance(self, bucket: Bucket = Bucket.GENERAL) -> tuple[int, float]:
        """Calls of this client in any so many seconds."""
        window = self._windows[bucket]
        return window.allowance, window.interval

    def admit(self, bucket: Bucket) -> None:
        """Wait until one more call may be sent.

        Searches and association batches take a place in the general window too: whether HubSpot exempts them from it
        is not certain, and a client does one call at a time, so the place costs nothing.
        """
        with self._lock:
            now = self._now()
            go = max(now, self._not_before)
            if bucket is not Bucket.GENERAL:
                go = self._windows[bucket].reserve(go)
            go = self._windows[Bucket.GENERAL].reserve(go)
        if go > now:
            self._wait(go - now)

    def learn(self, bucket: Bucket, headers: Mapping[str, str]) -> None:
        """Adapt to ``X-HubSpot-RateLimit-*`` (absent on search): its allowance replaces the tier's, and when nearly
        all of it is used (others share it) the next call waits a tenth of the interval."""
        allowed = _number(headers, "Max")
        if allowed is None or bucket is Bucket.SEARCH:
            return
        milliseconds = _number(headers, "Interval-Milliseconds")
        interval = milliseconds / 1000 if milliseconds else INTERVAL
        remaining = _number(headers, "Remaining", least=0)
        with self._lock:
            self._windows[bucket].allow(_SHARE * allowed / self._slots, interval)
            if remaining is not None and remaining <= _RESERVE * allowed:
                self._not_before = self._now() + interval / 10


def _number(headers: Mapping[str, str], name: str, least: int = 1) -> int | None:
    text = headers.get(f"X-HubSpot-RateLimit-{name}", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return int(text) if int(text) >= least else None
