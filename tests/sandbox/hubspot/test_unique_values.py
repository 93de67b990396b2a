"""Own unique properties: what a writer that must never write twice stands on, for every type it writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

# What a new record needs, what it can be associated with at once, and how error texts call it.
WRITTEN: dict[str, tuple[dict[str, str], tuple[str, str, int] | None, str]] = {
    "deals": ({"dealname": "Renewal", "dealstage": "contractsent"}, ("companies", "8801", 341), "DEAL"),
    "companies": ({"name": "Elm"}, ("deals", "5156001", 342), "COMPANY"),
    "contacts": ({"firstname": "Eve"}, ("companies", "8801", 279), "CONTACT"),
    "line_items": ({"name": "Panel", "quantity": "2", "price": "9.5"}, ("deals", "5156001", 20), "LINE_ITEM"),
    "tasks": (
        {"hs_timestamp": "2026-10-05T08:00:00Z", "hs_task_subject": "Call"},
        ("companies", "8801", 192),
        "TASK",
    ),
    "invoices": ({"hs_currency": "EUR", "hs_invoice_billable": "false"}, ("companies", "8801", 179), "INVOICE"),
}
KEY = {"name": "erp_key_2", "label": "Key", "groupName": "erp", "type": "string", "fieldType": "text",
       "hasUniqueValue": True}  # fmt: skip


@pytest.fixture
def keyed(make: Callable[..., Any]) -> Callable[..., Any]:
    """An account where this type has the unique property."""

    def build(kind: str, **switches: Any) -> Any:
        api = make(**switches)
        assert api.post(f"/crm/v3/properties/{kind}/groups", {"name": "erp", "label": "ERP"}).status == 201
        made = api.post(f"/crm/v3/properties/{kind}", KEY)
        assert (made.status, made.json["hasUniqueValue"]) == (201, True), made.text
        return api

    return build


def _row(kind: str, value: str) -> dict[str, Any]:
    properties, other, _ = WRITTEN[kind]
    row: dict[str, Any] = {"properties": {**properties, "erp_key_2": value}}
    if other is not None:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": other[2]}]
        row["associations"] = [{"to": {"id": other[1]}, "types": types}]
    return row


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_created_record_is_found_by_its_key_at_once_though_search_trails(keyed: Any, kind: str) -> None:
    api = keyed(kind, search_lag=timedelta(minutes=5))
    made = api.post(f"/crm/v3/objects/{kind}/batch/create", {"inputs": [_row(kind, "K-1"), _row(kind, "K-2")]})
    assert made.status == 201, made.text
    ids = {row["properties"]["erp_key_2"]: row["id"] for row in made.json["results"]}
    read = api.post(f"/crm/v3/objects/{kind}/batch/read", {
        "idProperty": "erp_key_2", "properties": ["erp_key_2"], "inputs": [{"id": "K-2"}, {"id": "K-1"}]})  # fmt: skip
    assert (read.status, {row["properties"]["erp_key_2"]: row["id"] for row in read.json["results"]}) == (200, ids)
    assert api.get(f"/crm/v3/objects/{kind}/K-1", idProperty="erp_key_2").json["id"] == ids["K-1"]
    assert api.found(kind, {"propertyName": "erp_key_2", "operator": "EQ", "value": "K-1"}) == []
    other = WRITTEN[kind][1]
    assert other is not None
    linked = api.get(f"/crm/v4/objects/{kind}/{ids['K-1']}/associations/{other[0]}").json["results"]
    assert other[1] in {str(row["toObjectId"]) for row in linked}


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_key_that_is_taken_is_refused_and_names_its_holder(keyed: Any, kind: str) -> None:
    api = keyed(kind)
    batch = f"/crm/v3/objects/{kind}/batch/create"
    holder = api.post(batch, {"inputs": [_row(kind, "K-1")]}).json["results"][0]["id"]
    before = api.books()
    again = api.post(batch, {"inputs": [_row(kind, "K-3"), _row(kind, "K-1")]})
    assert (again.status, again.json["category"]) == (400, "VALIDATION_ERROR")
    text, _, rest = again.json["message"].partition(" on ")
    assert text == (
        "Cannot set PropertyValueCoordinates{portalId=4711, objectTypeId=ObjectTypeId{legacyObjectType="
        f"{WRITTEN[kind][2]}}}, propertyName=erp_key_2, value=K-1}}"
    )
    own, _, held = rest.partition(". ")
    assert own.isdigit()
    assert held == f"{holder} already has that value."
    assert api.books() == before


@pytest.mark.parametrize("kind", WRITTEN)
def test_with_trace_ids_only_the_taken_key_is_refused(keyed: Any, kind: str) -> None:
    api = keyed(kind)
    batch = f"/crm/v3/objects/{kind}/batch/create"
    holder = api.post(batch, {"inputs": [_row(kind, "K-1")]}).json["results"][0]["id"]
    rows = [{**_row(kind, key), "objectWriteTraceId": f"row {key}"} for key in ("K-1", "K-2")]
    answer = api.post(batch, {"inputs": rows})
    assert (answer.status, [row["objectWriteTraceId"] for row in answer.json["results"]]) == (207, ["row K-2"])
    [error] = answer.json["errors"]
    assert (error["category"], error["context"]) == ("VALIDATION_ERROR", {"objectWriteTraceId": ["row K-1"]})
    assert error["message"].endswith(f". {holder} already has that value.")


@pytest.mark.parametrize("kind", WRITTEN)
def test_the_same_create_sent_again_as_an_upsert_changes_nothing(keyed: Any, kind: str) -> None:
    api = keyed(kind)
    row = {"id": "K-1", "idProperty": "erp_key_2", "properties": WRITTEN[kind][0]}
    first, second = (api.post(f"/crm/v3/objects/{kind}/batch/upsert", {"inputs": [row]}) for _ in range(2))
    assert [answer.json["results"][0]["new"] for answer in (first, second)] == [True, False]
    assert first.json["results"][0]["id"] == second.json["results"][0]["id"]


def test_an_account_may_refuse_own_properties_of_tasks(make: Callable[..., Any]) -> None:
    api = make(tasks_take_custom_properties=False)
    assert api.post("/crm/v3/properties/tasks", {**KEY, "groupName": "task"}).status == 400
    batch = api.post("/crm/v3/properties/tasks/batch/create", {"inputs": [{**KEY, "groupName": "task"}]})
    assert "not supported for object type 0-27" in batch.text
    written = api.post("/crm/v3/objects/tasks", _row("tasks", "K-1"))
    assert (written.status, written.json["errors"][0]["code"]) == (400, "PROPERTY_DOESNT_EXIST")
    assert api.post("/crm/v3/properties/deals", {**KEY, "groupName": "dealinformation"}).status == 201
