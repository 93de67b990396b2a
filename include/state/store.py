"""``StateStore``: everything Tieout remembers. A cache of what the systems know, never the truth about them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

from include.core.errors import SettingsError
from include.state.agreed_values import AgreedValues
from include.state.approvals import Approvals
from include.state.cross_references import CrossReferences
from include.state.document_links import DocumentLinks
from include.state.due import DueDates
from include.state.engine import connect, parsed_url, says_no_such_table, sqlite_file
from include.state.holds import Holds
from include.state.progress import Progress
from include.state.schema import HEAD, tieout_version
from include.state.sessions import Sessions
from include.state.write_log import WriteLog

COMMAND = "TIEOUT_STATE_URL=<its URL> python -m include.state migrate"


class StateStore(
    WriteLog, Progress, CrossReferences, DocumentLinks, AgreedValues, Holds, DueDates, Approvals, Sessions
):
    """Every method is one transaction on its own connection; the store may be used after a fork and by threads.

    Methods raise ``Unavailable`` where the database is down, locked longer than 30 seconds, or full.
    """

    def version(self) -> str | None:
        """The migration that the tables are at; ``None`` where there are none."""
        try:
            with self.read() as connection:
                found: str | None = connection.execute(select(tieout_version.c.version_num)).scalar_one_or_none()
                return found
        except (OperationalError, ProgrammingError) as error:
            if says_no_such_table(error):
                return None
            raise


def open_store(url: str) -> StateStore:
    """The state store at ``url``. Checks that its tables are those this version needs, and changes nothing.

    Raises ``SettingsError`` with the command to type where they are not, ``Unavailable`` where the server is down.
    """
    store = StateStore(connect(url))
    file = sqlite_file(url)
    found = None if file is not None and not file.exists() else store.version()
    if found == HEAD:
        return store
    shown = parsed_url(url).set(query={}).render_as_string(hide_password=True)  # a query may hold one too
    if found is None:
        raise SettingsError(f"the state database {shown} is not set up; type: {COMMAND}")
    if found < HEAD:
        raise SettingsError(f"the state database {shown} is at version {found}, Tieout needs {HEAD}; type: {COMMAND}")
    raise SettingsError(
        f"the state database {shown} is at version {found}, newer than this Tieout ({HEAD}); "
        "install the Tieout it was used with"
    )
