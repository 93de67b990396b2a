"""Who calls: the sender (the integration), the company and the web services user."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Sender id and password belong to the integration, the others to the company. Passwords are in no repr."""

    company_id: str
    user_id: str
    user_password: str = field(repr=False)
    sender_id: str
    sender_password: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never appear in a log line or an error, longest first."""
        return tuple(sorted({self.user_password, self.sender_password} - {""}, key=len, reverse=True))

    def session_key(self, url: str, entity_id: str | None) -> str:
        """The name under which sessions of this user in this entity are cached: a digest, nothing readable."""
        parts = ("intacct", url, self.company_id, self.sender_id, self.user_id, entity_id or "")
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def hide(text: str, secrets: tuple[str, ...]) -> str:
    """``text`` with every secret in it replaced, however it is encoded there."""
    for secret in secrets:
        for spelling in _spellings(secret):
            text = text.replace(spelling, HIDDEN)
    return text


@lru_cache(maxsize=64)
def _spellings(secret: str) -> tuple[str, ...]:
    """The secret as text, in URLs, forms, XML, HTML, JSON, Python, hexadecimal and base64; longest first."""
    raw = secret.encode()
    spelt = {
        secret,
        " ".join(secret.split()),
        quote(secret, safe=""),
        quote_plus(secret),
        escape(secret),
        escape(secret, {'"': "&quot;", "'": "&apos;"}),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret)[1:-1])[1:-1],
        repr(secret)[1:-1],
        repr(raw)[2:-1],
        raw.hex(),
        *_in_base64(raw),
    }
    return tuple(sorted(spelt - {""}, key=lambda one: (-len(one), one)))


def _in_base64(raw: bytes) -> Iterator[str]:
    """What stands in the base64 of any longer text that holds ``raw``: it may begin at three places of a group."""
    for shift in range(3):
        whole = (len(raw) + shift) // 3 * 4
        coded = base64.b64encode(b"?" * shift + raw).decode()[4 if shift else 0 : whole]
        yield from {coded, coded.replace("+", "-").replace("/", "_")}
