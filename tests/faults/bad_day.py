"""The bad day of a schedule: which runs start when, and what people do beside them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from include.core.decisions import decision_from_json
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_payment_to_hubspot_deal as payments
from tests.faults import calm
from tests.faults.airflow import CURSOR, SLICES, DagRun
from tests.faults.spells import Event

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule

_TASKS = {"writes": ("writes",), "posting": ("load", "write_back")}


class BadDay:
    def __init__(self, schedule: Schedule) -> None:
        self._schedule, self._rng, self._timeline = schedule, schedule.rng, schedule.timeline

    def pass_by(self) -> None:
        """Start what the seed says, until nothing new comes and all is over, or the day is."""
        rng, timeline, schedule = self._rng, self._timeline, self._schedule
        events = self._calm_starts() if schedule.calm else self._rough_day()
        for seconds, event in events:
            timeline.call_after(seconds, event)
        until = 7200.0 if schedule.whole else rng.choice([300.0, 1500.0, 5000.0])
        while timeline.elapsed < until:
            timeline.sleep(min(300.0, until - timeline.elapsed))
            if timeline.elapsed > max(seconds for seconds, _ in events) and schedule.all_over():
                break

    def _rough_day(self) -> list[Event]:
        return [*self._starts(), *self._acts(), *self._schedule.edits.events(), *self._schedule.spells.events()]

    def _calm_starts(self) -> list[Event]:
        moments = enumerate(calm.beginnings(self._rng), 1)
        return [(seconds, partial(self._planned, f"run-{number}")) for number, seconds in moments]

    def _starts(self) -> list[Event]:
        rng, schedule = self._rng, self._schedule
        if not schedule.whole:
            starts = [(1.0, lambda: self._planned("run-1"))]
            if rng.random() < 0.5:
                starts.append((rng.choice([1.0, 30.0, 400.0, 1500.0]), lambda: self._planned("run-2")))
            return starts
        starts = [(60.0, lambda: schedule.begin_scheduled(won_deals.FLOW))]
        if rng.random() < 0.5:
            starts.append((3660.0, lambda: schedule.begin_scheduled(won_deals.FLOW)))
        if rng.random() < 0.6:
            starts.append((rng.uniform(0.0, 4000.0), self._extra))
        if rng.random() < 0.7:
            starts.append((rng.uniform(900.0, 6000.0), lambda: schedule.begin_scheduled(payments.FLOW)))
        return starts

    def _acts(self) -> list[Event]:
        rng = self._rng
        acts: list[Event]
        acts = [(rng.uniform(0.0, 5000.0), self._act) for _ in range(rng.randrange(4))]
        if self._schedule.restores:
            at = rng.uniform(0.0, 2500.0)
            acts += [(at, self._back_up), (at + rng.uniform(1.0, 4000.0), self._restore)]
        return acts

    def _extra(self) -> None:
        """A run beside the scheduled one: by hand, a backfill over the deals' days, or a second scheduler's."""
        schedule = self._schedule
        what = self._rng.choice(["manual", "backfill", "records", "twin"])
        name = f"{what}-{len(schedule.runs)}"
        if what == "backfill":
            days = [deal["invoice_date"] for deal in schedule.company.manifest["deals"]]
            first = datetime.fromisoformat(f"{min(days)}T00:00:00+00:00") - timedelta(days=1)
            schedule.begin(DagRun(schedule, won_deals.FLOW, name, "backfill", (first, first + timedelta(days=140))))
        elif what == "records":
            ids = [deal["deal_id"] for deal in schedule.company.manifest["deals"][:2]]
            schedule.begin(DagRun(schedule, won_deals.FLOW, name, "manual", params={"record_ids": ids}))
        elif what == "twin" and schedule.runs:
            run = schedule.runs[0]
            schedule.note("a second scheduler runs the same")
            schedule.begin(DagRun(schedule, run.flow, run.run_id, run.run_type, run.interval))
        else:
            schedule.begin(DagRun(schedule, won_deals.FLOW, name, "manual"))

    def _planned(self, name: str) -> None:
        """A run whose plan is made already."""
        schedule = self._schedule
        decisions = schedule.edits.planned(schedule.company.decisions)
        size = self._rng.choice([1, 2, 500])
        run = DagRun(schedule, won_deals.FLOW, name, "manual", in_slice=_TASKS[schedule.kind])
        customers = [one for one in decisions if decision_from_json(one).key.target_object == "customer"]
        rest = [one for one in decisions if one not in customers]
        slices = [customers + rest[n : n + size] for n in range(0, len(rest), size)]
        run.xcom[SLICES] = json.dumps([[] for _ in slices])
        run.done = {SLICES}
        for index, part in enumerate(slices):
            run.xcom["map", index] = json.dumps(part)
        schedule.begin(run)

    def _act(self) -> None:
        """Something that people do on such a day."""
        rng, schedule = self._rng, self._schedule
        what = rng.random()
        run = rng.choice(schedule.runs) if schedule.runs else None
        if what < 0.35 and run is not None:
            done = sorted(run.done | run.failed.keys(), key=str)
            open_to_clear = [task for task in done if schedule.whole or task[1] >= 0]
            if open_to_clear:
                run.clear(rng.choice(open_to_clear))
        elif what < 0.45 and run is not None:
            left = [task for task in run.tasks if task not in run.done and task != CURSOR]
            if left:
                run.mark_success(rng.choice(left))
        elif schedule.whole:
            schedule.people.act()

    def _back_up(self) -> None:
        self._backup = self._schedule.state.backup()
        self._schedule.note("the state is backed up")

    def _restore(self) -> None:
        self._schedule.state.restore(self._backup)
        self._schedule.note("the state is put back from the backup")
