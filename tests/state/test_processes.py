"""Several processes over one state database."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from include.core.sync import WriteState
from include.state.engine import sqlite_file
from include.state.migrate import migrate
from include.state.store import open_store
from tests.core.sync.killed import WRITES

ROOT = Path(__file__).resolve().parents[2]


def test_two_processes_over_the_same_writes_make_each_record_once(database_url: str, tmp_path: Path) -> None:
    """The first try has not noticed that the second one was started."""
    migrate(database_url)
    command = [sys.executable, "-m", "tests.core.sync.killed", str(tmp_path)]
    tries = [subprocess.Popen([*command, attempt, database_url], cwd=ROOT) for attempt in ("1", "2")]
    for process in tries:
        process.wait(timeout=60)
    last = subprocess.run([*command, "3", database_url], cwd=ROOT, timeout=60, check=False)

    assert last.returncode == 0
    books = sqlite3.connect(tmp_path / "gateway.db")
    assert books.execute("select count(*), count(distinct key) from books").fetchone() == (len(WRITES), len(WRITES))
    books.close()
    rows = open_store(database_url).rows([write.key for write in WRITES])
    assert {row.state for row in rows.values()} == {WriteState.WRITTEN}


def test_no_connection_is_kept_that_a_fork_could_share(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    migrate(url)
    store = open_store(url)
    store.put_note("flow", "run", {})
    store.notes("flow")

    file = sqlite_file(url)
    assert file is not None
    assert not any(_is_open(descriptor, file) for descriptor in os.listdir("/dev/fd"))


def _is_open(descriptor: str, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(int(descriptor)), file.stat())
    except OSError:
        return False
