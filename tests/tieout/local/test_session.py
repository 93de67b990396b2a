from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tieout.local.session import SessionRecord, members, stop_session

STUBBORN = (
    "import signal,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(60)"
)
# A leader whose child moves to a process group of its own, as Airflow's tasks do.
WITH_A_TASK = """
import os, sys, time
if os.fork() == 0:
    os.setpgid(0, 0)
    time.sleep(60)
    os._exit(0)
print("ready", flush=True)
time.sleep(60)
"""

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a Python program as the leader of a new session, and waits for its first line."""
    started: list[subprocess.Popen[str]] = []

    def run(program: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield run
    for process in started:
        for pid in members(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def test_a_task_in_a_process_group_of_its_own_is_stopped_too(start: Start) -> None:
    leader = start(WITH_A_TASK)
    assert len(members(leader.pid)) == 2
    stopped = stop_session(leader.pid, reap=leader.poll)
    assert stopped.killed == ()
    assert members(leader.pid) == []


def test_a_process_that_ignores_the_request_is_killed_after_the_grace(start: Start) -> None:
    leader = start(STUBBORN)
    stopped = stop_session(leader.pid, grace=0.3, reap=leader.poll)
    assert len(stopped.killed) == 1
    assert members(leader.pid) == []


def test_a_spared_process_survives(start: Start) -> None:
    leader = start(WITH_A_TASK)
    stop_session(leader.pid, spare=leader.pid)
    assert members(leader.pid) == [leader.pid]


def test_what_a_killed_leader_left_behind_is_found_again(start: Start, tmp_path: Path) -> None:
    leader = start(WITH_A_TASK)
    record = SessionRecord(leader.pid, psutil.Process(leader.pid).create_time(), psutil.boot_time())
    record.save(tmp_path / "record.json")
    leader.kill()
    leader.wait()
    loaded = SessionRecord.load(tmp_path / "record.json")
    assert loaded == record
    assert len(loaded.left_behind()) == 1


def test_an_id_that_belongs_to_another_program_by_now_is_left_alone(start: Start) -> None:
    leader = start(WITH_A_TASK)
    earlier = SessionRecord(leader.pid, time.time() - 86_400, psutil.boot_time())
    before_a_reboot = SessionRecord(leader.pid, psutil.Process(leader.pid).create_time(), psutil.boot_time() - 9_999)
    assert earlier.left_behind() == before_a_reboot.left_behind() == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"session": "x"}'])
def test_a_record_that_was_cut_off_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "record.json").write_text(text)
    assert SessionRecord.load(tmp_path / "record.json") is None
    assert SessionRecord.load(tmp_path / "missing.json") is None
