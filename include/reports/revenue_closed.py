"""Closed periods as they were closed, kept for good, against the same periods as the books show them now.

When a report first finds a period closed, it keeps that period's facts. Later reports compare: what was posted back
into the period, reversed in it or edited since is the difference, record by record (accounting case 41).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from include.core.books import Books, Entity
from include.core.fiscal import Period, period_of
from include.core.periods import closed_through
from include.reports.revenue_facts import AHEAD
from include.reports.tables import Column, Table, read_parquet, write_parquet

_SEEN = "seen.json"
_SAME = ("measure", "object", "record_no", "piece", "currency")
CLOSED_COLUMNS = (
    *(Column(name) for name in ("entity", "period", "measure", "currency")),
    Column("as_closed_minor", "minor"),
    Column("as_now_minor", "minor"),
    Column("difference_minor", "minor"),
    Column("known_at", "instant"),
    Column("basis"),
    Column("reopened", "flag"),
)
CHANGE_COLUMNS = (
    *(Column(name) for name in ("entity", "period", "change", "measure", "currency")),
    Column("as_closed_minor", "minor"),
    Column("as_now_minor", "minor"),
    Column("difference_minor", "minor"),
    Column("day", "date"),
    Column("entered_at", "instant"),
    *(Column(name) for name in ("object", "record_no", "piece", "number", "deal_id", "customer", "why", "url")),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """``periods``: each measure of each closed period, as closed and as now. ``changes``: the records that make the
    difference, and nothing else."""

    periods: Table
    changes: Table


@dataclass(frozen=True, slots=True)
class _Kept:
    entity: str
    period: str
    last: date
    known_at: datetime
    basis: str
    facts: Table


def compare_closed(folder: Path, facts: Table, books: Books, now: datetime, closes_after_days: int) -> Compared:
    """Keep what is newly closed in ``folder``, then compare all that was ever kept.

    A period that closed since the last report is kept as the books are now. One that was closed before the first report
    is kept with what had been entered ``closes_after_days`` days after its end, as the records' own times tell.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    by_period = _by_period(facts, books)
    _keep_new(folder, by_period, facts.columns, books, now, closes_after_days)
    periods: list[tuple[Any, ...]] = []
    changes: list[tuple[Any, ...]] = []
    for kept in _kept(folder, facts.columns):
        current = by_period.get((kept.entity, kept.period), [])
        closed = closed_through(books.entities[kept.entity], "AR") if kept.entity in books.entities else None
        reopened = closed is None or closed < kept.last
        then, today = _sums(kept.facts.rows, facts), _sums(current, facts)
        measures = {key: (0, 0) for key in sorted({(key[0], key[4]) for key in (*then, *today)})}
        for key in sorted({*then, *today}):
            before, after = then.get(key, (0, ()))[0], today.get(key, (0, ()))[0]
            sums = measures[key[0], key[4]]
            measures[key[0], key[4]] = (sums[0] + before, sums[1] + after)
            if before != after:
                row = dict(zip((one.name for one in facts.columns), (today.get(key) or then[key])[1], strict=True))
                change = "new" if key not in then else "gone" if key not in today else "changed"
                changes.append((
                    kept.entity, kept.period, change, key[0], key[4], before, after, after - before, row["day"],
                    row["entered_at"], *(row[name] for name in ("object", "record_no", "piece", "number", "deal_id",
                    "customer", "why", "url")),
                ))  # fmt: skip
        periods += [
            (kept.entity, kept.period, *key, *sums, sums[1] - sums[0], kept.known_at, kept.basis, reopened)
            for key, sums in measures.items()
        ]
    return Compared(
        Table("closed_periods", CLOSED_COLUMNS, periods, "Closed periods"),
        Table("changes_after_close", CHANGE_COLUMNS, changes, "What changed after the close"),
    )


def _keep_new(
    folder: Path, by_period: Mapping[tuple[str, str], Sequence[tuple[Any, ...]]], columns: tuple[Column, ...],
    books: Books, now: datetime, closes_after_days: int,
) -> None:  # fmt: skip
    seen: dict[str, str] = json.loads((folder / _SEEN).read_text()) if (folder / _SEEN).exists() else {}
    entered = next(n for n, one in enumerate(columns) if one.name == "entered_at")
    day = next(n for n, one in enumerate(columns) if one.name == "day")
    earliest = min((row[day] for rows in by_period.values() for row in rows), default=None)
    for entity_id, entity in books.entities.items():
        closed = closed_through(entity, "AR")
        for period in _closed_periods(entity, earliest, closed):
            file = folder / entity_id / f"{period.name.replace(' ', '-')}.parquet"
            if file.with_suffix(".json").exists():
                continue
            rows = by_period.get((entity_id, period.name), [])
            was_open = entity_id in seen and (seen[entity_id] or "") < period.last.isoformat()
            known_at, basis = now, "kept when it was closed"
            if not was_open:
                end = datetime.combine(period.last + timedelta(days=closes_after_days + 1), time(), entity.zone)
                known_at = min(now, end.astimezone(UTC))
                basis = f"by the times of entry, {closes_after_days} days after its end"
                rows = [row for row in rows if row[entered] <= known_at]
            _write(file, Table("facts", columns, rows), {
                "entity": entity_id, "period": period.name, "first": period.first.isoformat(),
                "last": period.last.isoformat(), "known_at": known_at.isoformat(), "basis": basis,
            })  # fmt: skip
    now_seen = {one: str(closed_through(entity, "AR") or "") for one, entity in books.entities.items()}
    _replace(folder / _SEEN, json.dumps(now_seen, indent=1).encode())


def _closed_periods(entity: Entity, earliest: date | None, closed: date | None) -> Iterator[Period]:
    if earliest is None or closed is None:
        return
    period = period_of(entity.fiscal, earliest)
    while period.last <= closed:
        yield period
        period = period_of(entity.fiscal, period.last + timedelta(days=1))


def _by_period(facts: Table, books: Books) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    """What happened, by entity and period of its calendar (whatever the report's own first day)."""
    place = {one.name: n for n, one in enumerate(facts.columns)}
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for row in facts.rows:
        entity = books.entities.get(row[place["entity"]])
        if entity is not None and row[place["measure"]] not in AHEAD and row[place["day"]] > date.min:
            name = period_of(entity.fiscal, row[place["day"]]).name
            found.setdefault((row[place["entity"]], name), []).append(row)
    return found


def _sums(rows: Iterable[tuple[Any, ...]], facts: Table) -> dict[tuple[str, ...], tuple[int, tuple[Any, ...]]]:
    """By record: its amount, whatever deal or product it is shared by, and one row that tells of it."""
    places = [facts.position(name) for name in _SAME]
    amount = facts.position("amount_minor")
    found: dict[tuple[str, ...], tuple[int, tuple[Any, ...]]] = {}
    for row in rows:
        key = tuple(row[place] for place in places)
        found[key] = (found.get(key, (0, ()))[0] + row[amount], row)
    return found


def _kept(folder: Path, columns: tuple[Column, ...]) -> Iterator[_Kept]:
    for file in sorted(folder.glob("*/*.json")):
        told = json.loads(file.read_text())
        yield _Kept(
            told["entity"], told["period"], date.fromisoformat(told["last"]), datetime.fromisoformat(told["known_at"]),
            told["basis"], read_parquet(file.with_suffix(".parquet"), "facts", columns),
        )  # fmt: skip


def _write(file: Path, table: Table, told: Mapping[str, Any]) -> None:
    """The facts first, then what says that they are there: a kill in between leaves the period to the next report."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = file.with_suffix(".part")
    write_parquet(work, table)
    hashed = sha256(work.read_bytes()).hexdigest()
    work.replace(file)
    _replace(file.with_suffix(".json"), json.dumps({**told, "facts": len(table.rows), "sha256": hashed}).encode())


def _replace(file: Path, content: bytes) -> None:
    work = file.with_suffix(".new")
    work.write_bytes(content)
    work.replace(file)
