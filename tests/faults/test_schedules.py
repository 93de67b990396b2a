"""A share of the bad days in every test run: fixed seeds, and fresh ones that are printed. ``bin/faults`` runs more."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.quiet import quiet
from tests.faults.runner import Bench

FIXED = {"writes": 60, "posting": 12, "whole": 4}
FRESH = 20


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with quiet():
        yield Bench()


def bad(bench: Bench, seeds: Iterator[int] | range, **options: Any) -> list[str]:
    verdicts = (bench.run(seed, **options) for seed in seeds)
    return [f"{verdict} (bin/faults --seed {verdict.seed})" for verdict in verdicts if not verdict.good]


@pytest.mark.parametrize("kind", FIXED)
def test_after_a_bad_day_every_deal_has_its_one_invoice_and_running_again_sends_nothing(
    bench: Bench, kind: str
) -> None:
    assert bad(bench, range(FIXED[kind]), kind=kind) == []


def test_fresh_seeds_are_as_good_as_those_known(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    first = random.SystemRandom().randrange(10**6, 10**9)
    with capsys.disabled():
        print(f"\nfresh seeds: bin/faults --from {first} --schedules {FRESH}")  # noqa: T201
    assert bad(bench, range(first, first + FRESH)) == []


def test_a_naive_design_fails_on_such_days(bench: Bench) -> None:
    verdicts = [bench.run(seed, kind="writes", control=True) for seed in range(12)]
    assert sum(not verdict.good for verdict in verdicts) >= 6
    assert sum(verdict.duplicates for verdict in verdicts) >= 6


@pytest.mark.parametrize(("seed", "kind"), [(3, "writes"), (5, "posting"), (7, "whole")])
def test_the_same_seed_makes_the_same_calls(bench: Bench, seed: int, kind: str) -> None:
    assert bench.run(seed, kind=kind).digest == bench.run(seed, kind=kind).digest


def test_bad_days_over_each_engine_end_well(database_url: str) -> None:
    with quiet():
        bench = Bench(database_url if database_url.startswith("postgresql") else None)
        assert bad(bench, range(100, 112), kind="writes") == []
