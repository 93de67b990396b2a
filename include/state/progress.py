"""How far each flow has come: cursors, the windows of its runs, and what each run did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from include.core.decisions import Json
from include.state.engine import Database
from include.state.schema import cursors, run_notes, windows
from include.state.upsert import insert


@dataclass(frozen=True, slots=True)
class Note:
    """What one run did, in the words of the flow that left it; ``at`` is aware UTC."""

    flow: str
    run_id: str
    note: Json
    at: datetime


class Progress(Database):
    def cursor(self, flow: str) -> datetime | None:
        """The instant up to which the flow has seen its source; ``None`` before its first run has finished."""
        with self.read() as connection:
            return connection.execute(select(cursors.c.instant).where(cursors.c.flow == flow)).scalar_one_or_none()

    def raise_cursor(self, flow: str, instant: datetime) -> datetime:
        """Move the cursor to ``instant``, unless it is further already. Returns where it stands then."""
        with self.begin() as connection:
            statement = insert(connection, cursors).values(flow=flow, instant=instant, updated_at=self._now())
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[cursors.c.flow],
                    set_={"instant": statement.excluded.instant, "updated_at": statement.excluded.updated_at},
                    where=cursors.c.instant < statement.excluded.instant,
                )
            )
            stands: datetime = connection.execute(select(cursors.c.instant).where(cursors.c.flow == flow)).scalar_one()
        return stands

    def window(self, flow: str, run_id: str) -> Json | None:
        """The stored window of this run, if there is one."""
        query = select(windows.c.window).where(windows.c.flow == flow, windows.c.run_id == run_id)
        with self.begin() as connection:
            stored: Json | None = connection.execute(query).scalar_one_or_none()
        return stored

    def fix_window(self, flow: str, run_id: str, window: Json) -> Json:
        """The window of this run: the one stored first, whoever asks later and with whatever ``window``."""
        with self.begin() as connection:
            connection.execute(
                insert(connection, windows)
                .values(flow=flow, run_id=run_id, window=window, created_at=self._now())
                .on_conflict_do_nothing()
            )
            stored: Json = connection.execute(
                select(windows.c.window).where(windows.c.flow == flow, windows.c.run_id == run_id)
            ).scalar_one()
        return stored

    def put_note(self, flow: str, run_id: str, note: Json) -> None:
        """Leave the note of this run; a later try replaces it."""
        with self.begin() as connection:
            statement = insert(connection, run_notes).values(
                flow=flow, run_id=run_id, note=note, updated_at=self._now()
            )
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[run_notes.c.flow, run_notes.c.run_id],
                    set_={"note": statement.excluded.note, "updated_at": statement.excluded.updated_at},
                )
            )

    def notes(self, flow: str = "", limit: int = 20) -> list[Note]:
        """The notes of the last runs of a flow, or of all, newest first."""
        query = select(run_notes).order_by(run_notes.c.updated_at.desc(), run_notes.c.run_id.desc()).limit(limit)
        if flow:
            query = query.where(run_notes.c.flow == flow)
        with self.read() as connection:
            return [Note(row.flow, row.run_id, row.note, row.updated_at) for row in connection.execute(query)]
