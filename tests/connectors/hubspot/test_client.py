from __future__ import annotations

import gzip
import logging
from collections.abc import Callable
from typing import Any

import pytest
import requests

from include.connectors.hubspot.client import HubSpotClient, Repeat
from include.connectors.hubspot.errors import MissingScopes, NotFound, Refusal
from include.connectors.hubspot.transport import open_session
from include.core.errors import AuthError, OutcomeUnknown, RateLimited, SettingsError, TieoutError, Unavailable
from tests.connectors.hubspot.conftest import TOKEN
from tests.connectors.hubspot.scripted import Answer, ScriptedServer, Seen, refusal
from tests.connectors.hubspot.virtual import VirtualClock

PATH = "/crm/objects/2026-09/deals"
OK = Answer(200, {"results": []})
HTML = Answer(200, b"<!DOCTYPE html><html><body>Sign in</body></html>", {"Content-Type": "text/html"})


def cut(wfile: Any) -> None:
    wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"results": [')


def dropped(wfile: Any) -> None:
    return


def limited(policy: str = "TEN_SECONDLY_ROLLING", **headers: str) -> Answer:
    return Answer(429, {**refusal(category="RATE_LIMITS"), "policyName": policy}, headers)


def read(client: HubSpotClient) -> Any:
    return client.request("GET", PATH).body


def create(client: HubSpotClient) -> Any:
    return client.request("POST", PATH, body={"properties": {"dealname": "Roof"}})


def test_every_call_carries_the_token_and_json(server: ScriptedServer, client: HubSpotClient) -> None:
    server.answers(OK)

    client.request("POST", PATH, query={"a": "b c"}, body={"name": "Ängström"}, repeat=Repeat.ALWAYS)

    (seen,) = server.seen
    assert (seen.method, seen.path, seen.query) == ("POST", PATH, {"a": "b c"})
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["content-type"] == "application/json"
    assert seen.body == {"name": "Ängström"}


def test_a_netrc_entry_does_not_replace_the_token(
    server: ScriptedServer, client: HubSpotClient, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password stolen-words\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.answers(OK)

    read(client)

    assert server.seen[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_reply_without_a_body_is_a_success_only_with_status_204(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    server.answers(Answer(204, b""))
    assert client.request("DELETE", PATH + "/1").body == {}

    server.answers(Answer(200, b""))
    with pytest.raises(Unavailable):
        read(client)


# What is sent again


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(500, refusal()),
        Answer(502, b"<html>"),
        Answer(503),
        Answer(504),
        Answer(524, b"<html>"),
        Answer(423),
        Answer(477, headers={"Retry-After": "5"}),
        limited(),
        limited("SECONDLY"),
        HTML,
        Answer(200, b""),
        Answer(200, b"[]"),
        Answer(200, b'"text"'),
        Answer(200, b"{" * 100_000),
        Answer(200, b'{"a":' * 100_000),
        Answer(200, b'{"a":NaN}'),
        Answer(200, b'{"a":' + b"9" * 10_000 + b"}"),
        Answer(200, b"\xff\xfe{"),
        Answer(200, b"no gzip", {"Content-Encoding": "gzip"}),
        Answer(raw=cut),
        Answer(raw=dropped),
    ],
)
def test_a_read_is_tried_again_after_any_trouble(
    server: ScriptedServer, client: HubSpotClient, trouble: Answer
) -> None:
    server.answers(trouble, OK)

    assert read(client) == {"results": []}
    assert len(server.seen) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_methods_that_may_repeat_do_so_by_themselves(
    server: ScriptedServer, client: HubSpotClient, method: str
) -> None:
    server.answers(Answer(502), OK)

    client.request(method, PATH)

    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "trouble", [limited(), limited("SECONDLY"), Answer(423), Answer(503), Answer(477, headers={"Retry-After": "1"})]
)
def test_a_create_is_sent_again_only_after_a_refusal_that_says_nothing_was_done(
    server: ScriptedServer, client: HubSpotClient, trouble: Answer
) -> None:
    server.answers(trouble, Answer(201, {"id": "1"}))

    assert create(client).body == {"id": "1"}
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(500),
        Answer(502),
        Answer(504),
        Answer(524),
        HTML,
        Answer(201, b""),
        Answer(201, b'{"id"'),
        Answer(raw=cut),
        Answer(raw=dropped),
    ],
)
def test_a_create_whose_answer_is_lost_is_of_unknown_outcome_and_not_sent_again(
    server: ScriptedServer, client: HubSpotClient, trouble: Answer
) -> None:
    server.answers(trouble, Answer(201, {"id": "2"}))

    with pytest.raises(OutcomeUnknown):
        create(client)
    assert len(server.seen) == 1


def test_a_create_that_never_reached_the_server_may_be_sent_again(
    clock: VirtualClock, make_client: Callable[..., HubSpotClient]
) -> None:
    nobody = make_client(base_url="http://127.0.0.1:9")

    with pytest.raises(Unavailable):
        create(nobody)
    assert len(clock.waits) > 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_a_definite_refusal_is_not_sent_again(server: ScriptedServer, client: HubSpotClient, status: int) -> None:
    server.answers(Answer(status, refusal()))

    with pytest.raises(TieoutError) as caught:
        read(client)
    assert isinstance(caught.value, AuthError | Refusal | NotFound | MissingScopes)
    assert len(server.seen) == 1


# How long is waited


def test_the_wait_that_hubspot_names_is_kept(
    server: ScriptedServer, client: HubSpotClient, clock: VirtualClock
) -> None:
    server.answers(limited(**{"Retry-After": "7"}), limited(**{"Retry-After": "3000"}), limited("SECONDLY"), OK)

    read(client)

    assert [round(wait, 1) for wait in clock.waits] == [7.1, 3.1, 1.1]


def test_a_used_up_daily_allowance_is_not_waited_for(
    server: ScriptedServer, client: HubSpotClient, clock: VirtualClock
) -> None:
    server.answers(limited("DAILY", **{"Retry-After": "1"}))

    with pytest.raises(RateLimited, match="daily limit") as caught:
        read(client)
    assert caught.value.code == "DAILY"
    assert (len(server.seen), clock.waits) == (1, [])


def test_a_wait_beyond_the_deadline_is_left_to_the_caller(
    server: ScriptedServer, client: HubSpotClient, clock: VirtualClock
) -> None:
    server.answers(Answer(477, headers={"Retry-After": "7200"}))

    with pytest.raises(Unavailable) as caught:
        read(client)
    assert caught.value.retry_after == 7200
    assert (len(server.seen), clock.waits) == (1, [])


def test_trying_again_ends_with_the_deadline_however_often_it_fails(
    server: ScriptedServer, clock: VirtualClock, make_client: Callable[..., HubSpotClient]
) -> None:
    server.answers(limited())
    patient = make_client(request_deadline=45)

    with pytest.raises(RateLimited):
        read(patient)
    assert clock.now() - 1000 <= 45
    assert len(server.seen) == 5


def test_a_storm_of_rate_limits_is_survived(server: ScriptedServer, client: HubSpotClient) -> None:
    storm = [limited(), limited("SECONDLY"), limited(**{"Retry-After": "-1"}), limited(**{"Retry-After": "soon"})]
    server.answers(*storm, OK)

    assert read(client) == {"results": []}


# What is not trusted


def test_a_redirect_is_not_followed_and_the_token_stays_here(server: ScriptedServer, client: HubSpotClient) -> None:
    elsewhere: list[Seen] = []

    def script(request: Seen) -> Answer:
        if request.path == "/stolen":
            elsewhere.append(request)
        return Answer(302, b"", {"Location": server.url.replace("127.0.0.1", "localhost") + "/stolen"})

    server.script = script
    with pytest.raises(SettingsError, match="302"):
        read(client)
    assert elsewhere == []


@pytest.mark.parametrize("path", ["@evil.example/crm", ".evil.example/crm", ":1/crm", "//evil.example/crm", "crm", ""])
def test_a_path_cannot_name_another_host(server: ScriptedServer, client: HubSpotClient, path: str) -> None:
    with pytest.raises(ValueError, match="slash"):
        client.request("GET", path)
    assert server.seen == []


def test_a_gzip_bomb_is_not_unpacked(server: ScriptedServer, client: HubSpotClient) -> None:
    bomb = gzip.compress(b'{"a": "' + b"0" * (80 * 1024 * 1024) + b'"}')
    server.answers(Answer(200, bomb, {"Content-Encoding": "gzip"}), OK)

    assert read(client) == {"results": []}
    assert len(server.seen) == 2


def test_an_honestly_compressed_reply_is_read(server: ScriptedServer, client: HubSpotClient) -> None:
    server.answers(Answer(200, gzip.compress(b'{"results": [1]}'), {"Content-Encoding": "gzip"}))

    assert read(client) == {"results": [1]}


def test_lone_surrogates_do_not_get_in(server: ScriptedServer, client: HubSpotClient) -> None:
    server.answers(Answer(200, b'{"a": "\\ud83d", "b": "\\ud83d\\ude00", "c": ["\\uDC00"]}'))

    assert read(client) == {"a": "?", "b": "\U0001f600", "c": ["?"]}


# What is not shown


def test_the_token_is_in_no_repr_log_or_error(
    server: ScriptedServer, client: HubSpotClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = [repr(client), str(client), repr(vars(client))]
    for trouble in (Answer(401, refusal()), Answer(raw=dropped), HTML, Answer(302), limited("DAILY")):
        server.answers(trouble)
        with pytest.raises(TieoutError) as caught:
            client.request("GET", PATH, query={"q": "x"})
        shown += [str(caught.value), repr(caught.value), repr(vars(caught.value))]

    assert TOKEN not in "".join(shown) + caplog.text


@pytest.mark.parametrize("token", ["", "short", "with space in it", "line\nbreak-line", "bell\x07bell", "tökentöken"])
def test_what_cannot_be_a_token_is_a_settings_error_that_does_not_show_it(token: str) -> None:
    with pytest.raises(SettingsError, match="token") as caught:
        HubSpotClient(requests.Session(), "https://api.hubapi.com", token)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.hubapi.com",
        "ftp://api.hubapi.com",
        "https://",
        "https://user:secret@api.hubapi.com",
        "https://api.hubapi.com?x=1",
        "https://api.hubapi.com#x",
        "https://api.hubapi.com:99999",
        "https://api.hubapi.com:port",
        "https://api.hub api.com",
        "https:\\\\api.hubapi.com",
        "http://api.hubapi.com",
        "http://api-eu1.hubapi.com",
    ],
)
def test_what_cannot_be_the_host_is_a_settings_error(url: str) -> None:
    with pytest.raises(SettingsError, match="HubSpot host"):
        HubSpotClient(open_session(), url, TOKEN)


def test_a_deadline_is_positive_and_within_a_day() -> None:
    for seconds in (0, -1, 90_000, float("inf"), float("nan")):
        with pytest.raises(SettingsError, match="request_deadline"):
            HubSpotClient(open_session(), "https://api.hubapi.com", TOKEN, request_deadline=seconds)
