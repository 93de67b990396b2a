"""One schedule: a bad day of a small company, decided by its seed, then a good one on which everything must come right.

Three kinds, because a whole day costs twenty times as much as its heart. ``writes``: the writes of a plan through the
one write path and the real connector. ``posting``: the load and write-back tasks of a plan. ``whole``: the jobs as
their DAGs run them, from the slices to the cursor, the invoicing of won deals and the display of payments.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

from include.core import crash
from include.flows import run as flow_run
from include.flows.flow import Flow
from include.flows.run import FlowRun
from tests.core.sync.naive import naive_apply
from tests.faults import calm
from tests.faults.airflow import DagRun, Task
from tests.faults.bad_day import BadDay
from tests.faults.clocks import Clocks
from tests.faults.company import MONDAY, STARTS, Company
from tests.faults.crashes import Crashes
from tests.faults.edits import Edits
from tests.faults.healing import Healing
from tests.faults.judge import Verdict
from tests.faults.network import Network, Weather
from tests.faults.people import People
from tests.faults.process_tools import opened
from tests.faults.spells import Spells
from tests.faults.state import State
from tests.faults.timeline import Timeline
from tests.faults.vendors import drawn_vendors, drawn_weather
from tests.faults.world import simulated
from tieout import steps

SHARES = {"writes": 0.8, "posting": 0.15, "whole": 0.05}
"""Of the kinds, where nothing else is asked for."""


class Schedule:
    """``kind``: where the seed is not to decide. ``control``: run the naive design instead."""

    def __init__(
        self,
        seed: int,
        companies: list[Company],
        state: State,
        *,
        kind: str = "",
        control: bool = False,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.seed, self.state, self.control = seed, state, control
        self.rng = random.Random(f"{seed}/plan")  # noqa: S311  a replayable day, no secret
        self.company = self.rng.choice(companies)
        drawn = self.rng.choices(list(SHARES), weights=list(SHARES.values()))[0]
        self.kind = kind or drawn
        self.whole = self.kind == "whole"
        self.timeline = Timeline(self.rng.choice(STARTS) if self.whole and self.rng.random() < 0.5 else MONDAY)
        self.network = Network(
            self.timeline,
            random.Random(f"{seed}/network"),  # noqa: S311
            self.company.owner,
            self.note,
            self.company.now,
        )
        self.crashes = Crashes(self)
        self.people = People(self)
        self.verdict = Verdict(seed, kind=self.kind)
        self.runs: list[DagRun] = []
        self.tell = tell
        self.calm = calm.is_calm(seed, self.kind)
        if self.calm:
            self.network.carried_out = Counter()
        self.restores = self.rng.random() < 0.25 and not self.calm
        self.skew = self.rng.choice([0.0, 0.0, 0.0, 0.0, -90.0, 240.0])
        self.clocks = Clocks.drawn(seed) if self.whole else Clocks()
        self.edits, self.spells = Edits(self), Spells(self)

    def run(self) -> Verdict:
        """The day from its beginning to its judgement."""
        self.state.empty()
        self.company.clock.now = self.timeline.now
        self.company.ahead.clear()
        self.company.ahead.update(self.clocks.theirs)
        self.company.put_back(*self.vendors(), virgin=self.whole and self.rng.random() < 0.2)
        self.state.trouble = self.crashes.trouble
        with (
            simulated(self.timeline, self.network, self.seed),
            patch.object(steps, "SLICE_SIZE", self.rng.choice([4, 500, 500])),
            patch.object(flow_run, "apply", partial(naive_apply, limits=None)) if self.control else nullcontext(),
        ):
            crash.install(self.crashes.point)
            try:
                self.story()
            finally:
                crash.install(None)
                self.state.trouble = lambda: ""
                self.timeline.end()
        self.verdict.digest = self.network.digest.hexdigest()
        self.verdict.requests = len(self.network.calls)
        self.verdict.faults = self.network.faults
        return self.verdict

    def vendors(self) -> tuple[dict[str, Any], dict[str, Any]]:
        intacct, hubspot = drawn_vendors(self.rng, self.restores)
        if self.calm:
            intacct |= calm.VENDOR
        self.note(f"Intacct {intacct}")
        self.note(f"HubSpot {hubspot}")
        return intacct, hubspot

    def story(self) -> None:
        self.note(f"{self.verdict.kind}: {len(self.company.manifest['deals'])} deals from {self.timeline.start}")
        if self.clocks.wrong:
            self.note(f"clocks: {self.clocks}")
            self.network.faults["wrong_clock"] += 1
        if self.whole:
            self.people.keep_some_deals_open()
        self.network.weather = calm.WEATHER if self.calm else drawn_weather(self.rng, self.whole)
        BadDay(self).pass_by()
        self.network.weather = Weather()
        self.note("healing")
        Healing(self).heal()

    # -- the place where the runs' tasks run (``airflow.Place``) -------------------------------------------------------

    def open(self, run: DagRun, task: Task, attempt: int) -> FlowRun:
        return opened(self, run, task, attempt)

    def machine(self) -> float:
        return self.clocks.ours + self.skew + self.rng.choice([0.0, 0.0, -20.0, 20.0])

    def now(self) -> datetime:
        """What our scheduler's clock says."""
        return self.timeline.now() + timedelta(seconds=self.clocks.ours)

    def start_what_can(self) -> None:
        for run in self.runs:
            run.start()

    def note(self, text: str) -> None:
        line = f"{self.timeline.elapsed:9.1f} {text}"
        self.verdict.trace.append(line)
        if self.tell:
            self.tell(line)

    def surprise(self, what: str, error: BaseException) -> None:
        self.verdict.wrong.append(f"{what} ended with {type(error).__name__}: {error}"[:300])

    # -- runs --------------------------------------------------------------------------------------------------------

    def begin(self, run: DagRun) -> None:
        self.note(f"run {run.run_id} of {run.flow.name} begins")
        self.runs.append(run)
        run.start()

    def begin_scheduled(self, flow: Flow) -> None:
        """The run of the hour that has just ended."""
        end = self.now().replace(minute=0, second=0, microsecond=0)
        name = f"scheduled-{end:%dT%H}"
        if any(run.run_id == name and run.flow is flow for run in self.runs):
            name += "b"
        self.begin(DagRun(self, flow, name, "scheduled", (end - timedelta(hours=1), end)))

    def all_over(self) -> bool:
        return all(run.over for run in self.runs)

    def wait_until(self, true: Callable[[], bool], seconds: float) -> bool:
        deadline = self.timeline.elapsed + seconds
        while not true() and self.timeline.elapsed < deadline:
            self.timeline.sleep(min(20.0, deadline - self.timeline.elapsed))
        return true()
