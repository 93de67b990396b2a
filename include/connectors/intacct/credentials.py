"""Who calls: the sender (the integration), the company and the web services user."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

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
    """``text`` with every secret in it replaced."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
