"""The named places at which tests make a process die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from include.core import crash

PASS = "from include.core import crash; [crash.point(name) for name in ('a', 'b', 'a', 'b')]; print('lives')"


def passes(**environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", PASS],
        env={**os.environ, "PYTHONPATH": str(Path(crash.__file__).parents[2]), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def test_a_process_dies_at_the_named_passing_and_nowhere_else() -> None:
    assert passes(TIEOUT_CRASH_AT="a:2") == (-signal.SIGKILL, "")
    assert passes(TIEOUT_CRASH_AT="a:3") == (0, "lives")
    assert passes() == (0, "lives")


def test_the_file_that_names_a_place_kills_the_first_process_that_gets_there_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "crash-at"
    assert passes(TIEOUT_CRASH_FILE=str(file)) == (0, "lives")
    file.write_text("b:2")
    assert passes(TIEOUT_CRASH_FILE=str(file)) == (-signal.SIGKILL, "")
    assert not file.exists()
    assert passes(TIEOUT_CRASH_FILE=str(file)) == (0, "lives")
