"""Records that wait for a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, select, update

from include.core.decisions import Hold, Json
from include.state.engine import Database
from include.state.schema import holds
from include.state.upsert import insert

_AT_ONCE = 500
_CLOSE = (
    update(holds)
    .where(
        holds.c.flow == bindparam("its_flow"),
        holds.c.closed_at.is_(None),
        holds.c.source_id.in_(bindparam("source_ids", expanding=True)),
    )
    .values(closed_at=bindparam("at"), closed_run=bindparam("run"))
)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """An open hold: when it was opened and by which run, and when a run last saw it still standing."""

    flow: str
    source_id: str
    code: str
    message: str
    details: Json
    opened_at: datetime
    opened_run: str
    seen_at: datetime
    seen_run: str


class Holds(Database):
    def open_holds(self, flow: str = "") -> list[HoldRow]:
        """The open holds of a flow, or of all, oldest first."""
        query = select(holds).where(holds.c.closed_at.is_(None)).order_by(holds.c.opened_at, holds.c.source_id)
        if flow:
            query = query.where(holds.c.flow == flow)
        with self.read() as connection:
            return [
                HoldRow(
                    row.flow,
                    row.source_id,
                    row.code,
                    row.message,
                    row.details,
                    row.opened_at,
                    row.opened_run,
                    row.seen_at,
                    row.seen_run,
                )
                for row in connection.execute(query)
            ]

    def put_holds(self, flow: str, run_id: str, new: Sequence[Hold]) -> None:
        """Open these holds, or renew those that are open: one for each source record, the last one given stands.

        A renewed hold keeps the time it was opened at; one that had been closed is opened anew.
        """
        if not new:
            return
        now = self._now()
        rows = [
            {
                "flow": flow,
                "source_id": hold.source_id,
                "code": hold.code,
                "message": hold.message.replace("\x00", ""),
                "details": hold.details,
                "opened_at": now,
                "opened_run": run_id,
                "seen_at": now,
                "seen_run": run_id,
            }
            for _, hold in sorted({hold.source_id: hold for hold in new}.items())
        ]
        with self.begin() as connection:
            statement = insert(connection, holds)
            given = statement.excluded
            is_open = holds.c.closed_at.is_(None)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[holds.c.flow, holds.c.source_id],
                    set_={
                        "code": given.code,
                        "message": given.message,
                        "details": given.details,
                        "opened_at": case((is_open, holds.c.opened_at), else_=given.opened_at),
                        "opened_run": case((is_open, holds.c.opened_run), else_=given.opened_run),
                        "seen_at": given.seen_at,
                        "seen_run": given.seen_run,
                        "closed_at": None,
                        "closed_run": None,
                    },
                ),
                rows,
            )

    def close_holds(self, flow: str, source_ids: Collection[str], run_id: str) -> int:
        """Close the holds of these records, where open; returns how many were."""
        wanted = sorted(set(source_ids))
        closed = 0
        with self.begin() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                values = {
                    "its_flow": flow,
                    "source_ids": wanted[start : start + _AT_ONCE],
                    "at": self._now(),
                    "run": run_id,
                }
                closed += connection.execute(_CLOSE, values).rowcount
        return closed
