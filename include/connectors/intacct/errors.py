"""What a refusal by Intacct means, and what happens next.

The gateway's error numbers are few and shared: ``XL03000006`` is a wrong password as well as an expired session,
``BL01001973`` almost anything. So a failure is classed by its number where the number says enough, else by its text
(``description`` and ``description2`` together, as gateway errors fill the one and application errors the other).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from include.connectors.intacct.credentials import hide
from include.connectors.intacct.sentences import DUPLICATE_SENTENCE, sentence_for, sign_in_sentence
from include.core.errors import (
    AuthError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SessionExpired,
    SettingsError,
    TieoutError,
    Unavailable,
)
from include.core.log_line import log_line

SYSTEM = "intacct"


class Kind(StrEnum):
    """What happens next after a failure."""

    AUTH = "auth"  # a person repairs credentials
    PERMISSION = "permission"  # a person grants a permission
    MALFORMED = "malformed"  # the request breaks the gateway's schema; nothing of it was executed
    REJECTED = "rejected"  # this record is refused for a definite reason
    DUPLICATE = "duplicate"  # a record with this number or id exists
    TRANSIENT = "transient"  # try again later
    RATE_LIMITED = "rate_limited"  # try again, more slowly
    SPENT = "spent"  # an earlier request under this control id was completed
    RUNNING = "running"  # a request under this control id is still being processed
    SESSION_EXPIRED = "session_expired"  # log in again, once
    ROLLED_BACK = "rolled_back"  # another function of the same transaction failed


class Unreachable(Unavailable):
    """Nothing was sent: no connection, no free slot, or no session."""


class Unreadable(Unavailable):
    """Something was sent, and no readable answer came back: cut, empty, HTML, too large, or the deadline passed.

    ``status`` is the HTTP status, ``None`` where there was none. What was asked for may have happened.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message, system=SYSTEM, code=code)
        self.status = status


class StillRunning(Unavailable):
    """A request under the same control id is still being processed."""


class Malformed(Rejected):
    """The request breaks the gateway's schema; nothing of it was executed."""


@dataclass(frozen=True, slots=True)
class GatewayError:
    """One ``<error>``: without secrets, session ids, e-mail addresses and support id (that is ``request_id``)."""

    errorno: str
    text: str
    correction: str = ""
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """What a stack of errors comes to. ``message`` is a sentence for a person, ``text`` Intacct's own words."""

    kind: Kind
    code: str
    message: str
    text: str = ""
    request_id: str | None = None


_LONGEST = 2_000
_SUPPORT_ID = re.compile(r"\s*\[(?:Support|Request) ID:\s*([^\]]*)\]")
_SESSION_ID = re.compile(r"(invalid session)\s+\S+.*", re.IGNORECASE | re.DOTALL)
_EMAIL = re.compile(r"[^\s'\"<>(),;:]+@[^\s'\"<>(),;:]+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_PERSONAL = re.compile(r"\b(contact|e-?mail|phone|fax|first ?name|last ?name|print ?as|address)\b", re.IGNORECASE)


def read_error(parts: Mapping[str, str], secrets: tuple[str, ...] = ()) -> GatewayError:
    """One error from its children's texts (``errorno``, ``description``, ``description2``, ``correction``; each may
    be missing). What must not reach a log is taken out here, once."""
    said = _plain(f"{parts.get('description', '')} {parts.get('description2', '')}", secrets)
    found = _SUPPORT_ID.search(said)
    return GatewayError(
        errorno=_tidy(_plain(parts.get("errorno", ""), secrets)),
        text=_tidy(_SUPPORT_ID.sub("", said)),
        correction=_tidy(_SUPPORT_ID.sub("", _plain(parts.get("correction", ""), secrets))),
        request_id=unquote(found[1]).strip() or None if found else None,
    )


def _plain(text: str, secrets: tuple[str, ...]) -> str:
    """On one line, without secrets, and short enough for every pattern here to be quick on."""
    return hide(" ".join(log_line(text).split()), secrets)[:_LONGEST]


def _tidy(text: str) -> str:
    text = _SESSION_ID.sub(r"\1", text)
    text = _EMAIL.sub("[e-mail]", text)
    return _QUOTED.sub("'...'", text) if _PERSONAL.search(text) else text


# Numbers that say enough by themselves.
_BY_NUMBER = {
    "XL03000003": Kind.MALFORMED,
    "XMLGW_JPP0002": Kind.AUTH,
    "PL04000055": Kind.AUTH,
    "PL04000005": Kind.PERMISSION,
    "GW-0042": Kind.PERMISSION,
    "BL34000061": Kind.DUPLICATE,
    "BL03002185": Kind.DUPLICATE,
    "PL05000104": Kind.DUPLICATE,
    "GW-0010": Kind.RATE_LIMITED,
    "GW-0011": Kind.AUTH,
    **{f"GW-000{n}": Kind.TRANSIENT for n in range(1, 10)},
    **{f"GW-00{n}": Kind.AUTH for n in range(31, 40)},
}

# Texts, for all other numbers; the first that fits decides.
_BY_TEXT = (
    (re.compile(r"already been recorded with the control ?id", re.I), Kind.SPENT),
    (re.compile(r"concurrent request in process", re.I), Kind.RUNNING),
    (re.compile(r"invalid session|session (has )?(expired|timed out)", re.I), Kind.SESSION_EXPIRED),
    (re.compile(r"rate limit exceeded|too many requests|concurrency limit", re.I), Kind.RATE_LIMITED),
    (re.compile(r"temporarily off-?line|temporarily unavailable|undergoing maintenance", re.I), Kind.TRANSIENT),
    (re.compile(r"transaction in this operation has been rolled back", re.I), Kind.ROLLED_BACK),
    (
        re.compile(r"sign-in information is incorrect|not authorized (to make|for) |invalid web services auth", re.I),
        Kind.AUTH,
    ),
    (
        re.compile(r"(do(es)? not|don't) have permission|permission denied|not permitted|no permission", re.I),
        Kind.PERMISSION,
    ),
    (
        re.compile(r"\balready exists\b|\balready in use\b|\bduplicate (invoice|document|transaction)\b", re.I),
        Kind.DUPLICATE,
    ),
)

# What a number means when no text says better. Everything unknown is a definite refusal: it has a failure status,
# and repeating it blindly could only do harm.
_OTHERWISE = {"XL03000006": Kind.AUTH}

_GENERIC = re.compile(r"^(could not|unable to) (create|update|delete|post)\b|^there was an error processing", re.I)


def classify(errors: Sequence[GatewayError], level: str = "") -> Failure:
    """The one failure behind a stack of errors: Intacct puts the cause first and generic ones around it.

    ``level`` is ``control`` or ``authentication`` where that block of the answer was refused.
    """
    judged = [(error, _kind(error)) for error in errors] or [(GatewayError("", ""), Kind.REJECTED)]
    error, kind = min(judged, key=_generality)
    return Failure(kind, error.errorno, _message(error, kind, level), error.text, error.request_id or _first_id(errors))


def _generality(judged: tuple[GatewayError, Kind]) -> int:
    error, kind = judged
    if kind is Kind.ROLLED_BACK:
        return 2
    return 1 if kind is Kind.REJECTED and (_GENERIC.match(error.text) or not error.text) else 0


def _kind(error: GatewayError) -> Kind:
    known = _BY_NUMBER.get(error.errorno.upper())
    if known is not None:
        return known
    said = f"{error.errorno} {error.text}"
    for pattern, kind in _BY_TEXT:
        if pattern.search(said):
            return kind
    return _OTHERWISE.get(error.errorno.upper(), Kind.REJECTED)


def _first_id(errors: Sequence[GatewayError]) -> str | None:
    return next((error.request_id for error in errors if error.request_id), None)


_FIXED = {
    Kind.PERMISSION: "The web services user lacks a permission in Sage Intacct; an administrator must grant it.",
    Kind.MALFORMED: "Sage Intacct could not read the request: it breaks the gateway's schema.",
    Kind.DUPLICATE: DUPLICATE_SENTENCE,
    Kind.TRANSIENT: "Sage Intacct is off line for the moment; try again later.",
    Kind.RATE_LIMITED: "Sage Intacct's limit of requests is reached; try again later.",
    Kind.SPENT: "Sage Intacct has completed an earlier request under this control id.",
    Kind.RUNNING: "Sage Intacct is still processing an earlier request under this control id.",
    Kind.SESSION_EXPIRED: "The Sage Intacct session is no longer valid.",
    Kind.ROLLED_BACK: "Sage Intacct rolled this back because another function of the same transaction failed.",
}


def _message(error: GatewayError, kind: Kind, level: str) -> str:
    if kind is Kind.AUTH:
        sentence = sign_in_sentence(error.errorno, error.text, level)
    else:
        sentence = _FIXED.get(kind) or sentence_for(error.text)
    said = error.text or (error.errorno if " " in error.errorno else "")
    # The gateway says nothing useful about sessions, and the duplicate's own words are worth having.
    quiet = kind in {Kind.SESSION_EXPIRED, Kind.SPENT, Kind.RUNNING}
    if quiet or not said or said in sentence:
        return sentence
    return f"{sentence} Intacct says: {said[:300]}"


_RAISED: Mapping[Kind, type[TieoutError]] = {
    Kind.AUTH: AuthError,
    Kind.PERMISSION: AuthError,
    Kind.MALFORMED: Malformed,
    Kind.REJECTED: Rejected,
    Kind.DUPLICATE: Rejected,
    Kind.TRANSIENT: Unavailable,
    Kind.RATE_LIMITED: RateLimited,
    Kind.SPENT: OutcomeUnknown,
    Kind.RUNNING: StillRunning,
    Kind.SESSION_EXPIRED: SessionExpired,
    Kind.ROLLED_BACK: Unavailable,
}


def to_exception(failure: Failure, record_id: str | None = None) -> TieoutError:
    """The failure as an exception of ``core.errors``: what a caller raises for a record that it wrote."""
    return _RAISED[failure.kind](
        failure.message,
        system=SYSTEM,
        code=failure.code or None,
        request_id=failure.request_id,
        record_id=record_id,
    )


def to_read_exception(failure: Failure, what: str) -> TieoutError:
    """The failure of a read of ``what``: no record is refused there, the question itself is wrong."""
    facts = {"system": SYSTEM, "code": failure.code or None, "request_id": failure.request_id}
    match failure.kind:
        case Kind.PERMISSION:
            return AuthError(
                f"The web services user may not read {what} in Sage Intacct; grant the permission.", **facts
            )
        case Kind.REJECTED | Kind.MALFORMED | Kind.DUPLICATE:
            return SettingsError(
                f"Sage Intacct cannot answer the query of {what}; check the names of objects and fields. "
                f"Intacct says: {(failure.text or failure.code)[:300]}",
                **facts,
            )
    return to_exception(failure)
