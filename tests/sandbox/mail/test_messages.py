"""The sandbox's mail server and Slack webhook, seen by the standard library's clients and by Slack's own."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
import requests
from slack_sdk.webhook import WebhookClient

from include.sandbox.running import Running, running


@pytest.fixture(scope="module")
def _served() -> Iterator[Running]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_served: Running) -> Running:
    _served.control.reset()
    return _served


def _message(to: str = "anna@sales.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "me@books.example", to, "Grüße"
    message.set_content("One line.\n.\n..dots stay\n")
    return message


def _send(sandbox: Running, message: EmailMessage) -> None:
    with smtplib.SMTP(sandbox.mail.host, sandbox.mail.port) as smtp:
        smtp.send_message(message)


def test_mail_is_taken_and_shown_as_its_reader_would_see_it(sandbox: Running) -> None:
    _send(sandbox, _message())
    (message,) = sandbox.control.messages()
    assert (message["system"], message["sender"]) == ("mail", "me@books.example")
    assert (message["to"], message["subject"]) == (["anna@sales.example"], "Grüße")
    assert message["text"].splitlines() == ["One line.", ".", "..dots stay"]
    assert message["html"] == ""


def test_signing_in_works_with_the_shown_login_alone(sandbox: Running) -> None:
    with smtplib.SMTP(sandbox.mail.host, sandbox.mail.port) as smtp:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login(sandbox.mail.login, "wrong")
        assert smtp.login(sandbox.mail.login, sandbox.mail.password)[0] == 235


def test_one_recipient_can_be_refused(sandbox: Running) -> None:
    sandbox.control.fault("status", system="mail", label="RCPT", path="^ben@", status=550)
    _send(sandbox, _message())
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        _send(sandbox, _message("ben@sales.example"))
    assert [message["to"] for message in sandbox.control.messages("mail")] == [["anna@sales.example"]]


@pytest.mark.parametrize(("kind", "taken"), [("lost_before", 0), ("lost_after", 1)])
def test_the_connection_can_close_before_or_after_a_message_is_taken(sandbox: Running, kind: str, taken: int) -> None:
    sandbox.control.fault(kind, system="mail", label="DATA", nth=1)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(sandbox, _message())
    assert len(sandbox.control.messages("mail")) == taken


def test_slacks_own_client_posts_a_message(sandbox: Running) -> None:
    answer = WebhookClient(sandbox.slack.url).send(text="hello", blocks=[{"type": "divider"}])
    assert (answer.status_code, answer.body) == (200, "ok")
    (message,) = sandbox.control.messages("slack")
    assert message["payload"] == {"text": "hello", "blocks": [{"type": "divider"}]}
    (call,) = sandbox.control.calls("slack")
    assert (call["label"], call["status"]) == ("webhook", 200)
    assert "demoWebhookSecret" not in str(call)


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"not json", 400, "invalid_payload"),
        (b"[]", 400, "invalid_payload"),
        (b"{}", 400, "no_text"),
        (b'{"text": "x", "blocks": [{"type": "nothing"}]}', 400, "invalid_blocks"),
        (b'{"text": "x", "blocks": {}}', 400, "invalid_blocks"),
    ],
)
def test_what_slack_cannot_read_is_refused_in_its_words(sandbox: Running, body: bytes, status: int, word: str) -> None:
    answer = requests.post(sandbox.slack.url, data=body, timeout=10)
    assert (answer.status_code, answer.text) == (status, word)
    assert sandbox.control.messages("slack") == []


def test_another_webhook_is_not_there(sandbox: Running) -> None:
    answer = requests.post(sandbox.slack.url + "x", json={"text": "x"}, timeout=10)
    assert (answer.status_code, answer.text) == (404, "no_service")


def test_slack_asks_for_patience_by_a_fault(sandbox: Running) -> None:
    sandbox.control.fault("status", system="slack", status=429, retry_after="30", nth=1)
    answer = requests.post(sandbox.slack.url, json={"text": "x"}, timeout=10)
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (429, "rate_limited", "30")


def test_a_fault_without_a_system_leaves_mail_and_slack_alone(sandbox: Running) -> None:
    sandbox.control.fault("status", status=429)
    _send(sandbox, _message())
    assert requests.post(sandbox.slack.url, json={"text": "x"}, timeout=10).status_code == 200
    assert requests.get(sandbox.hubspot.url + "/crm/v3/owners", timeout=10).status_code == 429


def test_the_page_shows_messages_as_text(sandbox: Running) -> None:
    message = _message()
    message.replace_header("Subject", "<script>alert(1)</script>")
    _send(sandbox, message)
    page = requests.get(sandbox.url + "/_sandbox/", timeout=10).text
    assert "<h2>Messages</h2>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page


def test_messages_are_read_on_from_a_number_and_forgotten_at_a_reset(sandbox: Running) -> None:
    for _ in range(2):
        _send(sandbox, _message())
    first, second = sandbox.control.messages()
    assert sandbox.control.messages(since=first["seq"]) == [second]
    sandbox.control.reset()
    assert sandbox.control.messages() == []


def test_messages_carry_the_twins_time(sandbox: Running) -> None:
    sandbox.control.stop_clock()
    _send(sandbox, _message())
    now = sandbox.control.now().isoformat(timespec="milliseconds")
    assert sandbox.control.messages()[0]["received_at"] == now
