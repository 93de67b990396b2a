"""The demo company under credentials, and with contacts, that are canaries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from include.connectors.hubspot.batch import batch_update
from include.connectors.intacct.codec import Function
from include.connectors.intacct.generic import build_update
from include.core.settings import SHIPPED
from include.sandbox.access import SLACK_PATH, MailAccess
from tests.airflow_connections import airflow_connections
from tests.flows.office import Office

SECRETS = {
    "sender password": "Snd&<9\"kq'/+%Zt7Q\u00f6",
    "user password": "Usr>&8\"wv'/+%Xp4K\u00e4",
    "HubSpot token": "pat-na1-tok&<7\"qz'/+%Rm2W",
    "Slack webhook": SLACK_PATH.partition("/services/")[2],
    "mail password": MailAccess().password,
}
"""Mail server and webhook of the sandbox have secrets of their own; the others are made to need every encoding."""


MARKS = ("Qavell", "Zbrunnik", "qvz.", "+1 555 77")


@dataclass(frozen=True)
class Person:
    """A contact of a customer as no other text in the project could name it."""

    number: int

    @property
    def first(self) -> str:
        return f"Qavell{self.number:03}"

    @property
    def last(self) -> str:
        return f"Zbrunnik{self.number:03}"

    @property
    def mailbox(self) -> str:
        return f"qvz.{self.number:03}.brk"

    @property
    def phone(self) -> str:
        return f"+1 555 77{self.number:03}"

    @property
    def canaries(self) -> dict[str, str]:
        parts = {"first name": self.first, "last name": self.last, "mailbox": self.mailbox, "phone": self.phone}
        return {f"{what} of contact {self.number}": text for what, text in parts.items()}


def everything_switched_on(folder: Path) -> Path:
    """The shipped settings, with every flow enabled and every notice sent to Slack too."""
    folder.mkdir()
    for file in SHIPPED.glob("*.yaml"):
        text = (
            file.read_text().replace("\nslack: false", "\nslack: true").replace("\nenabled: false", "\nenabled: true")
        )
        (folder / file.name).write_text(text)
    return folder


def with_our_secrets(demo: Office) -> Office:
    """The same company under credentials that are canaries."""
    access, twins = demo.sandbox, demo.sandbox.sandbox.twins
    user = {"user_id": "canary_ws", "user_password": SECRETS["user password"]}
    sender = {"sender_id": "canary_sender", "sender_password": SECRETS["sender password"]}
    twins["intacct"].load([{"object": "_USER", "fields": user}, {"object": "_SENDER", "fields": sender}])
    token = {"type": "_token", "token": SECRETS["HubSpot token"], "app_id": 3141591, "scopes": "*"}
    twins["hubspot"].load([token])
    return replace(
        demo,
        sandbox=replace(
            access,
            intacct=replace(access.intacct, **user, **sender),
            hubspot=replace(access.hubspot, token=SECRETS["HubSpot token"]),
        ),
    )


def mark_people(demo: Office) -> list[Person]:
    """Give every contact of either system a name, an address and a telephone that stand nowhere else."""
    contacts = [b for b in demo.sandbox.control.books("hubspot") if b["type"] == "contacts"]
    people = [Person(n) for n in range(len(contacts))]
    changes = {
        contact["id"]: {
            "firstname": one.first,
            "lastname": one.last,
            "phone": one.phone,
            "email": f"{one.mailbox}@{contact['properties'].get('email', '@person.example').partition('@')[2]}",
        }
        for one, contact in zip(people, contacts, strict=True)
    }
    assert set(batch_update(demo.hubspot(), "contacts", changes).updated) == set(changes)
    theirs = [b["record"] for b in demo.sandbox.control.books("intacct") if b["object"] == "CONTACT"]
    functions = []
    for number, record in enumerate(theirs, len(people)):
        one = Person(number)
        people.append(one)
        told = {"FIRSTNAME": one.first, "LASTNAME": one.last, "PHONE1": one.phone, "EMAIL1": f"{one.mailbox}@c.example"}
        functions.append(Function(build_update("CONTACT", {"CONTACTNAME": record["CONTACTNAME"], **told})))
    assert all(done.ok for done in demo.intacct().call(functions))
    return people


def connections(demo: Office) -> dict[str, dict[str, Any]]:
    """Airflow's connections to this company, with every secret that there can be."""
    connections = airflow_connections(demo)
    mail = demo.sandbox.mail
    connections["SMTP_DEFAULT"] |= {"login": mail.login, "password": mail.password}
    connections["SLACK_DEFAULT"] = {"conn_type": "slackwebhook", "password": demo.sandbox.slack.url}
    return connections
