"""Records: reading and writing the rows of ``objects``, and the copy of them that a trailing search index sees."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from include.sandbox.hubspot.store.database import Database

_COLUMNS = "type, id, props, created, updated, archived_at, source_type, source_id, user_id"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Source:
    """Who changed something: ``INTEGRATION`` and the token's app id, ``CRM_UI`` and ``userId:<n>``, and so on."""

    type: str
    id: str
    user_id: int | None = None


CALCULATED = Source("CALCULATED", "CalculatedPropertyComputer")


@dataclass(frozen=True, slots=True)
class Record:
    """``props`` holds the non-empty values only; times in milliseconds."""

    type_id: str
    id: int
    props: dict[str, str]
    created: int
    updated: int
    archived_at: int | None
    source: Source


def from_row(row: Sequence[Any]) -> Record:
    return Record(row[0], row[1], json.loads(row[2]), row[3], row[4], row[5], Source(row[6], row[7], row[8]))


def dump(props: dict[str, str]) -> str:
    return json.dumps(props, ensure_ascii=False, separators=(",", ":"))


class Records:
    """``lag_ms``: by how much the search index trails (0: it reads the records themselves)."""

    def __init__(self, db: Database, lag_ms: int) -> None:
        self.db = db
        self.lag_ms = lag_ms
        if lag_ms:
            with db.transaction():
                db.run("DELETE FROM indexed")
                db.run("DELETE FROM index_queue")
                db.run(f"INSERT INTO indexed SELECT {_COLUMNS} FROM objects")  # noqa: S608

    def get(self, type_id: str, record_id: int | None, *, archived: bool | None = False) -> Record | None:
        """One record; ``archived`` None: whichever. An id that was merged away gives None (see ``survivor``)."""
        if record_id is None:
            return None
        row = self.db.one(f"SELECT {_COLUMNS} FROM objects WHERE type = ? AND id = ?", (type_id, record_id))  # noqa: S608
        if row is None or (archived is not None and (row[5] is not None) != archived):
            return None
        return from_row(row)

    def fetch(self, type_id: str, ids: Iterable[int], *, archived: bool | None = False) -> dict[int, Record]:
        wanted = list(dict.fromkeys(ids))
        found: dict[int, Record] = {}
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT {_COLUMNS} FROM objects WHERE type = ? AND id IN ({marks})"  # noqa: S608
            for row in self.db.run(sql, (type_id, *chunk)):
                if archived is None or (row[5] is not None) == archived:
                    found[row[1]] = from_row(row)
        return found

    def page(self, type_id: str, after: int, limit: int, *, archived: bool) -> list[Record]:
        """Records with id from ``after`` on, in id order."""
        where = "archived_at IS NOT NULL" if archived else "archived_at IS NULL"
        sql = f"SELECT {_COLUMNS} FROM objects WHERE type = ? AND id >= ? AND {where} ORDER BY id LIMIT ?"  # noqa: S608
        return [from_row(row) for row in self.db.run(sql, (type_id, after, limit))]

    def survivor(self, type_id: str, record_id: int | None) -> int | None:
        """The id under which a record lives on after merges; the id itself when it was never merged away."""
        for _ in range(50):
            if record_id is None:
                return None
            row = self.db.one("SELECT new_id FROM merged WHERE type = ? AND old_id = ?", (type_id, record_id))
            if row is None:
                return record_id
            record_id = row[0]
        return record_id

    def survivors(self, type_id: str, ids: Iterable[int]) -> dict[int, int]:
        """The id under which each of these lives on."""
        wanted = list(ids)
        if self.db.one("SELECT 1 FROM merged LIMIT 1") is None:
            return {number: number for number in wanted}
        return {number: self.survivor(type_id, number) or number for number in wanted}

    def holder(self, type_id: str, name: str, key: str) -> int | None:
        """The record that holds a unique value."""
        row = self.db.one("SELECT id FROM uniques WHERE type = ? AND name = ? AND value = ?", (type_id, name, key))
        return row[0] if row else None

    def insert(self, record: Record) -> None:
        marks = "?, ?, ?, ?, ?, ?, ?, ?, ?"
        self.db.run(f"INSERT INTO objects ({_COLUMNS}) VALUES ({marks})", _row(record))  # noqa: S608
        self._to_index(record, record.created)

    def save(self, record: Record, now: int) -> None:
        self.db.run(
            "UPDATE objects SET props = ?, created = ?, updated = ?, archived_at = ? WHERE type = ? AND id = ?",
            (dump(record.props), record.created, record.updated, record.archived_at, record.type_id, record.id),
        )
        self._to_index(record, now)

    def searchable(self, now: int) -> str:
        """The table that search reads at this moment."""
        if not self.lag_ms:
            return "objects"
        due = self.db.rows("SELECT seq FROM index_queue WHERE visible_at <= ? ORDER BY seq", (now,))
        if due:
            with self.db.transaction():
                for (seq,) in due:
                    self.db.run(
                        f"INSERT OR REPLACE INTO indexed SELECT {_COLUMNS} FROM index_queue WHERE seq = ?",  # noqa: S608
                        (seq,),
                    )
                    self.db.run("DELETE FROM index_queue WHERE seq = ?", (seq,))
        return "indexed"

    def _to_index(self, record: Record, now: int) -> None:
        if self.lag_ms:
            marks = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
            sql = f"INSERT INTO index_queue (visible_at, {_COLUMNS}) VALUES ({marks})"  # noqa: S608
            self.db.run(sql, (now + self.lag_ms, *_row(record)))


def _row(record: Record) -> tuple[Any, ...]:
    source = record.source
    return (
        record.type_id, record.id, dump(record.props), record.created, record.updated, record.archived_at,
        source.type, source.id, source.user_id,
    )  # fmt: skip


insert_row = _row
INSERT = f"INSERT OR REPLACE INTO objects ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
COLUMNS = _COLUMNS
