"""What a check found: one sentence each, with its remedy where something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from include.core.decisions import Json
from include.core.settings_problems import Problem

State = Literal["ok", "problem", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, in ``system`` (``hubspot``, ``intacct``, ``settings``). ``unknown`` is what a
    system does not tell: no problem by itself."""

    system: str
    subject: str
    state: State
    message: str

    @classmethod
    def of(cls, problem: Problem) -> Finding:
        """A problem of the settings, with file, line, key, value and remedy."""
        return cls("settings", problem.file, "problem", str(problem))

    def to_json(self) -> Json:
        return asdict(self)


def problems(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state == "problem"]


def in_a_table(findings: Sequence[Finding]) -> str:
    """Problems first; columns as wide as their texts, the message last."""
    order = {"problem": 0, "unknown": 1, "ok": 2}
    rows = [
        (one.state.upper() if one.state == "problem" else one.state, one.system, one.subject, one.message)
        for one in sorted(findings, key=lambda one: (order[one.state], one.system))
    ]
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(3)]
    return "\n".join(
        "  ".join([*(text.ljust(width) for text, width in zip(row[:3], widths, strict=True)), row[3]]) for row in rows
    )
