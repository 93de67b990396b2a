"""Mail as a target of the write path.

What is promised: a message of one key is handed to the mail server at least once, and never again once the server has
confirmed it. Mail cannot be looked up, so after a lost answer it is sent once more: a duplicate does no harm and
carries the same Message-ID, by which mail readers drop it; a notice that nobody gets does harm.
"""

from __future__ import annotations

import re
import smtplib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from include.core.decisions import Key, Write
from include.core.target import Found, Lost, NotSent, Outcome, Refused, Send, Written
from include.notices.mail_server import MailServer, Reply, Unready
from include.notices.message import build_message, message_id
from include.notices.notice import Notice

_DOWN = 30.0
_LATER = 60.0
"""Seconds until a server that is down, and one that puts a recipient off (greylisting), is asked again."""
_REASONS = {
    "5.1.1": "there is no such mailbox",
    "5.1.2": "there is no such mail domain",
    "5.1.10": "its domain takes no mail",
    "5.2.1": "the mailbox is closed",
    "5.2.2": "the mailbox is full",
    "5.7.1": "the server does not allow it",
}


class MailTarget:
    """One SMTP server. ``now`` gives aware instants for the messages' Date."""

    system = "mail"
    chunk_size = 50
    request_deadline = 120.0
    settle_seconds = 0.0

    def __init__(self, server: MailServer, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._server = server
        self._now = now

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        """Nothing: mail that was handed in cannot be looked up."""
        return {}

    def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
        """All messages in one session. Raises ``SettingsError`` and ``AuthError`` before anything was sent."""
        answers: list[Outcome] = []
        deadline = time.monotonic() + self.request_deadline
        try:
            with self._server.session(deadline) as smtp:
                session = _Session(smtp, self._server, self._now, deadline)
                answers.extend(map(session.send, sends))
        except Unready as error:
            return [NotSent(send.key, str(error), _DOWN) for send in sends]
        return answers


class _Session:
    """The messages of one session. Once it is ``over``, the rest is not sent."""

    def __init__(self, smtp: smtplib.SMTP, server: MailServer, now: Callable[[], datetime], deadline: float) -> None:
        self._smtp = smtp
        self._server = server
        self._sender = server.from_address
        self._now = now
        self._deadline = deadline
        self._first = True
        self._over = ""

    def send(self, send: Send) -> Outcome:
        if not self._over and time.monotonic() >= self._deadline:
            self._over = "the time for one session with the mail server is over"
        if self._over:
            return self._not_sent(send.key)
        try:
            answer = self._hand_in(send)
        except (OSError, smtplib.SMTPException) as error:
            # The message's end was not sent yet, so the server must throw away what it has (RFC 5321, 4.1.1.4).
            self._over = f"the connection to the mail server broke ({type(error).__name__})"
            return self._not_sent(send.key)
        self._first = False
        return answer

    def _not_sent(self, key: Key) -> NotSent:
        """A server so slow that a session's time is over uses up the run's patience, or it would hold the task, and its
        slot of the pool, for hours."""
        return NotSent(key, self._over, _LATER if time.monotonic() >= self._deadline else None)

    def _hand_in(self, send: Send) -> Outcome:
        notice = Notice.from_json(send.payload)
        body = build_message(notice, send.key, sender=self._sender, sender_name=self._server.from_name, at=self._now())
        reply = Reply.of(self._smtp.mail(self._sender))
        if not reply.good:
            return self._sender_refused(send.key, reply)
        reply = Reply.of(self._smtp.rcpt(notice.to))
        if not reply.good:
            return self._refused(send.key, reply, "its recipient", "correct that owner's e-mail address")
        reply = Reply.of(self._smtp.docmd("DATA"))
        if reply.code != 354:
            return self._refused(send.key, reply, "its contents", "ask its administrator why")
        return self._whole(send.key, body)

    def _whole(self, key: Key, body: bytes) -> Outcome:
        """The message itself. From here on no answer means that it may have been taken."""
        try:
            self._smtp.send(re.sub(rb"(?m)^\.", b"..", body) + b".\r\n")
            reply = Reply.of(self._smtp.getreply())
        except (OSError, smtplib.SMTPException) as error:
            self._over = f"the connection to the mail server broke ({type(error).__name__})"
            return Lost(key, self._over)
        if reply.good:
            return Written(key, message_id(key, self._sender))
        if not 400 <= reply.code < 600:
            self._over = "the mail server gave an unreadable answer"
            return Lost(key, self._over)
        return self._refused(key, reply, "its contents", "ask its administrator why")

    def _sender_refused(self, key: Key, reply: Reply) -> Outcome:
        """The connection's fault, not the message's. Raised only while nothing was sent in this session."""
        if reply.final and self._first:
            raise self._server.wrong(f"the mail server refuses its sender (From email), with {reply}.")
        self._over = f"the mail server refuses the sender ({reply})"
        return NotSent(key, self._over, None if reply.final else _LATER)

    def _refused(self, key: Key, reply: Reply, what: str, remedy: str) -> Outcome:
        self._start_over(reply)
        if not reply.final:
            return NotSent(key, f"the mail server puts a notice off because of {what} ({reply})", _LATER)
        reason = _REASONS.get(reply.status)
        said = f"{reply}: {reason}" if reason else str(reply)
        return Refused(key, str(reply), f"The mail server refuses this notice because of {what} ({said}); {remedy}.")

    def _start_over(self, reply: Reply) -> None:
        """Ready the session for the next message."""
        try:
            if reply.code == 421 or not Reply.of(self._smtp.rset()).good:
                self._over = "the mail server ended the session"
        except (OSError, smtplib.SMTPException):
            self._over = "the mail server ended the session"
