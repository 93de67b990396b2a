"""A process that applies writes and may be killed at any point: ``python -m tests.core.sync.killed FOLDER TRY STATE``.

STATE is the state database's URL. The gateway's books are a file in FOLDER, so that they outlive the process. At the
first try the gateway is still working on deal 3, so that claims are given back with something left.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from include.core.decisions import Key, Write
from include.core.errors import TransientError
from include.core.sync import Owner, Result, apply
from include.core.target import Found, Outcome, Running, Send, Spent, Written
from include.state.store import open_store
from tests.core.sync.plans import customer, invoice

WRITES = [customer("501"), *(invoice(str(n), "501") for n in range(5))]


class FileGateway:
    system = "intacct"
    chunk_size = 2
    request_deadline = 5.0
    settle_seconds = 1.0

    def __init__(self, path: Path, attempt: int) -> None:
        self.books = sqlite3.connect(path, isolation_level=None, timeout=30.0)
        self.books.execute("create table if not exists books (record integer primary key, key, controlid, payload)")
        self.attempt = attempt

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        found = {}
        for write in writes:
            for record, payload in self.books.execute(
                "select record, payload from books where key = ?", [write.key.text()]
            ):
                actual = {name: json.loads(payload)[name] for name in write.expect}
                found[write.key] = Found(write.key, str(record), f"N-{record}", actual)
        return found

    def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
        return [self._execute(send) for send in sends]

    def _execute(self, send: Send) -> Outcome:
        if self.attempt == 1 and send.key.source_id == "3":
            return Running(send.key)
        if self.books.execute("select 1 from books where controlid = ?", [send.controlid]).fetchone():
            return Spent(send.key)
        row = [send.key.text(), send.controlid, json.dumps(send.payload)]
        record = self.books.execute("insert into books (key, controlid, payload) values (?, ?, ?)", row).lastrowid
        return Written(send.key, str(record), f"N-{record}")


def main(folder: Path, attempt: int, state: str) -> list[Result]:
    return apply(
        WRITES,
        FileGateway(folder / "gateway.db", attempt),
        open_store(state),
        owner=Owner("run-1", "load", 0, attempt),
        now=lambda: datetime.now(UTC),
        wait=time.sleep,
    )


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
    except TransientError as error:
        sys.exit(f"try again: {error.message}")
