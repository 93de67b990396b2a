"""Rate limits: the ten-second window, search per second, the day; headers and the three bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

ONE = {"filterGroups": [], "limit": 1}


def _burst(api: Any, count: int) -> list[int]:
    return [api.get("/crm/v3/objects/deals", limit=1).status for _ in range(count)]


@pytest.mark.parametrize(("switches", "most"), [
    ({"tier": "free"}, 100), ({"tier": "starter"}, 100), ({"tier": "professional"}, 190), ({"tier": "enterprise"}, 190),
    ({"tier": "professional", "add_ons": 1}, 250), ({"burst": 7}, 7),
])  # fmt: skip
def test_a_token_has_its_tier_s_burst_in_ten_seconds(
    make: Callable[..., Any], clock: Any, switches: dict[str, Any], most: int
) -> None:
    api = make(limits=True, **switches)
    assert _burst(api, most + 1) == [200] * most + [429]
    assert api.as_("pat-na1-other").get("/crm/v3/objects/deals").status == 200, "each app has its own window"
    clock.advance(10)
    assert _burst(api, 1) == [200]


def test_the_window_rolls(make: Callable[..., Any], clock: Any) -> None:
    api = make(limits=True, burst=2)
    assert _burst(api, 1) == [200]
    clock.advance(6)
    assert _burst(api, 2) == [200, 429]
    clock.advance(4)
    assert _burst(api, 2) == [200, 429]


def test_an_oauth_app_has_110_and_no_daily_quota(make: Callable[..., Any]) -> None:
    api = make({"type": "_token", "token": "CJx", "app_id": 1, "kind": "oauth"}, limits=True).as_("CJx")
    headers = api.get("/crm/v3/objects/deals").headers
    assert headers["x-hubspot-ratelimit-max"] == "110"
    assert "x-hubspot-ratelimit-daily" not in headers


def test_a_new_token_of_an_oauth_app_does_not_open_a_new_window(make: Callable[..., Any]) -> None:
    tokens = [{"type": "_token", "token": name, "app_id": 1, "kind": "oauth"} for name in ("CJx", "CJy")]
    api = make(*tokens, limits=True, burst=2)
    assert _burst(api.as_("CJx"), 2) == [200, 200]
    assert _burst(api.as_("CJy"), 1) == [429]
    assert _burst(api, 1) == [200], "a key of another app"


def test_headers_tell_what_is_left_but_not_on_search(make: Callable[..., Any]) -> None:
    api = make(limits=True)
    api.get("/crm/v3/objects/deals")
    headers = api.get("/crm/v3/objects/deals").headers
    prefix = "x-hubspot-ratelimit-"
    assert {name.removeprefix(prefix): value for name, value in headers.items() if name.startswith(prefix)} == {
        "interval-milliseconds": "10000", "max": "190", "remaining": "188", "secondly": "19",
        "secondly-remaining": "19", "daily": "625000", "daily-remaining": "624998",
    }  # fmt: skip
    searched = api.post("/crm/v3/objects/deals/search", ONE).headers
    assert not [name for name in searched if "ratelimit" in name]


def test_the_body_of_a_burst(make: Callable[..., Any]) -> None:
    api = make(limits=True, burst=1)
    _burst(api, 1)
    answer = api.get("/crm/v3/objects/deals")
    assert answer.status == 429
    assert answer.json == {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "correlationId": answer.json["correlationId"],
        "errorType": "RATE_LIMIT",
        "policyName": "TEN_SECONDLY_ROLLING",
        "groupName": "publicapi:private-apps-api-calls-ten-secondly:4711",
    }
    assert "retry-after" not in answer.headers


def test_search_has_five_a_second_for_the_whole_account(make: Callable[..., Any], clock: Any) -> None:
    api = make(limits=True, burst=2)
    other = api.as_("pat-na1-other")
    answers = [caller.post("/crm/v3/objects/deals/search", ONE) for caller in (api, api, api, other, other, other)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    refused = answers[-1].json
    assert (refused["message"], refused["policyName"], refused["errorType"]) == (
        "You have reached your secondly limit.", "SECONDLY", "RATE_LIMIT")  # fmt: skip
    clock.advance(1)
    assert api.post("/crm/v3/objects/deals/search", ONE).status == 200
    assert api.get("/crm/v3/objects/deals").status == 200, "search leaves the ten-second window alone"


def test_association_batches_have_a_window_of_their_own(make: Callable[..., Any]) -> None:
    api = make(limits=True, tier="enterprise")
    body = {"inputs": [{"id": "5156001"}]}
    read = [api.post("/crm/v4/associations/deals/companies/batch/read", body).status for _ in range(201)]
    assert read == [200] * 200 + [429]
    assert api.get("/crm/v3/objects/deals").headers["x-hubspot-ratelimit-remaining"] == "189"


def test_the_day_ends_at_the_account_s_midnight(make: Callable[..., Any], clock: Any) -> None:
    api = make(limits=True, daily=3)
    assert _burst(api, 4) == [200, 200, 200, 429]
    refused = api.get("/crm/v3/objects/deals").json
    assert (refused["message"], refused["policyName"]) == ("You have reached your daily limit.", "DAILY")
    assert refused["requestId"]
    clock.advance(12 * 3_600 + 29 * 60)
    assert _burst(api, 1) == [429], "23:59 in Berlin"
    clock.advance(60)
    assert _burst(api, 1) == [200], "midnight in Berlin"


@pytest.mark.parametrize(("unit", "value"), [("none", None), ("s", "8"), ("ms", "7500")])
def test_retry_after_is_absent_or_in_either_unit(
    make: Callable[..., Any], clock: Any, unit: str, value: str | None
) -> None:
    api = make(limits=True, burst=1, retry_after=unit)
    _burst(api, 1)
    clock.advance(2.5)
    assert api.get("/crm/v3/objects/deals").headers.get("retry-after") == value


def test_a_refused_call_changes_nothing_and_is_not_counted(make: Callable[..., Any], clock: Any) -> None:
    api = make(limits=True, burst=1)
    _burst(api, 1)
    before = api.books()
    for _ in range(50):
        body = {"properties": {"dealname": "x", "dealstage": "contractsent"}}
        assert api.post("/crm/v3/objects/deals", body).status == 429
    assert api.books() == before
    clock.advance(10)
    assert _burst(api, 1) == [200]
