"""Records that are to be looked at again on a day, whatever happens to them until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import bindparam, delete, select

from include.state.engine import Database
from include.state.schema import due
from include.state.upsert import insert

_AT_ONCE = 500
_FORGET = delete(due).where(
    due.c.flow == bindparam("its_flow"), due.c.source_id.in_(bindparam("source_ids", expanding=True))
)


class DueDates(Database):
    def put_due(self, flow: str, days: Mapping[str, date | None]) -> None:
        """Remember for each record the day from which on runs look at it; ``None``: no more."""
        ends = sorted(record for record, day in days.items() if day is None)
        rows = [
            {"flow": flow, "source_id": record, "due_on": day, "updated_at": self._now()}
            for record, day in sorted(days.items())
            if day is not None
        ]
        with self.begin() as connection:
            for start in range(0, len(ends), _AT_ONCE):
                connection.execute(_FORGET, {"its_flow": flow, "source_ids": ends[start : start + _AT_ONCE]})
            if rows:
                statement = insert(connection, due)
                given = statement.excluded
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=[due.c.flow, due.c.source_id],
                        set_={"due_on": given.due_on, "updated_at": given.updated_at},
                    ),
                    rows,
                )

    def due(self, flow: str, on: date, size: int = 5000) -> Iterator[str]:
        """The records whose day is ``on`` or before, the longest due first, in pages of ``size`` so that memory does
        not grow with them."""
        query = (
            select(due.c.due_on, due.c.source_id)
            .where(due.c.flow == flow, due.c.due_on <= on)
            .order_by(due.c.due_on, due.c.source_id)
            .limit(size)
        )
        last: tuple[date, str] | None = None
        while True:
            page = query
            if last is not None:
                later = (due.c.due_on > last[0]) | ((due.c.due_on == last[0]) & (due.c.source_id > last[1]))
                page = query.where(later)
            with self.read() as connection:
                found = connection.execute(page).all()
            yield from (row.source_id for row in found)
            if len(found) < size:
                return
            last = (found[-1].due_on, found[-1].source_id)
