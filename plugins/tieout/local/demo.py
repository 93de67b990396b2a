"""``bin/demo``: twins, Airflow, the demo company, the main job through the scheduler, and the proof, in one command.

It uses the connections of ``airflow_settings.yaml`` and refuses to run where they lead anywhere but to the twins. It
stays up until Ctrl-C; with ``--once`` it stops after the job and its last line is a JSON object. The exit code is 0
only if the twins' own books agree with what the company's manifest says must be in them.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from include.sandbox.access import Access
from include.sandbox.control_client import Control, ControlError
from tieout.local import listening_ports
from tieout.local.airflow_api import AirflowApi, AirflowApiError
from tieout.local.booting import NotHealthy, answers, wait_for_dag, wait_healthy, wait_until
from tieout.local.company import Company, bring_company
from tieout.local.components import (
    Components,
    Program,
    ProgramEnded,
    StillRunning,
    airflow_programs,
    stop_earlier,
)
from tieout.local.environment import DAG_ID, USER, Home, Ports
from tieout.local.following import failures, follow
from tieout.local.guard import NotTheTwins, refuse_other_systems
from tieout.local.listening_ports import PortTaken
from tieout.local.one_demo import SecondInstance, alone
from tieout.local.options import Options, read_options
from tieout.local.prepare import PrepareFailed, prepare, settings_of
from tieout.local.screen import Screen
from tieout.local.settings_file import BadSettingsFile
from tieout.local.story.play import Played, Story
from tieout.local.story.scene import Scene
from tieout.local.summary import Outcome, read_outcome, tell

EQUAL, DIFFERENT, CANNOT, INTERRUPTED = 0, 1, 3, 130


class Interrupted(Exception):
    """Ctrl-C, or a request to end."""


class Demo:
    """One run of the command. ``started`` is the moment at which the person pressed enter."""

    def __init__(self, home: Home, options: Options, screen: Screen, started: float) -> None:
        self._home = home
        self._options = options
        self._screen = screen
        self._started = started

    def run(self) -> int:
        """Do it all; the exit code. Everything that was started is stopped when this returns or raises."""
        self._home.prepare()
        with alone(self._home) as note_address:
            settings = settings_of(self._home)
            self._state_file = refuse_other_systems(settings)
            stop_earlier(self._home.folder, self._screen.step)
            ports = listening_ports.take(self._options.port, self._options.sandbox_port, self._screen.step)
            note_address(ports)
            self._home.sweep()
            environment = self.environment(ports)
            with self._screen.waiting("Preparing Airflow's database"):
                told = prepare(self._home, environment, log=self._home.component_logs / "prepare.log")
            self._screen.step("Airflow's database is migrated; connections and pools are in place")
            for sentence in told:
                self._screen.step(sentence)
            programs = (self._sandbox(ports), *airflow_programs())
            components = Components(self._home.folder, self._home.component_logs, programs, environment)
            try:
                return self._with(components, ports)
            finally:
                self._stop(components)

    def _with(self, components: Components, ports: Ports) -> int:
        api = AirflowApi(ports.api, self._home.password)
        control = Control(f"http://127.0.0.1:{ports.sandbox}/_sandbox")
        company = self._company(components, control)
        self._boot(api, components)
        run_id = f"demo_{datetime.now(UTC):%Y-%m-%dT%H%M%S}"
        control.forget_calls()
        state, memory = self._job(api, components, run_id)
        outcome = read_outcome(self._state_file, control, run_id, new=company.new)
        tell(self._screen, outcome, company)
        if state != "success":
            broken = failures(api.task_instances(DAG_ID, run_id), DAG_ID, run_id, self._home.logs)
            self._screen.heading("The run failed")
            for sentence in broken or ["See Airflow's pages for the reason."]:
                self._screen.said(f"  {sentence}", style="bold red")
        played = self._story(api, components, control, ports) if self._options.story else None
        self._where_to_look(ports)
        if self._options.once:
            self._stop(components)
            self._last_line(outcome, memory, played)
        else:
            api.unpause(DAG_ID)  # the story pauses what it has run
            self._stay(components)
        good = outcome.equal and state == "success" and (played is None or not played.failed)
        return EQUAL if good else DIFFERENT

    def _story(self, api: AirflowApi, components: Components, control: Control, ports: Ports) -> Played:
        access = Access.at(f"http://127.0.0.1:{ports.sandbox}", ports.mail)
        scene = Scene(control, access, self._state_file, self._home.reports)
        played = Story(api, components, self._screen, scene, self._home.logs).play()
        self._screen.heading("The story")
        self._screen.said(
            f"{played.chapters} chapters, {played.runs} runs, {played.checks} statements about the books checked, "
            f"{len(played.failed)} of them not so ({played.seconds:.0f} s).",
            style="bold red" if played.failed else "green",
        )
        return played

    def _company(self, components: Components, control: Control) -> Company:
        with self._screen.waiting("Starting the twins of Sage Intacct and HubSpot"):
            ready = f"{control.url}/ready"
            wait_until(lambda: answers(ready), components, what="The twins' server", seconds=60)
        with self._screen.waiting("Filling the twins with the demo company"):
            company = bring_company(control, self._state_file, self._options.deals, self._options.fresh)
        for sentence in company.story:
            self._screen.step(sentence)
        return company

    def _boot(self, api: AirflowApi, components: Components) -> None:
        with self._screen.waiting("Starting Airflow") as show:
            wait_healthy(api, components, lambda text: show(f"Starting Airflow: {text}"))
            api.log_in()
            show("Waiting for Airflow to read the DAGs")
            wait_for_dag(api, components, DAG_ID)
        self._screen.step("Airflow is up: web server, scheduler, DAG processor and triggerer are healthy")

    def _job(self, api: AirflowApi, components: Components, run_id: str) -> tuple[str, int]:
        """Trigger first and unpause then, so that this run comes before the schedule's own first one."""
        api.trigger(DAG_ID, run_id)
        api.unpause(DAG_ID)
        self._screen.step(f"Running {DAG_ID}")
        with self._screen.waiting("Waiting for the scheduler") as show:
            ended = follow(api, components, DAG_ID, run_id, now_at=show, step_done=self._screen.step)
        if self._options.once:
            api.pause(DAG_ID)
        return ended

    def _where_to_look(self, ports: Ports) -> None:
        twins = f"http://127.0.0.1:{ports.sandbox}/_sandbox/"
        airflow = f"http://127.0.0.1:{ports.api}"
        self._screen.heading("Where to look")
        if self._options.once:
            self._screen.said("Run bin/demo without --once and it stays up, with these pages:")
        self._screen.said(f"Airflow    {airflow}/dags/{DAG_ID}")
        self._screen.said(f"           sign in as {USER}, password {self._home.password}")
        self._screen.said(f"The twins  {twins}")
        self._screen.said("           both systems' records, calls, clock and faults")

    def _stay(self, components: Components) -> None:
        self._screen.said("\nEverything stays up, and the job runs every hour. Ctrl-C stops all of it.")
        with suppress(Interrupted):
            while True:
                components.check()
                time.sleep(0.5)

    def _stop(self, components: Components) -> None:
        if components.is_stopped:
            return
        with self._screen.waiting("Stopping every program"), _deaf():
            stopped = components.stop()
        self._screen.step(f"Every program is stopped ({stopped.seconds:.1f} s)")
        with (self._home.component_logs / "stopped.log").open("w") as log:
            log.writelines(f"killed: {name}\n" for name in stopped.killed)

    def _last_line(self, outcome: Outcome, memory: int, played: Played | None) -> None:
        seconds = round(time.time() - self._started, 1)
        more: dict[str, Any] = {"task_memory_mb": round(memory / 2**20), "seconds": seconds}
        if played is not None:
            more["story"] = played.figures
        self._screen.line(json.dumps({**outcome.figures, **more}))

    def _sandbox(self, ports: Ports) -> Program:
        where = ("--port", str(ports.sandbox), "--mail-port", str(ports.mail), "--data", str(self._home.sandbox))
        return Program("sandbox", (sys.executable, "-m", "include.sandbox", "--empty", *where))

    def environment(self, ports: Ports) -> dict[str, str]:
        """Nothing of the shell's Airflow, and no real connection from it, gets into the demo."""
        shell = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AIRFLOW") and name != "TIEOUT_SETTINGS_DIR"
        }
        return {
            **self._home.environment(shell, ports),
            "TIEOUT_DEMO": "1",
            "TIEOUT_SANDBOX_PORT": str(ports.sandbox),
            "TIEOUT_MAIL_PORT": str(ports.mail),
            # With --once only the runs that the demo asks for: the schedule's own would come between them.
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": str(not self._options.once),
        }


@contextmanager
def _deaf() -> Iterator[None]:
    """While the programs are being stopped, a second Ctrl-C must not stop the stopping."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    raise Interrupted


def main(arguments: Sequence[str]) -> int:
    options = read_options(arguments)
    started = float(os.environ.get("TIEOUT_STARTED") or time.time())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    screen = Screen()
    try:
        return Demo(Home(), options, screen, started).run()
    except Interrupted:
        return INTERRUPTED
    except (
        AirflowApiError,
        BadSettingsFile,
        ControlError,
        NotHealthy,
        NotTheTwins,
        PortTaken,
        PrepareFailed,
        ProgramEnded,
        SecondInstance,
        StillRunning,
    ) as failure:
        screen.said(f"\n{failure}", style="bold red")
        return CANNOT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
