"""The state database is set up by one command, and nothing works over one that is not."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, text, update

from include.core.errors import SettingsError, Unavailable
from include.state.__main__ import main
from include.state.engine import connect
from include.state.migrate import configuration, migrate
from include.state.schema import HEAD, VERSION_TABLE, metadata, tieout_version
from include.state.store import StateStore, open_store


def test_migrating_an_empty_database_makes_the_tables_that_the_code_uses(database_url: str) -> None:
    migrate(database_url)

    with connect(database_url).connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    assert open_store(database_url).version() == HEAD


def test_the_code_asks_for_the_newest_migration(database_url: str) -> None:
    with connect(database_url).begin() as connection:
        assert ScriptDirectory.from_config(configuration(connection)).get_heads() == [HEAD]


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    open_store(database_url).put_note("flow", "run", {"posted": 1})
    migrate(database_url)

    assert open_store(database_url).notes("flow")[0].note == {"posted": 1}


def test_two_migrations_at_once_make_the_tables_once(database_url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(migrate, [database_url] * 2))

    assert open_store(database_url).version() == HEAD


def test_tables_stand_in_a_schema_of_their_own_on_postgresql(database_url: str) -> None:
    migrate(database_url)
    with connect(database_url).connect() as connection:
        if connection.dialect.name == "postgresql":
            found = connection.execute(text("select distinct schemaname from pg_tables where tablename like 'wri%'"))
            assert found.scalars().all() == ["tieout"]
        else:
            assert connection.execute(text("pragma journal_mode")).scalar_one() == "wal"


def test_a_database_that_is_not_set_up_is_refused_with_the_command_to_type(database_url: str) -> None:
    with pytest.raises(SettingsError, match=r"is not set up; type: .*python -m include\.state migrate") as error:
        open_store(database_url.replace("@", ":hunter2@"))

    assert "hunter2" not in str(error.value)


def test_asking_for_a_missing_file_does_not_make_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not set up"):
        open_store(f"sqlite:///{tmp_path / 'missing.db'}")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("version", "says"), [("0000", "type: .* migrate"), ("9999", "newer than this Tieout")])
def test_a_database_of_another_version_is_refused(database_url: str, version: str, says: str) -> None:
    migrate(database_url)
    with connect(database_url).begin() as connection:
        connection.execute(update(tieout_version).values(version_num=version))

    with pytest.raises(SettingsError, match=says):
        open_store(database_url)


def test_a_server_that_does_not_answer_is_tried_again_and_its_password_is_not_told() -> None:
    with pytest.raises(Unavailable) as error:
        open_store("postgresql://tieout:hunter2@127.0.0.1:1/tieout")

    assert error.value.system == "state"
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("url", ["mysql://root@localhost/tieout", "not a url"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="sqlite"):
        open_store(url)


def test_the_command_migrates_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'state.db'}"

    assert main(["check", "--url", url]) == 1
    assert "is not set up" in capsys.readouterr().err
    assert main(["migrate", "--url", url]) == 0
    assert main(["check", "--url", url]) == 0
    assert "ready" in capsys.readouterr().out


def test_the_command_runs_as_it_is_told_to_be_typed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "include.state", "migrate"],
        env={"TIEOUT_STATE_URL": f"sqlite:///{tmp_path / 'state.db'}"},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "the state database is ready\n"), done.stderr


def test_the_version_is_none_before_the_first_migration(database_url: str) -> None:
    store = StateStore(connect(database_url))
    assert store.version() is None
    migrate(database_url)
    with connect(database_url).begin() as connection:
        connection.execute(tieout_version.delete())
        connection.execute(insert(tieout_version).values(version_num="0007"))
    assert store.version() == "0007"
