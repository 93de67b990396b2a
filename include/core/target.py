"""What the write path (``core.sync``) asks of a target system. Each connector implements ``Target`` once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from include.core.decisions import Json, Key, Write
from include.core.errors import Rejected


@dataclass(frozen=True, slots=True)
class Found:
    """The target already holds a record for this key.

    ``target_id`` is the target's record number (Intacct RECORDNO), ``natural_id`` what other records refer to
    (CUSTOMERID, or RECORDID of an invoice). ``actual`` holds the fields named by ``Write.expect``, as canonical text.
    """

    key: Key
    target_id: str
    natural_id: str
    actual: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """One write to be sent now: references resolved, under a control id."""

    key: Key
    payload: Json = field(repr=False)  # may be personal data
    controlid: str


@dataclass(frozen=True, slots=True)
class Written:
    """The target made the record and said so. ``natural_id`` may be empty where the answer does not tell it."""

    key: Key
    target_id: str
    natural_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite refusal of this one record. ``message`` is a sentence for a person; ``duplicate`` marks the
    target's "a record with this number or id exists", which is resolved by looking, not reported as an error."""

    key: Key
    code: str
    message: str
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """The target says that this control id was used up by an earlier, completed request."""

    key: Key


@dataclass(frozen=True, slots=True)
class Running:
    """The target says that a request under this control id is still being processed."""

    key: Key


@dataclass(frozen=True, slots=True)
class Lost:
    """The request was sent, but no readable answer for this record came back; it may or may not have happened."""

    key: Key
    why: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The target certainly did nothing for this record and may be asked again (429, offline, session gone)."""

    key: Key
    why: str
    retry_after: float | None = None


Outcome = Written | Refused | Spent | Running | Lost | NotSent


@dataclass(frozen=True, slots=True)
class WriteBack:
    """What became of updates of existing records (a connector's ``update_changed``). ``sent`` and ``unchanged`` are ids
    as they were asked for; ``failed`` the refusals by id, among them records that are gone. Refused records are told by
    id, field and code, never by value."""

    sent: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: Mapping[str, Rejected]


class Target(Protocol):
    """One target system, as the write path sees it. Holds no state of ours.

    ``send`` never raises for something that happened after bytes may have left: it answers ``Lost``. Errors that
    surely precede the request (``AuthError``, ``SettingsError``) are raised.
    """

    @property
    def system(self) -> str: ...

    @property
    def chunk_size(self) -> int:
        """The largest number of records in one ``send``."""

    @property
    def request_deadline(self) -> float:
        """Seconds after which ``send`` has given up, whatever happened."""

    @property
    def settle_seconds(self) -> float:
        """Seconds after the deadline during which the target may still be working on a lost request."""

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        """Ask the target which of these already exist, in one query per object for up to ``chunk_size`` writes.

        Raises ``Ambiguous`` never for the caller to guess: where two records carry one key, ``InvariantError``.
        """

    def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
        """Send one request with these records in this order; one outcome for each, in the same order."""
