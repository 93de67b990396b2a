"""What a flow is made of. Each module in ``include.flows`` that is a flow ends with its ``FLOW``; the DAG's steps
(``tieout.steps``) are the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.core.books import Strict
from include.core.decisions import Decision, Hold, Json, Update, Write
from include.core.sync import Result
from include.core.windows import Window

if TYPE_CHECKING:
    from include.flows.run import FlowRun

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One integration, as the steps see it. Only ``find``, ``read``, ``decide`` and ``write_back`` call systems.

    ``name`` is the DAG's id and the stem of the flow's four files. ``source`` says what a source id names: system and
    object (``("hubspot", "deal")``); holds of this flow are about such records.
    """

    name: str
    settings: type[Strict]
    source: tuple[str, str]

    find: Callable[[FlowRun, Window], Iterable[str]]
    """The source ids that a run must look at; records on hold are added by the step."""

    read: Callable[[FlowRun, Sequence[str]], Mapping[str, Json]]
    """A slice's records by source id, with all that belongs to them. What it leaves out no longer exists."""

    decide: Callable[[FlowRun, Sequence[Json]], list[Decision]]
    """The flow's ``lookup`` and its pure ``plan``: for each record writes, updates, a skip or a hold."""

    off: Callable[[FlowRun], str] | None = None
    """Why the flow does nothing at all, ``""`` where it is on. A run of a flow that is off moves no cursor."""

    prepare: Callable[[FlowRun], None] | None = None
    """What must be there before the first record (property definitions); not called by dry runs."""

    recheck: Callable[[FlowRun, Sequence[Write]], Sequence[Hold]] | None = None
    """Asked just before anything is sent: which source records' writes must not go any more, and why."""

    read_back: Callable[[FlowRun, Applied], ReadBack] | None = None
    """Reads what now stands in the target: for the write-back, and to hold what is not as planned."""

    write_back: Callable[[FlowRun, Loaded], Counts] | None = None
    """Writes the outcome to the source records; counts what it did."""

    done: Callable[[FlowRun, Sequence[str]], set[str]] | None = None
    """Which of these need no look any more: a limited run passes them by, so that the next one gets further."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A slice's decisions, carried out. ``results`` has one for each of ``writes``, in order, except where there is no
    target (a mail without a mail server)."""

    writes: Sequence[Write]
    updates: Sequence[Update]
    results: Sequence[Result]


@dataclass(frozen=True, slots=True)
class ReadBack:
    """``records`` travel to the flow's ``write_back``; ``holds`` are what the books show otherwise than planned."""

    records: Sequence[Json] = ()
    holds: Sequence[Hold] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What ``load`` hands to ``write_back``. ``held``: source id -> message; ``released``: source ids that were on hold
    and, without anything having been written for them, are so no more."""

    records: Sequence[Json]
    held: Mapping[str, str]
    released: Sequence[str]
    counts: Counts = field(default_factory=dict)

    def to_json(self) -> Json:
        return {
            "records": list(self.records),
            "held": dict(self.held),
            "released": list(self.released),
            "counts": dict(self.counts),
        }

    @classmethod
    def from_json(cls, data: Json) -> Loaded:
        return cls(data["records"], data["held"], data["released"], data["counts"])
