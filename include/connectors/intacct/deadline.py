"""A total deadline for HTTP, down to the single read from the socket.

``requests`` counts its read time-out anew for every read, so a server that sends one byte a second is waited for
without end, in the headers as in the body. The adapter here makes the read time-out of a request the total time from
its start to the last byte of its body: before each read the socket is given just what is left.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_KEEP_ALIVE: list[tuple[int, int, int | bytes]] = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
]
for _name, _value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4)):
    if hasattr(socket, _name):
        _KEEP_ALIVE.append((socket.IPPROTO_TCP, getattr(socket, _name), _value))

_request = threading.local()


class _DeadlineReader(io.RawIOBase):
    """Reads a socket until a moment of the monotonic clock; then every read is a ``TimeoutError``."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._raw: io.RawIOBase = sock.makefile("rb", buffering=0)
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline of the request has passed")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _DeadlineResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        until = getattr(_request, "until", None)
        if until is not None:
            self.fp.close()
            self.fp = io.BufferedReader(_DeadlineReader(sock, until))


class _DeadlineHTTPConnection(HTTPConnection):
    response_class = _DeadlineResponse
    debuglevel = 0  # whoever traces http.client prints no passwords and no records


class _DeadlineHTTPSConnection(HTTPSConnection):
    response_class = _DeadlineResponse
    debuglevel = 0


class _DeadlineHTTPPool(HTTPConnectionPool):
    ConnectionCls = _DeadlineHTTPConnection


class _DeadlineHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _DeadlineHTTPSConnection


_POOLS: Mapping[str, Callable[..., Any]] = {"http": _DeadlineHTTPPool, "https": _DeadlineHTTPSPool}


class TotalTimeoutAdapter(HTTPAdapter):
    """A transport adapter whose read time-out is the total time for one request, its answer's body included.

    It never repeats a request by itself, and keeps idle connections alive.
    """

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, socket_options=_KEEP_ALIVE, **kwargs)
        self.poolmanager.pool_classes_by_scheme = dict(_POOLS)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = dict(_POOLS)
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        timeout = kwargs.get("timeout")
        total = timeout[1] if isinstance(timeout, tuple) else timeout
        _request.until = time.monotonic() + total if isinstance(total, int | float) else None
        try:
            return super().send(request, *args, **kwargs)
        finally:
            _request.until = None


def with_total_timeouts(session: requests.Session) -> requests.Session:
    """The session, with all its requests bound by total time-outs. Proxies, TLS and headers stay as they are."""
    adapter = TotalTimeoutAdapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
