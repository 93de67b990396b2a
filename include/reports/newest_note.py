"""Which run of a report is the newest evidence: the one that read last, not the one whose task ran last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from include.core.clocks import TOLERANCE
from include.core.decisions import Json
from include.state.progress import Note
from include.state.store import StateStore

_LOOKED_AT = 1000


def newest_note(
    store: StateStore,
    flow: str,
    read_at: str,
    counts: Callable[[Json], bool] = lambda note: True,
    now: datetime | None = None,
) -> Note | None:
    """The note of the run whose data was read last, among those that ``counts`` admits; ``None`` where there is none.
    ``read_at`` names the moment of reading in the note.

    A task of an older run that is cleared leaves its note again, and with it the moment at which it had read. What was
    read later than ``now``, by a clock that was ahead, is no evidence, and hides none that was read since.
    """
    notes = [
        (datetime.fromisoformat(one.note[read_at]), one)
        for one in store.notes(flow, limit=_LOOKED_AT)
        if read_at in one.note and counts(one.note)
    ]
    there = [(read, one) for read, one in notes if now is None or read <= now + TOLERANCE]
    return max(there, key=lambda found: (found[0], found[1].at), default=(None, None))[1]
