"""A total deadline for one HTTP exchange, slow headers and slow bodies included.

A read time-out starts anew with every byte, so a server that sends one byte a second holds a call for ever.
Here a timer shuts the socket when the whole exchange has had its time. That needs to know the socket, so it
works with a session that has a ``GuardedAdapter`` (``open_session`` makes one); with any other session the
body is still bounded, and only a server that dribbles its *headers* is not.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

PIECE = 65_536
BYTE_CAP = 16 * 1024 * 1024

_current = threading.local()


class TooLong(OSError):
    """The body is larger than ``BYTE_CAP`` or took longer than the deadline."""


class Watchdog:
    """``with Watchdog(seconds):`` shuts the sockets used inside by this thread once the seconds are over."""

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._over = False
        self.fired = False
        self._timer = threading.Timer(max(seconds, 0.0), self._fire)
        self._timer.daemon = True

    def __enter__(self) -> Watchdog:
        _current.watchdog = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.watchdog = None
        self._timer.cancel()
        with self._lock:
            self._over = True

    def watch(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.append(sock)

    def _fire(self) -> None:
        with self._lock:
            if self._over:
                return
            self.fired = True
            for sock in self._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


def _watch(connection: HTTPConnection) -> None:
    watchdog: Watchdog | None = getattr(_current, "watchdog", None)
    if watchdog is not None and connection.sock is not None:
        watchdog.watch(connection.sock)


class _GuardedHTTPConnection(HTTPConnection):
    debuglevel = 0  # whoever traces http.client prints no tokens and no records

    def getresponse(self) -> Any:
        _watch(self)
        return super().getresponse()


class _GuardedHTTPSConnection(HTTPSConnection):
    debuglevel = 0

    def getresponse(self) -> Any:
        _watch(self)
        return super().getresponse()


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTPConnection


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPSConnection


class GuardedAdapter(HTTPAdapter):
    """An adapter whose connections tell the running ``Watchdog`` their socket. No retries of its own."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}
        return manager


def open_session() -> requests.Session:
    """A session whose exchanges can be ended from outside; what the client is meant to be given."""
    session = requests.Session()
    session.mount("http://", GuardedAdapter())
    session.mount("https://", GuardedAdapter())
    return session


def read_body(response: requests.Response, deadline: float, now: Callable[[], float]) -> bytes:
    """The decoded body, read in pieces. Raises ``TooLong`` past the byte cap or the deadline, and what
    ``urllib3`` raises for a cut body."""
    pieces: list[bytes] = []
    size = 0
    while piece := response.raw.read1(PIECE, decode_content=True):
        size += len(piece)
        if size > BYTE_CAP:
            raise TooLong(f"the reply is larger than {BYTE_CAP} bytes")
        if now() > deadline:
            raise TooLong("the reply did not end in time")
        pieces.append(piece)
    return b"".join(pieces)
