"""Wherever an answer sends us, nobody but the connection's own server is called: the ``endpoint`` of Intacct's sign-in,
links to further pages of HubSpot, redirects of either and of Slack, a session in the shared cache."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest
import requests

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.paging import iter_pages
from include.connectors.hubspot.transport import open_session
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.query import build_query
from include.connectors.intacct.sessions import ApiSession, MemorySessionCache
from include.core.decisions import Key
from include.core.errors import TieoutError
from include.core.target import Send
from include.notices.notice import Notice, Section
from include.notices.slack_target import SlackTarget
from tests.connectors.hubspot.scripted import Answer, scripted_server
from tests.connectors.hubspot.test_paging import HOSTILE as HOSTILE_LINKS
from tests.connectors.intacct.scripted_gateway import CREDENTIALS, answer, results, scripted_gateway, succeeded
from tests.connectors.intacct.test_endpoint import HOSTILE as HOSTILE_ENDPOINTS

READ = Function(build_query("CUSTOMER", ("RECORDNO",)), "1")
REDIRECTS = (301, 302, 303, 307, 308)
BESIDE = [
    "http://localhost:{port}/",
    "http://127.0.0.2:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::1]:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.0.0.1:1{port}/",
    "http://127.0.0.1/",
    "http://u:p@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@evil.example/",
    "http://evil.example#@127.0.0.1:{port}/",
    "http://evil.example\\@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "HTTP://EVIL.EXAMPLE:{port}/",
    "http://\uff11\uff12\uff17.0.0.1:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "gopher://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\t.evil.example/",
]
"""Addresses that come near to the connection's own."""


class Called(list[tuple[str, int]]):
    """Every (host, port) that a name was looked up for or a connection asked of."""

    def others(self, url: str) -> set[tuple[str, int]]:
        own = urlsplit(url)
        assert (own.hostname, own.port) in self
        return {one for one in self if one != (own.hostname, own.port)}


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Called:
    """Calls of others than this machine's own numbers fail at once, so that nothing ever leaves it."""
    seen = Called()
    look_up = socket.getaddrinfo

    def watched(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        seen.append((str(host), int(port)))
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "nobody is called in this test")
        return look_up(host, port, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    return seen


def near(port: int) -> list[str]:
    return [one.format(port=port) for one in BESIDE]


def sign_in_naming(endpoint: str) -> Any:
    api = f"<api><sessionid>s..</sessionid><endpoint>{escape(endpoint)}</endpoint><locationid></locationid></api>"
    return results(succeeded("getAPISession", f"<data>{api}</data>", "1"))


def carries(text: str) -> bool:
    """Whether XML can hold it at all."""
    return all(one in "\t\n" or one >= " " for one in text)


def test_there_are_enough_addresses() -> None:
    assert len({*HOSTILE_ENDPOINTS, *HOSTILE_LINKS, *BESIDE}) >= 120


def test_no_endpoint_of_a_sign_in_is_called(called: Called) -> None:
    with scripted_gateway() as gateway:
        port = urlsplit(gateway.url).port or 0
        tried = [one for one in [*HOSTILE_ENDPOINTS, *near(port)] if carries(one)]
        for endpoint in tried:
            gateway.login_script.append(sign_in_naming(endpoint))
            with pytest.raises(TieoutError):
                gateway.client(tries=1, request_deadline=1.0).call([READ])
        assert len(tried) >= 60
        assert (len(gateway.logins), gateway.calls) == (len(tried), [])
        assert called.others(gateway.url) == set()


def test_no_endpoint_of_a_session_that_somebody_put_into_the_cache_is_called(called: Called) -> None:
    with scripted_gateway() as gateway:
        for endpoint in [*HOSTILE_ENDPOINTS, *near(urlsplit(gateway.url).port or 0)]:
            cache = MemorySessionCache()
            planted = ApiSession("s..", endpoint, datetime.now(UTC) + timedelta(hours=1))
            cache.put(CREDENTIALS.session_key(gateway.url, None), planted.to_blob(), planted.expires_at)
            with pytest.raises(TieoutError):
                gateway.client(sessions=cache, tries=1).call([READ])
        assert (gateway.logins, gateway.calls, called) == ([], [], [])


def test_no_link_to_a_further_page_is_called_elsewhere(called: Called) -> None:
    with scripted_server() as server:
        for link in [*HOSTILE_LINKS, *HOSTILE_ENDPOINTS, *near(urlsplit(server.url).port or 0)]:
            server.seen.clear()
            server.answers(Answer(200, {"results": [1], "paging": {"next": {"link": link}}}))
            with pytest.raises(TieoutError):
                list(iter_pages(HubSpotClient(open_session(), server.url, "pat-na1-of-a-test"), "/crm/first", {}))
            assert len(server.seen) == 1
        assert called.others(server.url) == set()


def _intacct(url: str) -> None:
    IntacctClient(requests.Session(), url, CREDENTIALS, tries=1, request_deadline=1.0, first_pause=0.01).call([READ])


def _hubspot(url: str) -> None:
    client = HubSpotClient(open_session(), url, "pat-na1-of-a-test", request_deadline=0.2, wait=lambda seconds: None)
    client.request("GET", "/crm/v3/owners")


def _slack(url: str) -> None:
    key = Key("slack", "message", "hubspot", "owner", "1", "overdue")
    notice = Notice("", "Overdue", [Section("Overdue", ["One invoice."])])
    SlackTarget(f"{url}/services/T/B/x", requests.Session()).send([Send(key, notice.to_json(), key.controlid(0))])


@contextmanager
def _gateway_redirecting(status: int, to: str) -> Iterator[str]:
    with scripted_gateway() as gateway:
        gateway.login_script.append(answer("", status, [("Location", to)]))
        yield gateway.url


@contextmanager
def _server_redirecting(status: int, to: str) -> Iterator[str]:
    with scripted_server() as server:
        server.answers(Answer(status, b"", {"Location": to}))
        yield server.url


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize(
    ("call", "serving"),
    [(_intacct, _gateway_redirecting), (_hubspot, _server_redirecting), (_slack, _server_redirecting)],
    ids=["intacct", "hubspot", "slack"],
)
def test_no_redirect_is_followed(
    call: Callable[[str], None], serving: Callable[[int, str], Any], status: int, called: Called
) -> None:
    for to in ("https://evil.example/", "http://127.0.0.1:1/", "//evil.example/", "https://api.intacct.com/"):
        with serving(status, to) as url:
            with pytest.raises(TieoutError):
                call(url)
            assert called.others(url) == set()
        called.clear()
