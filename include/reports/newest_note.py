"""Which run of a report is the newest evidence: the one that read last, not the one whose task ran last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from include.core.decisions import Json
from include.state.progress import Note
from include.state.store import StateStore

_LOOKED_AT = 1000


def newest_note(
    store: StateStore, flow: str, read_at: str, counts: Callable[[Json], bool] = lambda note: True
) -> Note | None:
    """The note of the run whose data was read last, among those that ``counts`` admits; ``None`` where there is none.
    ``read_at`` names the moment of reading in the note.

    A task of an older run that is cleared leaves its note again, and with it the moment at which it had read.
    """
    notes = [one for one in store.notes(flow, limit=_LOOKED_AT) if read_at in one.note and counts(one.note)]
    return max(notes, key=lambda one: (datetime.fromisoformat(one.note[read_at]), one.at), default=None)
