"""The database engines that the tests run on: SQLite always, PostgreSQL where a server can be had.

``TIEOUT_TEST_POSTGRES_URL`` names a server to use (a SQLAlchemy URL; its user must be allowed to create databases).
Without it, one is started from the programs found on this machine, in a temporary folder, for this test session.
``TIEOUT_REQUIRE_ENGINES=1`` makes a missing engine an error; continuous integration sets it.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import sqlalchemy
from sqlalchemy.engine import make_url

_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)


class NoPostgres(Exception):
    """PostgreSQL cannot be had here; the message says why."""


def postgres_programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``, of the newest version found."""
    folders = [Path(found) for pattern in _FOLDERS for found in glob.glob(pattern)]
    folders.sort(
        key=lambda folder: [int(part) for part in folder.parent.name.split("-")[-1].split(".") if part.isdigit()]
    )
    on_path = shutil.which("postgres")
    candidates = [*reversed(folders), *([Path(on_path).parent] if on_path else [])]
    return next((f for f in candidates if (f / "initdb").exists() and (f / "postgres").exists()), None)


class PostgresServer:
    """A PostgreSQL server of our own, or one that the environment names. ``url`` is its maintenance database."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._made = 0
        named = os.environ.get("TIEOUT_TEST_POSTGRES_URL")
        self.url = named or self._start()
        with sqlalchemy.create_engine(self.url).connect() as connection:
            self.version = str(connection.exec_driver_sql("show server_version").scalar()).split()[0]

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        self._made += 1
        name = f"tieout_test_{os.getpid()}_{self._made}"
        engine = sqlalchemy.create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f'drop database if exists "{name}"')
            connection.exec_driver_sql(f'create database "{name}"')
        engine.dispose()
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> str:
        programs = postgres_programs()
        if programs is None:
            raise NoPostgres("no PostgreSQL programs were found and TIEOUT_TEST_POSTGRES_URL is not set")
        user = _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="tieout_pg_"))
        data, port = self._folder / "data", _free_port()
        if user is not None:
            shutil.chown(self._folder, user)
        options = ["-A", "trust", "-U", "tieout", "-E", "UTF8", "--locale", "C", "--no-sync"]
        made = subprocess.run([programs / "initdb", "-D", data, *options], user=user, capture_output=True, cwd="/")
        if made.returncode != 0:
            raise NoPostgres(f"initdb failed: {made.stderr.decode(errors='replace').strip()[-300:]}")
        settings = ["fsync=off", "listen_addresses=127.0.0.1", f"unix_socket_directories={self._folder}"]
        command = [programs / "postgres", "-D", data, "-p", str(port)]
        for setting in settings:
            command += ["-c", setting]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, user=user, cwd="/", stdout=log, stderr=log)
        self._wait(port)
        return f"postgresql+psycopg2://tieout@127.0.0.1:{port}/postgres"

    def _wait(self, port: int) -> None:
        engine = sqlalchemy.create_engine(f"postgresql+psycopg2://tieout@127.0.0.1:{port}/postgres")
        deadline = time.monotonic() + 30
        while True:
            try:
                engine.connect().close()
            except sqlalchemy.exc.OperationalError as error:
                if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                    raise NoPostgres(f"the server did not start: {error.orig}") from None
                time.sleep(0.1)
            else:
                engine.dispose()
                return


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: whom to run it as instead, ``None`` for ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = next((name for name in ("postgres", "nobody") if name in known), None)
    if found is None:
        raise NoPostgres("PostgreSQL does not run as root, and there is no user postgres or nobody")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
