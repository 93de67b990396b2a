"""Property history.

A value never changed since the record's creation has no row: its one entry follows from the record. That keeps a
bulk load small; the first change writes the original entry too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from include.sandbox.hubspot.store.database import Database
from include.sandbox.hubspot.store.records import Record, Source
from include.sandbox.hubspot.times import wire

_INSERT = (
    "INSERT INTO history (type, id, name, at, value, source_type, source_id, user_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def changed(db: Database, record: Record, name: str, before: str, after: str, at: int, source: Source) -> None:
    """Note that ``name`` of a record (as it was before) became ``after``."""
    key = (record.type_id, record.id, name)
    if before and db.one("SELECT 1 FROM history WHERE type = ? AND id = ? AND name = ? LIMIT 1", key) is None:
        origin = record.source
        db.run(_INSERT, (*key, record.created, before, origin.type, origin.id, origin.user_id))
    db.run(_INSERT, (*key, at, after, source.type, source.id, source.user_id))


def add(db: Database, type_id: str, record_id: int, name: str, rows: Iterable[tuple[int, str, Source]]) -> None:
    """Enter given history (oldest first), as a seed does."""
    for at, value, source in rows:
        db.run(_INSERT, (type_id, record_id, name, at, value, source.type, source.id, source.user_id))


def of(db: Database, record: Record, name: str, current: str | None) -> list[dict[str, Any]]:
    """Newest first, in wire form."""
    rows = db.rows(
        "SELECT value, at, source_type, source_id, user_id FROM history"
        " WHERE type = ? AND id = ? AND name = ? ORDER BY at DESC, seq DESC",
        (record.type_id, record.id, name),
    )
    if not rows and current:
        rows = [(current, record.created, record.source.type, record.source.id, record.source.user_id)]
    return [_entry(*row) for row in rows]


def _entry(value: str, at: int, source_type: str, source_id: str, user_id: int | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"value": value, "timestamp": wire(at), "sourceType": source_type}
    if source_id:
        entry["sourceId"] = source_id
    if user_id is not None:
        entry["updatedByUserId"] = user_id
    return entry
