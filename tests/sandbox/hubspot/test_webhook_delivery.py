"""The sandbox itself delivers what apps subscribed to, over HTTP, signed, and again after a failure."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from include.sandbox.company.hubspot_settings import USER_TOKEN
from include.sandbox.hubspot.webhooks import signatures
from include.sandbox.running import Running, running

APP = "3141591"
RENEWAL = "99999994311"


@dataclass(frozen=True)
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[dict[str, object]]:
        return list(json.loads(self.body))


class Listener:
    """An endpoint on this machine; ``statuses`` are its next answers, 200 after them."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.posted: queue.Queue[Posted] = queue.Queue()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.posted.put(Posted(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks?from=hubspot%2Fdemo"


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def sandbox() -> Iterator[Running]:
    with running(deals=5) as served:
        yield served


def _call(sandbox: Running, method: str, path: str, body: object, token: str = USER_TOKEN) -> requests.Response:
    answer = requests.request(
        method, sandbox.hubspot.url + path, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    answer.raise_for_status()
    return answer


def _hear_stages(sandbox: Running, url: str) -> None:
    _call(sandbox, "PUT", f"/webhooks/v3/{APP}/settings", {"targetUrl": url})
    wanted = {"eventType": "deal.propertyChange", "propertyName": "dealstage", "active": True}
    _call(sandbox, "POST", f"/webhooks/v3/{APP}/subscriptions", wanted)


def _move(sandbox: Running, stage: str) -> None:
    changed = {"properties": {"dealstage": stage}}
    _call(sandbox, "PATCH", f"/crm/v3/objects/deals/{RENEWAL}", changed, sandbox.hubspot.token)


def test_a_change_reaches_the_listener_signed_with_the_apps_secret(sandbox: Running, listener: Listener) -> None:
    _hear_stages(sandbox, listener.url)
    _move(sandbox, "186520413")
    posted = listener.posted.get(timeout=5)
    [event] = posted.events
    assert (event["objectId"], event["propertyValue"], event["attemptNumber"]) == (int(RENEWAL), "186520413", 0)
    stamp = int(posted.headers["x-hubspot-request-timestamp"])
    wanted = signatures.v3(sandbox.hubspot.client_secret, "POST", listener.url, posted.body, stamp)
    assert posted.headers["x-hubspot-signature-v3"] == wanted


def test_a_refused_delivery_comes_again_when_the_clock_says_so(sandbox: Running, listener: Listener) -> None:
    listener.statuses = [500]
    _hear_stages(sandbox, listener.url)
    _move(sandbox, "186520413")
    first = listener.posted.get(timeout=5)
    with pytest.raises(queue.Empty):
        listener.posted.get(timeout=0.4)
    sandbox.control.advance(61)
    again = listener.posted.get(timeout=5)
    assert [event["attemptNumber"] for event in (*first.events, *again.events)] == [0, 1]
    assert again.events[0]["eventId"] == first.events[0]["eventId"]


def test_no_address_beyond_this_machine_is_ever_called(
    sandbox: Running, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A proxy would carry the call elsewhere: the listener stands in for one.
    monkeypatch.setenv("HTTP_PROXY", listener.url)
    _hear_stages(sandbox, "http://hooks.example/in")
    _move(sandbox, "186520413")
    with pytest.raises(queue.Empty):
        listener.posted.get(timeout=0.5)
