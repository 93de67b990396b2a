"""Real kills and a long day, each in small; ``bin/faults`` runs them in full."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from include.core.crash import POINTS
from tests.faults.load import day
from tests.faults.quiet import quiet

ROOT = Path(__file__).resolve().parents[2]


def test_a_run_that_is_killed_at_any_point_is_completed_by_its_next_try() -> None:
    # In a process of its own: it forks, which a process with the threads of a test run must not.
    path = os.pathsep.join([str(ROOT), str(ROOT / "plugins")])
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--kill", str(len(POINTS)), "--processes", "1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["schedules"], told["killed"], told["bad"]) == (len(POINTS), len(POINTS), 0)
    assert told["points"] == len(POINTS)


def test_a_long_day_keeps_to_the_limits_and_leaks_nothing() -> None:
    with quiet():
        figures = day(30)
    assert figures["wrong"] == []
    assert figures["bad"] == 0
