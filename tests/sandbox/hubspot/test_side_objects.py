"""Tasks, notes, sequences, currencies, lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

RATES = "/settings/v3/currencies/exchange-rates"


def test_a_task_has_a_due_date_and_its_defaults(api: Any) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 216}]
    made = api.post("/crm/v3/objects/tasks", {
        "properties": {"hs_timestamp": "2026-10-05T08:00:00Z", "hs_task_subject": "Invoice 4711 overdue"},
        "associations": [{"to": {"id": "5156001"}, "types": types}],
    }).json["id"]  # fmt: skip
    names = ("hs_timestamp", "hs_task_status", "hs_task_priority", "hs_task_type", "hs_task_is_completed")
    found = api.props("tasks", made, *names)
    assert [found[name] for name in names] == ["2026-10-05T08:00:00.000Z", "NOT_STARTED", "NONE", "TODO", "0"]
    api.patch(f"/crm/v3/objects/tasks/{made}", {"properties": {"hs_task_status": "COMPLETED"}})
    done = api.props("tasks", made, "hs_task_completion_date")
    assert done["hs_task_completion_date"] == "2026-10-02T09:30:00.000Z"
    assert api.found("tasks", {"propertyName": "hs_task_subject", "operator": "CONTAINS_TOKEN", "value": "4711"}) == [
        made
    ]
    assert api.found("tasks", {"propertyName": "associations.deal", "operator": "EQ", "value": "5156001"}) == [made]


@pytest.mark.parametrize(("name", "value"), [
    ("hs_task_status", "LATER"), ("hs_task_priority", "URGENT"), ("hs_task_type", "VISIT"),
])  # fmt: skip
def test_a_task_s_choices_are_checked(api: Any, name: str, value: str) -> None:
    answer = api.post("/crm/v3/objects/tasks", {"properties": {"hs_timestamp": "2026-10-05", name: value}})
    assert [row["code"] for row in answer.json["errors"]] == ["INVALID_OPTION"]


def test_a_task_takes_a_unique_property_of_the_account(api: Any) -> None:
    api.post("/crm/v3/properties/tasks", {"name": "task_key", "label": "k", "type": "string", "fieldType": "text",
                                          "groupName": "task", "hasUniqueValue": True})  # fmt: skip
    rows = {"inputs": [{"id": "k1", "idProperty": "task_key", "properties": {"hs_timestamp": "2026-10-05"}}]}
    new = [api.post("/crm/v3/objects/tasks/batch/upsert", rows).json["results"][0]["new"] for _ in range(2)]
    assert new == [True, False]


def test_a_note_holds_65536_characters_and_shows_a_preview(api: Any) -> None:
    note = api.new("notes", hs_timestamp="0", hs_note_body="<p>Call  <b>back</b></p>")
    assert api.props("notes", note, "hs_body_preview")["hs_body_preview"] == "Call back"
    assert api.new("notes", hs_timestamp="0", hs_note_body="x" * 65_536)


SEQUENCE = {"type": "_sequence", "id": "55", "name": "Dunning", "userId": 77}
USER = {"type": "_token", "token": "CJuser", "app_id": 1, "kind": "user_oauth", "user_id": 77}
ENROLL = {"contactId": "9001", "sequenceId": "55", "senderEmail": "ann@sales.example", "senderAliasAddress": None}
ENROLLMENTS = "/automation/v4/sequences/enrollments"


def test_a_contact_is_enrolled_once(make: Callable[..., Any]) -> None:
    user = make(SEQUENCE, USER).as_("CJuser")
    answer = user.post(ENROLLMENTS, ENROLL, userId=77)
    assert (answer.status, answer.json["toEmail"], answer.json["enrolledAt"]) == (
        200, "a@alder.example", "2026-10-02T09:30:00.000Z")  # fmt: skip
    assert user.post(ENROLLMENTS, ENROLL, userId=77).status == 400
    assert user.get(f"{ENROLLMENTS}/contact/9001").json["id"] == answer.json["id"]
    assert user.get(f"{ENROLLMENTS}/contact/1").status == 404
    assert user.get("/automation/v4/sequences", userId=77).json["results"][0]["name"] == "Dunning"
    assert user.get("/automation/v4/sequences/55", userId=77).json["id"] == "55"


def test_only_a_user_s_token_enrols(make: Callable[..., Any]) -> None:
    answer = make(SEQUENCE).post(ENROLLMENTS, ENROLL, userId=77)
    assert (answer.status, answer.json["category"]) == (403, "USER_DOES_NOT_HAVE_PERMISSIONS")
    assert make(SEQUENCE, sequences_need_user_token=False).post(ENROLLMENTS, ENROLL, userId=77).status == 200


@pytest.mark.parametrize(("change", "status"), [
    ({"contactId": "1"}, 404), ({"sequenceId": "1"}, 404), ({"senderEmail": None}, 400), ({"contactId": None}, 400),
])  # fmt: skip
def test_an_enrolment_names_what_exists(make: Callable[..., Any], change: dict[str, Any], status: int) -> None:
    user = make(SEQUENCE, USER).as_("CJuser")
    assert user.post(ENROLLMENTS, {**ENROLL, **change}, userId=77).status == status
    assert user.post(ENROLLMENTS, ENROLL).status == 400, "userId is required"


def test_a_user_s_sends_are_limited_in_24_hours(make: Callable[..., Any], clock: Any) -> None:
    people = [
        {"type": "contacts", "id": str(50_000 + n), "properties": {"email": f"p{n}@x.example"}} for n in range(501)
    ]
    user = make(SEQUENCE, USER, *people).as_("CJuser")
    for n in range(500):
        assert user.post(ENROLLMENTS, {**ENROLL, "contactId": str(50_000 + n)}, userId=77).status == 200
    last = {**ENROLL, "contactId": "50500"}
    assert user.post(ENROLLMENTS, last, userId=77).status == 400
    clock.advance(86_400)
    user.twin.load([{**USER, "expires_at": None}])
    assert user.post(ENROLLMENTS, last, userId=77).status == 200


def test_exchange_rates_are_kept_read_and_changed(api: Any, clock: Any) -> None:
    body = {"fromCurrencyCode": "USD", "toCurrencyCode": "EUR", "conversionRate": 0.912345}
    made = api.post(RATES, body)
    assert (made.status, made.json["conversionRate"], made.json["effectiveAt"]) == (
        201, 0.912345, "2026-10-02T09:30:00.000Z")  # fmt: skip
    number = made.json["id"]
    assert api.get(f"{RATES}/{number}").json == made.json
    api.post(f"{RATES}/batch/create", {"inputs": [{**body, "conversionRate": "0.5", "effectiveAt": "2030-01-01"}]})
    assert [row["conversionRate"] for row in api.get(RATES).json["results"]] == [0.912345, 0.5]
    assert [row["id"] for row in api.get(f"{RATES}/current").json["results"]] == [number]
    update = {"inputs": [{"id": number, "conversionRate": 0.7}]}
    assert api.post(f"{RATES}/batch/update", update).json["results"][0]["conversionRate"] == 0.7
    assert api.post(f"{RATES}/batch/read", {"inputs": [{"id": number}, {"id": "1"}]}).status == 207
    pair = {"fromCurrencyCode": "USD", "toCurrencyCode": "EUR", "visibleInUI": False}
    assert api.post(f"{RATES}/update-visibility", pair).status == 204
    assert {row["visibleInUI"] for row in api.get(RATES).json["results"]} == {False}


@pytest.mark.parametrize("change", [
    {"conversionRate": 0}, {"conversionRate": -1}, {"conversionRate": 0.1234567}, {"conversionRate": "x"},
    {"fromCurrencyCode": "XXX"}, {"toCurrencyCode": "USD", "fromCurrencyCode": "EUR"}, {"effectiveAt": "soon"},
])  # fmt: skip
def test_what_is_no_rate_is_refused(api: Any, change: dict[str, Any]) -> None:
    before = api.books()
    body = {"fromCurrencyCode": "USD", "toCurrencyCode": "EUR", "conversionRate": 0.9}
    assert api.post(RATES, {**body, **change}).status == 400
    assert api.books() == before


def test_the_company_currency_and_further_ones(api: Any) -> None:
    base = "/settings/currencies/2026-09"
    assert api.get(f"{base}/company-currency").json == {"currencyCode": "EUR"}
    deal = {"properties": {"dealname": "d", "dealstage": "contractsent", "deal_currency_code": "GBP"}}
    assert api.post("/crm/v3/objects/deals", deal).status == 400
    api.post(f"{base}/central-fx-rates/add-currency", {"currencyCode": "GBP"})
    assert api.post("/crm/v3/objects/deals", deal).status == 201
    assert api.put(f"{base}/company-currency", {"currencyCode": "USD"}).status == 200
    assert api.get("/account-info/v3/details").json["companyCurrency"] == "USD"
    assert {"currencyCode": "EUR", "currencyName": "Euro"} in api.get(f"{base}/codes").json["results"]


def test_manual_lists_take_members_and_dynamic_ones_do_not(api: Any) -> None:
    body = {"name": "Owing", "objectTypeId": "0-2", "processingType": "MANUAL"}
    number = api.post("/crm/v3/lists/", body).json["list"]["listId"]
    assert api.post("/crm/v3/lists", body).status == 409
    path = f"/crm/v3/lists/{number}/memberships"
    changed = api.put(f"{path}/add", ["8801", "8802", "1"]).json
    assert changed == {"recordsIdsAdded": ["8801", "8802"], "recordIdsRemoved": [], "recordIdsMissing": ["1"]}
    both = api.put(f"{path}/add-and-remove", {"recordIdsToAdd": [], "recordIdsToRemove": ["8801"]}).json
    assert both["recordIdsRemoved"] == ["8801"]
    assert [row["recordId"] for row in api.get(path).json["results"]] == ["8802"]
    assert api.get("/crm/v3/lists/records/0-2/8802/memberships").json["results"][0]["listId"] == number
    assert api.put(f"{path}/remove", ["8802"]).json["recordIdsRemoved"] == ["8802"]
    dynamic = api.post("/crm/v3/lists", {**body, "name": "All", "processingType": "DYNAMIC"}).json["list"]["listId"]
    assert api.put(f"/crm/v3/lists/{dynamic}/memberships/add", ["8801"]).status == 400
    assert [row["name"] for row in api.post("/crm/v3/lists/search", {"query": "ow"}).json["lists"]] == ["Owing"]
    assert api.get("/crm/v3/lists/object-type-id/0-2/name/Owing").json["list"]["listId"] == number
    assert api.get("/crm/v3/lists/idmapping", legacyListId=number).json["listId"] == number
    api.put(f"/crm/v3/lists/{number}/update-list-name", listName="Late")
    assert api.get(f"/crm/v3/lists/{number}").json["list"]["name"] == "Late"
    assert api.delete(f"/crm/v3/lists/{number}").status == 204
    assert api.get(f"/crm/v3/lists/{number}").status == 404
    assert api.put(f"/crm/v3/lists/{number}/restore").status == 204
    assert api.get("/crm/v3/lists", listIds=number).json["lists"][0]["name"] == "Late"


def test_list_members_page(api: Any) -> None:
    made = api.post("/crm/v3/objects/companies/batch/create", {"inputs": [{"properties": {"name": "c"}}] * 100}).json
    number = api.post("/crm/v3/lists", {"name": "l", "objectTypeId": "companies", "processingType": "SNAPSHOT"}).json[
        "list"]["listId"]  # fmt: skip
    path = f"/crm/v3/lists/{number}/memberships"
    api.put(f"{path}/add", [row["id"] for row in made["results"]] + ["8801"])
    first = api.get(path).json
    rest = api.get(path, after=first["paging"]["next"]["after"]).json
    assert (len(first["results"]), len(rest["results"])) == (100, 1)
