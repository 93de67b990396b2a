"""What all tests share: Airflow's environment, set before anything can import it, and the database engines.

Nothing here imports Airflow: a test that needs its database asks for the fixture ``airflow_db``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.engines import NoPostgres, PostgresServer, postgres_programs
from tieout.local.environment import Home

_HOME = Home(folder=Path(tempfile.mkdtemp(prefix="tieout_test_")))
_HOME.prepare()
# Neither the shell's Airflow nor anybody's real connections reach a test.
for _name in [name for name in os.environ if name.startswith("AIRFLOW")]:
    del os.environ[_name]
os.environ.pop("TIEOUT_SETTINGS_DIR", None)
os.environ["TIEOUT_REPORTS_DIR"] = str(_HOME.folder / "reports")
os.environ.update(_HOME.environment(inherited={}))
# Importing Airflow appends this folder too, but unit tests do not import Airflow.
if (_plugins := str(_HOME.project / "plugins")) not in sys.path:
    sys.path.append(_plugins)

# How long an example takes depends on what else the machine does, and proves nothing.
hypothesis.settings.register_profile("tieout", deadline=None)
hypothesis.settings.load_profile("tieout")

_REQUIRE_ENGINES = os.environ.get("TIEOUT_REQUIRE_ENGINES") == "1"
_POSTGRES_POSSIBLE = bool(os.environ.get("TIEOUT_TEST_POSTGRES_URL") or postgres_programs())
_tested: dict[str, str] = {}


@pytest.fixture(scope="session")
def airflow_home() -> Home:
    """The home that this process's Airflow lives in; another one in each worker of a parallel run."""
    return _HOME


@pytest.fixture(scope="session")
def airflow_db(airflow_home: Home) -> Home:
    """Airflow's database, migrated, with the connections and pools of ``airflow_settings.yaml``."""
    from airflow.utils.db import initdb

    from tieout.local.applying import apply_settings
    from tieout.local.prepare import settings_of

    initdb()
    apply_settings(settings_of(airflow_home), airflow_home.folder / "applied.json")
    return airflow_home


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; ``postgres.new_database()`` gives the URL of an empty database."""
    server = PostgresServer()
    _tested["PostgreSQL"] = server.version
    yield server
    server.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with ``database_url`` runs once per engine."""
    if "database_url" in metafunc.fixturenames:
        engines = ["sqlite", "postgresql"] if _POSTGRES_POSSIBLE or _REQUIRE_ENGINES else ["sqlite"]
        metafunc.parametrize("database_url", engines, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database on the engine in turn."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.new_database()
    import sqlite3

    _tested["SQLite"] = sqlite3.sqlite_version
    return f"sqlite:///{tmp_path / 'tieout.db'}"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """What Airflow 4 removes is an error here. Said in pyproject.toml, pytest would import Airflow too early."""
    exceptions = sys.modules.get("airflow.exceptions")
    if exceptions is not None:
        warnings.simplefilter("error", exceptions.RemovedInAirflow4Warning)
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Workers of a parallel run hand their part of the engines' story to the controller."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["engines"] = _tested


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    _tested.update(getattr(node, "workeroutput", {}).get("engines", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which engines were tested, and loudly which were not."""
    terminalreporter.section("database engines")
    for engine in ("SQLite", "PostgreSQL"):
        if engine in _tested:
            terminalreporter.line(f"{engine} {_tested[engine]}: tested")
        elif engine == "PostgreSQL" and not _POSTGRES_POSSIBLE:
            terminalreporter.line(
                "PostgreSQL: NOT TESTED. No server programs were found; install PostgreSQL, or name a server "
                "in TIEOUT_TEST_POSTGRES_URL.",
                red=True,
                bold=True,
            )
        else:
            terminalreporter.line(f"{engine}: not needed by the chosen tests")


def pytest_collection_modifyitems(config: pytest.Config) -> None:
    if _REQUIRE_ENGINES and not _POSTGRES_POSSIBLE:
        raise pytest.UsageError(str(NoPostgres("TIEOUT_REQUIRE_ENGINES is set, but PostgreSQL cannot be had")))


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME.folder, ignore_errors=True)
