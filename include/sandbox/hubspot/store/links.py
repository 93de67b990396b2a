"""Association rows. Both directions are always written and removed together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from include.sandbox.hubspot.store.database import Database


class End(NamedTuple):
    type_id: str
    id: int


class Link(NamedTuple):
    to_id: int
    category: int
    type_id: int


_INSERT = "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?, ?)"


def add(db: Database, start: End, end: End, category: int, there: int, back: int) -> None:
    db.run(_INSERT, (*start, *end, category, there))
    db.run(_INSERT, (*end, *start, category, back))


def remove(db: Database, start: End, end: End, category: int | None = None, there: int = 0, back: int = 0) -> bool:
    """Remove one type of a pair, or (``category`` None) all. Tells whether there was anything."""
    pair = "DELETE FROM links WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?"
    if category is None:
        gone = db.run(pair, (*start, *end)).rowcount
        db.run(pair, (*end, *start))
    else:
        gone = db.run(pair + " AND category = ? AND type_id = ?", (*start, *end, category, there)).rowcount
        db.run(pair + " AND category = ? AND type_id = ?", (*end, *start, category, back))
    return gone > 0


def between(db: Database, start: End, end: End) -> list[Link]:
    return [
        Link(*row)
        for row in db.run(
            "SELECT to_id, category, type_id FROM links"
            " WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?",
            (*start, *end),
        )
    ]


def of(db: Database, start: End, to_type: str, *, after: int = 0) -> list[Link]:
    """What a record is associated with, by id from ``after`` on; one row per type."""
    return [
        Link(*row)
        for row in db.run(
            "SELECT to_id, category, type_id FROM links"
            " WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id >= ? ORDER BY to_id, category, type_id",
            (*start, to_type, after),
        )
    ]


def of_many(db: Database, from_type: str, ids: Sequence[int], to_type: str) -> dict[int, list[Link]]:
    """What each of these records is associated with, by id; one row per type."""
    found: dict[int, list[Link]] = {}
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        marks = ",".join("?" * len(chunk))
        sql = (
            "SELECT from_id, to_id, category, type_id FROM links"  # noqa: S608
            f" WHERE from_type = ? AND from_id IN ({marks}) AND to_type = ? ORDER BY from_id, to_id, category, type_id"
        )
        for from_id, *link in db.run(sql, (from_type, *chunk, to_type)):
            found.setdefault(from_id, []).append(Link(*link))
    return found


def linked_ids(db: Database, start: End, to_type: str) -> list[int]:
    return [
        row[0]
        for row in db.run(
            "SELECT DISTINCT to_id FROM links WHERE from_type = ? AND from_id = ? AND to_type = ? ORDER BY to_id",
            (*start, to_type),
        )
    ]


def all_of(db: Database, start: End) -> list[tuple[str, int, int, int]]:
    """Every association of a record: type and id of the other end, category, type id."""
    return db.rows(
        "SELECT to_type, to_id, category, type_id FROM links WHERE from_type = ? AND from_id = ?"
        " ORDER BY to_type, to_id, category, type_id",
        start,
    )


def drop_all(db: Database, start: End) -> None:
    """Remove a record's associations, both ways."""
    for to_type, to_id in db.rows(
        "SELECT DISTINCT to_type, to_id FROM links WHERE from_type = ? AND from_id = ?", start
    ):
        remove(db, start, End(to_type, to_id))


def add_many(db: Database, rows: Iterable[tuple[str, int, str, int, int, int]]) -> None:
    db.many(_INSERT, rows)
