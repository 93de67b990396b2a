"""Sessions of remote systems, shared by tasks. The blobs arrive encrypted; this store never sees a credential."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from include.state.engine import Database
from include.state.schema import sessions
from include.state.upsert import insert


class Sessions(Database):
    def session(self, name: str) -> bytes | None:
        """The encrypted session under this name, unless there is none or it has expired."""
        query = select(sessions.c.blob).where(sessions.c.name == name, sessions.c.expires_at > self._now())
        with self.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def lease_session(self, name: str, holder: str, seconds: float) -> bool:
        """Whether ``holder`` is the one who may log in now; the others wait and ask ``session`` again.

        The lease ends by itself after ``seconds``, the same for all who ask under a name, so that a killed holder stops
        nobody for long, not even one whose clock was hours ahead: a lease that ends later than any could is none.
        """
        now = self._now()
        too_late = now + 2 * timedelta(seconds=seconds)
        with self.begin() as connection:
            connection.execute(insert(connection, sessions).values(name=name).on_conflict_do_nothing())
            until = sessions.c.lease_until
            free = or_(until.is_(None), until <= now, until > too_late, sessions.c.holder == holder)
            taken = connection.execute(
                update(sessions)
                .where(sessions.c.name == name, free)
                .values(holder=holder, lease_until=now + timedelta(seconds=seconds))
            )
            return taken.rowcount == 1

    def put_session(self, name: str, holder: str, blob: bytes, expires_at: datetime) -> None:
        """Share a session and end the holder's lease."""
        with self.begin() as connection:
            statement = insert(connection, sessions).values(name=name, blob=blob, expires_at=expires_at)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[sessions.c.name],
                    set_={"blob": statement.excluded.blob, "expires_at": statement.excluded.expires_at},
                )
            )
        self.release_session(name, holder)

    def release_session(self, name: str, holder: str) -> None:
        """End the holder's lease without a session: the login failed."""
        with self.begin() as connection:
            connection.execute(
                update(sessions)
                .where(sessions.c.name == name, sessions.c.holder == holder)
                .values(holder=None, lease_until=None)
            )

    def drop_session(self, name: str, blob: bytes) -> None:
        """Forget this session, because the remote system refuses it; a newer one under the same name stays."""
        with self.begin() as connection:
            connection.execute(
                update(sessions)
                .where(sessions.c.name == name, sessions.c.blob == blob)
                .values(blob=None, expires_at=None)
            )
