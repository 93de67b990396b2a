"""Named places at which a test makes the process die. Off unless a test, or ``TIEOUT_CRASH_AT``, turns it on.

``TIEOUT_CRASH_AT=sync.after_send:3`` kills this process with SIGKILL when ``sync.after_send`` is passed
for the third time: no clean-up code runs, as on a lost machine. ``TIEOUT_CRASH_FILE=/path`` kills one process at the
place that this file names, as soon as it is there; it is removed first, so that the next try lives. Without the
variables and without an installed hook a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

Hook = Callable[[str], None]

SYNC_POINTS = (
    "sync.before_claim",
    "sync.after_claim",
    "sync.after_find",
    "sync.after_intent",
    "sync.after_send",
    "sync.after_record",
    "sync.before_release",
)
"""The points of the write path, in the order in which they are passed. Between two of them lie either calls to the
target or transactions of ours, never both."""

CALL_POINTS = ("intacct.before_call", "intacct.after_call", "hubspot.before_call", "hubspot.after_call")
"""Around every request to a system; ``after``: its answer has been read, and nobody knows of it yet."""
STATE_POINTS = ("state.before_commit", "state.after_commit")
"""Around every commit of the state database."""
UPDATE_POINTS = ("update.after_object",)
"""After the existing records of one kind were made to show what they should."""
POINTS = (*SYNC_POINTS, *CALL_POINTS, *STATE_POINTS, *UPDATE_POINTS)


def kill_at(place: str) -> Hook:
    """A hook that kills this process at ``name`` or at the nth passing of ``name:n``."""
    name, _, count = place.partition(":")
    nth = int(count or 1)
    passed: Counter[str] = Counter()

    def hook(point_name: str) -> None:
        passed[point_name] += 1
        if point_name == name and passed[name] == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def kill_once(file: Path) -> Hook:
    """A hook that kills this process at the place that ``file`` names. Of all processes that reach it, only the one
    that removes the file dies."""
    passed: Counter[str] = Counter()

    def hook(point_name: str) -> None:
        passed[point_name] += 1
        with suppress(FileNotFoundError):
            name, _, count = file.read_text().partition(":")
            if point_name == name and passed[name] == int(count or 1):
                file.unlink()
                os.kill(os.getpid(), signal.SIGKILL)

    return hook


def _of_the_environment() -> Hook | None:
    if place := os.environ.get("TIEOUT_CRASH_AT"):
        return kill_at(place)
    file = os.environ.get("TIEOUT_CRASH_FILE")
    return kill_once(Path(file)) if file else None


_hook: Hook | None = _of_the_environment()


def install(hook: Hook | None) -> None:
    """Call ``hook(name)`` at every point from now on; ``None`` turns it off."""
    global _hook
    _hook = hook


def point(name: str) -> None:
    if _hook is not None:
        _hook(name)
