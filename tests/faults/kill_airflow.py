"""Kills of a real Airflow's task processes: scheduler, API server and DAG processor run, LocalExecutor starts a task's
process, it dies by SIGKILL at the named place, and Airflow's own retry of that task completes the run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include.flows.flow import Flow
from include.sandbox.running import Running
from tests.faults.kill_place import Place, Prepared
from tests.faults.kill_scenes import BY_NAME
from tests.faults.kills import Kill, Outcome
from tieout.local import listening_ports
from tieout.local.airflow_api import AirflowApi, AirflowApiError
from tieout.local.booting import NotHealthy, wait_for_dag, wait_until
from tieout.local.components import Components, ProgramEnded, airflow_programs
from tieout.local.environment import ROOT, Home, Ports
from tieout.local.prepare import PrepareFailed, prepare

NEVER = "0 0 29 2 *"
"""When the schedule would start a run: nothing runs but what is asked for."""


@dataclass(frozen=True)
class RunningAirflow:
    """``crash_file``: see ``include.core.crash``."""

    api: AirflowApi
    components: Components
    crash_file: Path

    def kill(self, flow: Flow, prepared: Prepared, kill: Kill) -> tuple[bool, float, str]:
        """Whether a task's process died at the place and a later try of the task followed; seconds from the death to
        the run's end; the run's state."""
        run_id, died, state = f"killed-{time.time():.0f}", 0.0, ""
        self.crash_file.write_text(kill.place)
        self.api.trigger(flow.name, run_id, prepared.params)

        def ended() -> bool:
            nonlocal died, state
            if not died and not self.crash_file.exists():
                died = time.monotonic()
            state = str(self.api.run(flow.name, run_id)["state"])
            return state in {"success", "failed"}

        try:
            wait_until(ended, self.components, what="The run", seconds=400)
            took = time.monotonic() - died
        finally:
            self.crash_file.unlink(missing_ok=True)
        tries = [row["try_number"] for row in self.api.task_instances(flow.name, run_id)]
        return bool(died) and max(tries) > 1, took, state


@contextmanager
def airflow(folder: Path, sandbox: Running, state_url: str, flows: Sequence[Flow]) -> Iterator[RunningAirflow]:
    """Airflow with the project's DAGs and its connections, over this sandbox and state, in a home of its own."""
    home, crash_file = Home(folder=folder), folder / "crash-at"
    home.prepare()
    taken = listening_ports.take(None, None, lambda _: None)
    ports = Ports(
        taken.api, int(sandbox.url.rpartition(":")[2]), taken.worker_logs, taken.trigger_logs, sandbox.mail.port
    )
    shell = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "TIEOUT_"))}
    environment = home.environment(shell, ports) | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
        "AIRFLOW_CONN_TIEOUT_STATE": f'{{"conn_type": "tieout_state", "host": "{state_url}"}}',
        "TIEOUT_SANDBOX_PORT": str(ports.sandbox),
        "TIEOUT_MAIL_PORT": str(ports.mail),
        "TIEOUT_CRASH_FILE": str(crash_file),
        **{f"TIEOUT_SCHEDULE_{flow.name.upper()}": NEVER for flow in flows},
    }
    prepare(home, environment, log=home.component_logs / "prepare.log")
    programs = [one for one in airflow_programs() if one.name != "triggerer"]
    components = Components(home.folder, home.component_logs, programs, environment)
    api = AirflowApi(ports.api, home.password)
    try:
        wait_until(lambda: api.health().get("scheduler") == "healthy", components, what="Airflow", seconds=240)
        api.log_in()
        for flow in flows:
            wait_for_dag(api, components, flow.name)
            api.unpause(flow.name)
        yield RunningAirflow(api, components, crash_file)
    finally:
        components.stop()


def carried_out_in_airflow(kills: Sequence[Kill]) -> list[Outcome]:
    """One after the other, each over a company of its own."""
    place, done = Place(), list[Outcome]()
    flows = {BY_NAME[kill.scene].flow.name: BY_NAME[kill.scene].flow for kill in kills}
    try:
        with airflow(place.folder / "airflow", place.server.sandbox, place.office.state_url, [*flows.values()]) as at:
            for kill in kills:
                done.append(_carried_out(place, at, kill))
    except (NotHealthy, PrepareFailed, ProgramEnded, AirflowApiError) as error:
        done += [Outcome(kill, wrong=[f"Airflow did not run: {error}"]) for kill in kills[len(done) :]]
    finally:
        place.close()
    return done


def _carried_out(place: Place, at: RunningAirflow, kill: Kill) -> Outcome:
    outcome, scene = Outcome(kill), BY_NAME[kill.scene]
    # Tasks of Airflow know no other time than the real one; what comes before the run lies behind the settling time.
    prepared = place.prepare(scene, kill.company, at=datetime.now(UTC) - timedelta(minutes=15))
    place.put_back(scene, prepared)
    place.server.control.set_clock(datetime.now(UTC))
    try:
        outcome.killed, outcome.seconds, state = at.kill(scene.flow, prepared, kill)
        if state != "success":
            outcome.wrong.append(f"the run ended as {state}")
        place.judge(scene, prepared, outcome)
    except Exception as error:
        outcome.wrong.append(f"{type(error).__name__}: {error}")
    return outcome
