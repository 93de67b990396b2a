"""Answers that break off at a chosen byte, under the real clients."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.intacct.client import IntacctClient
from include.sandbox.exchange import Request, Response
from include.sandbox.wire import zipped
from tests.faults.company import Company
from tests.faults.network import Network
from tests.faults.process_tools import hubspot, intacct
from tests.faults.timeline import Timeline
from tests.faults.wire import EOF, RESET, Socket, on_the_wire
from tests.faults.world import simulated

FRAMES = {"length": 0, "chunks": len(b"0\r\n\r\n") - 1, "close": 0, "zipped": 16}
"""How an answer says where it ends: by its length, by its last chunk, by nothing but the end of the connection; the
last also zipped. And how many bytes may stand behind a body that is there as a whole."""


@dataclass
class Cutting(Network):
    """The twins' answers arrive as they are, until ``replay`` stands: then that, and the connection ends."""

    answer: bytes = b""
    replay: bytes | None = None
    end: bytes | None = EOF
    frame: str = "length"

    def sent(self, sock: Socket, request: Request) -> None:
        if self.replay is None:
            twin = self.owner(request)
            self.answer = _framed(twin.handle(request), self.frame)
        sock.deliver(0.01, self.answer if self.replay is None else self.replay)
        if self.replay is not None or self.frame in ("close", "zipped"):
            sock.deliver(0.02, self.end)


@dataclass
class Cutter:
    """``intacct`` and ``hubspot`` try once. Every call gets the same request ids, so that an answer can be replayed."""

    company: Company
    network: Cutting
    intacct: IntacctClient
    hubspot: HubSpotClient

    def outcomes(self, call: Callable[[], Any], frame: str) -> Iterator[tuple[int, Any]]:
        """What a call takes from its answer cut at each byte, the exception where it takes nothing; at last from the
        whole of it. The answer is that of the call's first time; later ones meet its pieces and change nothing."""
        network = self.network
        network.replay, network.end, network.frame = None, EOF, frame
        whole = call()
        answer = network.answer
        for at in range(len(answer)):
            network.replay, network.end = answer[:at], EOF if at % 2 or frame in ("close", "zipped") else RESET
            network.timeline.sleep(10.0)  # within HubSpot's limits
            try:
                yield at, call()
            except Exception as error:
                yield at, error
        network.replay, network.end = answer, EOF
        network.timeline.sleep(10.0)
        assert call() == whole
        yield len(answer), whole


@contextmanager
def cutter(company: Company) -> Iterator[Cutter]:
    timeline = Timeline(company.clock.now())
    company.clock.now = timeline.now
    company.put_back({}, {"limits": False})
    network = Cutting(timeline, random.Random(0), company.owner, lambda text: None, company.now)  # noqa: S311
    books, sales = intacct(timeline), hubspot(timeline)
    books._tries, books.request_deadline, sales.request_deadline = 1, 30.0, 0.5
    with simulated(timeline, network, 0), patch.object(uuid, "uuid4", lambda: uuid.UUID(int=7)):
        books.login()
        yield Cutter(company, network, books, sales)


def _framed(response: Response, frame: str) -> bytes:
    wire = on_the_wire(zipped(response) if frame == "zipped" else response)
    head, _, body = wire.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    match frame:
        case "length":
            return wire
        case "chunks":
            third = len(body) // 3 + 1
            pieces = [body[n : n + third] for n in range(0, len(body), third)]
            chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
            return b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", chunks + b"0\r\n\r\n"])
        case _:
            return b"\r\n".join([*lines, b"Connection: close", b"", body])
