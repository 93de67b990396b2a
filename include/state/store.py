"""``StateStore``: everything Tieout remembers. A cache of what the systems know, never the truth about
them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from include.core.errors import SettingsError
from include.state.cross_references import CrossReferences
from include.state.engine import connect, in_memory
from include.state.holds import Holds
from include.state.progress import Progress
from include.state.schema import HEAD, tieout_version
from include.state.sessions import Sessions
from include.state.write_log import WriteLog

COMMAND = "python -m include.state migrate"


class StateStore(WriteLog, Progress, CrossReferences, Holds, Sessions):
    """Every method is one transaction on its own connection; the store may be used after a fork and by
    threads.

    Methods raise ``Unavailable`` where the database is down, locked longer than 30 seconds, or full.
    """


def open_store(url: str) -> StateStore:
    """The state store at ``url``. Checks that its tables are those this version needs, and changes nothing.

    Raises ``SettingsError`` with the command to type where they are not, ``Unavailable`` where the server is
    down.
    """
    engine = connect(url)
    store = StateStore(engine)
    found = None if _file_is_missing(url) else _version(store, engine)
    if found != HEAD:
        shown = make_url(url).render_as_string(hide_password=True)
        state = "is not set up" if found is None else f"is at version {found}, but this Tieout needs {HEAD}"
        raise SettingsError(
            f"the state database {shown} {state}; type: TIEOUT_STATE_URL=<its URL> {COMMAND}"
            if found is None or found < HEAD
            else f"the state database {shown} {state}; install the newer Tieout that it was used with"
        )
    return store


def _file_is_missing(url: str) -> bool:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or in_memory(url) or parsed.database is None:
        return False
    return not Path(parsed.database).exists()


def _version(store: StateStore, engine: Engine) -> str | None:
    """The applied migration, ``None`` where there is none."""
    try:
        with store.read() as connection:
            try:
                found: str | None = connection.execute(select(tieout_version.c.version_num)).scalar_one_or_none()
            except (ProgrammingError, OperationalError) as error:
                if _says_no_such_table(error):
                    return None
                raise
            return found
    finally:
        engine.dispose()


def _says_no_such_table(error: DBAPIError) -> bool:
    # SQLite has only the words; PostgreSQL has codes: 42P01 undefined table, 3F000 undefined schema.
    return "no such table" in str(error.orig) or getattr(error.orig, "pgcode", "") in {"42P01", "3F000"}
