from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from include.core.errors import SettingsError
from include.core.target import Send, Written
from include.notices.notice import Notice, Section
from include.notices.writes import mail_write, slack_write
from include.sandbox.running import Running, running
from tieout.hooks.mail import MailHook
from tieout.hooks.slack import SlackHook

PLAIN = {"from_email": "Tieout <books@brightwater.example>", "disable_ssl": True, "disable_tls": True}
ABOUT = ("hubspot", "owner", "7")
NOTICE = Notice("anna@sales.example", "Overdue", [Section(lines=["One invoice is overdue."])])
Define = Callable[..., str]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running() as served:
        yield served


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch, airflow_db: object) -> Define:
    """An Airflow connection of these fields; its id comes back."""

    def connection(extra: dict[str, Any] | None = None, **fields: Any) -> str:
        monkeypatch.setenv("AIRFLOW_CONN_RECEIVER", json.dumps({**fields, "extra": extra or {}}))
        return "receiver"

    return connection


def _mail(sandbox: Running, define: Define, **extra: Any) -> MailHook:
    return MailHook(define({**PLAIN, **extra}, conn_type="smtp", host=sandbox.mail.host, port=sandbox.mail.port))


def test_an_smtp_connection_sends_mail(sandbox: Running, define: Define) -> None:
    write = mail_write(NOTICE, ABOUT, "test")
    (answer,) = _mail(sandbox, define).get_target().send([Send(write.key, write.payload, "1")])
    assert isinstance(answer, Written)
    assert sandbox.control.messages("mail")[-1]["sender"] == "books@brightwater.example"


@pytest.mark.parametrize("whole", [True, False])
def test_a_webhook_connection_posts_to_slack(sandbox: Running, define: Define, whole: bool) -> None:
    start, token = sandbox.slack.url.split("/services/")
    fields = {"password": sandbox.slack.url} if whole else {"host": f"{start}/services", "password": token}
    write = slack_write(NOTICE, ABOUT, "test")
    target = SlackHook(define(conn_type="slackwebhook", **fields)).get_target()
    (answer,) = target.send([Send(write.key, write.payload, "1")])
    assert isinstance(answer, Written)


def test_without_a_connection_there_is_no_target(airflow_db: object) -> None:
    for hook in (MailHook("nowhere"), SlackHook("nowhere")):
        assert hook.get_target_or_none() is None
        with pytest.raises(SettingsError, match="no Airflow connection nowhere"):
            hook.get_target()


def test_the_demos_connections_lead_to_the_sandbox(airflow_db: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
    assert MailHook().get_target().system == "mail"
    assert SlackHook().get_target().system == "slack"


def test_a_test_of_the_connection_signs_in_and_sends_nothing(sandbox: Running, define: Define) -> None:
    before = len(sandbox.control.messages("mail"))
    assert _mail(sandbox, define).test_connection() == (
        True,
        "The mail server takes our sign-in; mail is sent as books@brightwater.example.",
    )
    assert len(sandbox.control.messages("mail")) == before


def test_a_test_of_the_connection_says_what_is_wrong(sandbox: Running, define: Define) -> None:
    login = {"login": "tieout", "password": "wrong-secret"}
    connection = define(PLAIN, conn_type="smtp", host=sandbox.mail.host, port=sandbox.mail.port, **login)
    good, said = MailHook(connection).test_connection()
    assert not good
    assert "refuses login and password of Airflow connection receiver" in said
    assert "wrong-secret" not in said
    with sandbox.control.faulty("status", system="mail", label="CONNECT", status=421):
        assert _mail(sandbox, define).test_connection() == (False, "The mail server is not ready (421).")
    assert MailHook("nowhere").test_connection() == (False, "There is no Airflow connection nowhere.")


@pytest.mark.parametrize(
    ("fields", "extra", "why"),
    [
        ({"host": ""}, PLAIN, "its host is empty"),
        ({"host": "127.0.0.1"}, {**PLAIN, "from_email": "nobody"}, "From email"),
        ({"host": "127.0.0.1"}, {**PLAIN, "timeout": "soon"}, "timeout is not a number"),
        ({"host": "mail.company.example", "login": "me", "password": "x"}, PLAIN, "unencrypted"),
    ],
)
def test_a_wrong_smtp_connection_is_told_by_its_field(
    define: Define, fields: dict[str, str], extra: dict[str, Any], why: str
) -> None:
    with pytest.raises(SettingsError, match=why):
        MailHook(define(extra, conn_type="smtp", **fields)).get_target_or_none()


@pytest.mark.parametrize("password", ["", "ftp://x/y"])
def test_a_wrong_webhook_is_told_without_being_shown(define: Define, password: str) -> None:
    with pytest.raises(SettingsError, match="receiver") as caught:
        SlackHook(define(conn_type="slackwebhook", password=password)).get_target_or_none()
    assert "ftp" not in str(caught.value)


@pytest.mark.parametrize(
    ("extra", "security", "port"),
    [
        ({}, "tls", 465),
        ({"disable_ssl": "true"}, "starttls", 587),
        ({"disable_ssl": True, "disable_tls": "1"}, "none", 25),
        ({"disable_tls": True, "disable_ssl": "false"}, "tls", 465),
    ],
)
def test_the_forms_switches_say_how_mail_is_encrypted(
    define: Define, extra: dict[str, Any], security: str, port: int
) -> None:
    hook = MailHook(define({"from_email": "books@x.example", **extra}, conn_type="smtp", host="mail.x.example"))
    server = hook.get_server()
    assert server is not None
    assert (server.security, server.port, server.verify) == (security, port, True)
