"""TCP without a kernel: sockets in memory on virtual time, under the product's own HTTP stack.

``requests``, ``urllib3`` and ``http.client`` run unchanged over them, the product's adapters and deadlines too. What a
client sends is collected until it is one whole HTTP request and handed to the network; what the network delivers can
be read from the moment it is due.
"""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote

from include.sandbox.exchange import Request, Response
from tests.faults.timeline import Timeline

_NEVER_READABLE, _ = os.pipe()  # what urllib3 polls to learn whether an idle connection was closed
_readable, _closed = os.pipe()
os.close(_closed)
_READABLE = _readable

EOF, RESET = b"", None
Piece = bytes | None


class Exchange(Protocol):
    def connect(self, host: str, port: int, timeout: float | None) -> None: ...
    def sent(self, sock: Socket, request: Request) -> None: ...


class Socket:
    """The client's end of one connection."""

    def __init__(self, timeline: Timeline, exchange: Exchange, address: tuple[str, int], timeout: float | None) -> None:
        self._timeline, self._exchange, self._address = timeline, exchange, address
        self._timeout = timeout
        self._outgoing = b""
        self._incoming: deque[tuple[float, Piece]] = deque()
        self._reader: Any = None
        self.closed = False

    # -- the network's side ------------------------------------------------------------------------------------------

    def deliver(self, seconds: float, piece: Piece) -> None:
        """``piece`` arrives so many seconds from now: bytes, ``EOF`` (closed) or ``RESET``. In order."""
        due = self._timeline.elapsed + seconds
        if self._incoming:
            due = max(due, self._incoming[-1][0])
        self._incoming.append((due, piece))
        if self._reader is not None:
            self._timeline.wake(self._reader, due - self._timeline.elapsed)
            self._reader = None

    # -- the client's side -------------------------------------------------------------------------------------------

    def sendall(self, data: bytes) -> None:
        self._timeline.alive()
        if self.closed or any(piece in (EOF, RESET) for _, piece in self._incoming):
            raise BrokenPipeError(32, "Broken pipe")
        self._outgoing += bytes(data)
        request = _whole_request(self._outgoing, self._address)
        if request is not None:
            self._outgoing = b""
            self._exchange.sent(self, request)

    def receive(self, size: int) -> bytes:
        """As ``recv``: b"" at the end. Raises ``TimeoutError`` or ``ConnectionResetError``."""
        time = self._timeline
        time.alive()
        deadline = float("inf") if self._timeout is None else time.elapsed + self._timeout
        while not self.closed:
            due = self._incoming[0][0] if self._incoming else None
            if due is not None and due <= time.elapsed:
                return self._take(size)
            until = min(deadline, due if due is not None else deadline)
            if time.elapsed >= deadline:
                raise TimeoutError("timed out")
            self._reader = time.current if due is None else None
            time.wait(time.alarm(until - time.elapsed))
            self._reader = None
        return EOF

    def _take(self, size: int) -> bytes:
        due, piece = self._incoming[0]
        if piece is RESET:
            raise ConnectionResetError(104, "Connection reset by peer")
        if piece == EOF:
            return EOF
        self._incoming.popleft()
        if len(piece) > size:
            self._incoming.appendleft((due, piece[size:]))
        return piece[:size]

    def makefile(self, mode: str, buffering: int = -1) -> Any:
        raw = _Reader(self)
        return raw if buffering == 0 else io.BufferedReader(raw)

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        return self._timeout

    def fileno(self) -> int:
        ended = self.closed or any(due <= self._timeline.elapsed for due, _ in self._incoming)
        return _READABLE if ended else _NEVER_READABLE

    def shutdown(self, _how: int) -> None:
        self.closed = True
        if self._reader is not None:
            self._timeline.wake(self._reader)

    def close(self) -> None:
        self.closed = True

    def setsockopt(self, *_: Any) -> None:
        pass


class _Reader(io.RawIOBase):
    def __init__(self, sock: Socket) -> None:
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._sock.receive(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _whole_request(sent: bytes, address: tuple[str, int]) -> Request | None:
    """The request in ``sent`` once all of it is there."""
    head, found, body = sent.partition(b"\r\n\r\n")
    if not found:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if len(body) < int(headers.get("content-length", 0)):
        return None
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    host = headers.get("host", f"{address[0]}:{address[1]}")
    return Request(method, unquote(path), query, headers, body, f"http://{host}")


def on_the_wire(response: Response) -> bytes:
    """The answer's bytes, its length told in its header."""
    headers: Mapping[str, str] = {
        **{name: value for name, value in response.headers.items() if name.lower() != "content-length"},
        "Content-Length": str(len(response.body)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {response.status} Answer\r\n{lines}\r\n".encode("latin-1", "replace") + response.body
