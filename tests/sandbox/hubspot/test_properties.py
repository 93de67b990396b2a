"""Property definitions and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

DEALS = "/crm/v3/properties/deals"
KEY = {"name": "erp_no", "label": "No", "type": "string", "fieldType": "text", "groupName": "dealinformation"}


def test_a_definition_is_made_and_usable_at_once(api: Any) -> None:
    made = api.post(DEALS, {**KEY, "hasUniqueValue": True, "description": "d"})
    assert made.status == 201
    shown = {name: made.json[name] for name in ("name", "hasUniqueValue", "hubspotDefined", "calculated", "archived")}
    assert shown == {
        "name": "erp_no", "hasUniqueValue": True, "hubspotDefined": False, "calculated": False, "archived": False,
    }  # fmt: skip
    assert made.json["modificationMetadata"]["readOnlyValue"] is False
    api.patch("/crm/v3/objects/deals/5156001", {"properties": {"erp_no": "7"}})
    assert api.get("/crm/v3/objects/deals/7", idProperty="erp_no").json["id"] == "5156001"


def test_a_name_that_is_taken_is_409(api: Any) -> None:
    api.post(DEALS, KEY)
    answer = api.post(DEALS, KEY)
    assert (answer.status, answer.json["category"], answer.json["subCategory"], answer.json["message"]) == (
        409, "OBJECT_ALREADY_EXISTS", "Properties.PROPERTY_WITH_NAME_EXISTS",
        "A property named 'erp_no' already exists.",
    )  # fmt: skip


@pytest.mark.parametrize("change", [
    {"name": "Erp"}, {"name": "1x"}, {"name": "hs_mine"}, {"name": ""}, {"label": None}, {"type": "money"},
    {"fieldType": "slider"}, {"groupName": "nogroup"}, {"type": "enumeration", "fieldType": "select"},
    {"type": "date", "fieldType": "date", "hasUniqueValue": True}, {"options": [{"label": "a"}]},
    {"type": "enumeration", "fieldType": "select", "options": [{"label": v, "value": "1"} for v in "ab"]},
])  # fmt: skip
def test_a_definition_that_does_not_fit_is_refused(api: Any, change: dict[str, Any]) -> None:
    before = api.books()
    answer = api.post(DEALS, {**KEY, **change})
    assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")
    assert api.books() == before


def test_at_most_ten_unique_properties_per_object(api: Any) -> None:
    statuses = [api.post(DEALS, {**KEY, "name": f"k{n}", "hasUniqueValue": True}).status for n in range(11)]
    assert statuses == [201] * 10 + [400]


def test_at_most_1000_own_properties_per_object(make: Callable[..., Any]) -> None:
    seeds = [
        {"type": "_property", "object_type": "deals", "definition": {
            "name": f"own_{n}", "label": "x", "type": "string", "fieldType": "text", "groupName": "dealinformation"}}
        for n in range(999)
    ]  # fmt: skip
    api = make(*seeds)
    assert api.post(DEALS, KEY).status == 201
    answer = api.post(DEALS, {**KEY, "name": "one_too_many", "hasUniqueValue": False})
    assert (answer.status, answer.json["message"]) == (400, "The maximum number of custom properties is 1000")


def test_a_patch_replaces_the_whole_option_list(api: Any) -> None:
    options = [{"label": "A", "value": "a", "displayOrder": 0, "hidden": False}]
    choice = {**KEY, "name": "choice", "type": "enumeration", "fieldType": "select", "options": options}
    api.post(DEALS, choice)
    answer = api.patch(f"{DEALS}/choice", {"options": [{"label": "B", "value": "b"}], "label": "Choice"})
    assert (answer.status, [option["value"] for option in answer.json["options"]]) == (200, ["b"])
    assert answer.json["label"] == "Choice"
    assert api.patch("/crm/v3/objects/deals/5156001", {"properties": {"choice": "a"}}).status == 400
    assert api.patch("/crm/v3/objects/deals/5156001", {"properties": {"choice": "b"}}).status == 200


def test_uniqueness_never_changes(api: Any) -> None:
    api.post(DEALS, KEY)
    assert api.patch(f"{DEALS}/erp_no", {"hasUniqueValue": True}).status == 400
    assert api.patch(f"{DEALS}/erp_no", {"hasUniqueValue": False, "label": "x"}).status == 200


def test_hubspot_s_own_definitions_are_read_only(api: Any) -> None:
    assert api.patch(f"{DEALS}/dealname", {"label": "x"}).status == 400
    assert api.delete(f"{DEALS}/dealname").status == 400
    amount = api.get(f"{DEALS}/amount").json
    assert (amount["currencyPropertyName"], amount["hubspotDefined"]) == ("deal_currency_code", True)
    closed = api.get(f"{DEALS}/hs_is_closed").json
    assert (closed["calculated"], closed["modificationMetadata"]["readOnlyValue"]) == (True, True)
    assert api.get(f"{DEALS}/dealstage").json["externalOptions"] is True


def test_an_archived_definition_is_gone_and_comes_back_by_posting_it_again(api: Any) -> None:
    api.post(DEALS, KEY)
    assert api.delete(f"{DEALS}/erp_no").status == 204
    answer = api.get(f"{DEALS}/erp_no")
    assert (answer.status, answer.json["category"]) == (404, "OBJECT_NOT_FOUND")
    assert "erp_no" not in {row["name"] for row in api.get(DEALS).json["results"]}
    assert [row["name"] for row in api.get(DEALS, archived="true").json["results"]] == ["erp_no"]
    assert api.patch("/crm/v3/objects/deals/5156001", {"properties": {"erp_no": "1"}}).status == 400
    assert api.post(DEALS, KEY).status == 201


def test_a_definition_in_use_cannot_be_archived(make: Callable[..., Any]) -> None:
    api = make({"type": "_requirement", "object_type": "companies", "name": "erp_key"})
    answer = api.delete("/crm/v3/properties/companies/erp_key")
    assert (answer.status, answer.json["subCategory"]) == (400, "CANNOT_DELETE_PROPERTY_IN_USE")


def test_groups_are_made_and_go_only_when_empty(api: Any) -> None:
    made = api.post(f"{DEALS}/groups", {"name": "erp", "label": "ERP", "displayOrder": 3})
    assert (made.status, made.json) == (201, {"name": "erp", "label": "ERP", "displayOrder": 3, "archived": False})
    assert api.post(f"{DEALS}/groups", {"name": "erp", "label": "ERP"}).status == 409
    assert api.patch(f"{DEALS}/groups/erp", {"label": "E"}).json["label"] == "E"
    api.post(DEALS, {**KEY, "groupName": "erp"})
    answer = api.delete(f"{DEALS}/groups/erp")
    assert (answer.status, answer.json["subCategory"]) == (400, "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES")
    api.delete(f"{DEALS}/erp_no")
    assert api.delete(f"{DEALS}/groups/erp").status == 204
    assert api.get(f"{DEALS}/groups/erp").status == 404
    assert [row["name"] for row in api.get(f"{DEALS}/groups").json["results"]] == ["dealinformation"]


def test_batches_of_definitions(api: Any) -> None:
    rows = [{**KEY, "name": name} for name in ("a", "b")]
    assert api.post(f"{DEALS}/batch/create", {"inputs": rows}).status == 201
    again = api.post(f"{DEALS}/batch/create", {"inputs": [*rows, {**KEY, "name": "c"}]})
    assert (again.status, again.json["numErrors"], [row["name"] for row in again.json["results"]]) == (207, 2, ["c"])
    read = api.post(f"{DEALS}/batch/read", {"archived": False, "inputs": [{"name": "a"}, {"name": "zzz"}]})
    assert (read.status, [row["name"] for row in read.json["results"]]) == (207, ["a"])
    assert api.post(f"{DEALS}/batch/archive", {"inputs": [{"name": "a"}, {"name": "zzz"}]}).status == 204
    assert api.get(f"{DEALS}/a").status == 404
    for what in ("create", "read", "archive"):
        assert api.post(f"{DEALS}/batch/{what}", {"inputs": [{"name": "x"}] * 101}).status == 400


def test_every_stage_has_its_dates_among_the_properties(api: Any) -> None:
    names = {row["name"] for row in api.get(DEALS).json["results"]}
    for stage in ("closedwon", "186520417"):
        assert {f"hs_v2_date_entered_{stage}", f"hs_v2_date_exited_{stage}", f"hs_v2_latest_time_in_{stage}"} <= names


def test_every_type_has_its_documented_properties(api: Any) -> None:
    for kind, expected in {
        "invoices": "hs_currency hs_invoice_status hs_due_date hs_balance_due hs_number hs_invoice_billable",
        "line_items": "hs_product_id hs_sku quantity price discount hs_discount_percentage recurringbillingfrequency "
        "hs_recurring_billing_period hs_term_in_months amount hs_mrr",
        "tasks": "hs_timestamp hs_task_subject hs_task_body hs_task_status hs_task_priority hs_task_type",
        "notes": "hs_timestamp hs_note_body hs_attachment_ids",
        "commerce_payments": "hs_initial_amount hs_initiated_date hs_currency_code hs_latest_status",
        "quotes": "hs_title hs_expiration_date hs_status hs_currency",
        "products": "name price hs_sku hs_cost_of_goods_sold recurringbillingfrequency",
    }.items():
        found = {row["name"] for row in api.get(f"/crm/v3/properties/{kind}").json["results"]}
        assert set(expected.split()) <= found, kind


def test_schemas_of_the_standard_types_can_be_read(api: Any) -> None:
    for path in ("/crm-object-schemas/v3/schemas", "/crm-object-schemas/2026-09/schemas", "/crm/v3/schemas"):
        assert api.get(path).json == {"results": []}
    deal = api.get("/crm-object-schemas/v3/schemas/deals").json
    assert (deal["objectTypeId"], deal["primaryDisplayProperty"]) == ("0-3", "dealname")
    assert api.get("/crm-object-schemas/v3/schemas/gadgets").status == 404


def test_the_older_list_of_definitions_is_a_bare_list_by_any_name_of_the_type(api: Any) -> None:
    api.post(DEALS, KEY)
    by_name = {row["name"]: row for row in api.get("/properties/v2/deal/properties").json}
    assert by_name["erp_no"]["type"] == "string"
    assert by_name["erp_no"]["deleted"] is False
    assert by_name["hs_is_closed_won"]["readOnlyValue"] is True
    assert set(by_name) == {row["name"] for row in api.get(DEALS).json["results"]}
    assert api.get("/properties/v2/0-3/properties").json == api.get("/properties/v2/deals/properties").json
    assert api.get("/properties/v2/deals/nothing").status == 404
    assert api.as_("nonsense").get("/properties/v2/deals/properties").status == 401
