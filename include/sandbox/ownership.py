"""One sandbox per folder of files."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(OSError):
    """Another sandbox works on this folder; the message is a sentence for a person."""


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Nobody else may own the folder during the block. Raises ``FolderInUse``. The lock ends with the
    process, however that ends."""
    with (folder / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FolderInUse(
                f"The sandbox cannot start: another sandbox is working on {folder}. Stop it, or give another "
                "folder with --data."
            ) from None
        yield
