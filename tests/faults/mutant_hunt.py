"""The hunt for planted bugs: each must be found by the schedules within a thousand seeds of its kind."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.judge import Verdict
from tests.faults.mutants import MUTANTS

SEEDS = 1000


@dataclass(frozen=True)
class Hunted:
    """``verdict`` is of the first seed that finds the mutant, ``None`` where none of the ``seeds`` that were tried
    does."""

    mutant: int
    seeds: int
    verdict: Verdict | None


def hunted(processes: int, most: int = SEEDS) -> Iterator[Hunted]:
    """Each mutant, planted in a process of its own and looked for with the seeds from 0 on; the long hunts first."""
    order = sorted(range(len(MUTANTS)), key=lambda index: MUTANTS[index].kind != "whole")
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(_hunted, [(index, most) for index in order], chunksize=1)


def _hunted(work: tuple[int, int]) -> Hunted:
    from tests.faults.runner import Bench

    index, most = work
    logging.disable(logging.CRITICAL)
    bench = Bench()
    MUTANTS[index].plant()
    for seed in range(most):
        verdict = bench.run(seed, kind=MUTANTS[index].kind)
        if not verdict.good:
            verdict.trace.clear()
            return Hunted(index, seed + 1, verdict)
    return Hunted(index, most, None)
