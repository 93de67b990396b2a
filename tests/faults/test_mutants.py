"""A fixed share of the planted bugs in every test run; ``bin/faults --mutants`` plants them all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.mutants import MUTANTS
from tests.faults.quiet import quiet
from tests.faults.runner import Bench

QUICK = (
    "skips the read-back after an unknown outcome",
    "ignores partial failures: the first answer counts for all",
    "raises the epoch on mere absence",
    "uses a new control id at every send",
    "takes a lost answer for a success",
    "takes a claim that another worker still holds",
    "moves the cursor before the work is done",
    "moves the cursor past what was left undone",
)
"""Found within a few seeds."""
SEEDS = {"writes": 100, "whole": 12}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with quiet():
        yield Bench()


@pytest.mark.parametrize("what", QUICK)
def test_a_planted_bug_is_found_on_days_that_the_clean_code_passes(bench: Bench, what: str) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.what == what)
    right = mutant.plant()
    try:
        days = (seed for seed in range(SEEDS[mutant.kind]) if not bench.run(seed, kind=mutant.kind).good)
        found = next(days, None)
    finally:
        right()
    assert found is not None
    assert bench.run(found, kind=mutant.kind).good


def test_there_are_twenty_planted_bugs() -> None:
    assert len({mutant.what for mutant in MUTANTS}) == 20


def test_each_planted_bug_changes_what_the_product_calls_and_is_taken_back() -> None:
    for mutant in MUTANTS:
        before = mutant.planted()
        right = mutant.plant()
        assert mutant.planted() is not before
        right()
        assert mutant.planted() is before
