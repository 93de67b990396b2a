"""Which source records a run looks at. Chosen once per run and stored, so that retries and clears see the same.

Scheduled runs and plain manual ones select by last modification, from the cursor less an overlap. Backfills and
dated manual runs select by business date, because last modification forgets: a deal won in March and edited in
October is found by the backfill of March, not by its modification in March. Only the first kind moves the cursor, and
never past what the clocks of the systems said that were read: they date their records by them, not by ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from include.core.decisions import Json
from include.core.errors import SettingsError

OVERLAP = timedelta(hours=1)
"""Rows may be indexed late (clients in the field allow for up to an hour) or carry equal timestamps;
what comes twice is recognised by its key."""
SETTLE = timedelta(seconds=60)
"""The newest minute is left to the next run: the search index trails the write by a few moments."""

ZONE_SPREAD = timedelta(hours=14)
"""No civil time zone is further from UTC."""

Kind = Literal["modified", "dated", "records"]


@dataclass(frozen=True, slots=True)
class Window:
    """``modified``: aware UTC instants. ``dated``: wall-clock times in each entity's zone (naive). ``records``: ids.

    ``start`` inclusive, ``end`` exclusive. ``moves_cursor``: whether a successful run raises the cursor; ``cursor``:
    where to, known once the window was read.
    """

    kind: Kind
    start: datetime | None = None
    end: datetime | None = None
    ids: tuple[str, ...] = ()
    moves_cursor: bool = False
    cursor: datetime | None = None

    def to_json(self) -> Json:
        return {
            "kind": self.kind,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "ids": list(self.ids),
            "moves_cursor": self.moves_cursor,
            "cursor": self.cursor.isoformat() if self.cursor else None,
        }

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """``start`` and ``end`` of a window that has them. Raises ``ValueError`` for named records."""
        if self.start is None or self.end is None:
            raise ValueError("a window of named records has no bounds")
        return self.start, self.end

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """Aware UTC instants that surely hold the window: business dates reach as far as any civil time zone does.

        Raises ``ValueError`` for named records.
        """
        start, end = self.bounds
        if self.kind == "dated":
            return start.replace(tzinfo=UTC) - ZONE_SPREAD, end.replace(tzinfo=UTC) + ZONE_SPREAD
        return start, end

    def is_other_than(self, window: Window) -> bool:
        """Whether other records are looked at in it; where its cursor goes does not matter."""
        return replace(self, cursor=None) != replace(window, cursor=None)

    def describe(self) -> str:
        """For logs and notes: what the run looks at."""
        match self.kind:
            case "records":
                return f"{len(self.ids)} named records"
            case "dated":
                return f"dated from {self.start} until {self.end}, each in its entity's calendar"
            case "modified":
                return f"modified from {self.start} until {self.end}"

    @classmethod
    def from_json(cls, data: Json) -> Window:
        return cls(
            data["kind"],
            datetime.fromisoformat(data["start"]) if data["start"] else None,
            datetime.fromisoformat(data["end"]) if data["end"] else None,
            tuple(data["ids"]),
            data["moves_cursor"],
            datetime.fromisoformat(data["cursor"]) if data.get("cursor") else None,
        )


@dataclass(frozen=True, slots=True)
class BusinessDates:
    """The dates of a ``dated`` window: wall-clock times in the entity's zone, ``start`` inclusive, ``end`` not.

    Read so, a backfill of a month holds exactly what is dated in that month of the entity's own calendar.
    """

    start: datetime
    end: datetime

    @classmethod
    def of(cls, window: Window) -> BusinessDates | None:
        """``None`` for a run that does not select by business date."""
        return cls(*window.bounds) if window.kind == "dated" else None

    def holds(self, local: datetime | date) -> bool:
        """``local``: an instant in the entity's zone, or one of its dates, which every window holds that has a part of
        that day: a backfill by the hour then finds a day several times rather than never."""
        if isinstance(local, datetime):
            return self.start <= local.replace(tzinfo=None) < self.end
        return self.start.date() <= local and datetime.combine(local, time()) < self.end


def choose_window(
    *,
    run_type: str,
    interval_start: datetime | None,
    interval_end: datetime | None,
    params: Mapping[str, Any],
    cursor: datetime | None,
    beginning: datetime,
    now: datetime,
) -> Window:
    """The window of one run.

    ``params``: ``date_from``, ``date_to`` (ISO dates, both inclusive), ``record_ids``, ``limit``, ``post_mode``.
    ``beginning`` is where the first run starts that has no cursor yet. Raises ``SettingsError`` for dates that
    contradict each other.
    """
    if params.get("record_ids") is not None:
        return Window("records", ids=tuple(str(i) for i in params["record_ids"]))
    date_from, date_to = params.get("date_from"), params.get("date_to")
    if date_to and not date_from:
        raise SettingsError(f"date_to ({date_to}) needs a date_from; for that one day write it twice")
    if date_from:
        first = _date("date_from", date_from)
        last = _date("date_to", date_to or date_from)
        if last < first:
            raise SettingsError(f"date_to ({last}) is before date_from ({first}); exchange them")
        return Window("dated", datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time()))
    if run_type == "backfill":
        if interval_start is None or interval_end is None:
            raise SettingsError("a backfill run has no data interval; the DAG's schedule must have one")
        return Window("dated", _wall_clock(interval_start), _wall_clock(interval_end))
    end = min(interval_end, now - SETTLE) if run_type == "scheduled" and interval_end else now - SETTLE
    start = (cursor - OVERLAP) if cursor else beginning
    whole = params.get("limit") is None and params.get("post_mode") != "dry_run"
    return Window("modified", min(start, end).astimezone(UTC), end.astimezone(UTC), moves_cursor=whole)


def after_reading(window: Window, told: Iterable[datetime]) -> Window:
    """The window once it was read, from systems whose clocks said ``told`` in their first answers.

    Our clock may be ahead of theirs: then the window reaches into a time that has not come there, and what is changed
    in it is for later runs. So the cursor moves to the window's end, but never past the settled part of their time.
    """
    if not window.moves_cursor or window.end is None:
        return window
    return replace(window, cursor=min([window.end, *(one - SETTLE for one in told)]).astimezone(UTC))


def _wall_clock(instant: datetime) -> datetime:
    """A schedule's midnight means every entity's own midnight."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def _date(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise SettingsError(f"{name} is “{value}”; write a date like 2026-03-31") from None
