"""Pages of a search. A client that walks a result by ``hs_object_id GT <last>`` asks the same question again and again:

from the second time on, while nothing was written in between, the answer's ids are kept and only cut differently.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from include.sandbox.hubspot.store.database import Database


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL condition over a row ``o`` and the values of its marks."""

    sql: str
    values: tuple[Any, ...] = ()


MOST_KEPT = 300_000


@dataclass(slots=True)
class _Walk:
    """``ids`` in id order once the question came twice; until then None."""

    question: tuple[str, tuple[Any, ...]]
    written: int
    ids: list[int] | None = None


class Pages:
    """One walk at a time is remembered: the newest."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._walk: _Walk | None = None

    def by_id(self, table: str, where: Condition, after_id: int, limit: int) -> tuple[int, list[int]]:
        """Of what fits ``where``: how many have a greater id than ``after_id``, and the first ``limit`` of those."""
        question = (f"{table} {where.sql}", where.values)
        written = self.db.connection.total_changes
        walk = self._walk
        if walk is None or walk.question != question or walk.written != written:
            self._walk = _Walk(question, written)
            return self._asked(table, where, after_id, limit)
        if walk.ids is None:
            sql = f"SELECT o.id FROM {table} o WHERE {where.sql} ORDER BY o.id LIMIT ?"  # noqa: S608
            ids = [row[0] for row in self.db.run(sql, (*where.values, MOST_KEPT + 1))]
            if len(ids) > MOST_KEPT:
                return self._asked(table, where, after_id, limit)
            walk.ids = ids
        start = bisect_right(walk.ids, after_id)
        return len(walk.ids) - start, walk.ids[start : start + limit]

    def _asked(self, table: str, where: Condition, after_id: int, limit: int) -> tuple[int, list[int]]:
        cut = f"{where.sql} AND o.id > ?"
        values = (*where.values, after_id)
        total = self.db.one(f"SELECT count(*) FROM {table} o WHERE {cut}", values)[0]  # noqa: S608
        sql = f"SELECT o.id FROM {table} o WHERE {cut} ORDER BY o.id LIMIT ?"  # noqa: S608
        return total, [row[0] for row in self.db.run(sql, (*values, limit))]

    def ordered(self, table: str, where: Condition, order: str, limit: int, offset: int) -> tuple[int, list[int]]:
        """How many fit ``where``, and the ids of one page in the given order."""
        total = self.db.one(f"SELECT count(*) FROM {table} o WHERE {where.sql}", where.values)[0]  # noqa: S608
        if not limit:
            return total, []
        sql = f"SELECT o.id FROM {table} o WHERE {where.sql} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        return total, [row[0] for row in self.db.run(sql, (*where.values, limit, offset))]
