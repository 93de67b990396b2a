"""The demo company's credentials, as a client needs them. All of them are made up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

INTACCT_PATH = "/ia/xml/xmlgw.phtml"
SLACK_PATH = "/slack/services/T0TIEOUT/B0DEMO/demoWebhookSecret"


@dataclass(frozen=True, slots=True)
class IntacctAccess:
    url: str
    sender_id: str = "tieout_sender"
    sender_password: str = "demo-sender-secret"  # noqa: S105
    company_id: str = "brightwater-demo"
    user_id: str = "tieout_ws"
    user_password: str = "demo-user-secret"  # noqa: S105
    entities: tuple[str, ...] = ("100", "200", "300")


@dataclass(frozen=True, slots=True)
class HubSpotAccess:
    url: str
    token: str = "pat-na1-demo-service-key"  # noqa: S105
    portal_id: int = 48151623
    client_secret: str = "demo-client-secret"  # noqa: S105


@dataclass(frozen=True, slots=True)
class MailAccess:
    """A mail server that needs no login and takes this one. ``port`` is 0 where none runs."""

    host: str = "127.0.0.1"
    port: int = 0
    login: str = "tieout"
    password: str = "demo-mail-secret"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """``url`` is an incoming webhook's whole address."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the sandbox answers and who may log in."""

    intacct: IntacctAccess
    hubspot: HubSpotAccess
    control: str
    mail: MailAccess = MailAccess()
    slack: SlackAccess = SlackAccess()

    @classmethod
    def at(cls, url: str, mail_port: int = 0) -> Access:
        return cls(
            IntacctAccess(url + INTACCT_PATH),
            HubSpotAccess(url),
            url + "/_sandbox",
            MailAccess(port=mail_port),
            SlackAccess(url + SLACK_PATH),
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
