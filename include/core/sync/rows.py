"""What the write log keeps about each write, and what the write path asks of the store that keeps it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from include.core.decisions import Json, Key, Write


class WriteState(StrEnum):
    """What is known about one write."""

    PLANNED = "planned"
    """Claimed; nothing was sent, or what was sent certainly did nothing."""
    UNKNOWN = "unknown"
    """Sent, or about to be sent: it may have happened. Resolved by looking at the target."""
    WRITTEN = "written"
    """The target holds it."""
    REJECTED = "rejected"
    """The target refused it: a dead letter, with its payload."""
    DIFFERS = "differs"
    """The target holds a record under our key that does not show what was planned."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is working on a write: one try of one (mapped) task of one run. ``map_index`` is -1 where not mapped."""

    run: str
    task: str
    map_index: int = -1
    attempt: int = 1

    def succeeds(self, other: Owner) -> bool:
        """Whether this is a later try of the same task, so that the other one is known to be over."""
        same = (self.run, self.task, self.map_index) == (other.run, other.task, other.map_index)
        return same and self.attempt > other.attempt


@dataclass(frozen=True, slots=True)
class WriteRow:
    """One row of the write log.

    ``payload``, ``facts``, ``expect`` and ``summary`` are the ``Write``'s (payload ``None`` once it is written);
    ``content_hash`` is of ``facts``. ``epoch`` numbers the control ids used so far. ``running_until``: no request that
    could still make this record is running after this instant; ``None`` while no such request is known. ``claim`` is
    another number with every claim and fences off a worker whose claim was taken over. ``owner`` and ``lease_until``
    say who works on it now, if anyone. Instants are aware UTC.
    """

    key: Key
    state: WriteState
    payload: Json | None = field(repr=False)  # may be personal data
    facts: Json = field(repr=False)
    expect: Mapping[str, str]
    summary: str
    content_hash: str
    epoch: int = 0
    running_until: datetime | None = None
    claim: int = 0
    owner: Owner | None = None
    lease_until: datetime | None = None
    target_id: str = ""
    natural_id: str = ""
    code: str = ""
    message: str = ""

    @property
    def write(self) -> Write:
        return Write(self.key, self.payload or {}, self.facts, self.expect, self.summary)

    def with_content(self, write: Write) -> WriteRow:
        return replace(
            self,
            payload=write.payload,
            facts=write.facts,
            expect=dict(write.expect),
            summary=write.summary,
            content_hash=write.content_hash,
        )


def planned_row(write: Write) -> WriteRow:
    """The row of a write that the log does not know yet."""
    return WriteRow(
        write.key,
        WriteState.PLANNED,
        write.payload,
        write.facts,
        dict(write.expect),
        write.summary,
        write.content_hash,
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """The row as it stands after the claim; ``mine`` is false where it is written or another worker holds it."""

    row: WriteRow
    mine: bool


class WriteStore(Protocol):
    """The write log. Every method is one transaction; none is open while the target is called."""

    def rows(self, keys: Collection[Key]) -> Mapping[Key, WriteRow]:
        """The rows of those keys that the log knows."""

    def claim(self, writes: Sequence[Write], owner: Owner, now: datetime, lease_until: datetime) -> Sequence[Claimed]:
        """Add the rows that are missing, take those that ``include.core.sync.claims.taken`` grants, in one transaction
        that no other claim interleaves with. One answer for each write, in order."""

    def save(self, rows: Sequence[WriteRow]) -> Collection[Key]:
        """Store these rows where the stored ``claim`` is still the row's, in one transaction.

        Returns the keys that were not stored, because another worker has claimed them since.
        """


ResultState = Literal["written", "unchanged", "rejected", "held"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one write. ``written``: made by this flow, now or by an attempt whose reply was lost;
    ``unchanged``: it was there already; ``rejected``: the target refused it (``code``, ``message``); ``held``: a
    person must look (``changed_after_posting``, ``reference_not_written``, ``planned_twice``)."""

    key: Key
    state: ResultState
    target_id: str = ""
    natural_id: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one ``apply`` is patient, in seconds, before it leaves the rest to a later try.

    ``busy``: waiting for other workers' claims. ``not_sent``: waiting on a target that asks for patience.
    ``lost_tries``: sends of one record that get no readable answer. ``lost_in_a_row``: requests without any readable
    answer, after which the target counts as down. ``epochs``: control ids of one record that may turn out spent.
    ``visible_after``: how long a new record may take until the target's look-ups show it. ``lease_margin``: how long a
    claim outlasts a request, and an intent waits for its request at most. ``running_retry``: when to ask again for a
    request that the target is still working on. ``pauses``: the waits before the first, second and further repetitions.
    """

    busy: float = 60.0
    not_sent: float = 300.0
    lost_tries: int = 3
    lost_in_a_row: int = 4
    epochs: int = 8
    visible_after: float = 15.0
    lease_margin: float = 30.0
    running_retry: float = 30.0
    pauses: Sequence[float] = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
