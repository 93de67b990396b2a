"""Is the last tie-out of a period green? For jobs that must not go on before both systems agree, as a close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from include.reports.newest_note import newest_note
from include.state.store import StateStore

FLOW = "tie_out"


@dataclass(frozen=True, slots=True)
class Gate:
    """``why`` is a sentence for people. ``run_id``, ``folder`` and ``as_of`` (aware UTC) are the tie-out's that
    decided, empty and ``None`` where there is none. ``breaks`` are those that count for the period; ``proves``: the
    tie-out is later than the period, so that they are all of them."""

    green: bool
    why: str
    breaks: int = 0
    run_id: str = ""
    folder: str = ""
    as_of: datetime | None = None
    proves: bool = False


def period_gate(store: StateStore, last_day: date, entity_id: str | None = None, now: datetime | None = None) -> Gate:
    """Whether the tie-out that read last is later than the period that ends on ``last_day`` (inclusive) and found no
    break dated in it or before, timing included. Breaks about no document (a gap in what was read, a missing record
    without a date) always count. ``entity_id``: only this entity's, and those of no entity. ``now`` (aware): no tie-out
    counts that says it read later.

    The last day is over everywhere on earth 12 hours after midnight UTC; a tie-out before that does not count.
    """
    newest = newest_note(store, FLOW, "as_of", now=now)
    if newest is None:
        return Gate(False, "There is no tie-out yet: run the DAG tie_out.")
    note, run_id = newest.note, newest.run_id
    as_of = datetime.fromisoformat(note["as_of"]).astimezone(UTC)
    found = _counting(note["breaks_by_day"], last_day, entity_id)

    over = datetime.combine(last_day + timedelta(days=1), time(12), UTC)

    def gate(green: bool, why: str) -> Gate:
        return Gate(green, why, found, run_id, str(note["folder"]), as_of, as_of >= over)

    if as_of < over:
        return gate(False, f"The last tie-out ({as_of:%Y-%m-%d %H:%M} UTC) was before {last_day} was over.")
    if found:
        return gate(False, f"The tie-out of {as_of:%Y-%m-%d %H:%M} UTC has {found} breaks up to {last_day}.")
    return gate(True, f"Both systems agree up to {last_day} (tie-out of {as_of:%Y-%m-%d %H:%M} UTC).")


def _counting(by_entity: Mapping[str, Mapping[str, Any]], last_day: date, entity_id: str | None) -> int:
    return sum(
        int(number)
        for entity, days in by_entity.items()
        if entity_id is None or entity in ("", entity_id)
        for day, number in days.items()
        if not day or date.fromisoformat(day) <= last_day
    )
