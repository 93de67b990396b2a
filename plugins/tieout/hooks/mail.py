"""From an Airflow connection of type ``smtp`` to a mail target of the write path."""

from __future__ import annotations

import time
from typing import Any

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from include.core.errors import AuthError, SettingsError, TieoutError
from include.notices.mail_server import MailServer, Security, Unready
from include.notices.target import MailTarget

_PORTS: dict[Security, int] = {"tls": 465, "starttls": 587, "none": 25}


class MailHook(SmtpHook):
    """The mail server of a connection of Airflow's own type ``smtp``, with the extras of its form: ``from_email``,
    ``disable_ssl``, ``disable_tls`` (both false: TLS from the first byte; SSL disabled: STARTTLS), ``timeout``,
    ``ssl_context``, ``auth_type`` and those of OAuth2. ``retry_limit`` and the templates are not used."""

    conn_name_attr = "smtp_conn_id"
    default_conn_name = "smtp_default"

    def get_target(self) -> MailTarget:
        """Raises ``SettingsError`` naming the connection and the field that cannot be right."""
        target = self.get_target_or_none()
        if target is None:
            raise SettingsError(
                f"There is no Airflow connection {self.smtp_conn_id}; create one of type SMTP.", system="mail"
            )
        return target

    def get_target_or_none(self) -> MailTarget | None:
        """``None`` where there is no such connection: notices are optional. A wrong one is an error."""
        server = self.get_server()
        return None if server is None else MailTarget(server)

    def test_connection(self) -> tuple[bool, str]:
        """Signs in and sends nothing."""
        try:
            server = self.get_server()
            if server is None:
                return False, f"There is no Airflow connection {self.smtp_conn_id}."
            with server.session(time.monotonic() + server.timeout) as smtp:
                smtp.noop()
            return True, f"The mail server takes our sign-in; mail is sent as {server.from_address}."
        except Unready as error:
            return False, f"{str(error)[:1].upper()}{str(error)[1:]}."
        except TieoutError as error:
            return False, error.message

    def get_server(self) -> MailServer | None:
        """What the connection says, ``None`` where there is none. Raises ``SettingsError``."""
        try:
            connection = self.get_connection(self.smtp_conn_id)
        except AirflowNotFoundException:
            return None
        extras = connection.extra_dejson
        security: Security = "none" if _yes(extras.get("disable_tls")) else "starttls"
        if not _yes(extras.get("disable_ssl")):
            security = "tls"
        login = connection.login or ""
        server = MailServer(
            host=(connection.host or "").strip(),
            port=connection.port or _PORTS[security],
            sender=str(extras.get("from_email") or (login if "@" in login else "")),
            security=security,
            login=login,
            password=connection.password or "",
            access_token=self._token(connection),
            verify=extras.get("ssl_context") != "none",
            timeout=self._seconds(extras.get("timeout")),
            name=self.smtp_conn_id,
        )
        if not server.host:
            raise server.wrong("its host is empty; put the mail server's name there.")
        server.check()
        return server

    def _token(self, connection: Connection) -> str:
        if connection.extra_dejson.get("auth_type") != "oauth2":
            return ""
        self.smtp_connection = connection
        try:
            return str(self._get_oauth2_token())
        except Exception as error:  # whatever the identity provider's client raises; its text may hold secrets
            raise AuthError(
                f"Airflow connection {self.smtp_conn_id}: no OAuth2 token could be had ({type(error).__name__}).",
                system="mail",
            ) from None

    def _seconds(self, value: Any) -> float:
        try:
            seconds = 30.0 if value in {None, ""} else float(value)
        except (TypeError, ValueError):
            seconds = 0.0
        if not 1 <= seconds <= 60:
            raise SettingsError(
                f"Airflow connection {self.smtp_conn_id}: timeout is not a number from 1 to 60.", system="mail"
            )
        return seconds


def _yes(value: Any) -> bool:
    """A switch of the form, which older versions of Airflow stored as text."""
    return value is True or str(value).strip().lower() in {"true", "1", "yes"}
