"""Slack messages through the write path, over HTTP."""

from __future__ import annotations

import logging
import socket

import pytest
import requests

from include.core.errors import OutcomeUnknown, RateLimited, SettingsError
from include.notices.slack_target import SlackTarget
from include.sandbox.running import Running
from tests.notices.conftest import Runs
from tests.notices.samples import post


def test_a_digest_is_posted_once_however_often_it_is_run(sandbox: Running, slack: SlackTarget, runs: Runs) -> None:
    states = [result.state for _ in range(3) for result in runs.run([post()], slack)]
    assert states == ["written", "unchanged", "unchanged"]
    (message,) = sandbox.control.messages("slack")
    assert message["text"] == "Overdue: 2 invoices"
    assert [block["type"] for block in message["payload"]["blocks"]] == ["header", "rich_text"]


def test_slack_is_given_the_time_it_asks_for(sandbox: Running, slack: SlackTarget, runs: Runs) -> None:
    sandbox.control.fault("status", system="slack", status=429, retry_after="7", nth=1)
    assert [result.state for result in runs.run([post()], slack)] == ["written"]
    assert runs.waits == [7.0]
    assert len(sandbox.control.messages("slack")) == 1


def test_more_time_than_a_run_has_is_left_to_a_later_run(sandbox: Running, slack: SlackTarget, runs: Runs) -> None:
    busy = sandbox.control.faulty("status", system="slack", status=429, retry_after="900")
    with busy, pytest.raises(RateLimited) as caught:
        runs.run([post()], slack)
    assert caught.value.retry_after == 900
    assert [result.state for result in runs.run([post()], slack)] == ["written"]


@pytest.mark.parametrize("kind", ["lost_after", "cut_at", "garbage"])
def test_after_a_lost_answer_it_is_posted_once_more(
    sandbox: Running, slack: SlackTarget, runs: Runs, kind: str
) -> None:
    sandbox.control.fault(kind, system="slack", nth=1, at=1)
    assert [result.state for result in runs.run([post()], slack)] == ["written"]
    assert len(sandbox.control.messages("slack")) == 2
    assert [result.state for result in runs.run([post()], slack)] == ["unchanged"]
    assert len(sandbox.control.messages("slack")) == 2


@pytest.mark.parametrize("rule", [{"kind": "lost_before"}, {"kind": "status", "status": 500}, {"kind": "html_200"}])
def test_what_slack_did_not_confirm_is_posted_in_the_end(
    sandbox: Running, slack: SlackTarget, runs: Runs, rule: dict[str, object]
) -> None:
    with sandbox.control.faulty(system="slack", **rule), pytest.raises(OutcomeUnknown):  # type: ignore[arg-type]
        runs.run([post()], slack)
    assert sandbox.control.messages("slack") == []
    assert [result.state for result in runs.run([post()], slack)] == ["written"]
    assert len(sandbox.control.messages("slack")) == 1


def test_a_webhook_that_is_gone_is_told_as_the_connections_fault(sandbox: Running, runs: Runs) -> None:
    gone = SlackTarget(sandbox.slack.url + "x", requests.Session())
    with pytest.raises(SettingsError, match=r"slack_default: Slack takes nothing .*no_service") as caught:
        runs.run([post()], gone)
    assert "demoWebhookSecret" not in str(caught.value)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refused_webhook_can_be_used_again_once_it_is_repaired(
    sandbox: Running, slack: SlackTarget, runs: Runs, status: int
) -> None:
    with sandbox.control.faulty("status", system="slack", status=status), pytest.raises(SettingsError):
        runs.run([post()], slack)
    assert [result.state for result in runs.run([post()], slack)] == ["written"]
    assert len(sandbox.control.messages("slack")) == 1


def test_a_payload_that_slack_cannot_read_is_rejected_alone(sandbox: Running, slack: SlackTarget, runs: Runs) -> None:
    sandbox.control.fault("status", system="slack", status=400, nth=1)
    (result,) = runs.run([post()], slack)
    assert result.state == "rejected"


def test_a_server_that_cannot_be_reached_was_sent_nothing(runs: Runs) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        session = requests.Session()
        session.trust_env = False
        target = SlackTarget(f"http://127.0.0.1:{unused.getsockname()[1]}/slack/services/secret-token", session)
        with pytest.raises(RateLimited, match="cannot be reached") as caught:
            runs.run([post()], target)
    assert "secret-token" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.slack.com/services/T/B/x",
        "http://hooks.slack.com/services/T/B/x",
        "https://user:x@hooks.slack.com/services/T/B/x",
        "file:///etc/passwd",
        "http://[",
    ],
)
def test_only_an_https_address_is_a_webhook(url: str) -> None:
    with pytest.raises(SettingsError, match="slack_default"):
        SlackTarget(url, requests.Session())


def test_neither_the_webhook_nor_what_was_posted_stands_in_our_log(
    sandbox: Running, slack: SlackTarget, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with sandbox.control.faulty("lost_after", system="slack"), pytest.raises(OutcomeUnknown) as caught:
        runs.run([post()], slack)
    told = caplog.text + str(caught.value) + repr(slack)
    for word in ("demoWebhookSecret", "INV-1", "1,234.50"):
        assert word not in told
