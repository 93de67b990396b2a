"""What one HTTP exchange makes of what can happen to it, each over a real socket."""

from __future__ import annotations

import gzip
import resource
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from include.connectors.intacct.deadline import with_total_timeouts
from include.connectors.intacct.errors import Unreachable, Unreadable
from include.connectors.intacct.replies import Reply
from include.connectors.intacct.transport import post, retry_after
from include.core.errors import RateLimited
from tests.connectors.intacct.scripted_gateway import (
    Call,
    ScriptedGateway,
    answer,
    control_failure,
    drip,
    envelope,
    failed,
    hang_up,
    http,
    results,
    scripted_gateway,
    stall,
    succeeded,
)

REQUEST = (
    b'<request><control><controlid>r</controlid></control><operation><content><function controlid="1"><query/>'
    b"</function></content></operation></request>"
)


def exchange(gateway: ScriptedGateway, seconds: float = 3.0) -> Reply:
    session = with_total_timeouts(requests.Session())
    return post(session, gateway.url, REQUEST, until=time.monotonic() + seconds)


def reply_bytes(inner: str = "") -> bytes:
    return envelope(Call({}, REQUEST), inner or succeeded("query", "<data/>", "1")).encode()


def test_a_complete_answer_is_read(gateway: ScriptedGateway) -> None:
    gateway.script.append(results(succeeded("query", "<data><X><A>1</A></X></data>")))
    assert exchange(gateway).results[0].records == ({"A": "1"},)
    assert gateway.calls[0].body == REQUEST
    assert gateway.calls[0].headers["content-type"] == "application/xml"
    assert "authorization" not in gateway.calls[0].headers


def test_a_compressed_answer_is_read(gateway: ScriptedGateway) -> None:
    gateway.script.append(answer(gzip.compress(reply_bytes()), headers=[("Content-Encoding", "gzip")]))
    assert exchange(gateway).results[0].ok


def test_an_answer_in_chunks_is_read(gateway: ScriptedGateway) -> None:
    body = reply_bytes()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[n : n + 50]), body[n : n + 50]) for n in range(0, len(body), 50))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    gateway.script.append(lambda call, sock: sock.sendall(head + chunks + b"0\r\n\r\n"))
    assert exchange(gateway).results[0].ok


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, ""),
        (200, "<html><body>Service Unavailable</body></html>"),
        (200, '{"fault": "busy"}'),
        (200, reply_bytes()[:-5].decode()),
        (204, ""),
        (301, ""),
        (400, "<html>Bad request</html>"),
        (403, "<html>Forbidden</html>"),
        (404, "Not found"),
        (500, ""),
        (502, "<html>Bad gateway</html>"),
        (503, "<html>Maintenance</html>"),
        (504, ""),
        (524, "<html>A timeout occurred</html>"),
        (500, reply_bytes().decode()),
        (503, control_failure("GW-0003", "Unable to process the request")),
    ],
)
def test_what_is_no_answer_of_the_gateway_is_unreadable_with_its_status(
    gateway: ScriptedGateway, status: int, body: str
) -> None:
    gateway.script.append(answer(body, status))
    with pytest.raises(Unreadable) as unreadable:
        exchange(gateway)
    assert unreadable.value.status == status


def test_a_refusal_with_http_401_is_read_as_the_refusal_it_is(gateway: ScriptedGateway) -> None:
    gateway.script.append(answer(control_failure("XMLGW_JPP0002", "Sign-in information is incorrect."), 401))
    reply = exchange(gateway)
    assert reply.refusal is not None
    assert reply.refusal.code == "XMLGW_JPP0002"


def test_a_redirect_is_never_followed_with_our_passwords(gateway: ScriptedGateway) -> None:
    trap = socket.create_server(("127.0.0.1", 0))
    trap.settimeout(0.3)
    for status in (301, 302, 307, 308):
        location = f"http://127.0.0.1:{trap.getsockname()[1]}/x"
        gateway.script.append(answer("", status, [("Location", location)]))
        with pytest.raises(Unreadable):
            exchange(gateway)
    with pytest.raises(TimeoutError):
        trap.accept()
    trap.close()


@pytest.mark.parametrize("body", ["", "<html>slow down</html>", control_failure("GW-0010", "Rate limit exceeded")])
def test_http_429_is_a_limit_whatever_its_body(gateway: ScriptedGateway, body: str) -> None:
    gateway.script.append(answer(body, 429, [("Retry-After", "7")]))
    with pytest.raises(RateLimited) as limited:
        exchange(gateway)
    assert limited.value.retry_after == 7


@pytest.mark.parametrize("status", [200, 400, 503])
def test_gw_0010_is_a_limit_whatever_its_status(gateway: ScriptedGateway, status: int) -> None:
    gateway.script.append(answer(control_failure("GW-0010", "Rate or concurrency limit exceeded"), status))
    with pytest.raises(RateLimited):
        exchange(gateway)


def test_a_connection_that_ends_without_an_answer_is_unreadable(gateway: ScriptedGateway) -> None:
    gateway.script.append(hang_up)
    with pytest.raises(Unreadable):
        exchange(gateway)


def test_an_answer_that_ends_before_its_stated_length_is_unreadable(gateway: ScriptedGateway) -> None:
    whole = reply_bytes()
    gateway.script.append(answer(whole, length=len(whole) + 10))
    with pytest.raises(Unreadable):
        exchange(gateway)


def test_a_reset_connection_is_unreadable(gateway: ScriptedGateway) -> None:
    def reset(call: Call, sock: socket.socket) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    gateway.script.append(reset)
    with pytest.raises(Unreadable):
        exchange(gateway)


def test_nothing_was_sent_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable):
        exchange(ScriptedGateway(f"http://127.0.0.1:{port}/"))


def test_nothing_was_sent_where_the_name_is_unknown() -> None:
    with pytest.raises(Unreachable):
        exchange(ScriptedGateway("https://no-such-host.invalid/ia/xml/xmlgw.phtml"))


def test_nothing_was_sent_where_the_deadline_passed_before(gateway: ScriptedGateway) -> None:
    with pytest.raises(Unreachable):
        exchange(gateway, seconds=-1)
    assert gateway.calls == []


# -- the deadline is a total one


def within(seconds: float, gateway: ScriptedGateway, deadline: float) -> None:
    started = time.monotonic()
    with pytest.raises(Unreadable):
        exchange(gateway, deadline)
    assert time.monotonic() - started < seconds


def test_a_body_of_a_byte_at_a_time_is_given_up_at_the_deadline(gateway: ScriptedGateway) -> None:
    gateway.script.append(drip(http(reply_bytes()), pause=0.01))
    within(1.0, gateway, deadline=0.4)


def test_headers_of_a_byte_at_a_time_are_given_up_at_the_deadline(gateway: ScriptedGateway) -> None:
    gateway.script.append(drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 500, pause=0.01))
    within(1.0, gateway, deadline=0.4)


def test_chunks_of_a_byte_at_a_time_are_given_up_at_the_deadline(gateway: ScriptedGateway) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    gateway.script.append(drip(head + b"1\r\n<\r\n" * 500, pause=0.01))
    within(1.0, gateway, deadline=0.4)


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\n", http(reply_bytes())[:300]])
def test_a_silent_server_is_given_up_at_the_deadline(gateway: ScriptedGateway, before: bytes) -> None:
    def fall_silent(call: Call, sock: socket.socket) -> None:
        sock.sendall(before)
        time.sleep(1.0)

    gateway.script.append(fall_silent)
    within(0.9, gateway, deadline=0.3)


def test_a_slow_answer_within_the_deadline_is_read(gateway: ScriptedGateway) -> None:
    gateway.script.append(drip(http(reply_bytes()), pause=0.001, piece=40))
    assert exchange(gateway).results[0].ok


def test_a_stall_before_the_answer_is_waited_for_within_the_deadline(gateway: ScriptedGateway) -> None:
    def late(call: Call, sock: socket.socket) -> None:
        stall(0.3)(call, sock)
        results(succeeded("query"))(call, sock)

    gateway.script.append(late)
    assert exchange(gateway).results[0].ok


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for this machine, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def tls_gateway(certificate: Path) -> Iterator[ScriptedGateway]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with scripted_gateway(context) as running:
        yield running


def secured(certificate: Path | None) -> requests.Session:
    session = with_total_timeouts(requests.Session())
    session.verify = str(certificate) if certificate else True
    return session


def test_the_deadline_is_total_under_tls_too(tls_gateway: ScriptedGateway, certificate: Path) -> None:
    tls_gateway.script.extend([results(succeeded("query")), drip(http(reply_bytes()), pause=0.01)])
    session = secured(certificate)
    assert post(session, tls_gateway.url, REQUEST, until=time.monotonic() + 3).results[0].ok
    started = time.monotonic()
    with pytest.raises(Unreadable):
        post(session, tls_gateway.url, REQUEST, until=started + 0.5)
    assert time.monotonic() - started < 1.0


def test_nothing_is_sent_to_a_server_whose_certificate_is_not_trusted(tls_gateway: ScriptedGateway) -> None:
    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        post(secured(None), tls_gateway.url, REQUEST, until=time.monotonic() + 3)
    assert tls_gateway.calls == []


def test_the_deadline_is_total_through_a_proxy_too(gateway: ScriptedGateway) -> None:
    """A proxy for plain HTTP is a server that is asked for whole URLs."""
    session = with_total_timeouts(requests.Session())
    session.proxies = {"http": gateway.url}
    gateway.script.append(drip(http(reply_bytes()), pause=0.01))
    started = time.monotonic()
    with pytest.raises(Unreadable):
        post(session, "http://gateway.internal/ia/xml/xmlgw.phtml", REQUEST, until=started + 0.4)
    assert time.monotonic() - started < 1.0
    assert gateway.calls[0].headers["host"] == "gateway.internal"


def test_one_session_may_be_used_by_threads_with_deadlines_of_their_own(gateway: ScriptedGateway) -> None:
    session = with_total_timeouts(requests.Session())
    answered: list[bool] = []

    def patient() -> None:
        answered.append(post(session, gateway.url, REQUEST, until=time.monotonic() + 5).results[0].ok)

    gateway.script.extend([results(succeeded("query"))] * 8)
    threads = [threading.Thread(target=patient) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answered == [True] * 8


@pytest.mark.parametrize("filling", [b"<a/>", b"<a><b>x</b></a>", b" ", b"<!-- -->"])
@pytest.mark.parametrize("place", [b"<response>", None])
def test_a_compressed_bomb_is_stopped_in_little_memory(
    gateway: ScriptedGateway, filling: bytes, place: bytes | None
) -> None:
    opening = place or reply_bytes().split(b"<data/>", 1)[0] + b"<data>"
    bomb = gzip.compress(opening + filling * (20_000_000 // len(filling)), compresslevel=1)
    gateway.script.append(answer(bomb, headers=[("Content-Encoding", "gzip")]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Unreadable):
        exchange(gateway, seconds=20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


def test_a_function_that_failed_is_an_answer_and_no_error_of_the_transport(gateway: ScriptedGateway) -> None:
    gateway.script.append(results(failed("query", "XL03000010", "no such field")))
    assert not exchange(gateway).results[0].ok


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 30 ", 30),
        ("0", 0),
        ("99999999999999999999", 86_400),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("1.5", None),
        ("\u0663", None),
        ("Mon, 02 Mar 2026 09:00:00 GMT", None),
    ],
)
def test_retry_after_is_believed_only_where_it_makes_sense(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < (retry_after(later) or 0) <= 90


def test_a_retry_after_that_is_a_date_is_read_by_the_clock_of_the_answer_not_by_ours() -> None:
    assert retry_after("Mon, 16 Nov 2026 09:00:40 GMT", "Mon, 16 Nov 2026 09:00:00 GMT") == 40
    assert retry_after("Mon, 16 Nov 2026 09:00:40 GMT", "Mon, 16 Nov 2026 10:00:00 GMT") is None
