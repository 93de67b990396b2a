"""HubSpot's refusals as our errors: which kind, and a sentence without values.

HubSpot's own messages quote property values and e-mail addresses, so none of their text is passed on: only
what is safe by its form is taken out of them (``error_facts``).

    400 409 413 414 422   Refusal (Rejected); AlreadyExists for 409
    401                   AuthError
    403                   MissingScopes (Forbidden), naming the scopes, or Forbidden (AuthError)
    404                   NotFound (Refusal); as HTML: SettingsError, there is no such path
    3xx 405 415           SettingsError: this is not the API we speak
    423 477 503           Unavailable: refused, so even a create may be sent again
    429                   RateLimited, with the policy's name as code
    408 5xx others        Unavailable, or OutcomeUnknown for a create
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.connectors.hubspot.error_facts import ErrorFacts, Fault, correlation_id
from include.connectors.hubspot.patience import retry_after_seconds
from include.connectors.hubspot.wire import Json
from include.core.errors import (
    AuthError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SettingsError,
    TieoutError,
    Unavailable,
)

_MEANING = {
    "PROPERTY_DOESNT_EXIST": "it does not exist in this account",
    "INVALID_OPTION": "the value is not one of the allowed options",
    "INVALID_INTEGER": "the value is not a whole number",
    "INVALID_LONG": "the value is not a whole number",
    "INVALID_NUMERIC": "the value is not a number",
    "INVALID_DATE": "the value is not a date",
    "INVALID_EMAIL": "the value is not an e-mail address",
    "READ_ONLY_VALUE": "it cannot be written",
    "MISSING_REQUIRED_PROPERTY": "it is required",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": "it is required by a rule of the account",
}


class Forbidden(AuthError):
    """The token is good, but neither its scopes nor its user nor the account's plan allow this."""


class MissingScopes(Forbidden):
    """The token lacks ``scopes`` (names as HubSpot gives them; empty where it named none)."""

    def __init__(self, message: str, *, scopes: tuple[str, ...] = (), **facts: str | None) -> None:
        super().__init__(message, **facts)
        self.scopes = scopes


class Refusal(Rejected):
    """A definite refusal. ``status`` is the HTTP status (207 inside a partly successful batch),
    ``properties`` the property names HubSpot blames, ``existing_id`` the record that already has the unique
    value."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        properties: tuple[str, ...] = (),
        unwritable: tuple[str, ...] = (),
        existing_id: str | None = None,
        **facts: str | None,
    ) -> None:
        super().__init__(message, **facts)
        self.status = status
        self.properties = properties
        self.unwritable = unwritable
        self.existing_id = existing_id


class NotFound(Refusal):
    """There is no such record (or it is archived)."""


class AlreadyExists(Refusal):
    """Something with this name or unique value exists."""


Facts = dict[str, str | None]


def error_of(status: int, headers: Mapping[str, str], body: Any, *, what: str, repeatable: bool) -> TieoutError:
    """The error for an answer with this status. ``body`` is the parsed JSON, or ``None`` where it was none; ``what``
    names the call (``POST /crm/objects/2026-09/deals/search``); ``repeatable`` is false for a create."""
    data: Json = body if isinstance(body, dict) else {}
    found = ErrorFacts.from_wire(data)
    request_id = correlation_id(headers, data)
    facts: Facts = {"system": "hubspot", "code": found.category or str(status), "request_id": request_id}
    if status == 401:
        return AuthError(
            "HubSpot does not accept the token: it is wrong, expired or revoked. Put a valid service key or access "
            "token into the connection's password.",
            **facts,
        )
    if status == 403:
        return _forbidden(found, what, facts)
    if status == 429:
        return _rate_limited(headers, found, facts)
    if status in {423, 477, 503}:
        return _busy(status, headers, facts)
    if 300 <= status < 400 or status in {405, 415} or (status == 404 and not data):
        return SettingsError(
            f"HubSpot has nothing at {what} (status {status}). Check the host and api_version of the connection.",
            **facts,
        )
    if 400 <= status < 500 and status != 408:
        return refusal_of(data, status=status, request_id=request_id)
    if repeatable:
        after = retry_after_seconds(headers.get("Retry-After"))
        return Unavailable(f"HubSpot answered {what} with status {status}.", retry_after=after, **facts)
    return OutcomeUnknown(
        f"HubSpot answered {what} with status {status}; whether the record was made is not known.", **facts
    )


def refusal_of(data: Json, *, status: int, request_id: str | None = None, record_id: str | None = None) -> TieoutError:
    """The refusal described by an error object: a whole reply's, or one of a 207's ``errors``.

    A ``Refusal`` always, but for an ``idProperty`` that is not unique, which is a ``SettingsError``.
    """
    found = ErrorFacts.from_wire(data)
    category = found.category or str(status)
    if found.non_unique:
        return SettingsError(
            f"The HubSpot property {found.non_unique} cannot identify records: its values are not unique.",
            system="hubspot",
            code=category,
            request_id=request_id,
        )
    missing = status == 404 or category == "OBJECT_NOT_FOUND"
    kind = NotFound if missing else AlreadyExists if status == 409 else Refusal
    return kind(
        _sentence(found, status, kind),
        status=status,
        properties=found.properties,
        unwritable=found.unwritable,
        existing_id=found.existing_id,
        system="hubspot",
        code=found.code or category,
        request_id=request_id,
        record_id=record_id,
    )


def _sentence(found: ErrorFacts, status: int, kind: type[Refusal]) -> str:
    names = ", ".join(found.properties)
    if kind is NotFound:
        return "HubSpot has no such record; it may be archived or merged."
    if kind is AlreadyExists or found.existing_id:
        return f"HubSpot already has a record with this value{f' of {names}' if names else ''}."
    reasons = [f"{fault.property or 'the record'}: {_reason(fault)}" for fault in found.faults]
    return f"HubSpot refused {'; '.join(reasons) or f'it ({found.category or status})'}."


def _reason(fault: Fault) -> str:
    return _MEANING.get(fault.code or "", fault.code or "the value is not valid")


def _forbidden(found: ErrorFacts, what: str, facts: Facts) -> AuthError:
    if found.category == "MISSING_SCOPES" or found.scopes:
        wanted = f": one of {', '.join(found.scopes)}" if found.scopes else ""
        return MissingScopes(
            f"The HubSpot token lacks a scope for {what}{wanted}. Add it to the service key and run again.",
            scopes=found.scopes,
            **facts,
        )
    return Forbidden(
        f"HubSpot forbids {what} for this token ({facts['code']}); the user who made the key may have lost "
        "permissions.",
        **facts,
    )


def _rate_limited(headers: Mapping[str, str], found: ErrorFacts, facts: Facts) -> RateLimited:
    policy = found.policy or "RATE_LIMITS"
    after = retry_after_seconds(headers.get("Retry-After"))
    message = f"HubSpot asks for patience: its limit {policy} is reached."
    if policy == "DAILY":
        after = None
        message = "HubSpot's daily limit is used up; it starts anew at midnight in the account's time zone."
    elif after is None:
        after = 1.0 if policy == "SECONDLY" else 10.0
    return RateLimited(message, retry_after=after, **{**facts, "code": policy})


def _busy(status: int, headers: Mapping[str, str], facts: Facts) -> Unavailable:
    header = headers.get("Retry-After")
    if status == 477:
        after = retry_after_seconds(header, milliseconds_above=None) or 60.0
        message = "HubSpot is moving this account to another data centre."
        return Unavailable(message, retry_after=after, **facts)
    asked = retry_after_seconds(header)
    if status == 423:
        # The lock lasts two seconds, says HubSpot's page on errors.
        message = "HubSpot has locked this data for a moment."
        return Unavailable(message, retry_after=max(2.0, asked or 2.0), **facts)
    return Unavailable("HubSpot is not available for a moment.", retry_after=asked, **facts)
