"""HTTP around the twins, over real sockets."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import requests

from include.sandbox.exchange import Response
from include.sandbox.listening import PortTaken, bind
from include.sandbox.running import running
from include.sandbox.server import MAX_BODY


def test_each_path_is_answered_by_the_twin_that_owns_it(sandbox, http, intacct, hubspot):
    assert http.post(f"{sandbox.url}/ia/xml/xmlgw.phtml", data=b"x").headers["X-Twin"] == "intacct"
    assert http.get(f"{sandbox.url}/crm/v3/objects/deals").headers["X-Twin"] == "hubspot"
    assert intacct.executed == ["/ia/xml/xmlgw.phtml"]
    assert hubspot.executed == ["/crm/v3/objects/deals"]


@pytest.mark.parametrize("fault", [None, {"kind": "status", "status": 503}, {"kind": "html_200"}])
def test_every_answer_tells_the_time_of_the_twins_clock(sandbox, http, fault):
    sandbox.control.stop_clock(datetime(2030, 1, 1, tzinfo=UTC))
    if fault:
        sandbox.control.fault(**fault, system="hubspot")
    answer = http.get(f"{sandbox.url}/crm/v3/objects/deals")
    assert answer.raw.headers.getlist("Date") == ["Tue, 01 Jan 2030 00:00:00 GMT"]


def test_a_path_of_no_twin_is_404_reaches_none_and_is_logged(sandbox, http, intacct, hubspot):
    assert http.get(f"{sandbox.url}/favicon.ico").status_code == 404
    assert intacct.executed == hubspot.executed == []
    (call,) = sandbox.control.calls()
    assert (call["system"], call["path"], call["status"], call["executed"]) == ("(none)", "/favicon.ico", 404, False)


def test_the_page_is_found_without_its_last_slash(sandbox, http):
    assert http.get(f"{sandbox.url}/_sandbox").url == f"{sandbox.url}/_sandbox/"


def test_a_twin_sees_decoded_path_raw_query_lower_case_headers_and_the_address_the_client_used(sandbox, http, hubspot):
    http.patch(
        f"{sandbox.url}/crm/v3/objects/a%20b/1?properties=x%2Cy&limit=5",
        data="{}",
        headers={"X-Some-Thing": "V"},
    )
    seen = hubspot.requests[-1]
    assert (seen.method, seen.path) == ("PATCH", "/crm/v3/objects/a b/1")
    assert seen.query == "properties=x%2Cy&limit=5"
    assert seen.headers["x-some-thing"] == "V"
    assert seen.base_url == sandbox.url


def test_one_connection_serves_many_calls(sandbox, hubspot):
    address = urlsplit(sandbox.url)
    request = b"POST /crm/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}"
    with socket.create_connection((address.hostname, address.port), 5) as sock:
        stream = sock.makefile("rb")
        for _ in range(3):
            sock.sendall(request)
            assert stream.readline().startswith(b"HTTP/1.1 200")
            while stream.readline() != b"\r\n":
                pass
            assert stream.read(2) == b"{}"
    assert len(hubspot.executed) == 3


def test_intacct_answers_are_gzipped_only_when_the_client_asks(sandbox):
    body = b"<x>" + b"a" * 5000 + b"</x>"
    url = f"{sandbox.url}/ia/xml/xmlgw.phtml"
    with requests.post(url, data=body, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=5) as answer:
        raw = answer.raw.read()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(raw) < 500
    assert gzip.decompress(raw) == body
    with requests.post(url, data=body, headers={"Accept-Encoding": "identity"}, timeout=5) as plain:
        assert "Content-Encoding" not in plain.headers
        assert plain.content == body


def test_a_body_above_the_cap_is_refused_unread(sandbox, http, hubspot):
    def pieces():
        for _ in range(MAX_BODY // (1 << 20) + 2):
            yield b" " * (1 << 20)

    try:
        status = http.post(f"{sandbox.url}/crm/x", data=pieces()).status_code
    except requests.ConnectionError:
        status = 413  # the server closed the connection while the body was still being sent
    assert status == 413
    assert hubspot.executed == []
    assert http.get(f"{sandbox.url}/crm/y").status_code == 200


def test_a_twin_that_breaks_answers_500_and_the_server_goes_on(sandbox, http, hubspot):
    hubspot.breaks = True
    assert http.get(f"{sandbox.url}/crm/x").status_code == 500
    hubspot.breaks = False
    assert http.get(f"{sandbox.url}/crm/x").status_code == 200
    assert [call["status"] for call in sandbox.control.calls()] == [500, 200]


def test_calls_run_at_the_same_time_and_the_peak_is_counted(sandbox, hubspot):
    hubspot.barrier = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: requests.get(f"{sandbox.url}/crm/{n}", timeout=5), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sandbox.control.counts()["systems"]["hubspot"]["peak_concurrency"] == 4


class GatedTwin:
    """One call at a time; ``handle`` is what those get that find no room."""

    def __init__(self, twin):
        self.twin = twin
        self.room = threading.Semaphore(1)

    def __getattr__(self, name):
        return getattr(self.twin, name)

    def begin(self, request):
        return self.room.acquire(blocking=False)

    def end(self):
        self.room.release()

    def handle_admitted(self, request):
        return self.twin.handle(request)

    def handle(self, request):
        return Response(429)


def test_a_slow_answer_keeps_its_place_among_the_calls_that_a_twin_admits(hubspot):
    with running(twins=[GatedTwin(hubspot)]) as sandbox:
        sandbox.control.fault("slow", ms=300, nth=1)
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(requests.get, f"{sandbox.url}/crm/1", timeout=5)
            deadline = time.monotonic() + 5
            while not hubspot.executed and time.monotonic() < deadline:
                time.sleep(0.005)
            assert requests.get(f"{sandbox.url}/crm/2", timeout=5).status_code == 429
            assert slow.result().status_code == 200
        assert requests.get(f"{sandbox.url}/crm/3", timeout=5).status_code == 200
    assert hubspot.executed == ["/crm/1", "/crm/3"]


def test_the_server_listens_on_this_machine_only(sandbox):
    assert urlsplit(sandbox.url).hostname == "127.0.0.1"


def test_a_taken_port_is_said_in_one_sentence(sandbox):
    port = urlsplit(sandbox.url).port
    with pytest.raises(PortTaken, match=f"port {port} is taken") as raised:
        bind(port)
    assert "--port" in str(raised.value)
