"""totalcount without counting a million rows for every page.

Counts are remembered until the next write. A read that walks by key (``RECORDNO > last page's end``) asks for the same
condition with a larger bound each time; its count is the last one less what lies between the two bounds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from include.sandbox.intacct.query.sql import Condition, parameters, where
from include.sandbox.intacct.store.database import Database

_MOST = 512
_KEYSET = 't."RECORDNO" > ?'


class Counts:
    """Remembered totals by FROM clause and conditions."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Any, ...], tuple[int, int]] = OrderedDict()
        self._version = -1

    def total(self, db: Database, source: str, conditions: Sequence[Condition]) -> int:
        """How many rows of ``source`` hold all conditions."""
        if db.version != self._version:
            self._known.clear()
            self._version = db.version
        bound = [c.parameters[0] for c in conditions if c.sql == _KEYSET]
        rest = [c for c in conditions if c.sql != _KEYSET]
        if len(bound) != 1 or not isinstance(bound[0], int):
            rest, bound = list(conditions), []
        key = (source, bool(bound), tuple((c.sql, c.parameters) for c in rest))
        known = self._known.get(key)
        if known is None:
            count = _count(db, source, conditions)
        elif not bound:
            return known[1]
        else:
            count = _moved(db, source, rest, known, bound[0])
        self._known[key] = (bound[0] if bound else 0, count)
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return count


def _moved(db: Database, source: str, rest: Sequence[Condition], known: tuple[int, int], bound: int) -> int:
    at, count = known
    low, high = sorted((at, bound))
    between = Condition('t."RECORDNO" > ? AND t."RECORDNO" <= ?', (low, high))
    step = _count(db, source, [*rest, between])
    return count - step if bound >= at else count + step


def _count(db: Database, source: str, conditions: Sequence[Condition]) -> int:
    sql = " ".join(("SELECT COUNT(*) FROM", source, where(conditions)))
    return int(db.scalar(sql, parameters(conditions)))
