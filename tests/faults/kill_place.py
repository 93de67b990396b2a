"""Where kills are carried out: a sandbox in a process of its own, a state database, and processes that are killed.

The killed process is forked from one that has everything imported, so that a kill costs a fraction of a second. The
twins are served over HTTP, and the state is a file or a PostgreSQL database, as in production.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.core import crash
from include.core.errors import TieoutError
from include.core.settings import SHIPPED
from tests.faults.kill_books import Picture, difference
from tests.faults.kill_run import run_as_tasks
from tests.faults.kill_scenes import BY_NAME, DAY, Params, Scene
from tests.faults.kill_server import Kept, Server
from tests.faults.kill_state import States, die_in_commit
from tests.faults.kills import IN_COMMIT, SQLITE, Kill, Outcome
from tests.faults.network import is_write
from tests.flows.office import Office

TRIES = 6


class PatientOffice(Office):
    """As the office, without HubSpot's limits on how often one may ask: the twin here has none."""

    def hubspot(self) -> HubSpotClient:
        access = self.sandbox.hubspot
        wait: Callable[[float], None] = lambda seconds: time.sleep(min(seconds, 0.01))  # noqa: E731
        return HubSpotClient(open_session(), access.url, access.token, tier="enterprise", wait=wait)


@dataclass(frozen=True)
class Prepared:
    """A scene just before its run: both systems and the state, the run's parameters; how often the run passes each
    point, and what stands in both systems when it was left alone."""

    twins: Kept
    state: bytes
    params: Params
    passed: Counter[str]
    wanted: Picture


class Place:
    """Forks: it must be made before this process has threads. ``postgres`` is the URL of an empty database."""

    def __init__(self, postgres: str | None = None) -> None:
        self.server = Server()
        self.folder = Path(tempfile.mkdtemp(prefix="tieout-kills-"))
        self._runs = self.folder / "runs"
        self._states = States(self.folder, postgres)
        self.office: Office = PatientOffice(self.server.sandbox, self._states.begin())

    def close(self) -> None:
        self.server.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self, scene: Scene, company: int, at: datetime = DAY) -> Prepared:
        """Make the scene and let its run go through once. Raises ``AssertionError`` where running it again sends
        anything even so: then nothing could be seen of a kill."""
        self._choose_settings(scene)
        self.server.control.seed(scene.deals, company)
        self.server.control.set_clock(at)
        self.office = replace(self.office, state_url=self._states.begin())
        params = scene.before(self.office)
        before = Prepared(self.server.keep(), self._states.keep(), params, Counter(), Picture({}, frozenset()))
        self.put_back(scene, before)
        passed = Counter[str]()
        crash.install(lambda name: passed.update([name]))
        try:
            self._run(scene, before)
        except TieoutError:
            if not scene.trouble:
                raise
        crash.install(None)
        self.server.control.lift()
        if scene.trouble:
            self._run(scene, before, attempt=2)
        wanted = Picture.of(self.server.control)
        assert not (sent := self.sent_again(scene, before)), f"{scene.name} sends {sent} again"
        return replace(before, passed=passed, wanted=wanted)

    def put_back(self, scene: Scene, prepared: Prepared, engine: str = SQLITE) -> None:
        self._choose_settings(scene)
        shutil.rmtree(self._runs, ignore_errors=True)
        self._runs.mkdir()
        self.server.control.lift()
        self.server.put_back(prepared.twins)
        self.office = replace(self.office, state_url=self._states.put_back(prepared.state, engine))
        if scene.trouble:
            self.server.control.fault(**scene.trouble)

    def carry_out(self, kill: Kill, prepared: Prepared) -> Outcome:
        outcome, scene = Outcome(kill), BY_NAME[kill.scene]
        try:
            self.put_back(scene, prepared, kill.where)
            outcome.killed = self._killed(kill, prepared)
            started = time.perf_counter()
            self.server.control.lift()
            self._recover(kill, prepared, outcome)
            outcome.seconds = time.perf_counter() - started
            self.judge(scene, prepared, outcome)
        except Exception as error:
            outcome.wrong.append(f"{type(error).__name__}: {error}")
        return outcome

    def judge(self, scene: Scene, prepared: Prepared, outcome: Outcome) -> None:
        """Is everything as after a run that was left alone, and does it stay so?"""
        found = difference(Picture.of(self.server.control), prepared.wanted)
        outcome.duplicates, outcome.lost, outcome.cents_off = found.duplicates, found.lost, found.cents_off
        outcome.wrong += found.said
        if scene.judged:
            verdict = self.office.verdict()
            outcome.duplicates = max(outcome.duplicates, verdict.duplicates + verdict.customers_duplicated)
            outcome.lost = max(outcome.lost, verdict.missing)
            outcome.cents_off = max(outcome.cents_off, verdict.cents_off)
            outcome.wrong += verdict.problems
        if sent := self.sent_again(scene, prepared):
            outcome.wrong.append(f"running it once more sent {', '.join(sent)}")

    def sent_again(self, scene: Scene, prepared: Prepared) -> list[str]:
        """What another run writes to either system."""
        self.server.control.forget_calls()
        self.office.run_flow(scene.flow, **prepared.params)
        return [call["label"] for call in self.server.control.calls() if is_write(call["system"], call["label"])]

    def _killed(self, kill: Kill, prepared: Prepared) -> bool:
        def run() -> None:
            if kill.point == IN_COMMIT:
                die_in_commit(int(kill.place.partition(":")[2]))
            else:
                crash.install(crash.kill_at(kill.place))
            self._run(BY_NAME[kill.scene], prepared)

        return _forked(run) == -signal.SIGKILL

    def _recover(self, kill: Kill, prepared: Prepared, outcome: Outcome) -> None:
        """The run's next tries, as Airflow makes them, until one ends well; or the next runs."""
        for n in range(2, TRIES):
            again = ("killed", n) if not kill.next_run else (f"next-{n}", 1)
            if _forked(lambda again=again: self._run(BY_NAME[kill.scene], prepared, *again)) == 0:
                return
        outcome.wrong.append(f"{TRIES - 2} further tries did not end it")

    def _run(self, scene: Scene, prepared: Prepared, run_id: str = "killed", attempt: int = 1) -> None:
        run_as_tasks(self.office, scene.flow, self._runs / run_id, attempt, prepared.params)

    def _choose_settings(self, scene: Scene) -> None:
        folder = self.folder / "settings"
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
        file = folder / f"{scene.flow.name}.yaml"
        text = file.read_text()
        for old, new in scene.settings.items():
            assert old in text, f"{file.name} has no {old}"
            text = text.replace(old, new)
        file.write_text(text)
        os.environ["TIEOUT_SETTINGS_DIR"] = str(folder)


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
