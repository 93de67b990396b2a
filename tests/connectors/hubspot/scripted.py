"""A server that says what the test tells it to: for answers that no well-behaved service gives.

For behaviour of HubSpot itself the tests use the stateful twin; this one is for broken, hostile and slow answers.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """``body``: a JSON value, or bytes as they are. ``raw`` takes over the socket instead."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: Callable[[Any], None] | None = None


Script = Callable[[Seen], Answer]


class ScriptedServer:
    """Answers with ``script``; ``seen`` are the requests so far."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.script: Script = lambda request: Answer()
        server = _QuietServer(("127.0.0.1", 0), _handler(self))
        self._server = server
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answers(self, *answers: Answer) -> None:
        """Give these answers in turn, the last one for ever."""
        waiting = list(answers)
        self.script = lambda request: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what several tests are about."""


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    try:
        yield server
    finally:
        server.stop()


def _handler(owner: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *args: Any) -> None:
            return

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(content) if content else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            owner.seen.append(seen)
            answer = owner.script(seen)
            with suppress(OSError):
                self._reply(answer)

        def _reply(self, answer: Answer) -> None:
            if answer.raw is not None:
                self.close_connection = True
                answer.raw(self.wfile)
                return
            plain = isinstance(answer.body, bytes)
            content = answer.body if plain else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    return Handler


def record(record_id: int | str, **properties: str | None) -> dict[str, Any]:
    """A record as HubSpot sends it."""
    return {
        "id": str(record_id),
        "properties": {"hs_object_id": str(record_id), **properties},
        "createdAt": "2026-10-01T08:00:00.000Z",
        "updatedAt": "2026-10-02T09:30:00.000Z",
        "archived": False,
    }


def refusal(message: str = "no", category: str = "VALIDATION_ERROR", **more: Any) -> dict[str, Any]:
    """An error body as HubSpot sends it."""
    return {
        "status": "error",
        "message": message,
        "correlationId": "5d0f2f5e-0000-4000-8000-000000000001",
        "category": category,
        **more,
    }
