"""Finds and stops every process of a session, however deep its tree.

Airflow puts each running task into a process group of its own, so stopping the group of its components would
leave a running task behind. What all of them share, and none leaves, is the session they were started in.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Stopped:
    """``seconds`` it took, and the names of the processes that had to be killed, because they did not end when
    asked to."""

    seconds: float
    killed: tuple[str, ...] = ()


def members(session: int, *, spare: int | None = None) -> list[int]:
    """The ids of the session's living processes, but for ``spare``."""
    found = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            ours = pid != spare and os.getsid(pid) == session
            if ours and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found


def stop_session(
    session: int,
    *,
    spare: int | None = None,
    grace: float = 10.0,
    reap: Callable[[], object] = lambda: None,
) -> Stopped:
    """Ask every process of the session to end, and kill those that still live after ``grace`` seconds.

    ``reap`` is called between looks, for a parent to collect its ended children.
    """
    started = time.monotonic()
    _signal(members(session, spare=spare), signal.SIGTERM)
    while left := members(session, spare=spare):
        if time.monotonic() - started > grace:
            break
        time.sleep(0.1)
        reap()
    killed = tuple(_name(pid) for pid in left)
    deadline = time.monotonic() + 5
    while left and time.monotonic() < deadline:
        _signal(left, signal.SIGKILL)
        time.sleep(0.1)
        reap()
        left = members(session, spare=spare)
    return Stopped(time.monotonic() - started, killed)


def _name(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())[:120] or str(pid)
    except psutil.Error:
        return str(pid)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """Which session an earlier run left behind: the leader's id, and when it and the machine started, so that
    an id which the system has since given to another program is not taken for ours."""

    session: int
    leader_started: float
    machine_started: float

    @classmethod
    def of_this_process(cls) -> SessionRecord:
        return cls(os.getpid(), psutil.Process().create_time(), psutil.boot_time())

    @classmethod
    def load(cls, path: Path) -> SessionRecord | None:
        try:
            facts = json.loads(path.read_text())
            return cls(int(facts["session"]), float(facts["leader_started"]), float(facts["machine_started"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, path: Path) -> None:
        path.write_text(
            json.dumps(
                {
                    "session": self.session,
                    "leader_started": self.leader_started,
                    "machine_started": self.machine_started,
                }
            )
        )

    def left_behind(self) -> list[int]:
        """Processes of that session which still live. Where the leader's id now belongs to another process, none:
        an id is given away only when no process of its session is left."""
        if abs(self.machine_started - psutil.boot_time()) > 5:
            return []
        with suppress(psutil.NoSuchProcess):
            if abs(psutil.Process(self.session).create_time() - self.leader_started) > 1:
                return []
        return members(self.session)
