"""Everything that can go wrong, classed by what happens next.

TieoutError
├── SettingsError       a person repairs the settings; no retry
├── AuthError           a person repairs credentials or permissions; no retry
├── TransientError      try again later; ``retry_after`` says when, if it is known
│   ├── RateLimited     the remote system asked for patience
│   ├── SessionExpired  log in again, once
│   └── Unavailable     down, slow, or busy with the same record
├── RecordError         hold this one record and go on with the others
│   ├── Unmapped        the settings do not say what to do with it
│   ├── Rejected        the remote system refused it for a definite reason
│   └── Ambiguous       several answers are equally good
├── InvariantError      going on would make the books wrong; stop
│   └── TotalsDiffer    two totals that must agree do not
└── OutcomeUnknown      a write may or may not have happened; resolve before anything else
"""

from __future__ import annotations


class TieoutError(Exception):
    """Base of all errors. ``message`` is one sentence a person can act on, without secrets or contact data.

    ``system`` is ``intacct`` or ``hubspot`` (or another system's name), ``code`` the remote system's error code,
    ``request_id`` its support or correlation id, ``record_id`` the record concerned; each ``None`` where unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        system: str | None = None,
        code: str | None = None,
        request_id: str | None = None,
        record_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.system = system
        self.code = code
        self.request_id = request_id
        self.record_id = record_id

    def __str__(self) -> str:
        facts = [
            f"{name} {value}"
            for name, value in (("code", self.code), ("request", self.request_id), ("record", self.record_id))
            if value
        ]
        return f"{self.message} ({', '.join(facts)})" if facts else self.message


class SettingsError(TieoutError):
    """The settings or a connection are wrong; a person must repair them."""


class AuthError(TieoutError):
    """Credentials or permissions are wrong; a person must repair them."""


class TransientError(TieoutError):
    """Nothing is wrong with the request; try again. ``retry_after`` is in seconds, ``None`` where unknown."""

    def __init__(self, message: str, *, retry_after: float | None = None, **facts: str | None) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class RateLimited(TransientError):
    """The remote system's rate or concurrency limit was reached."""


class SessionExpired(TransientError):
    """The session is no longer valid; log in again, once."""


class Unavailable(TransientError):
    """The remote system is down or slow, or another task is working on the same record."""


class RecordError(TieoutError):
    """One record cannot go on; the others can."""


class Unmapped(RecordError):
    """The settings do not say what this value becomes."""


class Rejected(RecordError):
    """The remote system refused this record for a definite reason."""


class Ambiguous(RecordError):
    """Several candidates are equally good; a person must choose."""


class InvariantError(TieoutError):
    """Going on would make the books wrong."""


class TotalsDiffer(InvariantError):
    """Two totals that must agree do not."""


class OutcomeUnknown(TieoutError):
    """A write was sent and its outcome is not known; it is resolved before anything is sent again."""
