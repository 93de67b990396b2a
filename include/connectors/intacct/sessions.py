"""API sessions: signed in once, shared by tasks, renewed in time and by one at a time.

A session belongs to one company, user and entity. Its id is a credential: it is in no repr, and a cache outside this
process must encrypt the blobs it is given.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

Now = Callable[[], datetime]

SKEW = timedelta(seconds=60)
LOCK_SECONDS = 60.0
FALLBACK_SECONDS = 900.0  # where the answer does not say how long the session lasts


@dataclass(frozen=True, slots=True)
class ApiSession:
    """A signed-in session. ``endpoint`` has been checked; ``expires_at`` is aware and by our clock."""

    session_id: str = field(repr=False)
    endpoint: str
    expires_at: datetime

    def to_blob(self) -> bytes:
        return json.dumps([self.session_id, self.endpoint, self.expires_at.isoformat()]).encode()

    @classmethod
    def from_blob(cls, blob: bytes | None) -> ApiSession | None:
        """The session in a cache's blob; ``None`` for no blob or one that is not ours."""
        try:
            session_id, endpoint, expires_at = json.loads(blob or b"")
            moment = datetime.fromisoformat(expires_at)
            if not (isinstance(session_id, str) and session_id and isinstance(endpoint, str)):
                return None
            return cls(session_id, endpoint, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (ValueError, TypeError):
            return None


class SessionCache(Protocol):
    """Where sessions are shared. Blobs hold credentials in clear: a cache that outlives the process encrypts them.

    ``get`` may answer an expired or foreign blob. ``lock`` waits until nobody else holds ``key``; its holder loses it
    after ``seconds`` at the latest, so that a dead one stops nobody.
    """

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, blob: bytes, expires_at: datetime) -> None: ...

    def lock(self, key: str, seconds: float) -> AbstractContextManager[object]: ...


class MemorySessionCache:
    """A ``SessionCache`` for the threads of one process."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: str) -> bytes | None:
        return self._blobs.get(key)

    def put(self, key: str, blob: bytes, expires_at: datetime) -> None:
        self._blobs[key] = blob

    def lock(self, key: str, seconds: float) -> AbstractContextManager[object]:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())


class SessionKeeper:
    """Hands out the session to use, and a new one where it is about to expire or was found invalid.

    ``login`` signs in afresh; it is called by one caller at a time per ``key``, whoever waits gets its result.
    """

    def __init__(self, cache: SessionCache, key: str, now: Now) -> None:
        self._cache = cache
        self._key = key
        self._now = now
        self._held: ApiSession | None = None

    def current(self, login: Callable[[], ApiSession]) -> ApiSession:
        """A session that is good for another ``SKEW`` at least, by what we know."""
        held = self._held
        if held is not None and self._good(held):
            return held
        return self._take(login, invalid=None)

    def renewed(self, invalid: ApiSession, login: Callable[[], ApiSession]) -> ApiSession:
        """Another session than ``invalid``, which the gateway does not know any more."""
        return self._take(login, invalid=invalid.session_id)

    def fresh(self, login: Callable[[], ApiSession]) -> ApiSession:
        """A newly signed-in session, whatever there was."""
        with self._cache.lock(self._key, LOCK_SECONDS):
            return self._share(login())

    def extend(self, session: ApiSession, seconds: float | None) -> None:
        """Sessions slide: an answer under ``session`` said that it lasts ``seconds`` from now.

        Only this process is told, so another may sign in earlier than needed; that costs one call.
        """
        if seconds is not None and self._held is session:
            self._held = ApiSession(session.session_id, session.endpoint, self.expiry(seconds))

    def expiry(self, seconds: float | None) -> datetime:
        return self._now() + timedelta(seconds=FALLBACK_SECONDS if seconds is None else seconds)

    def _good(self, session: ApiSession) -> bool:
        return self._now() < session.expires_at - SKEW

    def _take(self, login: Callable[[], ApiSession], invalid: str | None) -> ApiSession:
        shared = ApiSession.from_blob(self._cache.get(self._key))
        if shared is None or shared.session_id == invalid or not self._good(shared):
            with self._cache.lock(self._key, LOCK_SECONDS):
                shared = ApiSession.from_blob(self._cache.get(self._key))
                if shared is None or shared.session_id == invalid or not self._good(shared):
                    return self._share(login())
        self._held = shared
        return shared

    def _share(self, session: ApiSession) -> ApiSession:
        self._cache.put(self._key, session.to_blob(), session.expires_at)
        self._held = session
        return session
