"""From an Airflow connection of type ``hubspot`` to a HubSpot client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from airflow.providers.http.hooks.http import HttpHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from requests import Session

from include.connectors.hubspot.checks import check_connection
from include.connectors.hubspot.client import Bearer, HubSpotClient
from include.connectors.hubspot.paths import DEFAULT_VERSION
from include.connectors.hubspot.transport import GuardedAdapter
from include.core.errors import SettingsError, TieoutError
from include.flows.checks.flows_in_use import flows_for_a_test_button
from include.flows.checks.permissions import scopes_of

DEFAULT_HOST = "https://api.hubapi.com"
DEFAULT_SLOTS = 4
OUR_EXTRAS = frozenset({"api_version", "tier", "request_deadline"})
NETWORK_EXTRAS = frozenset({"verify", "verify_ssl", "cert", "proxies", "proxy", "trust_env"})
"""What ``HttpHook`` may see of the extras: it would send any other as an HTTP header with every call."""


class HubSpotHook(HttpHook):
    """HubSpot, through a connection of type ``hubspot``.

    Host is the base URL (``https://api.hubapi.com`` where empty), password the service key or access token. Extras:
    ``api_version`` (``2026-09``, ``2026-03`` or ``v3``), ``tier`` (``free``, ``starter``, ``professional`` or
    ``enterprise``; only where HubSpot's headers do not tell), ``request_deadline``
    (seconds that one call may take with all its attempts, 120), and of ``HttpHook``'s the network ones: ``verify``,
    ``cert``, ``proxies``, ``trust_env``.
    """

    conn_name_attr = "hubspot_conn_id"
    default_conn_name = "hubspot_default"
    conn_type = "hubspot"
    hook_name = "HubSpot"
    default_host = DEFAULT_HOST

    def __init__(self, hubspot_conn_id: str = default_conn_name) -> None:
        super().__init__(http_conn_id=hubspot_conn_id, adapter=GuardedAdapter())
        self.hubspot_conn_id = hubspot_conn_id

    def get_client(self, *, slots: int = DEFAULT_SLOTS) -> HubSpotClient:
        """A client for this connection. ``slots`` is how many tasks share the account's limits at the same time:
        the size of the Airflow pool they run in.

        Raises ``SettingsError`` naming the connection and the field that cannot be right.
        """
        connection = self._connection()
        extras = connection.extra_dejson
        session = self.get_conn()
        try:
            return HubSpotClient(
                session,
                self.base_url,
                connection.password or "",
                api_version=str(extras.get("api_version") or DEFAULT_VERSION),
                tier=str(extras.get("tier") or "professional"),
                slots=slots,
                request_deadline=_seconds(extras.get("request_deadline")),
            )
        except SettingsError as error:
            raise self._wrong(error.message) from None

    def get_conn(self, headers: dict[Any, Any] | None = None, extra_options: dict[str, Any] | None = None) -> Session:
        """A session with the connection's proxy, TLS and token, and with none of its other extras."""
        connection = self._connection()
        if not connection.password:
            raise self._wrong("its password is empty; put a HubSpot service key or access token there.")
        network = Connection(
            conn_id=self.hubspot_conn_id,
            conn_type=self.conn_type,
            host=(connection.host or DEFAULT_HOST).strip(),
            schema=connection.schema or "https",
            port=connection.port,
            extra=json.dumps({k: v for k, v in connection.extra_dejson.items() if k in NETWORK_EXTRAS}),
        )
        try:
            self._set_base_url(network)
            session = self._configure_session_from_extra(Session(), network, extra_options or {})
            session = self._configure_session_from_mount_adapters(session)
        except ValueError:
            raise self._wrong("its host is not a URL such as https://api.hubapi.com.") from None
        session.auth = Bearer(connection.password)
        session.headers.update(headers or {})
        return session

    def test_connection(self, needed: Mapping[str, str] | None = None) -> tuple[bool, str]:
        """Whether this connection is good, and in sentences what is reachable and which scopes are missing: of
        ``needed`` (scope -> what it is for), else of those that the flows in use need."""
        try:
            scopes = scopes_of(flows_for_a_test_button()) if needed is None else needed
            report = check_connection(self.get_client(), scopes)
        except TieoutError as error:
            return False, error.message
        return report.ok, report.text()

    def _connection(self) -> Connection:
        try:
            connection = self.get_connection(self.hubspot_conn_id)
        except AirflowNotFoundException:
            raise SettingsError(
                f"There is no Airflow connection {self.hubspot_conn_id}; create one of type HubSpot.", system="hubspot"
            ) from None
        unknown = sorted(set(connection.extra_dejson) - OUR_EXTRAS - NETWORK_EXTRAS)
        if unknown:
            self.log.warning("Connection %s: unknown extras are ignored: %s", self.hubspot_conn_id, ", ".join(unknown))
        return connection

    def _wrong(self, why: str) -> SettingsError:
        return SettingsError(f"Airflow connection {self.hubspot_conn_id}: {why}", system="hubspot")


def _seconds(value: Any) -> float:
    try:
        return 120.0 if value in {None, ""} else float(value)
    except (TypeError, ValueError):
        raise SettingsError("request_deadline is not a number of seconds.", system="hubspot") from None
