"""Notices that cannot be sent, and a state database that cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from include.core.decisions import Key
from include.core.target import Send
from include.notices.mail_server import MailServer
from include.notices.notice import Notice, Section
from include.notices.slack_target import SlackTarget
from include.notices.target import MailTarget
from include.state.migrate import migrate
from include.state.store import open_store
from tests.connectors.hubspot.scripted import Answer, scripted_server
from tests.security.failing import ALL, DATABASE, NOWHERE, Calls, echo, ended
from tests.security.smtp_script import smtp_script

WEBHOOK = ALL["Slack webhook"]
ECHO = echo("mail password")
NOTICE = Notice("anna@sales.example", "Overdue", [Section("Overdue", ["One invoice."])])


def _send(system: str) -> Send:
    key = Key(system, "message", "hubspot", "owner", "1", "overdue")
    return Send(key, NOTICE.to_json(), key.controlid(0))


def _post_to_slack(reply: Answer) -> list[Any]:
    with scripted_server() as server:
        server.answers(reply)
        target = SlackTarget(f"{server.url}/services/{WEBHOOK}", requests.Session())
        return [target, ended(lambda: target.send([_send("slack")]))]


def _slack(url: str) -> list[Any]:
    return [ended(lambda: SlackTarget(url, requests.Session()).send([_send("slack")]))]


def slack_calls() -> Calls:
    found: Calls = {}
    for status in (200, 302, 400, 403, 404, 410, 429, 500, 503):
        reply = Answer(status, echo("Slack webhook").encode(), {"Location": f"http://127.0.0.1:1/{WEBHOOK}"})
        found[f"Slack {status}"] = lambda reply=reply: _post_to_slack(reply)
    return {
        **found,
        "Slack: sent": lambda: _post_to_slack(Answer(200, b"ok")),
        "Slack: hang-up": lambda: _post_to_slack(Answer(raw=lambda file: None)),
        "Slack: nobody listens": lambda: _slack(f"http://127.0.0.1:{NOWHERE}/services/{WEBHOOK}"),
        "Slack: no TLS": lambda: _slack(f"https://127.0.0.1:{NOWHERE}/services/{WEBHOOK}"),
        "Slack: in clear": lambda: _slack(f"http://hooks.slack.example/services/{WEBHOOK}"),
        "Slack: a user in the address": lambda: _slack(f"https://u:{WEBHOOK}@hooks.slack.example/"),
        "Slack: no address": lambda: _slack(WEBHOOK),
    }


REPLIES: dict[str, dict[str, str]] = {
    "refused": {"AUTH": f"535 5.7.8 {ECHO}"},
    "put off": {"AUTH": f"454 4.7.0 {ECHO}"},
    "asked again": {"AUTH": f"334 {ECHO[:200]}"},
    "unreadable": {"AUTH": ECHO[:200]},
    "sender": {"MAIL": f"550 5.7.1 {ECHO}"},
    "recipient": {"RCPT": f"550 5.1.1 {ECHO}"},
    "contents": {"DATA": f"554 5.7.1 {ECHO}"},
    "greeting": {"": f"554 {ECHO}"},
    "hello": {"EHLO": f"500 {ECHO}", "HELO": f"500 {ECHO}"},
}


def _mail(server: MailServer) -> list[Any]:
    return [server, ended(lambda: MailTarget(server).send([_send("mail")]))]


def mail_calls() -> Calls:
    def server(port: int, **more: Any) -> MailServer:
        options = {"security": "none", "login": "tieout", "password": ALL["mail password"], "timeout": 1.0, **more}
        return MailServer("127.0.0.1", port, "books@brightwater.example", **options)

    def scripted(replies: dict[str, str], **more: Any) -> list[Any]:
        with smtp_script(replies) as port:
            return _mail(server(port, **more))

    return {
        **{f"mail: {name}": (lambda replies=replies: scripted(replies)) for name, replies in REPLIES.items()},
        "mail: no TLS": lambda: scripted({}, security="tls"),
        "mail: no STARTTLS": lambda: scripted({}, security="starttls"),
        "mail: token refused": lambda: scripted(REPLIES["refused"], access_token=ALL["mail password"]),
        "mail: nobody listens": lambda: _mail(server(NOWHERE)),
        "mail: in clear": lambda: _mail(
            MailServer("mail.example", 25, "a@b.example", "none", "me", ALL["mail password"])
        ),
    }


def state_calls(folder: Path) -> Calls:
    password = quote(DATABASE, safe="")
    urls = {
        "nobody listens": f"postgresql://tieout:{password}@127.0.0.1:{NOWHERE}/tieout",
        "as Airflow writes it": f"postgres://tieout:{password}@127.0.0.1:{NOWHERE}/tieout",
        "another database": f"mysql://tieout:{password}@127.0.0.1:{NOWHERE}/tieout",
        "no URL": f"tieout:{password}@127.0.0.1",
        "a port that is none": f"postgresql://tieout:{password}@127.0.0.1:port/tieout",
        "an option that is none": f"postgresql://tieout@127.0.0.1:{NOWHERE}/tieout?password={password}&x=y",
        "a folder": f"sqlite:///{folder}",
        "not migrated": f"sqlite:///{folder / 'new.db'}",
        "not migrated, with options": f"sqlite:///{folder / 'new.db'}?password={password}",
    }
    return {
        **{f"state: {name}": (lambda url=url: [ended(lambda: open_store(url))]) for name, url in urls.items()},
        "state: migrate": lambda: [ended(lambda: migrate(urls["nobody listens"]))],
    }
