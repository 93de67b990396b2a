"""What one ``apply`` has in its hands: its partners, what is settled, what is left, and the claims it holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from include.core import crash
from include.core.decisions import Key, Write
from include.core.errors import OutcomeUnknown, TieoutError, Unavailable
from include.core.sync import outcomes
from include.core.sync.rows import Limits, Owner, Result, WriteRow, WriteState, WriteStore
from include.core.target import Target


@dataclass(slots=True)
class Work:
    """One ``apply``. ``patience``: seconds it may still wait for the target; ``results``: of what is settled;
    ``written``: the natural ids of what is in the target; ``left``: what a later try must settle, and why."""

    target: Target
    store: WriteStore
    owner: Owner
    now: Callable[[], datetime]
    wait: Callable[[float], None]
    limits: Limits
    patience: float
    results: dict[Key, Result] = field(default_factory=dict)
    written: dict[Key, str] = field(default_factory=dict)
    left: dict[Key, TieoutError] = field(default_factory=dict)

    @property
    def gone_after(self) -> float:
        """Seconds after the intent was saved in which its request can still make a record, whatever became of it.

        The request leaves ``lease_margin`` after its intent at the latest.
        """
        return self.limits.lease_margin + self.target.request_deadline + self.target.settle_seconds

    @property
    def lease(self) -> float:
        """Seconds for which a claim holds off other workers."""
        return self.target.request_deadline + self.limits.lease_margin

    def settle(self, write: Write, row: WriteRow, *, sent: bool) -> None:
        self.results[row.key] = outcomes.result(row, write, sent=sent)
        if row.state is WriteState.WRITTEN:
            self.written[row.key] = row.natural_id

    def unavailable(self, says: str, retry_after: float) -> Unavailable:
        return Unavailable(says, retry_after=max(1.0, retry_after), system=self.target.system)

    def unknown(self, says: str) -> OutcomeUnknown:
        return OutcomeUnknown(says, system=self.target.system)


@dataclass(slots=True)
class Item:
    """One write in work. ``settled``: its row without the request in flight. ``sent``: the record may be our own
    sending's. ``looked_at``: when the target last said that it holds no such record. ``tries``: sends without an
    answer. ``rises``: control ids found spent."""

    write: Write
    settled: WriteRow
    sent: bool
    looked_at: datetime
    tries: int = 0
    rises: int = 0

    @property
    def key(self) -> Key:
        return self.write.key


class Claims:
    """The claims that a chunk holds: ``items`` still to be settled, and ``stored``, the rows as they are in the log."""

    def __init__(self, work: Work, items: Mapping[Key, Item]) -> None:
        self.work = work
        self.items = dict(items)
        self.stored = {key: item.settled for key, item in items.items()}

    def save(self, rows: Mapping[Key, WriteRow]) -> Collection[Key]:
        """Save rows of ours. Those that another worker has taken over are left to it and returned."""
        fenced = self.work.store.save(list(rows.values())) if rows else ()
        self.stored.update(rows)
        for key in fenced:
            del self.stored[key]
            if key in self.items:
                self.leave(self.items[key], self.work.unavailable("another worker has taken it over", self.work.lease))
        return fenced

    def record(self, rows: Mapping[Key, WriteRow]) -> None:
        """Save rows, and settle those that nobody works on any more."""
        fenced = self.save(rows)
        for key, row in rows.items():
            if key not in fenced and row.owner is None:
                item = self.items.pop(key)
                del self.stored[key]
                self.work.settle(item.write, row, sent=item.sent)

    def leave(self, item: Item, why: TieoutError) -> None:
        """To a later try. The claim is given back with the others."""
        self.work.left[item.key] = why
        del self.items[item.key]

    def give_back(self) -> None:
        """End the claims still held, without changing what the log says. Hides no error that is on its way: a claim
        that cannot be given back ends with its lease."""
        rows = [outcomes.released(row) for row in self.stored.values()]
        if rows:
            crash.point("sync.before_release")
            with suppress(TieoutError):
                self.work.store.save(rows)
            self.stored.clear()
