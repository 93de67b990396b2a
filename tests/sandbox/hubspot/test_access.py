"""Who may call what, and the exact bodies of the refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from include.sandbox.clock import Clock

CREDENTIALS = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


def test_a_call_without_a_known_key_is_refused_as_having_no_credentials(api: Any) -> None:
    for headers in ({"authorization": ""}, {"authorization": "Bearer pat-na1-nobody"}, {"authorization": "Basic x"}):
        answer = api.call("GET", "/crm/v3/objects/deals", headers=headers)
        assert answer.status == 401
        assert answer.headers["x-hubspot-auth-failure"] == "401 Unauthorized"
        assert answer.json == {
            "status": "error",
            "message": CREDENTIALS,
            "correlationId": answer.headers["x-hubspot-correlation-id"],
            "category": "INVALID_AUTHENTICATION",
        }


def test_an_undecodable_token_reads_as_expired_since_1970(api: Any) -> None:
    answer = api.as_("gibberish").get("/crm/v3/objects/deals")
    assert (answer.status, answer.json["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert answer.json["message"] == "The OAuth token used to make this call expired 20728 day(s) ago."
    assert answer.json["context"] == {"expire time": ["1970-01-01T00:00:00Z"]}


def test_an_expired_token_says_how_long_ago(make: Callable[..., Any], clock: Clock) -> None:
    api = make({"type": "_token", "token": "CJold", "app_id": 1, "kind": "oauth", "expires_at": "2026-10-02T09:30:10Z"})
    assert api.as_("CJold").get("/crm/v3/objects/deals").status == 200
    for seconds, words in ((22, "12 second(s)"), (100, "1 minute(s)"), (7_200, "2 hour(s)")):
        clock.advance(seconds)
        answer = api.as_("CJold").get("/crm/v3/objects/deals")
        assert answer.json["message"] == f"The OAuth token used to make this call expired {words} ago."
    assert answer.json["context"] == {"expire time": ["2026-10-02T09:30:10.000Z"]}


def test_a_missing_scope_is_named(api: Any) -> None:
    answer = api.as_("pat-na1-deals-only").post("/crm/v3/objects/invoices/search", {})
    assert answer.status == 403
    assert {name: answer.json[name] for name in answer.json if name != "correlationId"} == {
        "status": "error",
        "message": "This app hasn't been granted all required scopes to make this call. Read more about required "
        "scopes here: https://developers.hubspot.com/scopes.",
        "category": "MISSING_SCOPES",
        "errors": [
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": ["crm.objects.invoices.read"]},
            }
        ],
        "links": {"scopes": "https://developers.hubspot.com/scopes"},
    }


def test_scopes_are_per_object_and_verb(make: Callable[..., Any]) -> None:
    scopes = ["crm.objects.contacts.write", "e-commerce", "crm.schemas.deals.read"]
    api = make({"type": "_token", "token": "pat-x", "app_id": 1, "scopes": scopes}).as_("pat-x")
    task = {"properties": {"hs_timestamp": "2026-10-05"}}
    assert api.post("/crm/v3/objects/tasks", task).status == 201, "tasks ride on the contacts scope"
    assert api.get("/crm/v3/objects/tasks").status == 403
    assert api.get("/crm/v3/objects/products").status == 200, "e-commerce stands for products"
    assert api.get("/crm/v3/properties/deals").status == 200
    assert api.post("/crm/v3/properties/deals", {}).status == 403
    assert api.get("/crm/v3/objects/deals").status == 403
    assert api.post("/crm/v4/associations/contacts/deals/batch/read", {"inputs": []}).status == 403
    assert api.get("/crm/v3/owners").status == 403


def test_the_connection_test_needs_no_object_scope(api: Any, clock: Clock) -> None:
    for path in ("/account-info/v3/details", "/account-info/2026-09/details/"):
        answer = api.as_("pat-na1-deals-only").get(path)
        assert answer.json == {
            "portalId": 4711,
            "accountType": "DEVELOPER_TEST",
            "timeZone": "Europe/Berlin",
            "companyCurrency": "EUR",
            "additionalCurrencies": ["USD"],
            "utcOffset": "+02:00",
            "utcOffsetMilliseconds": 7_200_000,
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "na1",
        }
    clock.advance(timedelta(days=60).total_seconds())
    assert api.get("/account-info/v3/details").json["utcOffset"] == "+01:00"


def test_the_days_use_is_reported(api: Any) -> None:
    api.get("/crm/v3/objects/deals")
    row = api.get("/account-info/v3/api-usage/daily/private-apps").json["results"][0]
    assert (row["usageLimit"], row["currentUsage"]) == (625_000, 2)
    assert row["resetsAt"] == "2026-10-02T22:00:00.000Z", "midnight in Berlin"
