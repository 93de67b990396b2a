"""What is measured and its bare counterpart, each in a process of its own, so that neither slows the client."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from include.sandbox.running import running


@contextmanager
def _process(target: Callable[..., None], *arguments: object) -> Iterator[Any]:
    """What the process sent once it was ready; it is stopped at the end of the block. Raises ``EOFError`` if it ended
    before."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join(20)
        if process.is_alive():
            process.kill()


@contextmanager
def twins(data: Path, deals: int, invoices: int) -> Iterator[dict[str, Any]]:
    """``{"url", "seeded"}``: the twins on files in ``data``, without HubSpot's limits, and what seeding answered."""
    with _process(_serve_twins, data, deals, invoices) as told:
        yield told


def _serve_twins(told: Connection, data: Path, deals: int, invoices: int) -> None:
    with running(data=data, hubspot={"limits": False}) as sandbox:
        seeded = sandbox.sandbox.seed(deals=deals, invoices=invoices)
        told.send({"url": sandbox.url, "seeded": seeded})
        _until_closed(told)


@contextmanager
def bare(answer: bytes, content_type: str) -> Iterator[str]:
    """The address of a server that reads each request and answers with these bytes."""
    with _process(_serve_bare, answer, content_type) as url:
        yield url


class _Bare(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet, and no waiting for more: else TCP makes it slower than it is.
    wbufsize = -1
    disable_nagle_algorithm = True
    answer = b""
    content_type = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", self.content_type)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        pass


def _serve_bare(told: Connection, answer: bytes, content_type: str) -> None:
    _Bare.answer, _Bare.content_type = answer, content_type
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bare)
    server.daemon_threads = True
    told.send(f"http://127.0.0.1:{server.server_address[1]}")
    import threading

    threading.Thread(target=server.serve_forever, daemon=True).start()
    _until_closed(told)
    os._exit(0)


def _until_closed(told: Connection) -> None:
    try:
        told.recv()
    except EOFError:
        return
