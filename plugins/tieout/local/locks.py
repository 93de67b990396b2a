"""Locks between the commands of one project folder. The system lifts them however their holder ends."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

DEMO_LOCK = "demo.lock"
COMPONENTS_LOCK = "components.lock"


def lock_within(file: IO[str], seconds: float) -> bool:
    """Lock the open file, waiting at most so long for another process to let go of it."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.2)
        else:
            return True


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock just now."""
    if not path.exists():
        return False
    with path.open() as file:
        return not lock_within(file, 0)
