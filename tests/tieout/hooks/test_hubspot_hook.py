from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.limits import Bucket
from include.core.errors import SettingsError
from include.flows.checks.needs import NEEDS
from include.flows.checks.permissions import scopes_of
from tests.connectors.hubspot.scripted import Answer, scripted_server
from tests.connectors.hubspot.twin import TOKEN, account, deal
from tieout.hooks.hubspot import HubSpotHook

SECRET = "a-client-secret-nobody-may-see"
Connect = Callable[..., HubSpotHook]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, airflow_db: object) -> Connect:
    """A hook on a connection of these fields."""

    def define(**fields: Any) -> HubSpotHook:
        connection = {"conn_type": "hubspot", "password": TOKEN, **fields}
        monkeypatch.setenv("AIRFLOW_CONN_SALES", json.dumps(connection))
        return HubSpotHook("sales")

    return define


def test_a_connection_becomes_a_client(connect: Connect) -> None:
    with account(deal(1)) as hubspot:
        client = connect(host=hubspot.sandbox.url).get_client()

        assert [one.id for one in batch_read(client, "deals", ["1"], []).records] == ["1"]
        assert hubspot.sandbox.control.calls()[0]["path"] == "/crm/objects/2026-09/deals/batch/read"


def test_none_of_our_extras_is_sent_to_the_server(connect: Connect) -> None:
    ours = {"api_version": "v3", "tier": "starter", "request_deadline": 76543}
    unknown = {"client_secret": SECRET, "x-sneaked-in": "sneaked", "headers": {"x-other": "sneaked"}}
    with account(deal(1)) as hubspot:
        hook = connect(host=hubspot.sandbox.url, extra=json.dumps({**ours, **unknown}))
        batch_read(hook.get_client(), "deals", ["1"], [])
        hook.test_connection()
        hook.get_conn().get(hubspot.sandbox.url + "/account-info/v3/details")

        received = hubspot.sandbox.control.calls()
        assert len(received) > 2
        allowed = {"host", "user-agent", "accept", "accept-encoding", "connection", "authorization", "content-type"}
        for call in received:
            assert {name.lower() for name in call["request_headers"]} <= allowed | {"content-length"}
        sent = [
            {part: call[part] for part in ("path", "query", "request_headers", "request_body")} for call in received
        ]
        for word in (SECRET, "sneaked", "starter", "76543"):
            assert word not in json.dumps(sent)


def test_the_extras_decide_version_tier_and_deadline(connect: Connect) -> None:
    extra = {"api_version": "2026-03", "tier": "free", "request_deadline": "33.5"}

    client = connect(extra=json.dumps(extra)).get_client(slots=2)

    assert client.base_url == "https://api.hubapi.com"
    assert client.paths.version == "2026-03"
    assert client.request_deadline == 33.5
    assert client.limits.allowance(Bucket.GENERAL) == (45, 10.0)


def test_a_connection_without_extras_has_the_defaults(connect: Connect) -> None:
    client = connect(extra="").get_client()

    assert (client.paths.version, client.request_deadline) == ("2026-09", 120.0)
    assert client.limits.allowance(Bucket.GENERAL) == (42, 10.0)


def test_a_host_without_scheme_is_reached_by_https(connect: Connect) -> None:
    assert connect(host="api-eu1.hubapi.com").get_client().base_url == "https://api-eu1.hubapi.com"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"password": None}, "password"),
        ({"password": ""}, "password"),
        ({"password": "two words"}, "password"),
        ({"host": "ftp://files.example"}, "host"),
        ({"host": "https://user:pw@api.hubapi.com"}, "host"),
        ({"host": "http://api.hubapi.com"}, "host"),
        ({"extra": '{"api_version": "v9"}'}, "api_version"),
        ({"extra": '{"tier": "gold"}'}, "tier"),
        ({"extra": '{"request_deadline": "soon"}'}, "request_deadline"),
        ({"extra": '{"request_deadline": -5}'}, "request_deadline"),
    ],
)
def test_a_field_that_cannot_be_right_is_named_with_its_connection(
    connect: Connect, fields: dict[str, Any], named: str
) -> None:
    hook = connect(**fields)

    with pytest.raises(SettingsError, match="sales") as caught:
        hook.get_client()
    assert named in caught.value.message
    assert hook.test_connection() == (False, caught.value.message)


def test_a_connection_that_does_not_exist_is_named(airflow_db: object) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        HubSpotHook("nowhere").get_client()


def test_the_test_button_says_what_is_reachable_and_which_scopes_are_missing(connect: Connect) -> None:
    scopes = sorted(set(scopes_of(NEEDS)) - {"crm.objects.deals.write", "crm.schemas.deals.write"})
    token = {"type": "_token", "token": "pat-na1-limited-key", "app_id": "1", "scopes": scopes}
    with account(token) as hubspot:
        good = connect(host=hubspot.sandbox.url).test_connection()
        lacking = connect(host=hubspot.sandbox.url, password="pat-na1-limited-key").test_connection()
        wrong = connect(host=hubspot.sandbox.url, password="pat-na1-wrong-key").test_connection()

    assert good[0] is True
    assert good[1].startswith("Connected to HubSpot account 48151623 (USD, time zone America/New_York).")
    assert lacking[0] is False
    assert "The scope crm.objects.deals.write is missing" in lacking[1]
    assert "The scope crm.schemas.deals.write is missing" in lacking[1]
    assert wrong[0] is False
    assert "does not accept the token" in wrong[1]


def test_the_session_follows_the_connections_proxy_and_tls(connect: Connect) -> None:
    with scripted_server() as proxy:
        proxy.answers(Answer(200, {"results": []}))
        extra = json.dumps({"proxies": {"http": proxy.url}, "verify": "/etc/our-ca.pem", "trust_env": False})
        hook = connect(host="http://hubspot.internal", extra=extra)

        hook.get_client().request("GET", "/crm/objects/2026-09/deals")

        assert proxy.seen[0].headers["host"] == "hubspot.internal"
        session = hook.get_conn()
        assert (session.verify, session.trust_env) == ("/etc/our-ca.pem", False)


def test_neither_token_nor_secret_is_logged(
    connect: Connect, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with account() as hubspot:
        hook = connect(host=hubspot.sandbox.url, extra=json.dumps({"client_secret": SECRET, "colour": "red"}))
        client = hook.get_client()
        hook.test_connection()

    printed = capfd.readouterr()
    said = caplog.text + printed.out + printed.err + repr(client) + repr(hook)
    assert "unknown extras are ignored: client_secret, colour" in said
    assert TOKEN not in said
    assert SECRET not in said
