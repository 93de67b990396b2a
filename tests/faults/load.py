"""Ten thousand deals in one window, two backfills beside it, eight hours of virtual time with storms: does memory stay
level, do file handles, and is a system ever asked more often than it allows?

What is measured is this process: the flow's tasks with their clients, their state in a file, and the simulation around
them, which keeps neither calls nor batches. The twins, whose books grow with every document, are in another process.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from tests.faults.airflow import DagRun, Task
from tests.faults.apart import FarCompany, far_company
from tests.faults.clocks import Clocks
from tests.faults.healing import judge_day
from tests.faults.network import Weather
from tests.faults.schedule import Schedule
from tests.faults.state import State
from tests.faults.tally import ALLOWED, Files, Tally
from tests.faults.world import free_cached_properties
from tieout import steps

HOURS = 8
STORM = Weather(request=0.1, write=0.1, kinds=("too_many", "status", "reply_lost", "slow", "session", "off_line"))
POOLS = {"load": ("intacct", 2), "map": ("intacct", 2)}
"""The pools of ``airflow_settings.yaml``; every other task is in HubSpot's."""
_OTHER = ("hubspot", 4)
CONCURRENCY = 2
"""Requests that Intacct's smallest tier takes at a time."""
GROWTH = 0.1
"""What memory may be more in the second half of the day than in the first, at its largest."""
SLICE_SIZE = steps.SLICE_SIZE


@dataclass
class Pools:
    """Airflow's pools: no task starts without a slot."""

    runs: list[DagRun] = field(default_factory=list)

    def has_room(self, task: Task) -> bool:
        name, slots = POOLS.get(task[0], _OTHER)
        taken = sum(POOLS.get(one[0], _OTHER)[0] == name for run in self.runs for one in run.working)
        return taken < slots


class StateFile(State):
    """A new state database in a file, as real ones are. This day puts none back."""

    def backup(self) -> None:
        pass

    def empty(self) -> None:
        pass


class Day(Schedule):
    """A long day: each hour a scheduled run and two backfills, unless those of before still go on; a storm of ten
    minutes in every half hour."""

    def __init__(self, company: FarCompany, state: State, folder: Path, hours: int) -> None:
        super().__init__(1, [company], state, kind="whole")
        self.folder, self.pools, self.far, self.hours = folder, Pools(self.runs), company, hours
        self.before = self._sample()
        self.samples: list[dict[str, float]] = []
        self.billed_after = 0.0
        self.network.calls = self.tally = Tally()
        self.clocks = Clocks()  # all are right

    def note(self, text: str) -> None:
        pass

    def vendors(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"concurrency": CONCURRENCY}, {"retry_after": "s"}

    def story(self) -> None:
        with patch.object(steps, "SLICE_SIZE", SLICE_SIZE):
            for _ in range(self.hours):
                self._begin_hour()
                for _ in range(12):
                    self.network.weather = STORM if self.timeline.elapsed % 1800.0 < 600.0 else Weather()
                    self.timeline.sleep(300.0)
                    if not self.billed_after and self.all_over():
                        self.billed_after = self.timeline.elapsed
                self.samples.append(self._sample())
            self.network.weather = Weather()
            self.wait_until(self.all_over, 6 * 3600.0)
        self.tally.settle(float("inf"))
        judge_day(self, self.verdict)

    def _begin_hour(self) -> None:
        going = {run.run_type for run in self.runs if not run.over}
        if "scheduled" not in going:
            end = self.timeline.now()
            self._begin("scheduled", end - timedelta(hours=1), end)
        if "backfill" not in going:
            deals = self.company.manifest["deals"]
            days = sorted(deal["invoice_date"] for deal in deals if deal["expect"] == "posted")
            middle = days[len(days) // 2]
            for first, last in ((days[0], middle), (middle, days[-1])):
                self._begin("backfill", _midnight(first), _midnight(last) + timedelta(days=1))

    def _begin(self, kind: str, start: datetime, end: datetime) -> None:
        name = f"{kind}-{len(self.runs)}"
        run = DagRun(self, won_deals.FLOW, name, kind, (start, end), xcom=Files(self.folder / name))
        run.admits = self.pools.has_room
        self.begin(run)

    def _sample(self) -> dict[str, float]:
        gc.collect()
        return {
            "hour": self.timeline.elapsed / 3600.0,
            "megabytes": _megabytes(os.getpid()),
            "twins": _megabytes(self.far.process_id),
            "handles": len(os.listdir("/proc/self/fd")),
        }


class Calm(Day):
    """One scheduled run, and no faults."""

    def story(self) -> None:
        with patch.object(steps, "SLICE_SIZE", SLICE_SIZE):
            self.begin_scheduled(won_deals.FLOW)
            self.wait_until(self.all_over, 3600.0)


def day(deals: int, hours: int = HOURS) -> dict[str, Any]:
    """The figures of the day; ``bad`` counts what is wrong with them."""
    free_cached_properties()
    with tempfile.TemporaryDirectory(prefix="tieout-load-") as name, far_company(deals, 1) as company:
        folder = Path(name)
        schedule = Day(company, StateFile(f"sqlite:///{folder / 'state.db'}"), folder, hours)
        verdict = schedule.run()
        state = (folder / "state.db").stat().st_size / 1e6
    samples, tally = schedule.samples, schedule.tally
    megabytes, handles = ([one[name] for one in samples] for name in ("megabytes", "handles"))
    growth = max(megabytes[hours // 2 :]) / max(megabytes[: hours // 2]) - 1
    busiest = {name: window.most for name, window in tally.busiest.items()}
    result = {
        "schedules": 1,
        **{name: getattr(verdict, name) for name in ("duplicates", "lost", "stuck", "cents_off")},
        "deals": deals,
        "runs": len(schedule.runs),
        "billed_after_minutes": round(schedule.billed_after / 60),
        "requests": dict(tally.made),
        "first_run_requests": {name: tally.of_run["scheduled-0", name] for name in ("hubspot", "intacct")},
        "faults": sum(schedule.network.faults.values()),
        "refused_for_limits": tally.refused,
        "busiest": busiest,
        "intacct_at_once": company.most_at_once,
        "megabytes_before": round(schedule.before["megabytes"]),
        "megabytes": [round(one) for one in megabytes],
        "growth": round(growth, 3),
        "handles": [int(one) for one in handles],
        "twins_megabytes": [round(one["twins"]) for one in samples],
        "state_megabytes": round(state),
    }
    unfinished = sum(not run.succeeded for run in schedule.runs)
    exceeded = sum(busiest[name] > allowed for name, (allowed, _) in ALLOWED.items())
    exceeded += company.most_at_once > CONCURRENCY
    leaking = max(handles[hours // 2 :]) > max(handles[: hours // 2])
    result["bad"] = int(not verdict.good) + unfinished + exceeded + int(growth > GROWTH) + int(leaking)
    result["wrong"] = verdict.wrong[:5]
    return result


def calm_requests(deals: int) -> Counter[str]:
    """How many requests one scheduled run needs for so many deals on a day without faults, by system."""
    free_cached_properties()
    with tempfile.TemporaryDirectory(prefix="tieout-load-") as name, far_company(deals, 1) as company:
        folder = Path(name)
        schedule = Calm(company, StateFile(f"sqlite:///{folder / 'state.db'}"), folder, 0)
        schedule.run()
    if not all(run.succeeded for run in schedule.runs):
        raise RuntimeError("the run did not come to its end")
    return schedule.tally.made


def _megabytes(process_id: int) -> float:
    """Resident memory."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")
