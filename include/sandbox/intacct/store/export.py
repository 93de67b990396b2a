"""The books as they are, record by record: what checks compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import RLock
from typing import Any

from include.sandbox.intacct.catalogue.definition import Field, ObjectType
from include.sandbox.intacct.store.database import Database, Row, quoted
from include.sandbox.intacct.values import shower

_PAGE = 500


def export_books(db: Database, lock: RLock) -> Iterator[Mapping[str, Any]]:
    """``{"object", "record": {FIELD: text}, "items": [{...}]}`` in order of object and RECORDNO; empty fields are left
    out. The lock is taken page by page, so the export of a large file does not stop the service."""
    for item in _kept(db):
        yield from _objects(db, lock, item)


def count_books(db: Database, lock: RLock) -> dict[str, int]:
    """Number of records by object; objects without records are left out."""
    with lock:
        counts = {
            item.name: int(db.execute(" ".join(("SELECT count(*) FROM", quoted(item.name)))).fetchone()[0])
            for item in _kept(db)
        }
    return {name: number for name, number in counts.items() if number}


def part_of_books(db: Database, lock: RLock, name: str, skip: int, number: int) -> list[Mapping[str, Any]]:
    """So many records of one object, as in ``export_books``, after those to skip; none of an unknown object."""
    with lock:
        item = next((item for item in _kept(db) if item.name == name), None)
        if item is None:
            return []
        sql = " ".join(("SELECT * FROM", quoted(name), "ORDER BY RECORDNO LIMIT ? OFFSET ?"))
        return [_record(db, item, row) for row in db.rows(sql, (number, skip))]


def _kept(db: Database) -> list[ObjectType]:
    """The objects that have records of their own, by name."""
    objects = db.catalogue.objects.values()
    owned = {line for item in objects for line, _, _ in item.lines}
    return sorted((one for one in objects if not one.view and one.name not in owned), key=lambda one: one.name)


def _objects(db: Database, lock: RLock, item: ObjectType) -> Iterator[Mapping[str, Any]]:
    after = -1
    sql = " ".join(("SELECT * FROM", quoted(item.name), "WHERE RECORDNO > ? ORDER BY RECORDNO LIMIT ?"))
    while True:
        with lock:
            rows = db.rows(sql, (after, _PAGE))
            page = [_record(db, item, row) for row in rows]
        if not rows:
            return
        yield from page
        after = rows[-1]["RECORDNO"]


def _record(db: Database, item: ObjectType, row: Row) -> Mapping[str, Any]:
    record: dict[str, Any] = {"object": item.name, "record": texts(item.stored(), row)}
    for line_object, _, parent in item.lines:
        line = db.catalogue.objects[line_object]
        record["items"] = [texts(line.stored(), entry) for entry in db.matching(line_object, parent, row["RECORDNO"])]
    return record


def texts(fields: list[Field], row: Row) -> dict[str, str]:
    return {field.name: shower(field.kind)(row[field.name]) for field in fields if row.get(field.name) is not None}
