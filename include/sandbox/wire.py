"""Answers on the wire, also the ones that go wrong: the only file that knows that uvicorn has a transport.

ASGI has no word for "close this connection now". uvicorn's ``send`` is a method of its request cycle, which
holds the connection's transport; ``KeepTransport`` takes it from there before any middleware wraps ``send``.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from include.sandbox.exchange import Response

_TRANSPORT = "sandbox.transport"
_GZIP_FROM = 1024


class KeepTransport:
    """ASGI middleware, to stand outermost: remembers the connection's transport in the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[_TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, send)


class BodyTooLarge(Exception):
    """The request's body exceeds the cap."""


async def read_body(receive: Receive, cap: int) -> bytes:
    """The whole request body. Raises ``BodyTooLarge`` beyond ``cap`` bytes and ``ConnectionError`` if the
    client went away in the middle."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the client went away")
        piece = message.get("body", b"")
        size += len(piece)
        if size > cap:
            raise BodyTooLarge
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def compressed(response: Response, accept_encoding: str) -> Response:
    """The response gzipped, if the client takes that and it is worth it."""
    if "gzip" not in accept_encoding or len(response.body) < _GZIP_FROM:
        return response
    body = gzip.compress(response.body, compresslevel=1, mtime=0)
    headers = {**response.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(response.status, headers, body)


def zipped(response: Response) -> Response:
    """The response gzipped, whatever the client takes."""
    body = gzip.compress(response.body, compresslevel=1, mtime=0)
    return Response(response.status, {**response.headers, "Content-Encoding": "gzip"}, body)


def zipped_badly(response: Response) -> Response:
    """A response that names gzip and begins like it, with a body that no inflater can read. Always the same."""
    body = gzip.compress(b"", mtime=0)[:10] + b"\xff" * max(64, len(response.body))
    return Response(response.status, {**response.headers, "Content-Encoding": "gzip"}, body)


async def answer(send: Send, response: Response) -> None:
    """Send the whole response."""
    await _start(send, response)
    await send({"type": "http.response.body", "body": response.body})


async def trickle(send: Send, response: Response, seconds: float, pieces: int = 20) -> None:
    """Send the response's body in pieces spread over ``seconds``."""
    await _start(send, response)
    size = max(1, -(-len(response.body) // pieces))
    offsets = range(0, len(response.body), size)
    for offset in offsets:
        await asyncio.sleep(seconds / len(offsets))
        await send({"type": "http.response.body", "body": response.body[offset : offset + size], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def cut(scope: Scope, receive: Receive, send: Send, response: Response, at: int) -> None:
    """Send the headers (with the full length) and the first ``at`` bytes of the body, then close the
    connection. A body that is not longer than ``at`` loses its last byte, so that a cut is always a cut."""
    await _start(send, response)
    kept = response.body[: min(at, max(0, len(response.body) - 1))]
    await send({"type": "http.response.body", "body": kept, "more_body": True})
    await drop(scope, receive)


async def drop(scope: Scope, receive: Receive) -> None:
    """Close the connection after what was written so far, and wait until it is closed. Raises
    ``RuntimeError`` under a server that does not show its transport."""
    transport = scope.get(_TRANSPORT)
    if transport is None:
        raise RuntimeError("this server does not let a fault close its connections")
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(send: Send, response: Response) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": list(_raw_headers(response)),
        }
    )


def _raw_headers(response: Response) -> Iterable[tuple[bytes, bytes]]:
    for name, value in response.headers.items():
        if name.lower() == "content-length":
            continue
        yield name.encode("latin-1"), value.encode("latin-1", "replace")
    if response.status not in {204, 304}:
        yield b"content-length", str(len(response.body)).encode()
