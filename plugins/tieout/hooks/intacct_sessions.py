"""Intacct sessions shared by tasks: encrypted in the state, never in clear outside a process."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from cryptography.fernet import InvalidToken

from include.connectors.intacct.errors import Unreachable
from include.connectors.intacct.sessions import MemorySessionCache, SessionCache

log = logging.getLogger(__name__)

_PAUSE = 0.25
_NOBODY = "nobody"


class Fernet(Protocol):
    """What ``cryptography.fernet.Fernet`` and Airflow's own offer."""

    def encrypt(self, data: bytes, /) -> bytes: ...

    def decrypt(self, token: bytes, /) -> bytes: ...


class SessionStore(Protocol):
    """Where encrypted sessions are kept: ``include.state.store.StateStore``."""

    def session(self, name: str) -> bytes | None: ...

    def put_session(self, name: str, holder: str, blob: bytes, expires_at: datetime) -> None: ...

    def lease_session(self, name: str, holder: str, seconds: float) -> bool: ...

    def release_session(self, name: str, holder: str) -> None: ...


class EncryptedSessionCache:
    """A ``SessionCache`` over a store that many processes share. What it keeps there only ``fernet`` can read."""

    def __init__(self, store: SessionStore, fernet: Fernet, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._fernet = fernet
        self._wait = wait
        self._held = threading.local()

    def get(self, key: str) -> bytes | None:
        """A session encrypted under another key counts as none: after a change of keys, tasks sign in anew."""
        blob = self._store.session(key)
        if blob is None:
            return None
        try:
            return bytes(self._fernet.decrypt(bytes(blob)))
        except InvalidToken:
            return None

    def put(self, key: str, blob: bytes, expires_at: datetime) -> None:
        holder = getattr(self._held, "holder", _NOBODY)
        self._store.put_session(key, holder, self._fernet.encrypt(blob), expires_at)

    @contextmanager
    def lock(self, key: str, seconds: float) -> Iterator[None]:
        """One holder among all processes, for ``seconds`` at most. Raises ``Unreachable`` where none comes free."""
        holder = uuid.uuid4().hex
        patience = 2 * seconds
        while not self._store.lease_session(key, holder, seconds):
            if patience <= 0:
                raise Unreachable("Another task has been signing in to Sage Intacct for too long.", system="intacct")
            self._wait(_PAUSE)
            patience -= _PAUSE
        self._held.holder = holder
        try:
            yield
        finally:
            del self._held.holder
            self._store.release_session(key, holder)


def state_session_cache(store: SessionStore) -> SessionCache:
    """Sessions shared through the state, encrypted with Airflow's own key (``[core] fernet_key``).

    Where Airflow has no key, sessions stay in this process: nothing is ever stored in clear.
    """
    from airflow.sdk.crypto import get_fernet

    fernet = get_fernet()
    if not fernet.is_encrypted:
        log.warning("Airflow has no fernet_key, so Sage Intacct sessions are not shared: each task signs in itself")
        return MemorySessionCache()
    return EncryptedSessionCache(store, fernet)
