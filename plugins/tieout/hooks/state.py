"""The connection to Tieout's own state: cursors, cross-references, the write log and holds."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from airflow.sdk import BaseHook

from include.core.errors import SettingsError, TieoutError
from include.state.engine import parsed_url
from include.state.store import StateStore, open_store

ROOT = Path(__file__).resolve().parents[3]


class StateHook(BaseHook):
    """Turns a ``tieout_state`` connection into a ``StateStore``.

    The connection's host is a SQLAlchemy URL without secrets (``sqlite:///.airflow/tieout.db``, relative to the
    project), or a PostgreSQL server, with login, password, port, and the database as schema.
    """

    conn_name_attr: ClassVar[str] = "state_conn_id"
    default_conn_name: ClassVar[str] = "tieout_state"
    conn_type: ClassVar[str] = "tieout_state"
    hook_name: ClassVar[str] = "Tieout state"

    def __init__(self, state_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.state_conn_id = state_conn_id

    def get_store(self) -> StateStore:
        """Raises ``SettingsError`` where the connection is incomplete or the database is not migrated."""
        return open_store(self.get_url())

    def get_url(self) -> str:
        """The SQLAlchemy URL; contains the password, so it is never logged."""
        connection = self.get_connection(self.state_conn_id)
        host = connection.host or ""
        if host.startswith("sqlite:///"):
            path = Path(host.removeprefix("sqlite:///"))
            return f"sqlite:///{path if path.is_absolute() else ROOT / path}"
        if "://" in host:
            return self._without_secrets(host)
        if not host or not connection.schema:
            raise SettingsError(
                f"Connection {self.state_conn_id}: give host and database (schema) of a PostgreSQL server, or "
                "sqlite:///<file> as host."
            )
        login = quote(connection.login or "", safe="")
        password = f":{quote(connection.password, safe='')}" if connection.password else ""
        port = f":{connection.port}" if connection.port else ""
        return f"postgresql+psycopg2://{login}{password}@{host}{port}/{connection.schema}"

    def _without_secrets(self, host: str) -> str:
        """The URL, where it has no password: Airflow keeps a connection's host in clear and shows it."""
        url = parsed_url(host)
        if url.password is not None or "password" in url.query:
            raise SettingsError(
                f"Connection {self.state_conn_id}: its host holds a password, which Airflow would show. Put host, "
                "database (schema), login and password into the connection's own fields, and change the password."
            )
        return host

    def test_connection(self) -> tuple[bool, str]:
        try:
            store = self.get_store()
            return True, f"The state database answers; its schema is {store.version()}."
        except TieoutError as e:
            return False, str(e)
