"""Boots Airflow on SQLite again and again, triggers one run each time, and says how often it worked.

``bin/airflow`` is not involved: ``.venv/bin/python -m tieout.local.boots --boots 20``. Every boot has a fresh home in
the system's temporary folder, so that each includes the first start's writes, where SQLite is busiest.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tieout.local import listening_ports
from tieout.local.airflow_api import AirflowApi
from tieout.local.booting import wait_for_dag, wait_healthy, wait_until
from tieout.local.components import Components, airflow_programs
from tieout.local.environment import ROOT, Home
from tieout.local.prepare import prepare

DAGS = ROOT / "tests/tieout/local/boot_dags"
DAG_ID = "boot"


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


@contextmanager
def _timed(figures: dict[str, float], name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    figures[name] = round(time.monotonic() - started, 1)


def boot_once(folder: Path) -> dict[str, float | str]:
    """One boot in an empty folder. Returns seconds per step, the run's state, and how many calls were asked again."""
    home = Home(folder=folder, dags=DAGS)
    home.prepare()
    ports = listening_ports.take(None, None, _say)
    environment = home.environment(ports=ports)
    figures: dict[str, float] = {}
    with _timed(figures, "prepare"):
        prepare(home, environment, log=home.component_logs / "prepare.log")
    components = Components(home.folder, home.component_logs, airflow_programs(), environment)
    api = AirflowApi(ports.api, home.password)
    try:
        with _timed(figures, "healthy"):
            wait_healthy(api, components, _nothing)
        with _timed(figures, "run"):
            state = _run(api, components)
    finally:
        with _timed(figures, "stop"):
            stopped = components.stop()
    refused = _count(home.component_logs / "api-server.log", "status_code=500")
    return {**figures, "state": state, "asked_again": api.retried, "http_500": refused, "killed": len(stopped.killed)}


def _run(api: AirflowApi, components: Components) -> str:
    """Trigger at the first moment at which all parts are healthy. Returns the run's final state."""
    api.log_in()
    wait_for_dag(api, components, DAG_ID)
    api.unpause(DAG_ID)
    api.trigger(DAG_ID, "boot")
    state = ""

    def ended() -> bool:
        nonlocal state
        state = str(api.run(DAG_ID, "boot")["state"])
        return state in {"success", "failed"}

    wait_until(ended, components, what="The run", seconds=120)
    return state


def _nothing(_: str) -> None:
    return None


def _count(log: Path, words: str) -> int:
    return log.read_text(errors="replace").count(words)


def main(arguments: Sequence[str], boot: Callable[[Path], dict[str, float | str]] = boot_once) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boots", type=int, default=20)
    options = parser.parse_args(arguments)
    passed = 0
    for number in range(1, options.boots + 1):
        with tempfile.TemporaryDirectory(prefix="tieout_boot_") as folder:
            figures = boot(Path(folder))
        passed += figures["state"] == "success"
        _say(f"{number:3} {json.dumps(figures)}")
    _say(f"{passed} of {options.boots} boots passed")
    return 0 if passed == options.boots else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
