"""A mail server that delivers to nobody: what it takes is shown on the sandbox's page. SMTP itself is aiosmtpd's."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from include.sandbox.access import MailAccess
from include.sandbox.faults import FaultBook, Rule
from include.sandbox.mail.messages import Messages

# aiosmtpd warns of its own deprecations at every sign-in.
logging.getLogger("mail.log").setLevel(logging.ERROR)

LARGEST = 10 * 1024 * 1024
_TEXTS = {
    421: "4.3.2 Service not available, closing the connection",
    450: "4.2.0 Greylisted, try again later",
    452: "4.2.2 Over quota",
    550: "5.1.1 User unknown",
    554: "5.7.1 Message refused",
}


class MailSink:
    """Serves SMTP on a bound socket in a thread of its own.

    Signing in is possible and not required. Faults of ``faults`` with ``system="mail"`` are put in force; labels are
    ``CONNECT``, ``EHLO``, ``AUTH``, ``MAIL``, ``RCPT`` and ``DATA``, and the path is the address, if there is one.
    Known kinds: ``status`` (its reply code), ``lost_before`` and ``lost_after`` (the connection closes instead of the
    reply; at ``DATA`` before or after the message is taken), ``garbage``, ``slow`` and ``stall``.
    """

    def __init__(self, messages: Messages, faults: FaultBook, sock: socket.socket) -> None:
        self._messages = messages
        self._faults = faults
        self._sock = sock
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="mail", daemon=True)
        self._stopped = asyncio.Event()

    @property
    def port(self) -> int:
        return int(self._sock.getsockname()[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop serving; the port is free afterwards."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)
        self._sock.close()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._listen())

    async def _listen(self) -> None:
        server = await self._loop.create_server(self._session, sock=self._sock)
        await self._stopped.wait()
        server.close()

    def _session(self) -> SMTP:
        return _Session(
            _Handler(self._messages, self._faults),
            hostname="mail.sandbox.example",
            ident="ESMTP sandbox",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            authenticator=self._authenticate,
            auth_require_tls=False,
            loop=self._loop,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        known = MailAccess()
        good = data == LoginPassword(known.login.encode(), known.password.encode())
        return AuthResult(success=good, handled=False)


class _Session(SMTP):
    """A session that can be refused before its greeting."""

    async def _handle_client(self) -> None:
        reply = await self.event_handler.fault(self, "CONNECT")
        if reply is None:
            await super()._handle_client()
            return
        if self.transport is not None and not self.transport.is_closing():
            await self.push(reply)
            self.transport.close()


class _Handler:
    """Decides what becomes of each command; ``None`` or a good reply lets it go on."""

    def __init__(self, messages: Messages, faults: FaultBook) -> None:
        self._messages = messages
        self._faults = faults

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        reply = await self.fault(server, "EHLO")
        return responses if reply is None else [reply]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self.fault(server, "MAIL", address)
        if reply is not None:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self.fault(server, "RCPT", address)
        if reply is not None:
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        rule = self._pick("DATA", " ".join(envelope.rcpt_tos))
        if rule is None or rule.executes:
            content = envelope.original_content or b""
            self._messages.add_mail(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        reply = None if rule is None else await self._spoiled(server, rule)
        return reply or "250 2.0.0 Taken"

    async def fault(self, server: SMTP, label: str, address: str = "") -> str | None:
        """The reply that a fault puts in place of the good one; ``None`` where all goes well."""
        rule = self._pick(label, address)
        return None if rule is None else await self._spoiled(server, rule)

    def _pick(self, label: str, address: str) -> Rule | None:
        return self._faults.pick("mail", label, label, address)

    async def _spoiled(self, server: SMTP, rule: Rule) -> str | None:
        match rule.kind:
            case "status":
                return f"{rule.status} {_TEXTS.get(rule.status, '4.0.0 Not now' if rule.status < 500 else '5.0.0 No')}"
            case "garbage":
                return "\x00\x01 ???"
            case "slow":
                await asyncio.sleep(rule.ms / 1000)
                return None
            case "stall":
                await asyncio.sleep(rule.seconds)
        if server.transport is not None:
            server.transport.close()
        return "421 4.3.2 Closing"
