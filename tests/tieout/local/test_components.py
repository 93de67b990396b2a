from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tieout.local.components import Components, Program, ProgramEnded, stop_earlier
from tieout.local.session import SessionRecord, members

SLEEP = "import time; time.sleep(60)"
OWNER = """
import os, sys, time
from pathlib import Path
from tieout.local.components import Components, Program
folder = Path(sys.argv[1])
sleeper = Program("sleeper", (sys.executable, "-c", "import time; time.sleep(60)"))
components = Components(folder, folder, [sleeper], os.environ)
print(components.session, flush=True)
time.sleep(60)
"""


def _program(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code))


def _soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _ending(components: Components) -> str:
    """What the check says of the program that ends within a few seconds."""
    said = ""

    def told() -> bool:
        nonlocal said
        try:
            components.check()
        except ProgramEnded as ended:
            said = str(ended)
        return bool(said)

    assert _soon(told)
    return said


def test_every_program_runs_until_stopped_and_none_after(tmp_path: Path) -> None:
    components = Components(tmp_path, tmp_path, [_program("a", SLEEP), _program("b", SLEEP)], os.environ)
    try:
        assert _soon(lambda: len(members(components.session)) == 3)
        components.check()
    finally:
        components.stop()
    assert members(components.session) == []
    assert not (tmp_path / "components.json").exists()


def test_one_program_that_ends_stops_the_others_and_its_last_words_are_told(tmp_path: Path) -> None:
    programs = [_program("good", SLEEP), _program("bad", "print('no more paper'); raise SystemExit(3)")]
    components = Components(tmp_path, tmp_path, programs, os.environ)
    try:
        said = _ending(components)
        assert "bad ended (exit code 3)" in said
        assert "no more paper" in said
        assert _soon(lambda: members(components.session) == [])
    finally:
        components.stop()


def test_the_keeper_killed_outright_is_noticed_and_its_programs_are_stopped(tmp_path: Path) -> None:
    components = Components(tmp_path, tmp_path, [_program("a", SLEEP)], os.environ)
    assert _soon(lambda: len(members(components.session)) == 2)
    os.kill(components.session, signal.SIGKILL)
    assert "was killed" in _ending(components)
    components.stop()
    assert members(components.session) == []


@pytest.fixture
def owner(tmp_path: Path) -> tuple[subprocess.Popen[str], int]:
    """A process that keeps components, and their session."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_programs_do_not_outlive_an_owner_that_is_killed(owner: tuple[subprocess.Popen[str], int]) -> None:
    process, session = owner
    assert _soon(lambda: len(members(session)) == 2)
    process.kill()
    process.wait()
    assert _soon(lambda: members(session) == [])


def test_what_was_left_when_owner_and_keeper_were_killed_is_stopped_by_the_next_run(
    owner: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, session = owner
    assert _soon(lambda: len(members(session)) == 2 and SessionRecord.load(tmp_path / "components.json") is not None)
    os.kill(session, signal.SIGKILL)
    process.kill()
    process.wait()
    assert _soon(lambda: len(members(session)) == 1)
    said: list[str] = []
    stop_earlier(tmp_path, said.append)
    assert said == ["An earlier run was cut off and left 1 processes; stopping them"]
    assert members(session) == []


def test_nothing_is_said_where_no_earlier_run_left_anything(tmp_path: Path) -> None:
    said: list[str] = []
    stop_earlier(tmp_path, said.append)
    assert said == []
