"""Keeps the demo's programs: starts them in one session, watches them, and stops them all together.

The keeper (``python -m tieout.local.components SPEC``) is a process of its own between ``bin/demo`` and the
programs. It stops everything when it is told to, when one of the programs ends, and when its standard input
closes, which happens however ``bin/demo`` ends, kill -9 included. ``Components`` is the demo's side.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tieout.local.locks import COMPONENTS_LOCK, lock_within
from tieout.local.session import SessionRecord, Stopped, stop_session

RECORD = "components.json"


@dataclass(frozen=True, slots=True)
class Program:
    """``name`` is also its log file's stem."""

    name: str
    command: tuple[str, ...]


class ProgramEnded(Exception):
    """A program that must keep running has ended; the message names it and where its last words are."""


class StillRunning(Exception):
    """Programs of an earlier run could not be stopped."""


def airflow_programs(python: str = sys.executable) -> tuple[Program, ...]:
    """Airflow's four components."""
    airflow = str(Path(python).with_name("airflow"))
    return tuple(Program(name, (airflow, name)) for name in ("api-server", "scheduler", "dag-processor", "triggerer"))


class Components:
    """The running programs, seen from the process that started them."""

    def __init__(self, folder: Path, logs: Path, programs: Sequence[Program], environment: Mapping[str, str]) -> None:
        """``folder`` keeps the record of what runs, ``logs`` one file per program."""
        self._logs = logs
        spec = {
            "folder": str(folder),
            "logs": str(logs),
            "programs": [[program.name, *program.command] for program in programs],
        }
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "tieout.local.components", json.dumps(spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
            text=True,
        )
        self.session = self._keeper.pid
        self._stopped: Stopped | None = None

    def check(self) -> None:
        """Raise ``ProgramEnded`` where one of them has ended."""
        events = self._keeper.stdout
        while events is not None and self._stopped is None and _readable(events):
            line = events.readline()
            if not line:
                break
            event = json.loads(line)
            if event["event"] == "ended":
                raise ProgramEnded(_last_words(event["program"], event["code"], self._logs))
        if self._keeper.poll() is not None:
            raise ProgramEnded("The process that keeps Airflow's components was killed.")

    @property
    def is_stopped(self) -> bool:
        return self._stopped is not None

    def stop(self) -> Stopped:
        """Stop them all and wait until they are gone."""
        if self._stopped is None:
            started = time.monotonic()
            if self._keeper.stdin is not None:
                with suppress(OSError):
                    self._keeper.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                self._keeper.wait(timeout=30)
            left = stop_session(self.session, grace=0, reap=self._keeper.poll)
            self._stopped = Stopped(time.monotonic() - started, (*self._killed_by_keeper(), *left.killed))
        return self._stopped

    def _killed_by_keeper(self) -> tuple[str, ...]:
        """The keeper's last message; nothing where it was killed itself."""
        try:
            rest = self._keeper.stdout.read() if self._keeper.stdout else ""
            messages = [json.loads(line) for line in rest.splitlines()]
        except (OSError, ValueError):
            return ()
        return next((tuple(m["killed"]) for m in messages if m["event"] == "stopped"), ())


def stop_earlier(folder: Path, say: Any) -> None:
    """Wait for an earlier keeper that is still stopping, and stop what one that was killed has left behind."""
    with (folder / COMPONENTS_LOCK).open("a") as lock:
        if not lock_within(lock, 0):
            say("An earlier run is still stopping; waiting for it")
            if not lock_within(lock, 40):
                raise StillRunning("An earlier run does not stop. Wait a moment and run the command again.")
        record = SessionRecord.load(folder / RECORD)
        if record is not None and (left := record.left_behind()):
            say(f"An earlier run was cut off and left {len(left)} processes; stopping them")
            stop_session(record.session)
        (folder / RECORD).unlink(missing_ok=True)


def _readable(stream: IO[str]) -> bool:
    return bool(select.select([stream], [], [], 0)[0])


def _last_words(program: str, code: int, logs: Path) -> str:
    path = logs / f"{program}.log"
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()][-8:]
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"{program} ended ({how}). Its last words, from {path}:\n  " + "\n  ".join(lines)


class Keeper:
    """The process in the middle. It tells on standard output, a JSON object a line, which program has ended and,
    when all are stopped, which processes it had to kill."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._folder = Path(spec["folder"])
        self._logs = Path(spec["logs"])
        self._programs = [Program(row[0], tuple(row[1:])) for row in spec["programs"]]
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._told_to_stop = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._tell)
        with (self._folder / COMPONENTS_LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            SessionRecord.of_this_process().save(self._folder / RECORD)
            try:
                self._start()
                self._watch()
            finally:
                stopped = stop_session(os.getpid(), spare=os.getpid(), reap=self._ended)
                (self._folder / RECORD).unlink(missing_ok=True)
                _emit({"event": "stopped", "killed": stopped.killed})

    def _tell(self, *_: object) -> None:
        self._told_to_stop = True

    def _start(self) -> None:
        for program in self._programs:
            with (self._logs / f"{program.name}.log").open("wb") as log:
                self._running[program.name] = subprocess.Popen(
                    program.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
                )

    def _watch(self) -> None:
        while not self._told_to_stop:
            if _readable(sys.stdin) and not os.read(sys.stdin.fileno(), 1024):
                return
            if ended := self._ended():
                name, code = ended[0]
                _emit({"event": "ended", "program": name, "code": code})
                return
            time.sleep(0.2)

    def _ended(self) -> list[tuple[str, int]]:
        codes = [(name, process.poll()) for name, process in self._running.items()]
        return [(name, code) for name, code in codes if code is not None]


def _emit(event: Mapping[str, Any]) -> None:
    """Nobody may be left to hear it."""
    with suppress(OSError):
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    Keeper(json.loads(sys.argv[1])).run()
