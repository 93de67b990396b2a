"""Webhook deliveries as a queue: what is sent, when again, how often, signed how."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from include.sandbox.hubspot.errors import Refusal
from include.sandbox.hubspot.webhooks import signatures

TARGET = "https://hooks.example/in?x=1%2F2"


def _listening(make: Callable[..., Any], *events: tuple[str, dict[str, str]], **switches: Any) -> Any:
    api = make(**switches)
    api.twin.send_webhooks_to("9900", TARGET)
    for event_type, more in events:
        api.twin.subscribe("9900", event_type, **more)
    return api


def _sent(api: Any, clock: Any, status: int | None = 200) -> list[Any]:
    deliveries = api.twin.deliveries(clock.now())
    for delivery in deliveries:
        api.twin.delivered(delivery.id, status)
    return [event for delivery in deliveries for event in json.loads(delivery.body)]


def test_a_stage_change_is_an_event_with_its_source(make: Callable[..., Any], clock: Any) -> None:
    api = _listening(make, ("deal.propertyChange", {"property_name": "dealstage"}))
    api.patch("/crm/v3/objects/deals/5156002", {"properties": {"dealstage": "closedwon", "amount": "5"}})
    assert _sent(api, clock) == [{
        "eventId": 1, "subscriptionId": 1, "portalId": 4711, "appId": 9900, "occurredAt": 1790933400000,
        "subscriptionType": "deal.propertyChange", "objectId": 5156002, "changeSource": "INTEGRATION",
        "sourceId": "9900", "propertyName": "dealstage", "propertyValue": "closedwon", "isSensitive": False,
        "attemptNumber": 0,
    }]  # fmt: skip
    assert _sent(api, clock) == []


def test_newer_types_come_as_object_events(make: Callable[..., Any], clock: Any) -> None:
    api = _listening(make, ("object.creation", {"object_type": "0-53"}))
    invoice = api.new("invoices", hs_currency="EUR")
    event = _sent(api, clock)[0]
    assert (event["subscriptionType"], event["objectTypeId"], event["objectId"], event["changeFlag"]) == (
        "object.creation", "0-53", int(invoice), "CREATED")  # fmt: skip


def test_every_kind_of_change_can_be_heard(make: Callable[..., Any], clock: Any) -> None:
    kinds = (
        "company.creation",
        "company.deletion",
        "company.merge",
        "deal.associationChange",
        "contact.privacyDeletion",
    )
    api = _listening(
        make, *((kind, {}) for kind in kinds), ("deal.propertyChange", {"property_name": "hs_is_closed_won"})
    )
    company = api.new("companies", name="x")
    api.put(f"/crm/v4/objects/deals/5156002/associations/default/companies/{company}")
    api.delete(f"/crm/v4/objects/deals/5156002/associations/companies/{company}")
    api.post("/crm/v3/objects/companies/merge", {"primaryObjectId": "8801", "objectIdToMerge": "8802"})
    api.delete(f"/crm/v3/objects/companies/{company}")
    api.post("/crm/v3/objects/contacts/gdpr-delete", {"objectId": "9001"})
    api.patch("/crm/v3/objects/deals/5156002", {"properties": {"dealstage": "closedwon"}})
    events = _sent(api, clock)
    assert [event["subscriptionType"] for event in events] == [
        "company.creation", "deal.associationChange", "deal.associationChange", "company.merge", "company.deletion",
        "contact.privacyDeletion", "deal.propertyChange",
    ]  # fmt: skip
    made, removed = events[1:3]
    assert (made["associationType"], made["fromObjectId"], made["toObjectId"], made["isPrimaryAssociation"]) == (
        "DEAL_TO_COMPANY", 5156002, int(company), True)  # fmt: skip
    assert (made["associationRemoved"], removed["associationRemoved"]) == (False, True)
    assert (events[3]["primaryObjectId"], events[3]["mergedObjectIds"], events[3]["newObjectId"]) == (
        8801,
        [8802],
        8801,
    )
    assert (events[6]["propertyValue"], events[6]["changeSource"]) == ("true", "CALCULATED")


def test_a_delivery_has_at_most_100_events_and_is_signed(make: Callable[..., Any], clock: Any) -> None:
    api = _listening(make, ("company.creation", {}))
    rows = {"inputs": [{"properties": {"name": "c"}}] * 100}
    for _ in range(3):
        api.post("/crm/v3/objects/companies/batch/create", rows)
    deliveries = api.twin.deliveries(clock.now())
    assert [len(json.loads(one.body)) for one in deliveries] == [100, 100, 100]
    one = deliveries[0]
    stamp = int(one.headers["X-HubSpot-Request-Timestamp"])
    assert (one.method, one.url, stamp) == ("POST", TARGET, 1790933400000)
    assert one.headers["X-HubSpot-Signature-v3"] == signatures.v3("hush", "POST", TARGET, one.body, stamp)
    assert one.headers["X-HubSpot-Signature"] == signatures.v1("hush", one.body)


def test_at_most_ten_requests_are_under_way(make: Callable[..., Any], clock: Any) -> None:
    api = _listening(make, ("company.creation", {}))
    rows = {"inputs": [{"properties": {"name": "c"}}] * 100}
    for _ in range(12):
        api.post("/crm/v3/objects/companies/batch/create", rows)
    first = api.twin.deliveries(clock.now())
    assert (len(first), api.twin.deliveries(clock.now())) == (10, [])
    api.twin.delivered(first[0].id, 204)
    assert len(api.twin.deliveries(clock.now())) == 1


@pytest.mark.parametrize("status", [400, 404, 500, 302, None])
def test_a_failure_comes_again_up_to_ten_times_within_a_day(
    make: Callable[..., Any], clock: Any, status: int | None
) -> None:
    api = _listening(make, ("company.creation", {}))
    api.new("companies", name="x")
    attempts, started, last = [], clock.now(), clock.now()
    for _ in range(24 * 60 + 1):
        for event in _sent(api, clock, status):
            attempts.append((event["attemptNumber"], event["eventId"]))
            last = clock.now()
        clock.advance(60)
    assert attempts == [(number, 1) for number in range(11)]
    assert timedelta(hours=20) < last - started <= timedelta(hours=24)


def test_no_report_within_five_seconds_is_a_failure(make: Callable[..., Any], clock: Any) -> None:
    api = _listening(make, ("company.creation", {}))
    api.new("companies", name="x")
    assert len(api.twin.deliveries(clock.now())) == 1
    clock.advance(5.001)
    assert api.twin.deliveries(clock.now()) == []
    clock.advance(61)
    assert _sent(api, clock)[0]["attemptNumber"] == 1


def test_deliveries_may_be_doubled_reordered_and_renumbered(make: Callable[..., Any], clock: Any) -> None:
    api = _listening(make, ("company.creation", {}), webhook_duplicates=2, webhook_reorders=True,
                     webhook_retry_keeps_event_id=False)  # fmt: skip
    for name in "abc":
        api.new("companies", name=name)
    first = [event["eventId"] for event in _sent(api, clock, 500)]
    assert first != sorted(first)
    assert len(first) == len(set(first)) + 1
    clock.advance(120)
    again = [event["eventId"] for event in _sent(api, clock)]
    assert not set(first) & set(again)


def test_a_restart_forgets_no_event(make: Callable[..., Any], clock: Any, tmp_path: Any) -> None:
    path = str(tmp_path / "hubspot.sqlite")
    api = _listening(make, ("company.creation", {}), path=path)
    api.new("companies", name="x")
    api.twin.close()
    from include.sandbox.hubspot.twin import HubSpotTwin

    twin = HubSpotTwin(path, clock, limits=False)
    assert len(twin.deliveries(clock.now())) == 1
    twin.close()


@pytest.mark.parametrize(("event_type", "more"), [
    ("deal.explosion", {}), ("deal.propertyChange", {}),
    ("deal.propertyChange", {"property_name": "hs_lastmodifieddate"}),
    ("contact.propertyChange", {"property_name": "num_unique_conversion_events"}), ("object.creation", {}),
    ("deal.creation", {"property_name": "x"}),
])  # fmt: skip
def test_some_things_cannot_be_subscribed_to(api: Any, event_type: str, more: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        api.twin.subscribe("9900", event_type, **more)


def test_an_app_has_at_most_1000_subscriptions(api: Any) -> None:
    for _ in range(1_000):
        api.twin.subscribe("9900", "deal.creation")
    with pytest.raises(Refusal, match="maximum number of subscriptions is 1000"):
        api.twin.subscribe("9900", "deal.creation")
    assert api.twin.subscribe("9901", "deal.creation") == 1_001


@pytest.mark.parametrize("base", ["/webhooks/v3/77", "/app-webhooks/2026-09/77"])
def test_an_app_manages_its_own_webhooks_over_http(make: Callable[..., Any], base: str) -> None:
    api = make({"type": "_token", "token": "CJapp", "app_id": 77, "kind": "oauth"})
    app = api.as_("CJapp")
    settings = {"targetUrl": TARGET, "throttling": {"maxConcurrentRequests": 20, "period": "SECONDLY"}}
    assert app.get(f"{base}/settings").status == 404
    assert app.put(f"{base}/settings", settings).json["throttling"]["maxConcurrentRequests"] == 20
    assert app.put(f"{base}/settings", {**settings, "throttling": {"maxConcurrentRequests": 4}}).status == 400
    made = app.post(f"{base}/subscriptions", {"eventType": "deal.creation", "active": False})
    assert (made.status, made.json["active"]) == (201, False)
    path = f"{base}/subscriptions/{made.json['id']}"
    assert app.patch(path, {"active": True}).json["active"] is True
    assert app.get(path).json["eventType"] == "deal.creation"
    many = app.post(f"{base}/subscriptions/batch/update", {"inputs": [{"id": made.json["id"], "active": False}]})
    assert many.json["results"][0]["active"] is False
    assert len(app.get(f"{base}/subscriptions").json["results"]) == 1
    assert app.delete(path).status == 204
    assert app.delete(f"{base}/settings").status == 204
    answer = api.get(f"{base}/settings")
    assert (answer.status, answer.json["category"]) == (403, "USER_DOES_NOT_HAVE_PERMISSIONS"), "service keys have none"
