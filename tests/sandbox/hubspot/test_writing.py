"""Creating, changing and archiving single records."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

VALID = {"dealname": "Barn", "dealstage": "contractsent"}


def test_a_create_answers_201_with_an_id_beyond_32_bits(api: Any) -> None:
    answer = api.post("/crm/v3/objects/deals", {"properties": {**VALID, "amount": 12.5}})
    assert answer.status == 201
    assert int(answer.json["id"]) > 2**31
    assert answer.json["properties"]["amount"] == "12.5"
    assert answer.json["properties"]["pipeline"] == "default"
    assert answer.json["createdAt"] == answer.json["updatedAt"] == "2026-10-02T09:30:00.000Z"


def test_a_create_carries_associations_with_ids_as_numbers_or_texts(api: Any) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    for company in (8801, "8801"):
        made = api.post("/crm/v3/objects/deals", {
            "properties": VALID, "associations": [{"to": {"id": company}, "types": types}]}).json["id"]  # fmt: skip
        found = api.get(f"/crm/v3/objects/deals/{made}", associations="companies").json
        assert found["associations"]["companies"]["results"][0]["id"] == "8801"


def test_a_create_with_a_bad_association_makes_nothing(api: Any) -> None:
    before = api.books()
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    for association in (
        {"to": {"id": "1"}, "types": types},
        {"to": {"id": "8801"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 99999}]},
        {"to": {"id": "8801"}, "types": []},
        {"to": {"id": "8801"}, "types": [{"associationCategory": "NONSENSE", "associationTypeId": 5}]},
    ):
        answer = api.post("/crm/v3/objects/deals", {"properties": VALID, "associations": [association]})
        assert answer.status in {400, 404}
    assert api.books() == before


def test_every_bad_value_is_listed_in_message_and_errors(api: Any) -> None:
    answer = api.patch("/crm/v3/objects/deals/5156001", {"properties": {
        "nosuch": "1", "hs_is_closed": "true", "amount": "abc", "closedate": "soon", "dealtype": "x", "dealname": "ok",
    }})  # fmt: skip
    assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")
    codes = {row["context"]["propertyName"][0]: row["code"] for row in answer.json["errors"]}
    assert codes == {
        "nosuch": "PROPERTY_DOESNT_EXIST",
        "hs_is_closed": "READ_ONLY_VALUE",
        "amount": "INVALID_INTEGER",
        "closedate": "INVALID_LONG",
        "dealtype": "INVALID_OPTION",
    }
    opening, _, listed = answer.json["message"].partition(": ")
    assert opening == "Property values were not valid"
    assert json.loads(listed)[0] == {
        "isValid": False,
        "message": 'Property "nosuch" does not exist',
        "error": "PROPERTY_DOESNT_EXIST",
        "name": "nosuch",
        "localizedErrorMessage": 'Property "nosuch" does not exist',
        "portalId": 4711,
    }
    assert api.props("deals", "5156001", "dealname")["dealname"] == "Roof plant"


def test_an_option_outside_the_list_names_the_list(api: Any) -> None:
    answer = api.patch("/crm/v3/objects/deals/5156001", {"properties": {"dealtype": "none"}})
    message = answer.json["errors"][0]["message"]
    assert message == "none was not one of the allowed options: [newbusiness, existingbusiness]"


@pytest.mark.parametrize(("kind", "name", "value", "kept"), [
    ("deals", "closedate", "2026-10-05", "2026-10-05T00:00:00.000Z"),
    ("deals", "closedate", "1759305600000", "2025-10-01T08:00:00.000Z"),
    ("deals", "closedate", "2026-10-05T10:00:00+02:00", "2026-10-05T08:00:00.000Z"),
    ("deals", "amount", "1250.00", "1250.00"),
    ("deals", "amount", 7, "7"),
    ("deals", "hubspot_owner_id", "301", "301"),
    ("companies", "is_public", True, "true"),
    ("companies", "is_public", "FALSE", "false"),
    ("line_items", "hs_recurring_billing_start_date", "1759276800000", "2025-10-01"),
    ("line_items", "hs_recurring_billing_start_date", "2026-10-01", "2026-10-01"),
    ("contacts", "email", "New@Mail.Example", "new@mail.example"),
])  # fmt: skip
def test_values_are_kept_in_their_wire_form(api: Any, kind: str, name: str, value: Any, kept: str) -> None:
    start = {"deals": VALID, "companies": {"name": "x"}}.get(kind, {})
    made = api.post(f"/crm/v3/objects/{kind}", {"properties": {**start, name: value}})
    assert made.status == 201, made.text
    assert api.props(kind, made.json["id"], name)[name] == kept


@pytest.mark.parametrize(("kind", "name", "value", "code"), [
    ("line_items", "hs_recurring_billing_start_date", "2026-10-01T05:00:00Z", "INVALID_DATE"),
    ("deals", "amount", " 5", "INVALID_INTEGER"), ("deals", "amount", "1,000", "INVALID_INTEGER"),
    ("deals", "closedate", "2026-13-01", "INVALID_LONG"), ("companies", "is_public", "yes", "INVALID_OPTION"),
    ("contacts", "email", "nobody", "INVALID_EMAIL"), ("deals", "hubspot_owner_id", "999", "INVALID_OWNER_ID"),
    ("deals", "deal_currency_code", "CHF", "INVALID_OPTION"), ("deals", "dealstage", "nostage", "INVALID_OPTION"),
    ("deals", "pipeline", "78411290", "INVALID_OPTION"), ("deals", "hs_object_id", "5", "READ_ONLY_VALUE"),
    ("notes", "hs_note_body", "x" * 65_537, "PROPERTY_VALUE_TOO_LONG"),
])  # fmt: skip
def test_values_that_do_not_fit_are_refused(api: Any, kind: str, name: str, value: str, code: str) -> None:
    start = {"deals": VALID, "companies": {"name": "x"}, "notes": {"hs_timestamp": "0"}}.get(kind, {})
    answer = api.post(f"/crm/v3/objects/{kind}", {"properties": {**start, name: value}})
    assert answer.status == 400
    assert [row["code"] for row in answer.json["errors"]] == [code]


@pytest.mark.parametrize(("kind", "given", "missing"), [
    ("deals", {"dealname": "x"}, "dealstage"), ("deals", {"dealstage": "closedwon"}, "dealname"),
    ("companies", {"city": "Ulm"}, "name"), ("products", {}, "name"), ("tasks", {}, "hs_timestamp"),
    ("invoices", {}, "hs_currency"), ("quotes", {"hs_title": "q"}, "hs_expiration_date"),
    ("commerce_payments", {"hs_initial_amount": "1"}, "hs_initiated_date"), ("orders", {}, "hs_order_name"),
    ("tickets", {"subject": "s"}, "hs_pipeline_stage"), ("subscriptions", {}, "hs_name"),
])  # fmt: skip
def test_what_a_type_requires_at_creation_is_named(api: Any, kind: str, given: dict[str, str], missing: str) -> None:
    answer = api.post(f"/crm/v3/objects/{kind}", {"properties": given})
    assert answer.status == 400
    assert [(row["code"], row["context"]["propertyName"]) for row in answer.json["errors"]] == [
        ("MISSING_REQUIRED_PROPERTY", [missing])
    ]


def test_requirements_may_bind_the_newest_version_only(make: Callable[..., Any]) -> None:
    api = make(required_on_create="2026-09")
    body = {"properties": {"dealname": "x"}}
    assert api.post("/crm/v3/objects/deals", body).status == 201
    assert api.post("/crm/objects/2026-03/deals", body).status == 201
    assert api.post("/crm/objects/2026-09/deals", body).status == 400
    assert make(required_on_create="none").post("/crm/objects/2026-09/deals", body).status == 201


def test_the_account_s_own_requirements_bind_from_2026_09_on(make: Callable[..., Any]) -> None:
    rules = (
        {"type": "_requirement", "object_type": "deals", "name": "closed_lost_reason",
         "when": {"property": "dealstage", "values": ["closedlost"]}},
        {"type": "_requirement", "object_type": "companies", "name": "country"},
    )  # fmt: skip
    api = make(*rules)
    lost = {"properties": {"dealstage": "closedlost"}}
    answer = api.patch("/crm/objects/2026-09/deals/5156001", lost)
    assert [row["code"] for row in answer.json["errors"]] == ["MISSING_CONDITIONAL_REQUIRED_PROPERTY"]
    assert api.patch("/crm/v3/objects/deals/5156001", lost).status == 200
    answer = api.post("/crm/objects/2026-09/companies", {"properties": {"name": "x"}})
    assert [row["code"] for row in answer.json["errors"]] == ["MISSING_REQUIRED_PROPERTY"]
    bound = make(*rules, requirements_bind_old_paths=True)
    assert bound.patch("/crm/v3/objects/deals/5156001", lost).status == 400
    lost["properties"]["closed_lost_reason"] = "price"
    assert bound.patch("/crm/v3/objects/deals/5156001", lost).status == 200


def test_an_unchanged_value_leaves_no_trace(api: Any, clock: Any) -> None:
    before = api.books()
    clock.advance(60)
    assert api.patch("/crm/v3/objects/deals/5156001", {"properties": {"dealname": "Roof plant"}}).status == 200
    assert api.books() == before


def test_a_no_op_may_bump_the_last_modified_time(make: Callable[..., Any], clock: Any) -> None:
    api = make(noop_patch_bumps_modified=True)
    clock.advance(60)
    answer = api.patch("/crm/v3/objects/deals/5156001", {"properties": {"dealname": "Roof plant"}})
    assert answer.json["updatedAt"] == "2026-10-02T09:31:00.000Z"


@pytest.mark.parametrize(("kind", "record_id", "modified"), [
    ("deals", "5156001", "hs_lastmodifieddate"), ("contacts", "9001", "lastmodifieddate"),
])  # fmt: skip
def test_a_write_bumps_the_type_s_last_modified_property(api: Any, kind: str, record_id: str, modified: str) -> None:
    api.patch(f"/crm/v3/objects/{kind}/{record_id}", {"properties": {"hubspot_owner_id": "301"}})
    assert api.props(kind, record_id)[modified] == "2026-10-02T09:30:00.000Z"


def test_an_empty_text_and_null_clear_a_value(api: Any) -> None:
    for empty in ("", None):
        api.patch("/crm/v3/objects/deals/5156001", {"properties": {"amount": "5"}})
        api.patch("/crm/v3/objects/deals/5156001", {"properties": {"amount": empty}})
        assert api.props("deals", "5156001", "amount")["amount"] is None


def test_a_leading_semicolon_adds_to_a_multiple_choice(api: Any) -> None:
    path = "/crm/v3/objects/companies/8801"
    api.patch(path, {"properties": {"hs_additional_domains": "a.example;b.example"}})
    api.patch(path, {"properties": {"hs_additional_domains": ";c.example;a.example"}})
    found = api.props("companies", "8801", "hs_additional_domains")["hs_additional_domains"]
    assert found == "a.example;b.example;c.example"


def test_a_new_contact_with_a_known_address_conflicts(api: Any) -> None:
    answer = api.post("/crm/v3/objects/contacts", {"properties": {"email": "A@alder.example"}})
    assert (answer.status, answer.json["category"]) == (409, "CONFLICT")
    assert answer.json["message"] == "Contact already exists. Existing ID: 9001"


def test_a_unique_value_held_by_another_record_names_the_holder(api: Any) -> None:
    answer = api.patch("/crm/v3/objects/companies/8802", {"properties": {"erp_key": "A-1"}})
    assert answer.status == 400
    assert answer.json["message"] == (
        "Cannot set PropertyValueCoordinates{portalId=4711, objectTypeId=ObjectTypeId{legacyObjectType=COMPANY}, "
        "propertyName=erp_key, value=A-1} on 8802. 8801 already has that value."
    )
    assert api.post("/crm/v3/objects/companies", {"properties": {"name": "x", "erp_key": "A-1"}}).status == 400


def test_a_unique_value_is_free_again_once_cleared_or_archived(api: Any) -> None:
    api.patch("/crm/v3/objects/companies/8801", {"properties": {"erp_key": ""}})
    assert api.patch("/crm/v3/objects/companies/8802", {"properties": {"erp_key": "A-1"}}).status == 200
    api.delete("/crm/v3/objects/companies/8802")
    assert api.new("companies", name="x", erp_key="A-1")


def test_associations_in_a_patch_are_ignored(api: Any) -> None:
    body = {"properties": {"amount": "2"}, "associations": [{"to": {"id": "8802"}, "types": []}]}
    assert api.patch("/crm/v3/objects/deals/5156002", body).status == 200
    assert api.get("/crm/v4/objects/deals/5156002/associations/companies").json["results"] == []
