"""Real processes, really killed (SIGKILL), around every call and every commit of a run; then the run's next try.

The killed process is forked from one that has everything imported, so that a kill costs a fraction of a second; a few
are Airflow's own, which run the job as its DAG. The twins are served over HTTP by a process of their own, and the state
database is a file, as in production.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.core import crash
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows.flow import Flow
from include.sandbox.access import Access
from include.sandbox.control_client import Control
from include.sandbox.running import Running, running
from include.state.migrate import migrate
from tests.faults.network import is_write
from tests.flows.office import Office
from tests.flows.shown_figures import deals_show_the_books
from tests.flows.twin_books import TwinBooks

ROOT = Path(__file__).resolve().parents[2]
FLOWS: Mapping[str, Flow] = {flow.name: flow for flow in (won_deals.FLOW, payments.FLOW)}
DEALS = 3
TRIES = 6
IN_AIRFLOW = "airflow"


@dataclass(frozen=True)
class Kill:
    """``flow`` is killed when it passes ``place`` (``name:n``) over the company of ``seed``."""

    flow: str
    place: str
    seed: int = 1
    by: str = "fork"

    def __str__(self) -> str:
        return f"{self.flow} at {self.place}, company {self.seed}{' in Airflow' if self.by == IN_AIRFLOW else ''}"


@dataclass
class Outcome:
    kill: Kill
    killed: bool = False
    wrong: list[str] = field(default_factory=list)
    duplicates: int = 0
    lost: int = 0
    cents_off: int = 0
    stuck: int = 0
    seconds: float = 0.0


class PatientOffice(Office):
    """As the office, without HubSpot's limits on how often one may ask: the twin here has none."""

    def hubspot(self) -> HubSpotClient:
        access = self.sandbox.hubspot
        wait: Callable[[float], None] = lambda seconds: time.sleep(min(seconds, 0.01))  # noqa: E731
        return HubSpotClient(open_session(), access.url, access.token, tier="enterprise", wait=wait)


class Place:
    """Where one process does its kills: a sandbox in a process of its own and a state file."""

    def __init__(self) -> None:
        here, there = multiprocessing.Pipe()
        self._server = multiprocessing.get_context("fork").Process(target=_serve, args=(there,), daemon=True)
        self._server.start()
        url = here.recv()
        access = Access.at(url)
        self.control = Control(f"{url}/_sandbox")
        sandbox = Running(url, access.intacct, access.hubspot, self.control, None, access.mail)  # type: ignore[arg-type]
        self._folder = Path(tempfile.mkdtemp(prefix="tieout-kills-"))
        self._first, self._file = self._folder / "first.db", self._folder / "state.db"
        migrate(f"sqlite:///{self._first}")
        self.office = PatientOffice(sandbox, f"sqlite:///{self._file}")

    def close(self) -> None:
        self._server.terminate()
        shutil.rmtree(self._folder, ignore_errors=True)

    def prepare(self, kill: Kill) -> None:
        """A fresh company and state; what must precede the run to be killed is done."""
        self.control.seed(DEALS, kill.seed)
        for leftover in self._folder.glob("state.db*"):
            leftover.unlink()
        shutil.copy(self._first, self._file)
        if kill.flow == payments.FLOW.name:
            self.office.run_flow(won_deals.FLOW)

    def counted(self, flow: str, seed: int) -> Counter[str]:
        """How often a run passes each point."""
        self.prepare(Kill(flow, "", seed))
        passed = Counter[str]()
        crash.install(lambda name: passed.update([name]))
        self.office.run_flow(FLOWS[flow], run_id="counted")
        crash.install(None)
        return passed

    def carry_out(self, kill: Kill) -> Outcome:
        outcome = Outcome(kill)
        try:
            self.prepare(kill)
            outcome.killed = self._killed_in_airflow(kill) if kill.by == IN_AIRFLOW else self._killed(kill)
            started = time.perf_counter()
            self._recover(kill, outcome)
            outcome.seconds = time.perf_counter() - started
            self._judge(kill, outcome)
        except Exception as error:
            outcome.wrong.append(f"{type(error).__name__}: {error}")
            outcome.stuck = 1
        return outcome

    def _killed(self, kill: Kill) -> bool:
        def run() -> None:
            crash.install(crash.kill_at(kill.place))
            self.office.run_flow(FLOWS[kill.flow], run_id="killed", run_type="scheduled")

        return _forked(run) == -signal.SIGKILL

    def _killed_in_airflow(self, kill: Kill) -> bool:
        done = self._airflow(kill.flow, {"TIEOUT_CRASH_AT": kill.place})
        return done.returncode == -signal.SIGKILL

    def _airflow(self, flow: str, more: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
        access = self.office.sandbox
        told = json.dumps(
            [str(self._folder / "airflow"), flow, access.intacct.url, access.hubspot.url, self.office.state_url]
        )
        command = [sys.executable, "-m", "tests.faults.airflow_task", told]
        path = os.pathsep.join([str(ROOT), str(ROOT / "plugins")])
        environment = {**os.environ, "PYTHONPATH": path, **more}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=300)

    def _recover(self, kill: Kill, outcome: Outcome) -> None:
        """The next tries, as Airflow makes them; in Airflow, the next run."""
        if kill.by == IN_AIRFLOW:
            done = self._airflow(kill.flow, {})
            if done.returncode:
                outcome.wrong.append(f"the next run in Airflow failed: {done.stderr.decode()[-300:]}")
            return
        for attempt in range(2, TRIES):
            if _forked(lambda attempt=attempt: self._try(kill, attempt)) == 0:
                return
        outcome.stuck = 1
        outcome.wrong.append(f"{TRIES - 2} further tries did not end it")

    def _try(self, kill: Kill, attempt: int) -> None:
        self.office.run_flow(FLOWS[kill.flow], run_id="killed", run_type="scheduled", attempt=attempt)

    def _judge(self, kill: Kill, outcome: Outcome) -> None:
        verdict = self.office.verdict()
        outcome.duplicates = verdict.duplicates + verdict.customers_duplicated
        outcome.lost, outcome.cents_off = verdict.missing, verdict.cents_off
        outcome.wrong += [*verdict.problems, *deals_show_the_books(TwinBooks.of(self.control))]
        self.control.forget_calls()
        self.office.run_flow(FLOWS[kill.flow])
        sent = [call["label"] for call in self.control.calls() if is_write(call["system"], call["label"])]
        if sent:
            outcome.wrong.append(f"running it once more sent {', '.join(sent)}")
        outcome.stuck = int(bool(outcome.wrong))


def _serve(told: Connection) -> None:
    with running(deals=DEALS, hubspot={"limits": False}, intacct={"concurrency": 0}) as sandbox:
        told.send(sandbox.url)
        while True:
            time.sleep(3600)


def _forked(work: Callable[[], Any]) -> int:
    """Do it in a process of its own; its exit code, negative for a signal."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            if os.environ.get("TIEOUT_KILLS_TELL"):
                traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def kills(number: int, in_airflow: int, seed: int, counted: Mapping[tuple[str, int], Counter[str]]) -> list[Kill]:
    """All places, company after company, until there are so many; the same for the same seed."""
    listed: list[Kill] = []
    for (flow, company), passed in counted.items():
        listed += [Kill(flow, f"{name}:{n}", company) for name, times in passed.items() for n in range(1, times + 1)]
    rng = random.Random(seed)  # noqa: S311
    first = [kill for kill in listed if kill.seed == listed[0].seed]
    rest = [kill for kill in listed if kill.seed != listed[0].seed]
    rng.shuffle(first)
    rng.shuffle(rest)
    chosen = [*first, *rest][: max(0, number - in_airflow)]
    of_airflow = [Kill(won_deals.FLOW.name, f"{name}:1", 1, IN_AIRFLOW) for name in _IN_AIRFLOW]
    return [*of_airflow[:in_airflow], *chosen]


_IN_AIRFLOW = (
    "sync.after_send",
    "intacct.before_call",
    "state.before_commit",
    "sync.after_intent",
    "hubspot.after_call",
    "state.after_commit",
)


def carried_out(number: int, in_airflow: int, processes: int, seed: int = 0) -> Iterator[Outcome]:
    """So many kills, ``in_airflow`` of them of an Airflow task."""
    context = multiprocessing.get_context("fork")
    place = Place()
    try:
        counted: dict[tuple[str, int], Counter[str]] = {}
        company = 1
        while sum(sum(passed.values()) for passed in counted.values()) < number and company < 50:
            for flow in FLOWS:
                counted[flow, company] = place.counted(flow, company)
            company += 1
    finally:
        place.close()
    todo = kills(number, in_airflow, seed, counted)
    shares = [todo[n::processes] for n in range(processes)]
    here, there = context.Pipe(duplex=False)
    workers = [context.Process(target=_work, args=(share, there)) for share in shares]
    for worker in workers:
        worker.start()
    there.close()
    for _ in todo:
        yield here.recv()
    for worker in workers:
        worker.join()


def _work(share: Sequence[Kill], told: Connection) -> None:
    place = Place()
    for kill in share:
        told.send(place.carry_out(kill))
    place.close()


def summed(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The figures of the kills; ``recovery``: seconds from the kill to the end of the run that completed it."""
    seconds = sorted(one.seconds for one in outcomes if one.kill.by == "fork") or [0.0]
    bad = [one for one in outcomes if one.wrong or one.stuck or not one.killed]
    return {
        "schedules": len(outcomes),
        **{name: sum(getattr(one, name) for one in outcomes) for name in ("duplicates", "lost", "stuck", "cents_off")},
        "bad": len(bad),
        "killed": sum(one.killed for one in outcomes),
        "in_airflow": sum(one.kill.by == IN_AIRFLOW for one in outcomes),
        "points": len({one.kill.place.partition(":")[0] for one in outcomes}),
        "places": len({(one.kill.flow, one.kill.place) for one in outcomes}),
        "recovery": {
            "median": round(statistics.median(seconds), 2),
            "p95": round(seconds[int(0.95 * (len(seconds) - 1))], 2),
            "most": round(seconds[-1], 2),
        },
    }
