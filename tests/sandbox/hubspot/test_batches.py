"""Batches: sizes, partial success by trace ids, all or nothing without them, upsert."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

DEALS = "/crm/v3/objects/deals/batch"
COMPANIES = "/crm/v3/objects/companies/batch"


def _deal(name: str, stage: str = "contractsent", trace: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"properties": {"dealname": name, "dealstage": stage}}
    return {**row, "objectWriteTraceId": trace} if trace else row


@pytest.mark.parametrize("what", ["read", "create", "update", "upsert", "archive"])
def test_a_batch_has_at_most_100_inputs(api: Any, what: str) -> None:
    inputs = [{"id": str(n), "idProperty": "erp_key", "properties": {}} for n in range(101)]
    answer = api.post(f"{COMPANIES}/{what}", {"inputs": inputs})
    assert answer.status == 400
    assert answer.json["message"] == (
        "The maximum number of inputs supported in a batch is 100. Please reduce the number of items and try again"
    )


def test_a_read_with_history_has_at_most_50(api: Any) -> None:
    inputs = [{"id": str(n)} for n in range(51)]
    answer = api.post(f"{DEALS}/read", {"inputs": inputs, "propertiesWithHistory": ["amount"]})
    assert (answer.status, answer.json["message"]) == (
        400,
        "The maximum number of inputs supported in a batch request for property histories is 50. "
        "Please reduce the number of items and try again",
    )


def test_a_read_without_gaps_is_200_and_complete(api: Any) -> None:
    answer = api.post(f"{DEALS}/read", {"inputs": [{"id": "5156002"}, {"id": 5156001}], "properties": ["amount"]})
    assert (answer.status, answer.json["status"]) == (200, "COMPLETE")
    assert {row["id"] for row in answer.json["results"]} == {"5156001", "5156002"}
    assert answer.json["startedAt"].endswith("Z")
    assert "associations" not in answer.json["results"][0]
    assert "numErrors" not in answer.json


def test_a_read_with_missing_ids_is_207_and_names_them(api: Any) -> None:
    answer = api.post("/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": "9001"}, {"id": "999"}, {"id": "x"}]})
    assert answer.status == 207
    assert answer.json["numErrors"] == 1
    assert answer.json["errors"] == [{
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.",
        "context": {"ids": ["999", "x"]},
    }]  # fmt: skip


def test_a_read_of_nothing_but_missing_ids_is_207_or_404(make: Callable[..., Any]) -> None:
    body = {"inputs": [{"id": "1"}]}
    answer = make().post(f"{DEALS}/read", body)
    assert (answer.status, answer.json["results"]) == (207, [])
    assert make(missing_batch_read="404").post(f"{DEALS}/read", body).status == 404


def test_the_newest_version_may_know_no_207(make: Callable[..., Any]) -> None:
    body = {"inputs": [{"id": "5156001"}, {"id": "1"}]}
    api = make(multi_status_2026_09=False)
    assert api.post("/crm/objects/2026-09/deals/batch/read", body).status == 200
    assert api.post("/crm/objects/2026-03/deals/batch/read", body).status == 207


def test_a_read_by_unique_property_and_of_archived_records(api: Any) -> None:
    body = {"inputs": [{"id": "A-1"}], "idProperty": "erp_key", "properties": ["name"]}
    assert api.post(f"{COMPANIES}/read", body).json["results"][0]["id"] == "8801"
    api.delete("/crm/v3/objects/deals/5156001")
    gone = {"inputs": [{"id": "5156001"}]}
    assert api.post(f"{DEALS}/read", gone).status == 207
    assert api.post(f"{DEALS}/read", gone, archived="true").json["results"][0]["archived"] is True


def test_a_create_without_trace_ids_is_all_or_nothing(api: Any) -> None:
    before = api.books()
    answer = api.post(f"{DEALS}/create", {"inputs": [_deal("a"), _deal("b", "nostage"), _deal("c")]})
    assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")
    assert api.books() == before


def test_a_create_with_trace_ids_tells_the_bad_rows_apart(api: Any) -> None:
    rows = [_deal("a", trace="row-0"), _deal("b", "nostage", "row-1"), _deal("c", trace="row-2")]
    answer = api.post(f"{DEALS}/create", {"inputs": rows})
    assert answer.status == 207
    assert [row["objectWriteTraceId"] for row in answer.json["results"]] == ["row-0", "row-2"]
    assert answer.json["numErrors"] == 1
    error = answer.json["errors"][0]
    assert error["context"] == {"objectWriteTraceId": ["row-1"]}
    assert (error["status"], error["category"], error["errors"][0]["code"]) == (
        "error", "VALIDATION_ERROR", "INVALID_OPTION")  # fmt: skip
    assert error["message"].startswith("Property values were not valid: [")


def test_a_clean_create_is_201_and_a_clean_update_200(api: Any) -> None:
    made = api.post(f"{DEALS}/create", {"inputs": [_deal("a"), _deal("b")]})
    assert made.status == 201
    rows = [{"id": row["id"], "properties": {"amount": "5"}} for row in made.json["results"]]
    changed = api.post(f"{DEALS}/update", {"inputs": rows})
    assert changed.status == 200
    assert [row["properties"]["amount"] for row in changed.json["results"]] == ["5", "5"]


def test_an_update_tells_missing_records_apart(api: Any) -> None:
    rows = [{"id": "5156001", "properties": {"amount": "5"}}, {"id": "1", "properties": {"amount": "5"}}]
    answer = api.post(f"{DEALS}/update", {"inputs": rows})
    assert (answer.status, answer.json["errors"][0]["context"]) == (207, {"ids": ["1"]})
    assert api.props("deals", "5156001", "amount")["amount"] == "5"


def test_an_upsert_makes_what_is_new_and_changes_what_is_there(api: Any) -> None:
    rows = [{"id": key, "idProperty": "erp_key", "properties": {"name": key}} for key in ("A-1", "A-2")]
    for expected in ([False, True], [False, False]):
        answer = api.post(f"{COMPANIES}/upsert", {"inputs": rows})
        assert answer.status == 200
        assert [row["new"] for row in answer.json["results"]] == expected
    assert api.props("companies", "8801", "name", "erp_key") | {"createdate": "", "hs_lastmodifieddate": ""} == {
        "name": "A-1", "erp_key": "A-1", "createdate": "", "hs_lastmodifieddate": "", "hs_object_id": "8801",
    }  # fmt: skip


def test_an_upsert_with_trace_ids_is_partial(api: Any) -> None:
    rows = [
        {"id": "A-9", "idProperty": "erp_key", "properties": {"name": "n"}, "objectWriteTraceId": "row-0"},
        {"id": "A-8", "idProperty": "erp_key", "properties": {"industry": "x"}, "objectWriteTraceId": "row-1"},
    ]
    answer = api.post(f"{COMPANIES}/upsert", {"inputs": rows})
    assert answer.status == 207
    assert (answer.json["results"][0]["objectWriteTraceId"], answer.json["results"][0]["new"]) == ("row-0", True)
    assert answer.json["errors"][0]["errors"][0]["context"] == {"propertyName": ["industry"]}


@pytest.mark.parametrize("name", ["hs_object_id", "name", "nosuch", None])
def test_an_upsert_needs_a_unique_property(api: Any, name: str | None) -> None:
    row = {"id": "8801", "properties": {"city": "Ulm"}, "idProperty": name}
    answer = api.post(f"{COMPANIES}/upsert", {"inputs": [row]})
    assert (answer.status, answer.json["message"]) == (
        400,
        f"Unable to perform update/upsert by non-unique 0-2 property {name or 'hs_object_id'} in portal ID 4711",
    )


def test_the_same_key_twice_rejects_the_whole_upsert(api: Any) -> None:
    before = api.books()
    row = {"id": "A-7", "idProperty": "erp_key", "properties": {"name": "n"}}
    answer = api.post(f"{COMPANIES}/upsert", {"inputs": [row, row]})
    assert (answer.status, "A-7" in answer.json["message"]) == (400, True)
    assert api.books() == before


def test_an_upsert_by_e_mail_is_never_partial(api: Any) -> None:
    before = api.books()
    rows = [
        {"id": "new@x.example", "idProperty": "email", "properties": {}, "objectWriteTraceId": "a"},
        {"id": "b@x.example", "idProperty": "email", "properties": {"nosuch": "1"}, "objectWriteTraceId": "b"},
    ]
    assert api.post("/crm/v3/objects/contacts/batch/upsert", {"inputs": rows}).status == 400
    assert api.books() == before
    answer = api.post("/crm/v3/objects/contacts/batch/upsert", {"inputs": rows[:1]})
    assert answer.json["results"][0]["new"] is True


def test_unique_text_may_or_may_not_differ_by_case_only(make: Callable[..., Any]) -> None:
    rows = {"inputs": [{"id": "a-1", "idProperty": "erp_key", "properties": {"name": "lower"}}]}
    assert make().post(f"{COMPANIES}/upsert", rows).json["results"][0]["new"] is True
    folded = make(upsert_case_sensitive=False)
    assert folded.post(f"{COMPANIES}/upsert", rows).json["results"][0]["new"] is False


def test_an_archive_takes_missing_ids_in_its_stride(api: Any) -> None:
    answer = api.post(f"{DEALS}/archive", {"inputs": [{"id": "5156001"}, {"id": "1"}]})
    assert (answer.status, answer.text) == (204, "")
    assert api.get("/crm/v3/objects/deals/5156001").status == 404


@pytest.mark.parametrize("body", [{}, {"inputs": None}, {"inputs": "x"}, {"inputs": ["x"]}, {"inputs": [{}]}])
def test_inputs_that_are_no_list_of_rows_are_refused(api: Any, body: Any) -> None:
    for what in ("read", "update", "upsert", "archive"):
        assert api.post(f"{COMPANIES}/{what}", body).status == 400
