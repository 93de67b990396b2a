from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from tieout.local.demo import Demo, main
from tieout.local.environment import Home, Ports
from tieout.local.locks import DEMO_LOCK, is_locked
from tieout.local.one_demo import SecondInstance
from tieout.local.options import Options
from tieout.local.prepare import is_prepared
from tieout.local.screen import Screen

HOLD = """
import sys, time
from tieout.local.locks import lock_within
with open(sys.argv[1], "w") as file:
    assert lock_within(file, 5)
    file.write("process 4711, http://127.0.0.1:8080")
    file.flush()
    print("held", flush=True)
    time.sleep(60)
"""


def _demo(home: Home) -> Demo:
    options = Options(once=True, story=False, deals=None, port=None, sandbox_port=None, fresh=False)
    return Demo(home, options, Screen(Console(file=io.StringIO())), time.time())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(folder=tmp_path / "home")
    made.prepare()
    return made


@pytest.fixture
def other(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the demo's lock."""
    command = [sys.executable, "-c", HOLD, str(home.folder / DEMO_LOCK)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_second_demo_in_the_same_folder_is_refused_and_told_where_the_first_is(
    home: Home, other: subprocess.Popen[str]
) -> None:
    with pytest.raises(SecondInstance, match=r"already runs in this folder \(process 4711, http://127\.0\.0\.1:8080\)"):
        _demo(home).run()
    assert not home.database.exists()


def test_a_lock_is_free_again_however_its_holder_ended(home: Home, other: subprocess.Popen[str]) -> None:
    assert is_locked(home.folder / DEMO_LOCK)
    other.kill()
    other.wait()
    assert not is_locked(home.folder / DEMO_LOCK)


def test_nothing_of_the_shells_airflow_gets_into_the_demo(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT_DEFAULT", "hubspot://:real-token@api.hubapi.com")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", "some.vault.Backend")
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", "/etc/real-company")
    environment = _demo(home).environment(Ports())
    assert "AIRFLOW_CONN_HUBSPOT_DEFAULT" not in environment
    assert "AIRFLOW__SECRETS__BACKEND" not in environment
    assert "TIEOUT_SETTINGS_DIR" not in environment
    assert environment["AIRFLOW_HOME"] == str(home.folder)


@pytest.mark.parametrize("arguments", [["--port", "80"], ["--port", "70000"], ["--deals", "0"], ["--deals", "many"]])
def test_values_that_cannot_be_are_refused_before_anything_starts(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_what_was_prepared_for_one_database_is_not_taken_for_another(home: Home) -> None:
    environment = home.environment({})
    assert not is_prepared(home, environment)
    from tieout.local import prepare

    home.database.touch()
    (home.folder / prepare.DONE).write_text(prepare.done_text(home, environment))
    assert is_prepared(home, environment)
    elsewhere = {**environment, "AIRFLOW_CONN_TIEOUT_STATE": "postgresql://tieout:secret@db.example/tieout"}
    assert not is_prepared(home, elsewhere)
    assert "secret" not in prepare.done_text(home, elsewhere)
    home.database.unlink()
    assert not is_prepared(home, environment)
