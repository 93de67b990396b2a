"""Refusals: the service's error bodies, as exceptions that carry status and body.

Every text here is one that clients are known to match on, or (where no source gives one) plain words; the guessed
ones are listed in ``COVERAGE.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCOPES_PAGE = "https://developers.hubspot.com/scopes"
OAUTH_PAGE = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"


class Refusal(Exception):
    """A call (or one row of a batch) is refused; nothing of it is kept."""

    def __init__(
        self,
        status: int,
        category: str | None,
        message: str,
        *,
        sub_category: str | None = None,
        context: Mapping[str, Sequence[str]] | None = None,
        errors: Sequence[Mapping[str, Any]] | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.sub_category = sub_category
        self.context = context
        self.errors = errors
        self.extra = extra or {}
        self.headers = headers or {}

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The answer of a refused call."""
        return {"status": "error", "message": self.message, "correlationId": correlation_id, **self._rest()}

    def row(self, trace_id: str | None = None) -> dict[str, Any]:
        """The entry under ``errors`` of a partly refused batch, naming the row by its trace id."""
        rest = self._rest()
        if trace_id is not None:
            rest["context"] = {**rest.get("context", {}), "objectWriteTraceId": [trace_id]}
        return {"status": "error", "category": rest.pop("category", None), "message": self.message, **rest}

    def _rest(self) -> dict[str, Any]:
        rest: dict[str, Any] = {}
        if self.category is not None:
            rest["category"] = self.category
        if self.sub_category is not None:
            rest["subCategory"] = self.sub_category
        if self.context is not None:
            rest["context"] = {key: list(values) for key, values in self.context.items()}
        if self.errors is not None:
            rest["errors"] = list(self.errors)
        rest.update(self.extra)
        return rest


@dataclass(frozen=True, slots=True)
class Violation:
    """One property value that may not be written."""

    name: str
    code: str
    message: str


def invalid(message: str, **more: Any) -> Refusal:
    """400 VALIDATION_ERROR with a plain message."""
    return Refusal(400, "VALIDATION_ERROR", message, **more)


def invalid_json(line: int, column: int, what: str) -> Refusal:
    return invalid(f"Invalid input JSON on line {line}, column {column}: {what}")


def invalid_properties(portal_id: int, violations: Iterable[Violation]) -> Refusal:
    """400 whose message carries a JSON list of the bad values, and again as ``errors``."""
    rows = list(violations)
    listed = [
        {
            "isValid": False,
            "message": v.message,
            "error": v.code,
            "name": v.name,
            "localizedErrorMessage": v.message,
            "portalId": portal_id,
        }
        for v in rows
    ]
    text = json.dumps(listed, separators=(",", ":"), ensure_ascii=False)
    errors = [{"message": v.message, "code": v.code, "context": {"propertyName": [v.name]}} for v in rows]
    return invalid(f"Property values were not valid: {text}", errors=errors)


def not_found(message: str = "resource not found", **more: Any) -> Refusal:
    return Refusal(404, "OBJECT_NOT_FOUND", message, **more)


def taken(portal_id: int, legacy_type: str, name: str, value: str, own_id: int, holder_id: int) -> Refusal:
    """400: another record holds this unique value; clients read the holder before ``already has``."""
    return invalid(
        f"Cannot set PropertyValueCoordinates{{portalId={portal_id}, "
        f"objectTypeId=ObjectTypeId{{legacyObjectType={legacy_type}}}, propertyName={name}, value={value}}} "
        f"on {own_id}. {holder_id} already has that value."
    )


def contact_exists(existing_id: int) -> Refusal:
    return Refusal(409, "CONFLICT", f"Contact already exists. Existing ID: {existing_id}")


def exists_already(message: str, sub_category: str) -> Refusal:
    return Refusal(409, "OBJECT_ALREADY_EXISTS", message, sub_category=sub_category)


def no_credentials() -> Refusal:
    return Refusal(
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        f"details at {OAUTH_PAGE}",
        headers={"x-hubspot-auth-failure": "401 Unauthorized"},
    )


def missing_scopes(scopes: Sequence[str]) -> Refusal:
    return Refusal(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        f"{SCOPES_PAGE}.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        extra={"links": {"scopes": SCOPES_PAGE}},
    )


def too_many_inputs(maximum: int, *, history: bool = False) -> Refusal:
    where = " request for property histories" if history else ""
    return invalid(
        f"The maximum number of inputs supported in a batch{where} is {maximum}. "
        "Please reduce the number of items and try again"
    )
