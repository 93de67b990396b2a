"""The messages that the sandbox took: mail and Slack, newest last, bounded in memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from include.sandbox.clock import Clock

MOST = 5_000


class Messages:
    """Safe to use from several threads. Each message has ``seq`` (1, 2, ...), ``system`` (``mail`` or ``slack``) and
    ``received_at`` by the twins' clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seq = 0
        self._kept: deque[Mapping[str, Any]] = deque(maxlen=MOST)

    def add_mail(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """A message as it came over SMTP: what its readers see is ``subject``, ``text`` and ``html``."""
        message: EmailMessage = message_from_bytes(raw, policy=policy.default)
        self._add(
            "mail",
            {
                "sender": sender,
                "to": recipients,
                "subject": str(message["Subject"] or ""),
                "message_id": str(message["Message-ID"] or ""),
                "text": _body(message, "plain"),
                "html": _body(message, "html"),
                "raw": raw.decode("utf-8", "replace"),
            },
        )

    def add_slack(self, payload: Mapping[str, Any]) -> None:
        """What a webhook was given; ``text`` is what notifications show."""
        self._add("slack", {"text": str(payload.get("text") or ""), "payload": dict(payload)})

    def listing(self, system: str | None = None, since: int = 0) -> Iterator[Mapping[str, Any]]:
        """The kept messages in order: those of one system, those after ``since``."""
        with self._lock:
            kept = list(self._kept)
        return (message for message in kept if message["seq"] > since and system in {None, message["system"]})

    def clear(self) -> None:
        """Forget them; ``seq`` goes on."""
        with self._lock:
            self._kept.clear()

    def _add(self, system: str, facts: Mapping[str, Any]) -> None:
        received = self._clock.now().isoformat(timespec="milliseconds")
        with self._lock:
            self._seq += 1
            self._kept.append({"seq": self._seq, "system": system, "received_at": received, **facts})


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
