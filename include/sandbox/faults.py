"""Faults on order: rules that say which calls are to go wrong, and how.

A rule counts the calls it matches by itself (1, 2, 3, ...); every rule sees every call, and the first one
that fires is applied. So ``nth=3`` of ``label="create_invoice"`` means the third such call, whatever other
rules did before.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from include.sandbox.fault_bodies import BODIES
from include.sandbox.fault_refusals import LEVELS, OFF_LINE

KINDS: dict[str, str] = {
    "lost_before": "the connection closes and nothing is executed",
    "lost_after": "the call is executed and the connection closes without an answer",
    "cut_at": "the answer breaks off after byte `at` of its body",
    "status": "an error status in the service's own words (429, 5xx) instead of the answer",
    "html_200": "status 200 with a page of HTML instead of the answer",
    "garbage": "status 200 with bytes that no parser can read",
    "slow": "the answer starts `ms` milliseconds late",
    "slow_body": "the answer trickles in over `ms` milliseconds",
    "stall": "no answer for `seconds`, then the connection closes",
    "session_expired": "the session or token is no longer valid",
    "refusal": "Intacct refuses in an XML answer with status 200, with `message` and `errorno` at `level`",
    "gzip": "the answer comes compressed although nobody asked for that",
    "gzip_broken": "the answer claims to be compressed and is not",
}
_EXECUTES = {"lost_after", "cut_at", "garbage", "slow", "slow_body", "stall", "gzip", "gzip_broken"}
_ALWAYS = {"slow", "slow_body", "cut_at", "lost_after", "gzip"}
_NEVER = {"lost_before", "session_expired"}
_INTACCT_ONLY = {"refusal"}
_BY_NAME_ONLY = {"mail", "slack"}
_TEXTS = ("label", "path", "method", "policy", "body", "retry_after", "level", "errorno", "message", "correction")


class FaultError(ValueError):
    """The rule makes no sense; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which calls go wrong, and how.

    Which: ``system`` (if it is missing both twins, not ``mail`` and ``slack``), ``label`` and ``path`` (regular
    expressions, searched in the label and in the path),
    ``method``; of those the ``nth`` one, every ``every``-th one, or each with ``probability`` (drawn from
    ``seed``); at most ``count`` times. Without any of these every matching call is hit. How: ``kind`` (see
    ``KINDS``) with ``at`` (bytes), ``ms``, ``seconds``, ``status``, ``policy`` (of HubSpot's 429),
    ``body`` (of a status: as the service gives it, or ``fault_bodies.BODIES``), ``retry_after`` (that header, as it
    is to be sent), ``errorno``, ``message``, ``correction`` and ``level`` (of Intacct's refusals, and ``errorno`` of
    its gateway's statuses) and ``executed`` (whether the twin does what was asked, where the kind leaves it open).
    """

    kind: str
    system: str | None = None
    label: str = ""
    path: str = ""
    method: str = ""
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    count: int | None = None
    at: int = 64
    ms: int = 1000
    seconds: float = 30.0
    status: int = 503
    policy: str = "TEN_SECONDLY_ROLLING"
    body: str = ""
    retry_after: str = ""
    level: str = "function"
    errorno: str = ""
    message: str = OFF_LINE
    correction: str = ""
    executed: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rule:
        """Raises ``FaultError`` for an unknown kind or field, a wrong type or a value out of range."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise FaultError(f"unknown field {unknown[0]!r}; known are {', '.join(sorted(known))}")
        kind = data.get("kind")
        if kind not in KINDS:
            raise FaultError(f"unknown kind {kind!r}; known are {', '.join(KINDS)}")
        default = {"executed": kind in _EXECUTES}
        rule = cls(**{**default, **data})
        _check(rule)
        return rule

    @property
    def executes(self) -> bool:
        """Whether the twin does what was asked when this rule fires."""
        return self.kind in _ALWAYS or (self.executed and self.kind not in _NEVER)

    def matches(self, system: str, label: str, method: str, path: str) -> bool:
        return (
            (self.system == system or (self.system is None and system not in _BY_NAME_ONLY))
            and (system == "intacct" or self.kind not in _INTACCT_ONLY)
            and (not self.method or self.method.upper() == method)
            and (not self.label or re.search(self.label, label) is not None)
            and (not self.path or re.search(self.path, path) is not None)
        )


def _check(rule: Rule) -> None:
    for name in _TEXTS:
        if not isinstance(getattr(rule, name), str):
            raise FaultError(f"{name} must be text")
    for name in ("nth", "every", "count", "at", "ms", "status", "seed"):
        value = getattr(rule, name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise FaultError(f"{name} must be a whole number, not {value!r}")
    for name, low in (("nth", 1), ("every", 1), ("count", 1), ("at", 0), ("ms", 0)):
        value = getattr(rule, name)
        if value is not None and value < low:
            raise FaultError(f"{name} must be at least {low}, not {value}")
    if not 400 <= rule.status <= 599:
        raise FaultError(f"status must be an error status from 400 to 599, not {rule.status}")
    for name, known in (("body", ("", *BODIES)), ("level", LEVELS)):
        if getattr(rule, name) not in known:
            raise FaultError(f"{name} must be one of {', '.join(filter(None, known))}, not {getattr(rule, name)!r}")
    if rule.kind in _INTACCT_ONLY and rule.system not in {None, "intacct"}:
        raise FaultError(f"only Intacct answers with a {rule.kind}; leave system out or say intacct")
    if not rule.retry_after.isprintable():
        raise FaultError("retry_after must be one line of text")
    if rule.probability is not None and not 0 <= float(rule.probability) <= 1:
        raise FaultError(f"probability must lie between 0 and 1, not {rule.probability}")
    if not 0 <= float(rule.seconds) <= 3600:
        raise FaultError(f"seconds must lie between 0 and 3600, not {rule.seconds}")
    for pattern in (rule.label, rule.path):
        try:
            re.compile(pattern)
        except re.error as error:
            raise FaultError(f"{pattern!r} is no regular expression: {error}") from None


@dataclass(slots=True)
class _Standing:
    """A rule in force, with what it has seen."""

    id: int
    rule: Rule
    drawn: random.Random
    seen: int = 0
    fired: int = 0

    def fires(self) -> bool:
        """Counts one matching call and tells whether it goes wrong."""
        self.seen += 1
        rule = self.rule
        hit = (
            (rule.nth is None or self.seen == rule.nth)
            and (rule.every is None or self.seen % rule.every == 0)
            and (rule.probability is None or self.drawn.random() < rule.probability)
        )
        return hit and (rule.count is None or self.fired < rule.count)


class FaultBook:
    """The rules in force. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: list[_Standing] = []
        self._last_id = 0

    def add(self, rule: Rule) -> int:
        """Put a rule in force; its number comes back."""
        with self._lock:
            self._last_id += 1
            # A seeded generator is the point here: the same seed hits the same calls.
            drawn = random.Random(rule.seed)  # noqa: S311
            self._standing.append(_Standing(self._last_id, rule, drawn=drawn))
            return self._last_id

    def remove(self, rule_id: int | None = None) -> int:
        """Lift one rule, or all of them; the number of lifted rules comes back."""
        with self._lock:
            before = len(self._standing)
            self._standing = [s for s in self._standing if rule_id is not None and s.id != rule_id]
            return before - len(self._standing)

    def pick(self, system: str, label: str, method: str, path: str) -> Rule | None:
        """The fault of this call, ``None`` if it is to go well. Every call of this is one call seen."""
        with self._lock:
            chosen: _Standing | None = None
            for standing in self._standing:
                if standing.rule.matches(system, label, method, path) and standing.fires() and chosen is None:
                    chosen = standing
            if chosen is None:
                return None
            chosen.fired += 1
            return chosen.rule

    def listing(self) -> list[dict[str, Any]]:
        """The rules as JSON values, with ``id``, how many calls each has ``seen`` and how often it has
        ``fired``."""
        with self._lock:
            return [
                {
                    "id": s.id,
                    "seen": s.seen,
                    "fired": s.fired,
                    **{f.name: getattr(s.rule, f.name) for f in fields(Rule)},
                }
                for s in self._standing
            ]
