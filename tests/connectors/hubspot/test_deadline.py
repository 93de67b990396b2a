"""Real time, because sockets know no other: each call here has a deadline of a fraction of a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from include.connectors.hubspot.client import HubSpotClient
from include.core.errors import OutcomeUnknown, Unavailable
from tests.connectors.hubspot.conftest import TOKEN
from tests.connectors.hubspot.scripted import Answer, ScriptedServer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def dribble(wfile: Any, data: bytes) -> None:
    """One byte every 20 ms: each of them would start a read time-out anew."""
    for place in range(len(data)):
        wfile.write(data[place : place + 1])
        time.sleep(0.02)


def slow_body(wfile: Any) -> None:
    wfile.write(HEAD + b"Content-Length: 1000\r\n\r\n")
    dribble(wfile, b" " * 200)


def slow_chunks(wfile: Any) -> None:
    wfile.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    dribble(wfile, b"1\r\n \r\n" * 40)


def slow_chunk_size(wfile: Any) -> None:
    wfile.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    dribble(wfile, b"0" * 200)


def slow_headers(wfile: Any) -> None:
    wfile.write(HEAD)
    dribble(wfile, b"X-Padding: " + b"x" * 200)


def slow_status(wfile: Any) -> None:
    dribble(wfile, b"HTTP/1.1 200 " + b"x" * 200)


def stalled(wfile: Any) -> None:
    time.sleep(2)


def half_open(wfile: Any) -> None:
    wfile.write(HEAD + b"Content-Length: 1000\r\n\r\n{")
    time.sleep(2)


SLOW = [slow_body, slow_chunks, slow_chunk_size, slow_headers, slow_status, stalled, half_open]


@pytest.fixture
def hurried(make_client: Callable[..., HubSpotClient]) -> HubSpotClient:
    return make_client(now=time.monotonic, wait=time.sleep, request_deadline=0.3)


@pytest.mark.parametrize("script", SLOW)
def test_a_read_ends_with_its_deadline_however_slowly_the_answer_comes(
    server: ScriptedServer, hurried: HubSpotClient, script: Callable[[Any], None]
) -> None:
    server.answers(Answer(raw=script))
    begun = time.monotonic()

    with pytest.raises(Unavailable):
        hurried.request("GET", "/crm/objects/2026-09/deals")

    assert time.monotonic() - begun < 0.9


@pytest.mark.parametrize("script", SLOW)
def test_a_create_that_is_answered_too_slowly_is_of_unknown_outcome(
    server: ScriptedServer, hurried: HubSpotClient, script: Callable[[Any], None]
) -> None:
    server.answers(Answer(raw=script))
    begun = time.monotonic()

    with pytest.raises(OutcomeUnknown):
        hurried.request("POST", "/crm/objects/2026-09/deals", body={})

    assert time.monotonic() - begun < 0.9


@pytest.mark.parametrize("script", [slow_body, slow_chunks, stalled, half_open])
def test_a_session_of_somebody_else_is_bounded_too_but_for_dribbled_headers(
    server: ScriptedServer, script: Callable[[Any], None]
) -> None:
    server.answers(Answer(raw=script))
    begun = time.monotonic()

    with requests.Session() as session:
        client = HubSpotClient(session, server.url, TOKEN, request_deadline=0.3)
        with pytest.raises(Unavailable):
            client.request("GET", "/crm/objects/2026-09/deals")

    assert time.monotonic() - begun < 0.9


def test_an_answer_that_comes_in_pieces_but_in_time_is_read(server: ScriptedServer, hurried: HubSpotClient) -> None:
    def pieces(wfile: Any) -> None:
        wfile.write(HEAD + b"Content-Length: 12\r\n\r\n")
        dribble(wfile, b'{"a": "b"}  ')

    server.answers(Answer(raw=pieces))

    assert hurried.request("GET", "/crm/objects/2026-09/deals").body == {"a": "b"}


def test_a_connection_that_was_shut_is_not_used_again(server: ScriptedServer, hurried: HubSpotClient) -> None:
    server.answers(Answer(raw=half_open), Answer(200, {"a": 1}))
    with pytest.raises(Unavailable):
        hurried.request("GET", "/crm/objects/2026-09/deals")

    assert hurried.request("GET", "/crm/objects/2026-09/deals").body == {"a": 1}
