"""A sandbox in a process of its own, put back by copying the twins' databases."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from include.sandbox.access import Access
from include.sandbox.control_client import Control
from include.sandbox.running import Running, running
from include.sandbox.state import Seeded

INTACCT, HUBSPOT = {"concurrency": 0, "gzip_responses": False}, {"limits": False}


@dataclass(frozen=True)
class Kept:
    """Both twins' databases, what they were seeded with, and the clock."""

    intacct: bytes
    hubspot: bytes
    seeded: Seeded
    now: datetime


class Server:
    """Forked: it must be made before this process has threads."""

    def __init__(self) -> None:
        self._pipe, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_serve, args=(there,), daemon=True)
        self._process.start()
        url, mail = self._pipe.recv()
        access = Access.at(url, mail)
        self.control = Control(access.control)
        self.sandbox = Running(
            url,
            access.intacct,
            access.hubspot,
            self.control,
            None,
            access.mail,
            access.slack,  # type: ignore[arg-type]
        )

    def keep(self) -> Kept:
        self._pipe.send(None)
        kept = self._pipe.recv()
        assert isinstance(kept, Kept)
        return kept

    def put_back(self, kept: Kept) -> None:
        """The twins as they were, no call counted, no mail taken."""
        self._pipe.send(kept)
        self._pipe.recv()

    def close(self) -> None:
        self.control.close()
        self._process.terminate()
        self._process.join()


def _serve(pipe: Connection) -> None:
    with running(deals=1, hubspot=HUBSPOT, intacct={"concurrency": 0}) as served:
        sandbox = served.sandbox
        twins: dict[str, Any] = dict(sandbox.twins)
        pipe.send((served.url, served.mail.port))
        while True:
            wanted = pipe.recv()
            if wanted is None:
                both = (twins["intacct"].snapshot(), twins["hubspot"].snapshot())
                pipe.send(Kept(*both, sandbox.seeded, sandbox.clock.now()))
                continue
            twins["intacct"].restore(wanted.intacct, **INTACCT)
            twins["hubspot"].restore(wanted.hubspot, **HUBSPOT)
            sandbox.seeded = wanted.seeded
            sandbox.clock.set(wanted.now)
            sandbox.calls.clear()
            sandbox.messages.clear()
            pipe.send(True)
