"""Rates: how often something can be done in a second, in rounds that alternate with those of its counterpart."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """``per_second`` and ``bare_per_second`` count ``of`` (pages, invoices); ``name`` tells figures apart."""

    name: str
    of: str
    per_second: float
    bare_per_second: float

    @property
    def ratio(self) -> float:
        """How much of the bare counterpart's speed is reached."""
        return self.per_second / self.bare_per_second

    def to_json(self) -> dict[str, Any]:
        return {
            "of": self.of,
            "per_second": round(self.per_second, 1),
            "bare_per_second": round(self.bare_per_second, 1),
            "ratio": float(f"{self.ratio:.3g}"),
        }


def compared(
    name: str, of: str, work: Callable[[], object], bare: Callable[[], object], seconds: float, each: int = 1
) -> Measured:
    """Both done over and over by turns, ``ROUNDS`` times ``seconds`` each; the rates are the medians of the rounds.
    ``each`` is how many ``of`` come from doing it once."""
    rates: list[float] = []
    bare_rates: list[float] = []
    for _ in range(ROUNDS):
        rates.append(each * _rate(work, seconds))
        bare_rates.append(each * _rate(bare, seconds))
    return Measured(name, of, statistics.median(rates), statistics.median(bare_rates))


def _rate(work: Callable[[], object], seconds: float) -> float:
    work()  # Not counted: opens connections, fills caches.
    done, started = 0, time.perf_counter()
    while (taken := time.perf_counter() - started) < seconds or not done:
        work()
        done += 1
    return done / taken
