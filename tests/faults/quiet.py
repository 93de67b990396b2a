"""The product's log: nowhere, or as part of a schedule's story."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def quiet(to: Any = None) -> Iterator[None]:
    """No log lines; or each to ``to``, as text."""
    root, before = logging.getLogger(), logging.getLogger().level
    handler = _To(to) if to else None
    if handler is None:
        logging.disable(logging.CRITICAL)
    else:
        root.addHandler(handler)
        root.setLevel(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        root.setLevel(before)
        if handler is not None:
            root.removeHandler(handler)


class _To(logging.Handler):
    def __init__(self, to: Any) -> None:
        super().__init__()
        self._to = to

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("include.", "tieout.")):
            self._to(f"    {record.getMessage()}"[:240])
