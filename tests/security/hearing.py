"""Hearing everything that is logged or printed."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Heard(logging.Handler):
    """Every record at DEBUG, as a careless formatter would write it, before anything masks it; and what was printed."""

    def __init__(self, printed: Path) -> None:
        super().__init__(logging.DEBUG)
        self._printed = printed
        self._lines: dict[str, list[str]] = defaultdict(list)
        self.setFormatter(logging.Formatter("%(message)s %(args)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._lines[record.name].append(self.format(record))

    def texts(self) -> Iterator[tuple[str, str]]:
        """(logger, or ``print``; its text)."""
        yield "print", self._printed.read_text(errors="replace")
        yield from ((name, "\n".join(lines)) for name, lines in self._lines.items())


@contextmanager
def heard(printed: Path) -> Iterator[Heard]:
    """Hear everything: all loggers at DEBUG, and both standard streams of this process and its children."""
    handler, root = Heard(printed), logging.getLogger()
    level, kept = root.level, [os.dup(1), os.dup(2)]
    with printed.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield handler
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
            for number, descriptor in enumerate(kept, 1):
                os.dup2(descriptor, number)
                os.close(descriptor)
