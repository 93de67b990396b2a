"""What lies on the disk of the machine that Tieout runs on, and who else there can read it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from include.core.errors import SettingsError
from include.reports.folder import as_file_name
from include.state.engine import connect
from include.state.migrate import migrate
from include.state.store import StateStore
from tests.security.conftest import Evidence
from tests.security.hostile_strings import ARRIVING, HOSTILE
from tieout.hooks.state import StateHook
from tieout.local.environment import USER, Home


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def test_no_file_of_a_report_can_be_read_by_another_user(evidence: Evidence) -> None:
    """Whatever the umask is: each lies in a folder that only its owner enters."""
    files = [path for path in evidence.reports.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        within = [path, *path.parents[: len(path.relative_to(evidence.reports).parts) - 1]]
        assert not all(map(open_to_others, within)), path


def test_a_state_file_is_made_for_its_owner_alone_with_what_sqlite_puts_beside_it(tmp_path: Path) -> None:
    with umask(0):
        migrate(f"sqlite:///{tmp_path / 'tieout.db'}")
        store = StateStore(connect(f"sqlite:///{tmp_path / 'tieout.db'}"))
        with store.begin() as connection:  # an open transaction keeps the log beside the file
            connection.exec_driver_sql("UPDATE writes SET payload = payload")
            readable = {path.name: open_to_others(path) for path in tmp_path.iterdir()}
    assert readable == dict.fromkeys(("tieout.db", "tieout.db-wal", "tieout.db-shm"), False)


def test_a_password_in_the_host_of_the_state_connection_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, airflow_db: object
) -> None:
    """Airflow keeps the host of a connection in clear, and shows it in lists."""
    for host in ("postgresql://u:hunter2@db.example/tieout", "postgresql://u@db.example/tieout?password=hunter2"):
        monkeypatch.setenv("AIRFLOW_CONN_TIEOUT_STATE", json.dumps({"conn_type": "tieout_state", "host": host}))
        good, told = StateHook().test_connection()
        assert not good
        assert "password" in told
        assert "hunter2" not in told
        with pytest.raises(SettingsError):
            StateHook().get_url()


def test_nobody_can_guess_the_login_of_the_airflow_that_we_start(tmp_path: Path) -> None:
    """Any user, and by DNS rebinding any page in a browser, of this machine reaches its port; and with a company's own
    connections whoever signs in can write to its books."""
    homes = [Home(folder=tmp_path / name) for name in ("one", "other")]
    for home in homes:
        home.prepare()
        assert json.loads((home.folder / "passwords.json").read_text()) == {USER: home.password}
        assert not open_to_others(home.folder / "passwords.json")
    assert len({home.password for home in homes}) == 2
    assert all(len(home.password) >= 16 for home in homes)


def test_any_text_is_one_part_of_a_path() -> None:
    for text in HOSTILE:
        sent = text.encode("utf-8", "replace").decode()
        name = as_file_name(sent)
        assert Path(name).name == name or not sent
        assert not set(name) & set("/\\*?[].\0\n")
    assert len({as_file_name(text) for text in ARRIVING}) == len(ARRIVING)
