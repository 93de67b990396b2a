"""Who calls: the Bearer token, its expiry, its scopes."""

from __future__ import annotations

from datetime import datetime

from include.sandbox.exchange import Request
from include.sandbox.hubspot.account import Token, token_from_document
from include.sandbox.hubspot.errors import Refusal, missing_scopes, no_credentials
from include.sandbox.hubspot.times import to_ms, wire
from include.sandbox.hubspot.world import World


def bearer(world: World, request: Request, moment: datetime) -> Token:
    """The token of a call. Raises ``Refusal`` (401)."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    value = value.strip()
    if scheme.lower() != "bearer" or not value:
        raise no_credentials()
    stored = world.db.document("token", value)
    if stored is None:
        raise no_credentials() if value.startswith("pat-") else expired(0, to_ms(moment))
    token = token_from_document(value, stored)
    if token.expires_at is not None and token.expires_at <= to_ms(moment):
        raise expired(token.expires_at, to_ms(moment))
    return token


def authorise(token: Token, groups: tuple[tuple[str, ...], ...]) -> None:
    """One scope of every group must be granted. Raises ``Refusal`` (403)."""
    for alternatives in groups:
        if not token.may(alternatives):
            raise missing_scopes(alternatives)


def creator_is_still_there(world: World, token: Token) -> None:
    """A key stays tied to the user who made it (``user_id``). Raises ``Refusal`` (403) once that one is deactivated."""
    if token.user_id is None:
        return
    made_by = [
        owner for owner in world.db.documents("owner").values() if owner["userIdIncludingInactive"] == token.user_id
    ]
    if made_by and all(owner["archived"] for owner in made_by):
        raise Refusal(
            403,
            "USER_DOES_NOT_HAVE_PERMISSIONS",
            f"The user {token.user_id} whom this token belongs to does not have permission to make this call",
        )


def expired(at: int, now: int) -> Refusal:
    """An undecodable token reads as expired since 1970."""
    seconds = max(0, now - at) // 1000
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= size or unit == "second":
            ago = f"{seconds // size} {unit}(s)"
            break
    when = wire(at) if at % 1000 or at else "1970-01-01T00:00:00Z"
    return Refusal(
        401,
        "EXPIRED_AUTHENTICATION",
        f"The OAuth token used to make this call expired {ago} ago.",
        context={"expire time": [when]},
        headers={"x-hubspot-auth-failure": "401 Unauthorized"},
    )
