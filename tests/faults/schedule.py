"""One schedule: a bad day of a small company, decided by its seed, then a good one on which everything must come right.

Three kinds, because a whole day costs twenty times as much as its heart. ``writes``: the writes of a plan through the
one write path and the real connector. ``posting``: the load and write-back tasks of a plan. ``whole``: the jobs as
their DAGs run them, from the slices to the cursor, the invoicing of won deals and the display of payments.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import requests
from cryptography.fernet import Fernet

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.connectors.intacct import allowance
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials
from include.core import crash
from include.core.decisions import decision_from_json
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows import run as flow_run
from include.flows.flow import Flow
from include.flows.run import FlowRun
from include.sandbox.access import Access
from tests.core.sync.naive import naive_apply
from tests.faults import airflow
from tests.faults.airflow import CURSOR, SLICES, ZOMBIE_AFTER, DagRun, Task
from tests.faults.company import MONDAY, STARTS, ZONES, Company
from tests.faults.judge import Verdict, judge
from tests.faults.network import KINDS, Network, Weather
from tests.faults.people import People
from tests.faults.state import State
from tests.faults.timeline import Killed, Process, Timeline
from tests.faults.world import simulated
from tieout import steps
from tieout.hooks.intacct_sessions import EncryptedSessionCache
from tieout.limits import HUBSPOT_SLOTS

HOST = "http://127.0.0.1:9"
ACCESS = Access.at(HOST)
PASSES = 8
"""Good runs in which all must have come right."""
SHARES = {"writes": 0.8, "posting": 0.15, "whole": 0.05}
"""Of the kinds, where nothing else is asked for."""
_TASKS = {"writes": ("writes",), "posting": ("load", "write_back")}
_KEY = Fernet(b"cHJvb2ZzIGFyZSBub3Qgc2VjcmV0LCBidXQgbG9uZyE=")


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
        )
        self.crashes = random.Random(f"{seed}/crashes")  # noqa: S311
        self.people = People(self)
        self.verdict = Verdict(seed, kind=self.kind)
        self.runs: list[DagRun] = []
        self.marked = False
        self.tell = tell
        self.restores = self.rng.random() < 0.25
        self.skew = self.rng.choice([0.0, 0.0, 0.0, 0.0, -90.0, 240.0])

    # -- what processes are given ------------------------------------------------------------------------------------

    def open(self, run: DagRun, task: Task, attempt: int) -> FlowRun:
        store = self.state.store(self.timeline.local_now)
        return FlowRun(
            flow=run.flow,
            run_id=run.run_id,
            owner=run.owner(task, attempt),
            open_store=lambda: store,
            open_hubspot=self.hubspot,
            open_intacct=lambda store: self.intacct(EncryptedSessionCache(store, _KEY, wait=self.timeline.sleep)),
            run_type=run.run_type,
            interval=run.interval,
            params={"post_mode": "auto", **run.params},
            now=self.timeline.local_now,
            wait=self.timeline.sleep,
        )

    def hubspot(self) -> HubSpotClient:
        time, session = self.timeline, open_session()
        session.trust_env = False
        return HubSpotClient(
            session, HOST, ACCESS.hubspot.token, slots=HUBSPOT_SLOTS, now=time.monotonic, wait=time.sleep
        )

    def intacct(self, sessions: Any = None) -> IntacctClient:
        who, session = ACCESS.intacct, requests.Session()
        session.trust_env = False
        credentials = Credentials(who.company_id, who.user_id, who.user_password, who.sender_id, who.sender_password)
        allowance._shared.clear()  # every process has its own
        time = self.timeline
        return IntacctClient(session, who.url, credentials, sessions=sessions, now=time.local_now, wait=time.sleep)

    def machine(self) -> float:
        return self.skew + self.rng.choice([0.0, 0.0, -20.0, 20.0])

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

    # -- the day -----------------------------------------------------------------------------------------------------

    def run(self) -> Verdict:
        self.state.empty()
        self.company.clock.now = self.timeline.now
        self.company.put_back(*self._vendors(), virgin=self.whole and self.rng.random() < 0.2)
        self.state.trouble = self._trouble
        with (
            simulated(self.timeline, self.network, self.seed),
            patch.object(steps, "SLICE_SIZE", self.rng.choice([4, 500, 500])),
            patch.object(flow_run, "apply", partial(naive_apply, limits=None)) if self.control else nullcontext(),
        ):
            crash.install(self._point)
            try:
                self._story()
            finally:
                crash.install(None)
                self.state.trouble = lambda: ""
                self.timeline.end()
        self.verdict.digest = self.network.digest.hexdigest()
        self.verdict.requests = len(self.network.calls)
        self.verdict.faults = self.network.faults
        return self.verdict

    def _story(self) -> None:
        self.note(f"{self.verdict.kind}: {len(self.company.manifest['deals'])} deals from {self.timeline.start}")
        if self.whole:
            self.people.keep_some_deals_open()
        self.network.weather = self._weather()
        self._bad_day()
        self.network.weather = Weather()
        self.note("healing")
        self._heal()

    def _vendors(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """How the vendors behave where nobody knows for sure."""
        rng = self.rng
        remembered = [None, timedelta(days=1)] if self.restores else [None, timedelta(hours=1)]
        intacct = {
            "failure_burns_controlid": rng.random() < 0.5,
            # Survived only while our log remembers the request (``include.core.sync``).
            "running_reads_as_done": not self.restores and rng.random() < 0.5,
            "controlid_retention": rng.choice(remembered),
            "controlid_scope": rng.choice(["company", "company_sender"]),
            "duplicate_invoice_numbers_allowed": rng.random() < 0.5,
            "concurrency": rng.choice([2, 2, 3]),
            "session_duration": timedelta(minutes=rng.choice([6, 30, 360])),
            "payment_bumps_invoice": rng.random() < 0.7,
        }
        hubspot = {
            "search_lag": timedelta(seconds=rng.choice([0, 0, 4, 40, 900])),
            "noop_patch_bumps_modified": rng.random() < 0.5,
            "missing_batch_read": rng.choice(["207", "404"]),
            "negatives_match_missing": rng.random() < 0.5,
            "retry_after": rng.choice(["none", "s", "ms"]),
            "upsert_case_sensitive": rng.random() < 0.5,
            "burst": rng.choice([None, None, 60]),
        }
        self.note(f"Intacct {intacct}")
        self.note(f"HubSpot {hubspot}")
        return intacct, hubspot

    def _weather(self) -> Weather:
        rng = self.rng
        rough = rng.choice([0.02, 0.05, 0.1, 0.2])
        few = rng.random() < 0.3
        return Weather(
            request=rough / 2 if self.whole else rough,
            write=rng.choice([0.1, 0.3, 0.5]),
            connect=rng.choice([0.0, 0.02]),
            kill=rng.choice([0.0, 0.01, 0.05]) / (2 if self.whole else 1),
            stall=rng.choice([0.0, 0.01, 0.03]) / (2 if self.whole else 1),
            commit=rng.choice([0.0, 0.01, 0.05]) / (2 if self.whole else 1),
            kinds=tuple(rng.sample(sorted(KINDS), 4)) if few else tuple(KINDS),
            late=rng.choice([0.0, 0.0, 0.3]),
        )

    def _bad_day(self) -> None:
        """The runs, and what happens beside them."""
        rng = self.rng
        if self.whole:
            starts = [(60.0, self._scheduled(won_deals.FLOW))]
            if rng.random() < 0.5:
                starts.append((3660.0, self._scheduled(won_deals.FLOW)))
            if rng.random() < 0.6:
                starts.append((rng.uniform(0.0, 4000.0), self._extra))
            if rng.random() < 0.7:
                starts.append((rng.uniform(900.0, 6000.0), self._scheduled(payments.FLOW)))
        else:
            starts = [(1.0, lambda: self._planned("run-1"))]
            if rng.random() < 0.5:
                starts.append((rng.choice([1.0, 30.0, 400.0, 1500.0]), lambda: self._planned("run-2")))
        for seconds, start in starts:
            self.timeline.call_after(seconds, start)
        acts = [(rng.uniform(0.0, 5000.0), self._act) for _ in range(rng.randrange(4))]
        if self.restores:
            at = rng.uniform(0.0, 2500.0)
            acts += [(at, self._back_up), (at + rng.uniform(1.0, 4000.0), self._restore)]
        for seconds, act in acts:
            self.timeline.call_after(seconds, act)
        until = 7200.0 if self.whole else rng.choice([300.0, 1500.0, 5000.0])
        while self.timeline.elapsed < until:
            self.timeline.sleep(min(300.0, until - self.timeline.elapsed))
            if self.timeline.elapsed > max(s for s, _ in [*starts, *acts]) and self._all_over():
                break

    def _scheduled(self, flow: Flow) -> Callable[[], None]:
        def start() -> None:
            end = self.timeline.now().replace(minute=0, second=0, microsecond=0)
            name = f"scheduled-{end:%dT%H}"
            if any(run.run_id == name and run.flow is flow for run in self.runs):
                name += "b"
            self._start(DagRun(self, flow, name, "scheduled", (end - timedelta(hours=1), end)))

        return start

    def _extra(self) -> None:
        """A run beside the scheduled one: by hand, a backfill over the deals' days, or a second scheduler's."""
        what = self.rng.choice(["manual", "backfill", "records", "twin"])
        name = f"{what}-{len(self.runs)}"
        if what == "backfill":
            days = [deal["invoice_date"] for deal in self.company.manifest["deals"]]
            first = datetime.fromisoformat(f"{min(days)}T00:00:00+00:00") - timedelta(days=1)
            self._start(DagRun(self, won_deals.FLOW, name, "backfill", (first, first + timedelta(days=140))))
        elif what == "records":
            ids = [deal["deal_id"] for deal in self.company.manifest["deals"][:2]]
            self._start(DagRun(self, won_deals.FLOW, name, "manual", params={"record_ids": ids}))
        elif what == "twin" and self.runs:
            run = self.runs[0]
            self._start(DagRun(self, run.flow, run.run_id, run.run_type, run.interval))
        else:
            self._start(DagRun(self, won_deals.FLOW, name, "manual"))

    def _planned(self, name: str) -> None:
        """A run whose plan is made already."""
        decisions = self.company.decisions
        size = self.rng.choice([1, 2, 500])
        run = DagRun(self, won_deals.FLOW, name, "manual", in_slice=_TASKS[self.kind])
        customers = [one for one in decisions if decision_from_json(one).key.target_object == "customer"]
        rest = [one for one in decisions if one not in customers]
        slices = [customers + rest[n : n + size] for n in range(0, len(rest), size)]
        run.xcom[SLICES] = json.dumps([[] for _ in slices])
        run.done = {SLICES}
        for index, part in enumerate(slices):
            run.xcom["map", index] = json.dumps(part)
        self._start(run)

    def _start(self, run: DagRun) -> None:
        self.note(f"run {run.run_id} of {run.flow.name} begins")
        self.runs.append(run)
        run.start()

    def _act(self) -> None:
        """Something that people do on such a day."""
        rng = self.rng
        what = rng.random()
        run = rng.choice(self.runs) if self.runs else None
        if what < 0.35 and run is not None:
            done = sorted(run.done | run.failed.keys(), key=str)
            open_to_clear = [task for task in done if self.whole or task[1] >= 0]
            if open_to_clear:
                run.clear(rng.choice(open_to_clear))
        elif what < 0.45 and run is not None:
            left = [task for task in run.tasks if task not in run.done and task != CURSOR]
            if left:
                run.mark_success(rng.choice(left))
        elif self.whole:
            self.people.act()

    def _back_up(self) -> None:
        self.backup = self.state.backup()
        self.note("the state is backed up")

    def _restore(self) -> None:
        self.state.restore(self.backup)
        self.note("the state is put back from the backup")

    # -- faults in our own processes ---------------------------------------------------------------------------------

    def _point(self, name: str) -> None:
        process = self.timeline.current
        self.timeline.alive()
        weather = self.network.weather
        if not process.faulty or not (weather.kill or weather.stall):
            return
        what = self.crashes.random()
        if what < weather.kill:
            self.note(f"{process.name} is killed at {name}")
            self.network.faults["killed"] += 1
            process.dead = True
            raise Killed
        if what < weather.kill + weather.stall and not name.startswith("state."):
            self._stall(process, name)

    def _stall(self, process: Process, name: str) -> None:
        seconds = self.crashes.choice([2.0, 40.0, 350.0, 700.0, 1400.0])
        self.note(f"{process.name} sleeps {seconds:.0f} s at {name}")
        self.network.faults["stalled"] += 1
        if seconds > ZOMBIE_AFTER:
            for run in self.runs:
                self.timeline.call_after(ZOMBIE_AFTER, lambda run=run: run.presume_dead(process))
        self.timeline.sleep(seconds)

    def _trouble(self) -> str:
        process = self.timeline.current
        self.timeline.alive()
        if not process.faulty or self.crashes.random() >= self.network.weather.commit:
            return ""
        trouble = self.crashes.choice(["before", "before", "after"])
        self.note(f"{process.name}: a commit fails ({trouble})")
        self.network.faults[f"commit_{trouble}"] += 1
        return trouble

    # -- healing and judging -----------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """No more faults. Whatever still runs ends; then good runs follow until all has come right."""
        if not self._wait_until(self._all_over, 6 * 3600.0):
            self.verdict.stuck += 1
            self.verdict.wrong.append("tasks of the bad day never ended")
        self.timeline.sleep(max(airflow.ZOMBIE_AFTER, 1300.0))  # what was on its way has arrived
        for number in range(PASSES):
            fine = self._good_pass(number)
            trial = Verdict(self.seed)
            self._judge(trial)
            if fine and trial.good and not self._a_day_began():
                break
        if not fine:
            self.verdict.stuck += 1
            self.verdict.wrong.append(f"the jobs did not succeed in {PASSES} good passes")
        self.verdict.take(trial)
        if not self.verdict.wrong:
            self._replay()

    def _a_day_began(self) -> bool:
        """In one of the entities, within the hour: then what is overdue is so since a day more, and shown by and by."""
        return any(self.timeline.now().astimezone(zone).hour == 0 for zone in ZONES)

    def _good_pass(self, number: int) -> bool:
        """One more scheduled run of each job; for a plan that is made, its tasks cleared once more."""
        self.note(f"good pass {number + 1}")
        if not self.whole:
            return self._clear(failed=number == 0)
        if number < PASSES:  # the replay comes at once: at midnight, an invoice is a day later overdue
            now = self.timeline.now()
            hour = now.replace(minute=0, second=0, microsecond=0)
            self.timeline.sleep((hour + timedelta(seconds=3630) - now).total_seconds())
        fine = True
        for flow in (won_deals.FLOW, payments.FLOW):
            self._scheduled(flow)()
            fine &= self._finished(self.runs[-1])
        return fine

    def _clear(self, *, failed: bool) -> bool:
        """A person clears what failed, or everything."""
        for run in self.runs:
            for task in [task for task in run.tasks if task[0] == run.in_slice[0]]:
                if not failed or any(task[1] == one[1] for one in run.failed):
                    run.clear(task)
            run.failed.pop(CURSOR, None)
            run.start()
        return self._wait_until(self._all_over, 6 * 3600.0) and all(run.succeeded for run in self.runs)

    def _finished(self, run: DagRun) -> bool:
        return self._wait_until(lambda: run.over, 6 * 3600.0) and run.succeeded

    def _judge(self, verdict: Verdict) -> None:
        store = self.state.store(self.timeline.now)
        holds = {hold.source_id: hold.code for hold in store.open_holds(won_deals.FLOW.name)}
        shown = self.timeline.now().date() if any(run.flow is payments.FLOW for run in self.runs) else None
        back = self.kind != "writes"
        judge(
            verdict, self.company, holds if back else None, self.state.invoices(), written_back=back, companies_at=shown
        )

    def _replay(self) -> None:
        """The finished day once more: nothing is sent."""
        before = len(self.network.calls)
        self.note("replay")
        if not self._good_pass(PASSES):
            self.verdict.wrong.append("the replay of a finished day failed")
        sent = [call.label for call in self.network.calls[before:] if call.writes]
        if sent:
            self.verdict.wrong.append(f"the replay of a finished day sent {', '.join(sent)}")

    def _all_over(self) -> bool:
        return all(run.over for run in self.runs)

    def _wait_until(self, true: Callable[[], bool], seconds: float) -> bool:
        deadline = self.timeline.elapsed + seconds
        while not true() and self.timeline.elapsed < deadline:
            self.timeline.sleep(min(20.0, deadline - self.timeline.elapsed))
        return true()
