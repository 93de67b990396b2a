"""OAuth: tokens for 30 minutes, refreshed by a refresh token; looked up and revoked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.errors import Refusal, not_found
from include.sandbox.hubspot.routing import Route, route

LIFE_SECONDS = 1_800


def token(call: Call) -> Reply:
    """``grant_type`` refresh_token or authorization_code, form-encoded."""
    form = _form(call)
    grant = form.get("grant_type", "")
    if grant not in {"refresh_token", "authorization_code"}:
        raise _bad("BAD_GRANT_TYPE", "missing or unknown grant type")
    app = _app(call, form)
    if grant == "refresh_token":
        refresh = form.get("refresh_token", "")
        stored = call.world.db.document("refresh_token", refresh)
        if stored is None or stored["app_id"] != app["app_id"]:
            raise _bad("BAD_REFRESH_TOKEN", "missing or unknown refresh token")
        return Reply(200, _issue(call, app, refresh, stored))
    code = form.get("code", "")
    if code not in app.get("codes", ()):
        raise _bad("BAD_AUTH_CODE", "missing or unknown auth code")
    if app.get("redirect_uri") and form.get("redirect_uri") != app["redirect_uri"]:
        raise _bad("MISMATCH_REDIRECT_URI_AUTH_CODE", "redirect uri does not match the one of the auth code")
    left = {**app, "codes": [other for other in app["codes"] if other != code]}
    call.world.db.put_document("app", str(app["app_id"]), left)
    refresh = f"na1-{secrets.token_hex(18)}"
    grant_body = {"app_id": app["app_id"], "scopes": app.get("scopes", []), "user_id": app.get("user_id")}
    call.world.db.put_document("refresh_token", refresh, grant_body)
    return Reply(200, _issue(call, app, refresh, grant_body))


def _issue(call: Call, app: Mapping[str, Any], refresh: str, grant: Mapping[str, Any]) -> dict[str, Any]:
    access = f"CJ{secrets.token_urlsafe(40)}"
    user = grant.get("user_id")
    scopes = grant.get("scopes", [])
    document = {
        "app_id": str(app["app_id"]),
        "name": app.get("name", ""),
        "scopes": scopes,
        "kind": "oauth" if user is None else "user_oauth",
        "user_id": user,
        "expires_at": call.now + LIFE_SECONDS * 1000,
    }
    call.world.db.put_document("token", access, document)
    return {
        "token_type": "bearer",
        "access_token": access,
        "refresh_token": refresh,
        "hub_id": call.world.account.portal_id,
        "scopes": scopes if scopes != "*" else [],
        "expires_in": LIFE_SECONDS,
    }


def introspect(call: Call) -> Reply:
    return Reply(200, _about(call, _form(call).get("token", "")) or {"active": False})


def access_token(call: Call, value: str) -> Reply:
    """The old ``GET /oauth/v1/access-tokens/{token}``."""
    found = _about(call, value)
    if found is None or not found["active"]:
        raise not_found("The access token is unknown or expired")
    return Reply(200, found)


def refresh_token(call: Call, value: str) -> Reply:
    stored = call.world.db.document("refresh_token", value)
    if stored is None:
        raise not_found("The refresh token is unknown")
    return Reply(200, {"token": value, "token_type": "refresh", **_owner(call, stored)})


def delete_refresh_token(call: Call, value: str) -> Reply:
    call.world.db.drop_document("refresh_token", value)
    return Reply(204)


def revoke(call: Call) -> Reply:
    value = _form(call).get("token", "")
    call.world.db.drop_document("refresh_token", value)
    call.world.db.drop_document("token", value)
    return Reply(200, {})


def private_app(call: Call) -> Reply:
    """``POST /oauth/v2/private-apps/get/access-token-info``."""
    found = _about(call, body.required_text(call.json(), "tokenKey"))
    if found is None:
        raise not_found("The access token is unknown")
    return Reply(
        200, {"userId": found["user_id"], "hubId": found["hub_id"], "appId": found["app_id"], "scopes": found["scopes"]}
    )


def _about(call: Call, value: str) -> dict[str, Any] | None:
    stored = call.world.db.document("token", value) if value else None
    if stored is None:
        return None
    expires = stored.get("expires_at")
    left = None if not isinstance(expires, int) else (expires - call.now) // 1000
    return {
        "active": left is None or left > 0,
        "token": value,
        "token_type": "access",
        "expires_in": left,
        **_owner(call, stored),
    }


def _owner(call: Call, stored: Mapping[str, Any]) -> dict[str, Any]:
    scopes, app_id = stored.get("scopes", []), str(stored["app_id"])
    return {
        "hub_id": call.world.account.portal_id,
        "app_id": int(app_id) if app_id.isdigit() else app_id,
        "user_id": stored.get("user_id"),
        "scopes": scopes if scopes != "*" else [],
    }


def _app(call: Call, form: Mapping[str, str]) -> dict[str, Any]:
    for app in call.world.db.documents("app").values():
        if str(app.get("client_id", "")) == form.get("client_id", "") != "":
            if not secrets.compare_digest(str(app.get("client_secret", "")), form.get("client_secret", "")):
                raise _bad("BAD_CLIENT_SECRET", "missing or invalid client secret")
            return dict(app)
    raise _bad("BAD_CLIENT_ID", "missing or unknown client id")


def _form(call: Call) -> dict[str, str]:
    """The fields of a form, or of a JSON object."""
    raw = call.request.body
    if raw.lstrip()[:1] == b"{":
        return {name: body.scalar(name, value) for name, value in body.parse(raw).items() if value is not None}
    try:
        fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        fields = {}
    return {name: values[0] for name, values in {**call.query, **fields}.items()}


def _bad(status: str, message: str) -> Refusal:
    return Refusal(400, None, message, extra={"status": status})


def _route(method: str, path: str, handler: Any, *, writes: bool = False) -> Route:
    return route(method, "oauth", path, handler, writes=writes, allowance="none", open=True)


ROUTES: tuple[Route, ...] = (
    _route("POST", "token", token, writes=True),
    _route("POST", "token/introspect", introspect),
    _route("POST", "token/revoke", revoke, writes=True),
    _route("GET", "access-tokens/{}", access_token),
    _route("GET", "refresh-tokens/{}", refresh_token),
    _route("DELETE", "refresh-tokens/{}", delete_refresh_token, writes=True),
    _route("POST", "private-apps/get/access-token-info", private_app),
)
