"""One demo in a folder: a second one would share its database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tieout.local.environment import Home, Ports
from tieout.local.locks import DEMO_LOCK, lock_within


class SecondInstance(Exception):
    """Another demo runs in this folder."""


@contextmanager
def alone(home: Home) -> Iterator[Callable[[Ports], None]]:
    """While it lasts no other demo begins here; gives what tells where this one is. Raises ``SecondInstance``."""
    with (home.folder / DEMO_LOCK).open("a+") as lock:
        if not lock_within(lock, 0.5):
            lock.seek(0)
            where = lock.read().strip() or "it is still starting"
            raise SecondInstance(
                f"bin/demo already runs in this folder ({where}). Stop it with Ctrl-C in its terminal, or look at "
                "its pages; two of them would share one database."
            )
        lock.truncate(0)

        def note_address(ports: Ports) -> None:
            with (home.folder / DEMO_LOCK).open("r+") as file:
                file.truncate()
                file.write(f"process {os.getpid()}, http://127.0.0.1:{ports.api}\n")

        yield note_address
