"""Ten thousand deals in one window, two backfills beside it, eight hours of virtual time with storms: does memory stay
level, do file handles, and is a system ever asked more often than it allows?"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from tests.faults.airflow import DagRun, Task
from tests.faults.company import Company
from tests.faults.healing import judge_day
from tests.faults.network import Call, Weather
from tests.faults.schedule import Schedule
from tests.faults.state import State
from tests.faults.world import free_cached_properties

HOURS = 8
STORM = Weather(request=0.1, write=0.1, kinds=("too_many", "status", "reply_lost", "slow", "session", "off_line"))
POOLS = {"load": ("intacct", 2), "map": ("intacct", 2)}
"""The pools of ``airflow_settings.yaml``; every other task is in HubSpot's."""
_OTHER = ("hubspot", 4)
ALLOWED = {"hubspot": (190, 10.0), "search": (5, 1.0)}
"""Calls in so many seconds, of HubSpot's professional tier."""


@dataclass
class Pools:
    """Airflow's pools: no task starts without a slot."""

    runs: list[DagRun] = field(default_factory=list)

    def has_room(self, task: Task) -> bool:
        name, slots = POOLS.get(task[0], _OTHER)
        taken = sum(POOLS.get(one[0], _OTHER)[0] == name for run in self.runs for one in run.working)
        return taken < slots


class Day(Schedule):
    """A long day: hourly runs, two backfills at once, a storm of ten minutes in every half hour."""

    samples: list[dict[str, float]]

    def story(self) -> None:
        self.samples, self.pools = [], Pools(self.runs)
        self.begin(self._run("scheduled", None))
        days = sorted(deal["invoice_date"] for deal in self.company.manifest["deals"] if deal["expect"] == "posted")
        middle = days[len(days) // 2]
        for first, last in ((days[0], middle), (middle, days[-1])):
            self.begin(self._run("backfill", (_midnight(first), _midnight(last) + timedelta(days=1))))
        end = self.timeline.elapsed + HOURS * 3600.0
        while self.timeline.elapsed < end:
            self.network.weather = STORM if self.timeline.elapsed % 1800.0 < 600.0 else Weather()
            self.timeline.sleep(300.0)
            if self.timeline.elapsed % 1800.0 < 300.0:
                self.samples.append(_sample(self.timeline.elapsed))
            if self.timeline.elapsed % 3600.0 < 300.0 and self.all_over():
                self.begin(self._run("scheduled", None))
        self.network.weather = Weather()
        self.wait_until(self.all_over, 6 * 3600.0)
        judge_day(self, self.verdict)

    def _run(self, kind: str, interval: tuple[datetime, datetime] | None) -> DagRun:
        end = self.timeline.now()
        window = interval or (end - timedelta(hours=1), end)
        run = DagRun(self, won_deals.FLOW, f"{kind}-{len(self.runs)}", kind, window)
        run.admits = self.pools.has_room
        return run

    def vendors(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"concurrency": 2}, {"retry_after": "s"}


def day(deals: int) -> dict[str, Any]:
    """The figures of the day; ``bad`` counts what is wrong with them."""
    free_cached_properties()
    schedule = Day(1, [Company.make(deals, 1)], State(), kind="whole")
    verdict = schedule.run()
    samples = schedule.samples
    settled = [one for one in samples if one["hour"] >= HOURS / 2]
    busiest = {
        "hubspot": _busiest((one for one in schedule.network.calls if one.system == "hubspot"), ALLOWED["hubspot"][1]),
        "search": _busiest((one for one in schedule.network.calls if "search" in one.label), ALLOWED["search"][1]),
    }
    growth = settled[-1]["megabytes"] / settled[0]["megabytes"] - 1
    result = {
        "schedules": 1,
        **{name: getattr(verdict, name) for name in ("duplicates", "lost", "stuck", "cents_off")},
        "deals": deals,
        "requests": len(schedule.network.calls),
        "refused_for_limits": sum(one.status == 429 and one.fault != "too_many" for one in schedule.network.calls),
        "busiest": busiest,
        "megabytes": [round(one["megabytes"]) for one in samples],
        "handles": [int(one["handles"]) for one in samples],
        "growth": round(growth, 3),
    }
    exceeded = sum(busiest[name] > allowed for name, (allowed, _) in ALLOWED.items())
    leaking = settled[-1]["handles"] > settled[0]["handles"] + 5
    result["bad"] = int(not verdict.good) + exceeded + int(growth > 0.1) + int(leaking)
    result["wrong"] = verdict.wrong[:5]
    return result


def _busiest(calls: Iterable[Call], seconds: float) -> int:
    """The most calls in any so many seconds."""
    most, recent = 0, deque[float]()
    for call in calls:
        recent.append(call.at)
        while recent[0] <= call.at - seconds:
            recent.popleft()
        most = max(most, len(recent))
    return most


def _sample(elapsed: float) -> dict[str, float]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "hour": elapsed / 3600.0,
        "megabytes": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "handles": len(os.listdir("/proc/self/fd")),
    }


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")
