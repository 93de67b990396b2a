"""Brings Airflow's database up to date: its migration, ``airflow_settings.yaml``, our own state's tables.

``python -m tieout.local.prepare`` does it all in one process, because importing Airflow costs seconds. The
variables of ``environment.py`` must be set before. What was done is remembered in Airflow's home, so that
``bin/airflow`` need not do it for every command.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tieout.local.applying import apply_settings
from tieout.local.environment import Home, Ports
from tieout.local.settings_file import BadSettingsFile, ConnectionEntry, SettingsFile, read

DONE = "prepared.json"
APPLIED, TOLD = "applied.json", "told.json"


class PrepareFailed(Exception):
    """Airflow's database could not be brought up to date; the message says why and what to do."""


def is_prepared(home: Home, environment: Mapping[str, str]) -> bool:
    """Whether nothing has changed since ``prepare`` last ran through with such an environment."""
    try:
        done = (home.folder / DONE).read_text()
    except OSError:
        return False
    own = environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith(f"sqlite:///{home.database}")
    return (home.database.exists() or not own) and done == done_text(home, environment)


def prepare(home: Home, environment: dict[str, str], *, log: Path) -> list[str]:
    """Run ``python -m tieout.local.prepare`` and wait; sentences about what a person had changed in Airflow. Raises
    ``PrepareFailed`` with its last words."""
    with log.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-m", "tieout.local.prepare"],
            cwd=home.project,
            env=environment,
            stdout=output,
            stderr=subprocess.PIPE,
        )
    if done.returncode == 0:
        told: list[str] = json.loads((home.folder / TOLD).read_text())
        return told
    said = done.stderr.decode(errors="replace").strip()
    with log.open("a") as output:
        output.write(said + "\n")
    if done.returncode == 2:
        raise PrepareFailed(said)
    raise PrepareFailed(
        f"Preparing Airflow's database failed: {(said.splitlines() or ['it gave no reason'])[-1]}\n"
        f"The whole story is in {log}. To begin again from nothing, delete the folder {home.folder}."
    )


def settings_of(home: Home, sandbox_port: int | None = None, mail_port: int | None = None) -> SettingsFile:
    """The project's settings file, its connections moved from the sandbox's usual ports to these."""
    settings = read(home.project / "airflow_settings.yaml")
    usual, actual = f"http://127.0.0.1:{Ports().sandbox}", f"http://127.0.0.1:{sandbox_port or Ports().sandbox}"

    def moved(entry: ConnectionEntry) -> ConnectionEntry:
        if (entry.host, entry.port) == ("127.0.0.1", Ports().mail):
            return replace(entry, port=mail_port or Ports().mail)
        if entry.host is not None and entry.host.startswith(usual):
            return replace(entry, host=actual + entry.host.removeprefix(usual))
        return entry

    return SettingsFile(tuple(map(moved, settings.connections)), settings.pools, settings.variables)


def done_text(home: Home, environment: Mapping[str, str]) -> str:
    """What was prepared, and with what: other settings, packages, migrations or databases make it another one.
    Digests only, because a database's address may hold a password."""
    names = (
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW_CONN_TIEOUT_STATE",
        "TIEOUT_SANDBOX_PORT",
        "TIEOUT_MAIL_PORT",
    )
    where = json.dumps([environment.get(name) for name in names])
    files = hashlib.sha256()
    watched = [home.project / "airflow_settings.yaml", home.project / "requirements.lock"]
    for path in [*watched, *sorted((home.project / "include/state").rglob("*.py"))]:
        files.update(path.read_bytes() if path.exists() else b"")
    return json.dumps({"files": files.hexdigest(), "where": hashlib.sha256(where.encode()).hexdigest()})


def quieten() -> None:
    """Pause every DAG, and fail every run that an interrupted demo left unfinished: it would block the next one.

    What such a run had posted is found again in the books by the next run, so nothing is lost and nothing doubled.
    """
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState, State, TaskInstanceState
    from sqlalchemy import or_, update

    now = datetime.now(UTC)
    state = TaskInstance.state
    with create_session() as session:
        session.execute(update(DagModel).values(is_paused=True))
        session.execute(
            update(TaskInstance)
            .where(or_(state.is_(None), state.in_([s for s in State.unfinished if s is not None])))
            .values(state=TaskInstanceState.FAILED, end_date=now)
        )
        session.execute(
            update(DagRun)
            .where(DagRun.state.in_([DagRunState.QUEUED, DagRunState.RUNNING]))
            .values(state=DagRunState.FAILED, end_date=now)
        )


def migrate_state() -> None:
    """Make or upgrade our own tables, where the connection ``tieout_state`` says."""
    from include.state.migrate import migrate
    from tieout.hooks.state import StateHook

    migrate(StateHook().get_url())


def main() -> int:
    home = Home(folder=Path(os.environ["AIRFLOW_HOME"]))
    sandbox_port, mail_port = (os.environ.get(f"TIEOUT_{server}_PORT") for server in ("SANDBOX", "MAIL"))
    try:
        settings = settings_of(home, int(sandbox_port or 0), int(mail_port or 0))
    except BadSettingsFile as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    # Makes Airflow look for connections in its own database, as its server processes do.
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
    done = done_text(home, os.environ)
    (home.folder / DONE).unlink(missing_ok=True)

    from airflow.utils.db import initdb

    initdb()
    told = apply_settings(settings, home.folder / APPLIED, only_twins=bool(os.environ.get("TIEOUT_DEMO")))
    (home.folder / TOLD).write_text(json.dumps(told))
    migrate_state()
    if os.environ.get("TIEOUT_DEMO"):
        quieten()
    (home.folder / DONE).write_text(done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
