"""Closed periods as they were closed, kept for good, against the same periods as the books show them now.

When a report first finds a period closed, it keeps that period's facts. Later reports compare: what was posted back
into the period, reversed in it or edited since is the difference, record by record (accounting case 41).
"""

# ruff: noqa: S608  (the names and days in statements are this file's own)

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from include.core.books import Books, Entity
from include.core.fiscal import Period, period_of
from include.core.periods import closed_through
from include.reports.folder import as_file_name
from include.reports.revenue_facts import AHEAD
from include.reports.tables import Column, Stored, Table, stored, write_parquet

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


_CHANGES = """
WITH as_closed AS (
    SELECT {same}, sum(amount_minor)::BIGINT AS amount, {told} FROM read_parquet($file) GROUP BY ALL
), as_now AS (
    SELECT {same}, sum(amount_minor)::BIGINT AS amount, {told} FROM {facts} WHERE {inside} GROUP BY ALL
)
SELECT CASE WHEN t.amount IS NULL THEN 'new' WHEN n.amount IS NULL THEN 'gone' ELSE 'changed' END, measure, currency,
    coalesce(t.amount, 0), coalesce(n.amount, 0), coalesce(n.amount, 0) - coalesce(t.amount, 0), {either}
FROM as_closed t FULL JOIN as_now n USING ({same}) WHERE coalesce(t.amount, 0) <> coalesce(n.amount, 0)
ORDER BY measure, object, record_no, piece, currency
"""
_MEASURES = """
SELECT measure, currency, sum(before)::BIGINT, sum(after)::BIGINT FROM (
    SELECT measure, currency, amount_minor AS before, 0 AS after FROM read_parquet($file)
    UNION ALL SELECT measure, currency, 0, amount_minor FROM {facts} WHERE {inside}
) GROUP BY ALL ORDER BY ALL
"""
_TOLD = ("day", "entered_at", "number", "deal_id", "customer", "why", "url")
_SHOWN = ("day", "entered_at", "object", "record_no", "piece", "number", "deal_id", "customer", "why", "url")


def compare_closed(folder: Path, facts: Table, books: Books, now: datetime, closes_after_days: int) -> Compared:
    """Keep what is newly closed in ``folder``, then compare all that was ever kept. ``facts`` are in DuckDB.

    A period that closed since the last report is kept as the books are now. One that was closed before the first report
    is kept with what had been entered ``closes_after_days`` days after its end, as the records' own times tell.
    """
    held = facts.rows
    if not isinstance(held, Stored):
        raise TypeError("the facts of closed periods are compared where they are stored")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keep_new(folder, held, books, now, closes_after_days)
    periods: list[tuple[Any, ...]] = []
    changes: list[tuple[Any, ...]] = []
    for file in sorted(folder.glob("*/*.json")):
        kept = json.loads(file.read_text())
        entity, period, last = kept["entity"], kept["period"], date.fromisoformat(kept["last"])
        closed = closed_through(books.entities[entity], "AR") if entity in books.entities else None
        parts = {
            "facts": held.table,
            "inside": _inside(entity, date.fromisoformat(kept["first"]), last),
            "same": ", ".join(_SAME),
            "told": ", ".join(f"max({name}) AS {name}" for name in _TOLD),
            "either": ", ".join(name if name in _SAME else f"coalesce(n.{name}, t.{name})" for name in _SHOWN),
        }
        given = {"file": str(file.with_suffix(".parquet"))}
        for row in held.store.execute(_CHANGES.format(**parts), given).fetchall():
            changes.append((entity, period, *row[:7], row[7].replace(tzinfo=UTC), *row[8:]))
        told = (datetime.fromisoformat(kept["known_at"]), kept["basis"], closed is None or closed < last)
        for measure, currency, before, after in held.store.execute(_MEASURES.format(**parts), given).fetchall():
            periods.append((entity, period, measure, currency, before, after, after - before, *told))
    return Compared(
        Table("closed_periods", CLOSED_COLUMNS, periods, "Closed periods"),
        Table("changes_after_close", CHANGE_COLUMNS, changes, "What changed after the close"),
    )


def kept_file(folder: Path, entity_id: str, period: Period) -> Path:
    """Where the records of a closed period are kept; what is told of them lies beside it, as JSON."""
    return folder / as_file_name(entity_id) / f"{period.name.replace(' ', '-')}.parquet"


def _inside(entity_id: str, first: date, last: date) -> str:
    """What happened in a period of an entity (whatever the report's own first day)."""
    ahead = ", ".join(f"'{one}'" for one in AHEAD)
    entity = entity_id.replace("'", "''")
    return f"entity = '{entity}' AND day BETWEEN DATE '{first}' AND DATE '{last}' AND measure NOT IN ({ahead})"


def _keep_new(folder: Path, facts: Stored, books: Books, now: datetime, closes_after_days: int) -> None:
    seen: dict[str, str] = json.loads((folder / _SEEN).read_text()) if (folder / _SEEN).exists() else {}
    query = f"SELECT min(day) FROM {facts.table} WHERE entity IN (SELECT unnest(?)) AND day > DATE '0001-01-01'"
    (earliest,) = facts.store.execute(query, [list(books.entities)]).fetchone() or (None,)
    for entity_id, entity in books.entities.items():
        closed = closed_through(entity, "AR")
        for period in _closed_periods(entity, earliest, closed):
            file = kept_file(folder, entity_id, period)
            if file.with_suffix(".json").exists():
                continue
            inside = _inside(entity_id, period.first, period.last)
            was_open = entity_id in seen and (seen[entity_id] or "") < period.last.isoformat()
            known_at, basis = now, "kept when it was closed"
            if not was_open:
                end = datetime.combine(period.last + timedelta(days=closes_after_days + 1), time(), entity.zone)
                known_at = min(now, end.astimezone(UTC))
                basis = f"by the times of entry, {closes_after_days} days after its end"
                inside += f" AND entered_at <= TIMESTAMP '{known_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"
            _write(file, facts, inside, {
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


def _write(file: Path, facts: Stored, inside: str, told: Mapping[str, Any]) -> None:
    """The facts first, then what says that they are there: a kill in between leaves the period to the next report."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = file.with_suffix(".part")
    facts.store.execute(f"CREATE OR REPLACE TEMP VIEW kept AS {facts.query} WHERE {inside}")
    kept = stored(facts.store, "kept", facts.columns)
    write_parquet(work, kept)
    hashed = sha256(work.read_bytes()).hexdigest()
    work.replace(file)
    _replace(file.with_suffix(".json"), json.dumps({**told, "facts": len(kept.rows), "sha256": hashed}).encode())


def _replace(file: Path, content: bytes) -> None:
    work = file.with_suffix(".new")
    work.write_bytes(content)
    work.replace(file)
