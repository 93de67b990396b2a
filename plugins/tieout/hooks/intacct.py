"""From an Airflow connection of type ``sage_intacct`` to a Sage Intacct client."""

from __future__ import annotations

import json
from typing import Any

from airflow.providers.http.hooks.http import HttpHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from requests import Session

from include.connectors.intacct.checks import check_connection, in_one_text
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.endpoint import check_url
from include.connectors.intacct.sessions import SessionCache
from include.core.errors import SettingsError, TieoutError
from include.flows.checks.flows_in_use import flows_for_a_test_button
from include.flows.checks.permissions import reads_of
from tieout.hooks.intacct_sessions import EncryptedSessionCache, state_session_cache

__all__ = ["EncryptedSessionCache", "IntacctHook", "state_session_cache"]

DEFAULT_HOST = "https://api.intacct.com/ia/xml/xmlgw.phtml"
OUR_EXTRAS = frozenset({"company_id", "sender_id", "sender_password", "entity_id", "request_deadline", "concurrency"})
NETWORK_EXTRAS = frozenset({"verify", "verify_ssl", "cert", "proxies", "proxy", "trust_env"})
"""What ``HttpHook`` may see of the extras: it would send any other as an HTTP header with every call."""


class IntacctHook(HttpHook):
    """Sage Intacct, through a connection of type ``sage_intacct``.

    Host is the gateway's whole URL (Sage's own where empty), login and password are the web services user's. Extras:
    ``company_id``, ``sender_id``, ``sender_password``, ``entity_id`` (empty: top level), ``request_deadline`` (seconds
    that one request may take with everything, 300), ``concurrency`` (requests at once that the company's contract
    allows, 2), and of ``HttpHook``'s the network ones: ``verify``, ``cert``, ``proxies``, ``trust_env``.
    """

    conn_name_attr = "intacct_conn_id"
    default_conn_name = "sage_intacct_default"
    conn_type = "sage_intacct"
    hook_name = "Sage Intacct"
    default_host = DEFAULT_HOST

    def __init__(self, intacct_conn_id: str = default_conn_name) -> None:
        super().__init__(http_conn_id=intacct_conn_id, tcp_keep_alive=False)
        self.intacct_conn_id = intacct_conn_id

    def get_client(self, entity_id: str | None = None, sessions: SessionCache | None = None) -> IntacctClient:
        """A client for this connection, in ``entity_id`` or else in the connection's own entity.

        ``sessions`` shares signed-in sessions with other tasks. Raises ``SettingsError`` naming the connection and
        the field that cannot be right.
        """
        connection = self._connection()
        extras = connection.extra_dejson
        credentials = Credentials(
            company_id=self._required(extras.get("company_id"), "company_id"),
            user_id=self._required(connection.login, "login (the web services user)"),
            user_password=self._required(connection.password, "password"),
            sender_id=self._required(extras.get("sender_id"), "sender_id"),
            sender_password=self._required(extras.get("sender_password"), "sender_password"),
        )
        try:
            return IntacctClient(
                self.get_conn(),
                check_url(self._url(connection)),
                credentials,
                entity_id=entity_id or str(extras.get("entity_id") or "").strip() or None,
                sessions=sessions,
                request_deadline=self._number(extras.get("request_deadline"), "request_deadline", 300.0),
                concurrency=int(self._number(extras.get("concurrency"), "concurrency", 2.0)),
            )
        except SettingsError as error:
            raise self._wrong(error.message) from None

    def get_conn(self, headers: dict[Any, Any] | None = None, extra_options: dict[str, Any] | None = None) -> Session:
        """A session with the connection's proxy and TLS, and with none of its credentials or other extras."""
        connection = self._connection()
        network = Connection(
            conn_id=self.intacct_conn_id,
            conn_type=self.conn_type,
            host=self._url(connection),
            extra=json.dumps({k: v for k, v in connection.extra_dejson.items() if k in NETWORK_EXTRAS}),
        )
        self._set_base_url(network)
        session = self._configure_session_from_extra(Session(), network, extra_options or {})
        session.headers.update(headers or {})
        return session

    def test_connection(self, document_key: DocumentKey | None = None) -> tuple[bool, str]:
        """Whether this connection is good for the flows in use, and in sentences what works and what a person must
        repair."""
        try:
            needed = reads_of(flows_for_a_test_button())
            return in_one_text(check_connection(self.get_client(), needed, document_key))
        except TieoutError as error:
            return False, error.message

    def _connection(self) -> Connection:
        try:
            connection = self.get_connection(self.intacct_conn_id)
        except AirflowNotFoundException:
            raise SettingsError(
                f"There is no Airflow connection {self.intacct_conn_id}; create one of type Sage Intacct.",
                system="intacct",
            ) from None
        unknown = sorted(set(connection.extra_dejson) - OUR_EXTRAS - NETWORK_EXTRAS)
        if unknown:
            self.log.warning("Connection %s: unknown extras are ignored: %s", self.intacct_conn_id, ", ".join(unknown))
        return connection

    @staticmethod
    def _url(connection: Connection) -> str:
        return (connection.host or DEFAULT_HOST).strip()

    def _required(self, value: Any, field: str) -> str:
        text = "" if value is None else str(value)
        if not text.strip():
            raise self._wrong(f"{field} is empty.")
        return text

    def _number(self, value: Any, field: str, default: float) -> float:
        try:
            number = default if value in (None, "") else float(value)
        except (TypeError, ValueError):
            number = 0.0
        if not 1 <= number <= 3600:
            raise self._wrong(f"{field} is not a number from 1 to 3600.")
        return number

    def _wrong(self, why: str) -> SettingsError:
        return SettingsError(f"Airflow connection {self.intacct_conn_id}: {why}", system="intacct")
