"""How many requests this process has under way at once, per company.

Intacct allows a company few requests at a time (two on its smallest tier); what is above is refused with HTTP 429.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from include.connectors.intacct.errors import SYSTEM, Unreachable


class Allowance:
    """A number of slots. Threads that share one company share one ``Allowance`` (``allowance_for``)."""

    def __init__(self, slots: int) -> None:
        if slots < 1:
            raise ValueError("an allowance needs at least one slot")
        self._slots = threading.BoundedSemaphore(slots)

    @contextmanager
    def slot(self, seconds: float) -> Iterator[None]:
        """Hold one slot. Raises ``Unreachable`` where none becomes free within ``seconds``."""
        if not self._slots.acquire(timeout=max(0.0, seconds)):
            raise Unreachable(
                "All Sage Intacct requests allowed at once are under way; none became free in time.", system=SYSTEM
            )
        try:
            yield
        finally:
            self._slots.release()


_shared: dict[tuple[str, str, int], Allowance] = {}
_lock = threading.Lock()


def allowance_for(url: str, company_id: str, slots: int) -> Allowance:
    """The one allowance of this process for a company at a gateway."""
    with _lock:
        return _shared.setdefault((url, company_id, slots), Allowance(slots))
