"""Runs of many schedules, in as many processes as there are processors."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
from collections.abc import Iterable, Iterator

from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from tests.faults.airflow import DagRun
from tests.faults.company import DEALS, SEEDS, Company
from tests.faults.judge import Verdict
from tests.faults.network import Weather
from tests.faults.quiet import quiet
from tests.faults.schedule import Schedule
from tests.faults.state import State
from tests.faults.world import free_cached_properties, simulated
from tieout import steps

_BATCH = 25


class Bench:
    """What one process needs for its schedules: the companies and the state database."""

    def __init__(self, postgres: str | None = None) -> None:
        free_cached_properties()
        self.state = State(postgres)
        self.companies = [Company.make(deals, seed) for deals in DEALS for seed in SEEDS]
        for company in self.companies:
            company.keep(self._decisions(company))
        gc.collect()
        gc.freeze()  # what is there now stays; looking through it again and again takes a third of the time
        gc.set_threshold(100_000, 20, 20)

    def schedule(self, seed: int, **options: object) -> Schedule:
        return Schedule(seed, self.companies, self.state, **options)  # type: ignore[arg-type]

    def run(self, seed: int, **options: object) -> Verdict:
        """The verdict of one schedule; what breaks the schedule itself is a bad verdict too."""
        schedule = self.schedule(seed, **options)
        try:
            return schedule.run()
        except Exception as error:
            schedule.verdict.wrong.append(f"the schedule broke: {type(error).__name__}: {error}"[:300])
            schedule.verdict.stuck += 1
            return schedule.verdict

    def _decisions(self, company: Company) -> list[dict[str, object]]:
        """The plan for the company's deals, made on a good day."""
        schedule = Schedule(0, [company], self.state, kind="whole")
        schedule.network.weather = Weather()
        self.state.empty()
        company.put_back({}, {})
        company.clock.now = schedule.timeline.now
        company.ahead.clear()
        with simulated(schedule.timeline, schedule.network, 0):
            run = schedule.open(DagRun(schedule, won_deals.FLOW, "plan", "manual"), ("slices", -1), 1)
            (ids,) = steps.slices(run)
            return steps.plan(run, steps.extract(run, ids))


def verdicts(
    seeds: Iterable[int], workers: int = 0, postgres: str | None = None, **options: object
) -> Iterator[Verdict]:
    """Each seed's verdict, in no order, with traces of the bad ones only."""
    listed = list(seeds)
    batches = [(listed[n : n + _BATCH], options) for n in range(0, len(listed), _BATCH)]
    count = min(workers or os.cpu_count() or 1, len(batches))
    if count <= 1 or postgres:
        with quiet():
            bench = Bench(postgres)
            yield from (_short(bench.run(seed, **options)) for seed in listed)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(count, _begin) as pool:
        for done in pool.imap_unordered(_batch, batches):
            yield from done


_bench: Bench


def _begin() -> None:
    global _bench
    logging.disable(logging.CRITICAL)
    _bench = Bench()


def _batch(work: tuple[list[int], dict[str, object]]) -> list[Verdict]:
    seeds, options = work
    return [_short(_bench.run(seed, **options)) for seed in seeds]


def _short(verdict: Verdict) -> Verdict:
    if verdict.good:
        verdict.trace.clear()
    return verdict
