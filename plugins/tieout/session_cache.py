"""Intacct sessions shared by all tasks, through the state database. A session id is a credential: it is encrypted with
Airflow's own key before it is stored, and one task at a time logs in."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from include.core.errors import Unavailable
from include.state.store import StateStore

_POLL_SECONDS = 0.5


class Fernet(Protocol):
    def encrypt(self, msg: bytes) -> bytes: ...

    def decrypt(self, msg: bytes) -> bytes: ...


class StateSessionCache:
    """``SessionCache`` of the Intacct connector on ``StateStore``."""

    def __init__(self, store: StateStore, fernet: Fernet) -> None:
        self._store = store
        self._fernet = fernet
        self._holder = uuid.uuid4().hex

    def get(self, key: str) -> bytes | None:
        """The session's blob, in clear; ``None`` where there is none, or one that another key encrypted."""
        blob = self._store.session(key)
        if blob is None:
            return None
        try:
            return self._fernet.decrypt(blob)
        except Exception:
            return None

    def put(self, key: str, blob: bytes, expires_at: datetime) -> None:
        self._store.put_session(key, self._holder, self._fernet.encrypt(blob), expires_at)

    @contextmanager
    def lock(self, key: str, seconds: float) -> Iterator[None]:
        """Wait until no other task is logging in. Raises ``Unavailable`` where that takes longer than its lease."""
        deadline = time.monotonic() + 2 * seconds
        while not self._store.lease_session(key, self._holder, seconds):
            if time.monotonic() > deadline:
                raise Unavailable("another task is logging in to Intacct for too long", retry_after=seconds)
            time.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            self._store.release_session(key, self._holder)
