"""From an Airflow connection of type ``slackwebhook`` to a Slack target of the write path."""

from __future__ import annotations

from typing import ClassVar

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException
from requests import Session

from include.core.errors import SettingsError
from include.notices.slack_target import SlackTarget

DEFAULT_HOST = "hooks.slack.com/services"


class SlackHook(BaseHook):
    """The incoming webhook of a connection of Airflow's own type ``slackwebhook``: the password is the webhook's whole
    address, or the part after host (``https://hooks.slack.com/services`` where empty). Of the extras only ``proxy`` is
    used. Slack can only be asked by posting, so there is no test of the connection."""

    conn_name_attr: ClassVar[str] = "slack_conn_id"
    default_conn_name: ClassVar[str] = "slack_default"
    conn_type: ClassVar[str] = "slackwebhook"
    hook_name: ClassVar[str] = "Slack Incoming Webhook"

    def __init__(self, slack_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.slack_conn_id = slack_conn_id

    def get_target(self) -> SlackTarget:
        """Raises ``SettingsError`` naming the connection and the field that cannot be right."""
        target = self.get_target_or_none()
        if target is None:
            raise SettingsError(
                f"There is no Airflow connection {self.slack_conn_id}; create one of type Slack Incoming Webhook.",
                system="slack",
            )
        return target

    def get_target_or_none(self) -> SlackTarget | None:
        """``None`` where there is no such connection: Slack is optional. A wrong one is an error."""
        try:
            connection = self.get_connection(self.slack_conn_id)
        except AirflowNotFoundException:
            return None
        session = Session()
        proxy = connection.extra_dejson.get("proxy")
        if proxy:
            session.proxies.update({"http": str(proxy), "https": str(proxy)})
        secret = (connection.password or "").strip()
        if not secret:
            raise SettingsError(
                f"Airflow connection {self.slack_conn_id}: its password is empty; put the webhook's address there.",
                system="slack",
            )
        if "://" in secret:
            return SlackTarget(secret, session, name=self.slack_conn_id)
        host = connection.host or DEFAULT_HOST
        start = host if "://" in host else f"{connection.schema or 'https'}://{host}"
        return SlackTarget(f"{start.rstrip('/')}/{secret.lstrip('/')}", session, name=self.slack_conn_id)
