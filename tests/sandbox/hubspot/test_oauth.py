"""OAuth tokens: 30 minutes, refreshed, looked up, revoked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

APP = {"type": "_app", "app_id": 55, "client_id": "cid", "client_secret": "cs", "codes": ["c0de"], "name": "Public",
       "redirect_uri": "https://app.example/back", "scopes": ["oauth", "crm.objects.deals.read"]}  # fmt: skip
PATHS = ["/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-03/token", "/oauth/2026-09/token"]


def _token(api: Any, path: str = PATHS[1], **form: str) -> Any:
    given = {"client_id": "cid", "client_secret": "cs", **form}
    headers = {"authorization": "", "content-type": "application/x-www-form-urlencoded"}
    return api.call("POST", path, raw=urlencode(given).encode(), headers=headers)


def _first(api: Any) -> dict[str, Any]:
    answer = _token(api, grant_type="authorization_code", code="c0de", redirect_uri="https://app.example/back")
    assert answer.status == 200, answer.text
    return dict(answer.json)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_refreshes_to_a_token_that_lives_30_minutes(make: Callable[..., Any], clock: Any, path: str) -> None:
    api = make(APP)
    first = _first(api)
    answer = _token(api, path, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert {name: answer.json[name] for name in ("token_type", "hub_id", "scopes", "expires_in", "refresh_token")} == {
        "token_type": "bearer", "hub_id": 4711, "scopes": ["oauth", "crm.objects.deals.read"], "expires_in": 1800,
        "refresh_token": first["refresh_token"],
    }  # fmt: skip
    user = api.as_(answer.json["access_token"])
    assert user.get("/crm/v3/objects/deals").status == 200
    assert user.get("/crm/v3/objects/companies").status == 403
    clock.advance(1_800)
    assert user.get("/crm/v3/objects/deals").json["category"] == "EXPIRED_AUTHENTICATION"


@pytest.mark.parametrize(("form", "status"), [
    ({"client_id": "x"}, "BAD_CLIENT_ID"), ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
    ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"), ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
    ({"grant_type": "authorization_code", "code": "x"}, "BAD_AUTH_CODE"),
    ({"grant_type": "authorization_code", "code": "c0de", "redirect_uri": "x"}, "MISMATCH_REDIRECT_URI_AUTH_CODE"),
])  # fmt: skip
def test_bad_grants_are_told_apart(make: Callable[..., Any], form: dict[str, str], status: str) -> None:
    answer = _token(make(APP), **{"grant_type": "refresh_token", **form})
    assert (answer.status, answer.json["status"]) == (400, status)


def test_a_code_is_good_once(make: Callable[..., Any]) -> None:
    api = make(APP)
    _first(api)
    answer = _token(api, grant_type="authorization_code", code="c0de", redirect_uri="https://app.example/back")
    assert answer.status == 400


def test_tokens_are_looked_up_and_revoked(make: Callable[..., Any]) -> None:
    api = make(APP)
    first = _first(api)
    access, refresh = first["access_token"], first["refresh_token"]
    found = _token(api, "/oauth/v3/token/introspect", token=access).json
    assert (found["active"], found["app_id"], found["hub_id"], found["expires_in"]) == (True, 55, 4711, 1800)
    assert _token(api, "/oauth/v3/token/introspect", token="none").json == {"active": False}
    assert api.get(f"/oauth/v1/access-tokens/{access}").json["scopes"] == ["oauth", "crm.objects.deals.read"]
    assert api.get(f"/oauth/v1/refresh-tokens/{refresh}").json["hub_id"] == 4711
    assert _token(api, "/oauth/v3/token/revoke", token=access).status == 200
    assert api.as_(access).get("/crm/v3/objects/deals").status == 401
    assert api.delete(f"/oauth/v1/refresh-tokens/{refresh}").status == 204
    assert _token(api, grant_type="refresh_token", refresh_token=refresh).status == 400


def test_a_private_app_s_token_tells_about_itself(api: Any) -> None:
    path = "/oauth/v2/private-apps/get/access-token-info"
    answer = api.post(path, {"tokenKey": "pat-na1-deals-only"})
    assert answer.json == {"userId": None, "hubId": 4711, "appId": 9902, "scopes": ["crm.objects.deals.read"]}
    assert api.post(path, {"tokenKey": "none"}).status == 404
