"""API sessions: opened for a user in one entity context, extended by every call, kept in the store."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from include.sandbox.intacct.store.database import Database


@dataclass(frozen=True, slots=True)
class Session:
    """``id`` is empty for a call that logged in with user and password."""

    id: str
    userid: str
    locationid: str
    until: datetime


def open_session(db: Database, userid: str, locationid: str, now: datetime, lasts: timedelta) -> Session:
    token = f"{secrets.token_urlsafe(24)}.."
    until = now + lasts
    db.execute('DELETE FROM "_session" WHERE expires < ?', (now.timestamp(),))
    db.execute(
        'INSERT INTO "_session" (id, userid, locationid, expires) VALUES (?, ?, ?, ?)',
        (token, userid, locationid, until.timestamp()),
    )
    return Session(token, userid, locationid, until)


def resume(db: Database, token: str, now: datetime, lasts: timedelta) -> Session | None:
    """The live session with its life extended from now; ``None`` if unknown or expired."""
    row = db.execute('SELECT userid, locationid, expires FROM "_session" WHERE id = ?', (token,)).fetchone()
    if row is None or datetime.fromtimestamp(row[2], UTC) < now:
        return None
    until = now + lasts
    db.execute('UPDATE "_session" SET expires = ? WHERE id = ?', (until.timestamp(), token))
    return Session(token, row[0], row[1], until)


def end_all(db: Database) -> None:
    """Every session becomes invalid, as when the service restarts or a user's password changes."""
    db.execute('DELETE FROM "_session"')
