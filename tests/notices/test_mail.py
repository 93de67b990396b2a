"""Mail through the write path, over SMTP."""

from __future__ import annotations

import logging
import socket
import threading
import time

import pytest

from include.core.errors import AuthError, OutcomeUnknown, RateLimited, SettingsError
from include.core.target import NotSent, Send
from include.notices.mail_server import MailServer
from include.notices.notice import Notice, Section
from include.notices.plain import one_line
from include.notices.target import MailTarget
from include.notices.writes import mail_write
from include.sandbox.running import Running
from tests.notices.conftest import SENDER, Runs
from tests.notices.hostile import HOSTILE
from tests.notices.samples import digest, mails


def _received(sandbox: Running) -> list[str]:
    return [message["to"][0].split("@")[0] for message in sandbox.control.messages("mail")]


def test_a_digest_reaches_its_owner_as_text_and_html(sandbox: Running, mail: MailTarget, runs: Runs) -> None:
    (result,) = runs.run(mails("anna"), mail)
    (message,) = sandbox.control.messages("mail")
    assert (message["sender"], message["to"]) == ("books@brightwater.example", ["anna@sales.example"])
    assert message["subject"] == "Overdue: 2 invoices"
    assert "INV-1    1,234.50 USD" in message["text"]
    assert "<td" in message["html"]
    assert (result.state, result.target_id) == ("written", message["message_id"])
    assert "\r\nAuto-Submitted: auto-generated\r\n" in message["raw"]


def test_a_rerun_sends_nothing(sandbox: Running, mail: MailTarget, runs: Runs) -> None:
    writes = mails("anna", "ben", "carla")
    runs.run(writes, mail)
    assert [result.state for result in runs.run(writes, mail)] == ["unchanged"] * 3
    assert _received(sandbox) == ["anna", "ben", "carla"]


def test_a_notice_is_said_once_although_its_contents_have_changed_since(
    sandbox: Running, mail: MailTarget, runs: Runs
) -> None:
    runs.run(mails("anna"), mail)
    (write,) = mails("anna")
    write.payload["subject"] = "Overdue: 3 invoices"
    assert [result.state for result in runs.run([write], mail)] == ["unchanged"]
    assert len(_received(sandbox)) == 1


def test_a_refused_recipient_does_not_keep_the_others_from_their_mail(
    sandbox: Running, mail: MailTarget, runs: Runs
) -> None:
    sandbox.control.fault("status", system="mail", label="RCPT", path="ben@", status=550)
    results = runs.run(mails("anna", "ben", "carla"), mail)
    assert [result.state for result in results] == ["written", "rejected", "written"]
    assert results[1].code == "550 5.1.1"
    assert "there is no such mailbox" in results[1].message
    assert "ben@" not in results[1].message
    assert _received(sandbox) == ["anna", "carla"]


def test_a_refused_recipient_gets_the_mail_once_the_address_is_right(
    sandbox: Running, mail: MailTarget, runs: Runs
) -> None:
    with sandbox.control.faulty("status", system="mail", label="RCPT", status=550):
        runs.run(mails("anna"), mail)
    assert [result.state for result in runs.run(mails("anna"), mail)] == ["written"]
    assert _received(sandbox) == ["anna"]


def test_a_lost_answer_is_followed_by_one_more_mail_with_the_same_id(
    sandbox: Running, mail: MailTarget, runs: Runs
) -> None:
    sandbox.control.fault("lost_after", system="mail", label="DATA", nth=2)
    results = runs.run(mails("anna", "ben", "carla"), mail)
    assert [result.state for result in results] == ["written"] * 3
    assert _received(sandbox) == ["anna", "ben", "ben", "carla"]
    messages = sandbox.control.messages("mail")
    assert messages[1]["message_id"] == messages[2]["message_id"]
    assert [result.state for result in runs.run(mails("anna", "ben", "carla"), mail)] == ["unchanged"] * 3
    assert len(_received(sandbox)) == 4


def test_mail_that_the_server_lost_with_its_answer_arrives_all_the_same(
    sandbox: Running, mail: MailTarget, runs: Runs
) -> None:
    sandbox.control.fault("lost_before", system="mail", label="DATA", nth=1)
    assert [result.state for result in runs.run(mails("anna"), mail)] == ["written"]
    assert _received(sandbox) == ["anna"]


def test_answers_that_stay_lost_are_told_and_the_next_run_sends_the_mail(
    sandbox: Running, mail: MailTarget, runs: Runs
) -> None:
    with sandbox.control.faulty("lost_before", system="mail", label="DATA"), pytest.raises(OutcomeUnknown):
        runs.run(mails("anna"), mail)
    assert _received(sandbox) == []
    assert [result.state for result in runs.run(mails("anna"), mail)] == ["written"]
    assert _received(sandbox) == ["anna"]


@pytest.mark.parametrize("label", ["CONNECT", "MAIL", "RCPT"])
def test_a_connection_that_breaks_before_the_message_sends_nothing_twice(
    sandbox: Running, mail: MailTarget, runs: Runs, label: str
) -> None:
    sandbox.control.fault("lost_before", system="mail", label=label, nth=1)
    assert [result.state for result in runs.run(mails("anna", "ben"), mail)] == ["written"] * 2
    assert _received(sandbox) == ["anna", "ben"]


@pytest.mark.parametrize(("label", "status"), [("CONNECT", 421), ("MAIL", 451), ("RCPT", 450), ("DATA", 452)])
def test_a_server_that_puts_us_off_is_asked_again(
    sandbox: Running, mail: MailTarget, runs: Runs, label: str, status: int
) -> None:
    sandbox.control.fault("status", system="mail", label=label, status=status, nth=1)
    assert [result.state for result in runs.run(mails("anna", "ben"), mail)] == ["written"] * 2
    assert sorted(_received(sandbox)) == ["anna", "ben"]
    assert max(runs.waits) in {30.0, 60.0}


def test_a_recipient_who_is_put_off_for_long_leaves_the_others_their_mail(
    sandbox: Running, mail: MailTarget, runs: Runs
) -> None:
    sandbox.control.fault("status", system="mail", label="RCPT", path="anna@", status=450)
    with pytest.raises(RateLimited):
        runs.run(mails("anna", "ben"), mail)
    assert _received(sandbox) == ["ben"]


def test_refused_contents_are_rejected(sandbox: Running, mail: MailTarget, runs: Runs) -> None:
    sandbox.control.fault("status", system="mail", label="DATA", status=554, nth=1)
    results = runs.run(mails("anna", "ben"), mail)
    assert [(result.state, result.code) for result in results] == [("rejected", "554 5.7.1"), ("written", "")]


def test_a_refused_sender_is_a_matter_of_the_connection(sandbox: Running, mail: MailTarget, runs: Runs) -> None:
    refused = pytest.raises(SettingsError, match="smtp_default: the mail server refuses its sender")
    with sandbox.control.faulty("status", system="mail", label="MAIL", status=553), refused:
        runs.run(mails("anna"), mail)
    runs.run(mails("anna"), mail)
    assert _received(sandbox) == ["anna"]


def test_a_server_that_is_down_is_told_after_some_patience(runs: Runs) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        target = MailTarget(MailServer("127.0.0.1", unused.getsockname()[1], SENDER, security="none"))
        with pytest.raises(RateLimited, match="cannot be reached"):
            runs.run(mails("anna"), target)
    assert 200 < sum(runs.waits) <= 300


def test_sign_in_is_by_the_connections_login(sandbox: Running, runs: Runs) -> None:
    login, host, port = sandbox.mail.login, sandbox.mail.host, sandbox.mail.port
    wrong = MailServer(host, port, SENDER, security="none", login=login, password="wrong-secret")
    with pytest.raises(AuthError) as caught:
        runs.run(mails("anna"), MailTarget(wrong))
    assert "wrong-secret" not in str(caught.value) + repr(wrong)
    right = MailServer(host, port, SENDER, security="none", login=login, password=sandbox.mail.password)
    assert [result.state for result in runs.run(mails("anna"), MailTarget(right))] == ["written"]


def test_a_password_never_travels_in_clear(runs: Runs) -> None:
    server = MailServer("mail.company.example", 25, SENDER, security="none", login="me", password="secret")
    with pytest.raises(SettingsError, match="unencrypted"):
        runs.run(mails("anna"), MailTarget(server))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_without_the_wanted_encryption_gets_nothing(sandbox: Running, runs: Runs, security: str) -> None:
    server = MailServer(sandbox.mail.host, sandbox.mail.port, SENDER, security=security)  # type: ignore[arg-type]
    with pytest.raises(SettingsError if security == "starttls" else RateLimited):
        runs.run(mails("anna"), MailTarget(server))
    assert _received(sandbox) == []


@pytest.mark.parametrize("sender", ["", "nobody", "a@x.example\r\nBcc: b@x.example", "Tieout <x y>"])
def test_a_sender_that_is_no_address_is_told_before_anything_is_sent(runs: Runs, sender: str) -> None:
    with pytest.raises(SettingsError, match="From email"):
        runs.run(mails("anna"), MailTarget(MailServer("127.0.0.1", 1, sender, security="none")))


@pytest.mark.parametrize("greeting", [b"220 hello\r\n", b"220 hel"])
def test_a_server_that_never_ends_its_answer_is_cut_off(greeting: bytes) -> None:
    """A byte a moment keeps every single wait short, but not the whole."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(greeting)
                try:
                    while True:
                        connection.sendall(b"2")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=trickle)
        thread.start()
        target = MailTarget(MailServer("127.0.0.1", server.getsockname()[1], SENDER, security="none"))
        target.request_deadline = 0.5
        started = time.monotonic()
        answers = target.send([])
        thread.join(5)
        assert not answers
        assert time.monotonic() - started < 3


def test_a_server_that_takes_one_mail_in_a_session_does_not_hold_the_task_for_hours(sandbox: Running) -> None:
    target = MailTarget(MailServer(sandbox.mail.host, sandbox.mail.port, SENDER, security="none"))
    target.request_deadline = 0.3
    sends = [Send(write.key, write.payload, "1") for write in mails("anna", "bela", "carl")]
    with sandbox.control.faulty("slow", system="mail", label="RCPT", ms=200):
        answers = target.send(sends)
    waits = [one.retry_after for one in answers if isinstance(one, NotSent)]
    assert waits == [60.0, 60.0]


def test_hostile_subjects_and_cells_arrive_as_text_and_call_in_nobody(sandbox: Running, mail: MailTarget) -> None:
    chosen = HOSTILE[::3]
    sends = []
    for number, text in enumerate(chosen):
        notice = Notice("anna@sales.example", text, [Section(text, [text])])
        write = mail_write(notice, ("hubspot", "owner", str(number)), "test")
        sends.append(Send(write.key, write.payload, write.key.controlid(0)))
    mail.send(sends)
    messages = sandbox.control.messages("mail")
    assert len(messages) == len(chosen) == 100
    for text, message in zip(chosen, messages, strict=True):
        assert message["to"] == ["anna@sales.example"]
        # A long word begins on a folded line, whose space readers see.
        assert message["subject"].split() == one_line(text, 200).replace("=?", "= ?").split()
        assert one_line(text) in message["text"]


def test_no_address_and_no_contents_stand_in_the_log(
    sandbox: Running, mail: MailTarget, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # the server's side
    sandbox.control.fault("status", system="mail", label="RCPT", path="ben@", status=550)
    runs.run(mails("anna", "ben"), mail)
    rows = runs.store.rows([write.key for write in mails("anna")])
    told = caplog.text + "".join(map(repr, rows.values())) + repr(digest())
    for word in ("sales.example", "INV-1", "1,234.50"):
        assert word not in told
