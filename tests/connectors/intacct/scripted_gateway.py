"""A gateway on loopback that answers exactly what a test tells it to, down to the byte and the pause.

It signs anybody in. What a test wants to see beyond that is put into ``script``: one step for each further request,
in order; a request without a step is answered with success. What needs real books is tested against the twin.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import requests
from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials

PATH = "/ia/xml/xmlgw.phtml"
CREDENTIALS = Credentials("acme", "ws_user", "user-pass&<word>", "acme_sender", "sender-pass-word")


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def functions(self) -> list[str]:
        return [str(function[0].tag) for function in self.root.iter("function")]

    @property
    def controlids(self) -> list[str]:
        return [function.get("controlid", "") for function in self.root.iter("function")]

    @property
    def session_id(self) -> str | None:
        return self.root.findtext("operation/authentication/sessionid")


Step = Callable[[Call, socket.socket], None]


def http(
    body: bytes | str,
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
    *,
    length: int | None = None,
    content_type: str = 'text/xml; encoding="UTF-8"',
) -> bytes:
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {content_type}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines.append(f"Content-Length: {len(raw) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def answer(body: bytes | str, status: int = 200, headers: Iterable[tuple[str, str]] = (), **more: object) -> Step:
    """One complete HTTP answer."""
    return lambda call, sock: sock.sendall(http(body, status, headers, **more))  # type: ignore[arg-type]


def results(*given: str, head: str = "") -> Step:
    """A reply whose results are these snippets; ``{controlid}`` in them is that of the function in turn."""

    def step(call: Call, sock: socket.socket) -> None:
        filled = "".join(
            text.replace("{controlid}", controlid) for text, controlid in zip(given, call.controlids, strict=False)
        )
        sock.sendall(http(envelope(call, filled, head)))

    return step


def envelope(call: Call, inner: str, head: str = "") -> str:
    control = call.root.findtext("control/controlid")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><response><control><status>success</status>'
        f"<senderid>acme_sender</senderid><controlid>{control}</controlid><uniqueid>false</uniqueid>"
        "<dtdversion>3.0</dtdversion></control><operation><authentication><status>success</status>"
        f"<userid>ws_user</userid><companyid>acme</companyid><locationid></locationid>{head}</authentication>"
        f"{inner}</operation></response>"
    )


def succeeded(function: str, inner: str = "", controlid: str = "{controlid}") -> str:
    return (
        f"<result><status>success</status><function>{function}</function><controlid>{controlid}</controlid>"
        f"{inner}</result>"
    )


def failed(function: str, errorno: str, text: str, status: str = "failure") -> str:
    return (
        f"<result><status>{status}</status><function>{function}</function><controlid>{{controlid}}</controlid>"
        f"<errormessage><error><errorno>{errorno}</errorno><description></description>"
        f"<description2>{text}</description2><correction></correction></error></errormessage></result>"
    )


def control_failure(errorno: str, text: str) -> str:
    return (
        "<response><control><status>failure</status><senderid></senderid><controlid></controlid></control>"
        f"<errormessage><error><errorno>{errorno}</errorno><description></description>"
        f"<description2>{text}</description2><correction></correction></error></errormessage></response>"
    )


def sign_in_failure(errorno: str, text: str) -> str:
    return (
        "<response><control><status>success</status><senderid>acme_sender</senderid><controlid>x</controlid></control>"
        "<operation><authentication><status>failure</status><userid></userid><companyid></companyid></authentication>"
        f"<errormessage><error><errorno>{errorno}</errorno><description></description>"
        f"<description2>{text}</description2><correction></correction></error></errormessage></operation></response>"
    )


def hang_up(call: Call, sock: socket.socket) -> None:
    """The request is taken, and no answer comes."""


def drip(data: bytes, pause: float, piece: int = 1) -> Step:
    """An answer that arrives a few bytes at a time."""

    def step(call: Call, sock: socket.socket) -> None:
        with suppress(OSError):
            for start in range(0, len(data), piece):
                sock.sendall(data[start : start + piece])
                time.sleep(pause)

    return step


def stall(seconds: float) -> Step:
    return lambda call, sock: time.sleep(seconds)


@dataclass
class ScriptedGateway:
    """``url`` is its address, ``calls`` what it was asked beyond the sign-ins, ``logins`` the sign-ins."""

    url: str
    script: deque[Step] = field(default_factory=deque)
    login_script: deque[Step] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    logins: list[Call] = field(default_factory=list)
    session_seconds: int = 3600
    lock: threading.Lock = field(default_factory=threading.Lock)
    under_way: int = 0
    most_under_way: int = 0

    def client(self, **options: object) -> IntacctClient:
        defaults: dict[str, object] = {"request_deadline": 5.0, "first_pause": 0.01}
        return IntacctClient(requests.Session(), self.url, CREDENTIALS, **{**defaults, **options})  # type: ignore[arg-type]

    def serve(self, call: Call, sock: socket.socket) -> None:
        with self.lock:
            login = call.functions == ["getAPISession"]
            (self.logins if login else self.calls).append(call)
            steps = self.login_script if login else self.script
            step = steps.popleft() if steps else (self._sign_in if login else self._succeed)
        step(call, sock)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Counts as a request under way. Ends before the answer is sent: whoever has it may send the next at once."""
        with self.lock:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            yield
        finally:
            with self.lock:
                self.under_way -= 1

    def _sign_in(self, call: Call, sock: socket.socket) -> None:
        entity = call.root.findtext("operation/authentication/login/locationid") or ""
        number = len(self.logins)
        api = f"<api><sessionid>session-{number}..</sessionid><endpoint>{self.url}</endpoint>"
        times = (
            "<sessiontimestamp>2026-03-02T09:00:00+00:00</sessiontimestamp><sessiontimeout>"
            f"2026-03-02T{9 + self.session_seconds // 3600:02d}:{self.session_seconds % 3600 // 60:02d}:00+00:00"
            "</sessiontimeout>"
        )
        inner = succeeded("getAPISession", f"<data>{api}<locationid>{entity}</locationid></api></data>", "1")
        sock.sendall(http(envelope(call, inner, times)))

    def _succeed(self, call: Call, sock: socket.socket) -> None:
        given = [
            succeeded(name, f"<key>{place}</key>" if name == "create_invoice" else "<data/>", controlid)
            for place, (name, controlid) in enumerate(zip(call.functions, call.controlids, strict=True), start=1)
        ]
        sock.sendall(http(envelope(call, "".join(given))))


@contextmanager
def scripted_gateway(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedGateway]:
    listener = socket.create_server(("127.0.0.1", 0))
    if tls is not None:
        listener = tls.wrap_socket(listener, server_side=True, do_handshake_on_connect=False)
    gateway = ScriptedGateway(f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}{PATH}")
    threading.Thread(target=_accept, args=(listener, gateway), daemon=True).start()
    try:
        yield gateway
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, gateway: ScriptedGateway) -> None:
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(sock, gateway), daemon=True).start()


def _converse(sock: socket.socket, gateway: ScriptedGateway) -> None:
    """One request per connection, so that every step may end by hanging up."""
    with sock, suppress(OSError):
        head = b""
        while b"\r\n\r\n" not in head:
            received = sock.recv(65536)
            if not received:
                return
            head += received
        head, body = head.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")[1:]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        while len(body) < int(headers["content-length"]):
            body += sock.recv(65536)
        gateway.serve(Call(headers, body), sock)
