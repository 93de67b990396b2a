"""Real processes, really killed, at every named point of the write path."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from include.core.crash import SYNC_POINTS
from include.state.migrate import migrate
from tests.core.sync.killed import WRITES, main

ROOT = Path(__file__).resolve().parents[3]
PLACES = [*SYNC_POINTS, "sync.after_send:2"]


def _state(folder: Path) -> str:
    return f"sqlite:///{folder / 'state.db'}"


def start(folder: Path, place: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.core.sync.killed", str(folder), "1", _state(folder)]
    environment = {**os.environ, "TIEOUT_CRASH_AT": place}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One folder for each place, with what a process left behind that was killed there."""
    folders = {place: tmp_path_factory.mktemp("killed") for place in PLACES}
    for folder in folders.values():
        migrate(_state(folder))
    processes = {place: start(folder, place) for place, folder in folders.items()}
    for place, process in processes.items():
        _, says = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, f"{place} was never passed: {says.decode()}"
    return folders


@pytest.mark.parametrize("place", PLACES)
def test_one_record_each_after_a_kill(place: str, killed: dict[str, Path]) -> None:
    results = main(killed[place], 2, _state(killed[place]))

    assert len(results) == len(WRITES)
    assert {result.state for result in results} <= {"written", "unchanged"}
    books = sqlite3.connect(killed[place] / "gateway.db")
    assert books.execute("select count(*), count(distinct key) from books").fetchone() == (len(WRITES), len(WRITES))
    books.close()
