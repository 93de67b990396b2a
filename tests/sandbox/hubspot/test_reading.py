"""Reading records: which properties come back, pages, archived ones, history, inline associations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def test_a_record_has_the_documented_shape(api: Any) -> None:
    record = api.get("/crm/v3/objects/deals/5156001", properties="dealname,amount", associations="companies").json
    assert record == {
        "id": "5156001",
        "properties": {
            "dealname": "Roof plant",
            "amount": "1250.00",
            "createdate": "2026-09-01T08:00:00.000Z",
            "hs_lastmodifieddate": "2026-10-01T08:00:00.000Z",
            "hs_object_id": "5156001",
        },
        "createdAt": "2026-09-01T08:00:00.000Z",
        "updatedAt": "2026-10-01T08:00:00.000Z",
        "archived": False,
        "url": "https://app-eu1.hubspot.com/contacts/4711/record/0-3/5156001",
        "associations": {"companies": {"results": [{"id": "8801", "type": "deal_to_company"}]}},
    }


@pytest.mark.parametrize(("kind", "names"), [
    ("deals", {"dealname", "amount", "closedate", "pipeline", "dealstage", "createdate", "hs_lastmodifieddate"}),
    ("companies", {"name", "domain", "createdate", "hs_lastmodifieddate"}),
    ("contacts", {"firstname", "lastname", "email", "lastmodifieddate", "createdate"}),
])  # fmt: skip
def test_unasked_a_default_set_comes_back(api: Any, kind: str, names: set[str]) -> None:
    record = api.get(f"/crm/v3/objects/{kind}").json["results"][0]
    assert set(record["properties"]) == names | {"hs_object_id"}


def test_asked_and_empty_is_null_and_asked_and_undefined_is_absent(api: Any) -> None:
    found = api.props("deals", "5156002", "amount", "nosuch")
    assert found["amount"] is None
    assert "nosuch" not in found


def test_properties_may_be_repeated_or_a_comma_list(api: Any) -> None:
    answers = [
        api.get("/crm/v3/objects/deals/5156001", properties=given)
        for given in ("dealname,amount", ["dealname", "amount"], ["dealname,amount", "amount"])
    ]
    assert len({tuple(sorted(answer.json["properties"])) for answer in answers}) == 1


def test_all_values_are_texts_or_null(api: Any) -> None:
    names = [row["name"] for row in api.get("/crm/v3/properties/deals").json["results"]]
    values = api.post(
        "/crm/v3/objects/deals/batch/read", {"inputs": [{"id": "5156001"}], "properties": names}
    ).json["results"][0]["properties"]  # fmt: skip
    assert len(values) == len(names)
    assert {type(value) for value in values.values()} == {str, type(None)}


def test_lists_page_by_key_with_links_on_the_callers_host(api: Any) -> None:
    first = api.get("/crm/v3/objects/deals", limit=1, properties="dealname").json
    assert first["paging"]["next"]["after"] == "5156002"
    link = first["paging"]["next"]["link"]
    assert link == "http://twin.test/crm/v3/objects/deals?limit=1&properties=dealname&after=5156002"
    last = api.get("/crm/v3/objects/deals", limit=1, after="5156002").json
    assert [row["id"] for row in last["results"]] == ["5156002"]
    assert "paging" not in last


@pytest.mark.parametrize(("query", "status"), [
    ({"limit": 100}, 200), ({"limit": 101}, 400), ({"limit": 0}, 400), ({"limit": "x"}, 400), ({"after": "x"}, 400),
    ({"limit": 50, "propertiesWithHistory": "amount"}, 200), ({"limit": 51, "propertiesWithHistory": "amount"}, 400),
])  # fmt: skip
def test_a_page_has_at_most_100_records_and_50_with_history(api: Any, query: dict[str, Any], status: int) -> None:
    assert api.get("/crm/v3/objects/deals", **query).status == status


def test_an_archived_record_is_seen_only_when_asked_for(api: Any) -> None:
    assert api.delete("/crm/v3/objects/deals/5156001").status == 204
    assert api.delete("/crm/v3/objects/deals/5156001").status == 204, "again is no error"
    answer = api.get("/crm/v3/objects/deals/5156001")
    assert (answer.status, answer.json["category"], answer.json["message"]) == (
        404, "OBJECT_NOT_FOUND", "resource not found")  # fmt: skip
    record = api.get("/crm/v3/objects/deals/5156001", archived="true").json
    assert (record["archived"], record["archivedAt"]) == (True, "2026-10-02T09:30:00.000Z")
    assert [row["id"] for row in api.get("/crm/v3/objects/deals").json["results"]] == ["5156002"]
    assert [row["id"] for row in api.get("/crm/v3/objects/deals", archived="true").json["results"]] == ["5156001"]
    assert api.patch("/crm/v3/objects/deals/5156001", {"properties": {"dealname": "x"}}).status == 404


def test_a_record_is_found_by_a_unique_property(api: Any) -> None:
    assert api.get("/crm/v3/objects/companies/A-1", idProperty="erp_key").json["id"] == "8801"
    assert api.get("/crm/v3/objects/contacts/A@ALDER.example", idProperty="email").json["id"] == "9001"
    assert api.get("/crm/v3/objects/companies/Z", idProperty="erp_key").status == 404
    assert api.get("/crm/v3/objects/companies/Alder", idProperty="name").status == 400
    changed = api.patch("/crm/v3/objects/companies/A-1", {"properties": {"city": "Ulm"}}, idProperty="erp_key")
    assert changed.json["id"] == "8801"


def test_history_comes_newest_first_with_the_token_s_app_id(api: Any, clock: Any) -> None:
    clock.advance(60)
    api.patch("/crm/v3/objects/deals/5156001", {"properties": {"amount": "1300"}})
    clock.advance(60)
    api.as_("pat-na1-other").patch("/crm/v3/objects/deals/5156001", {"properties": {"amount": ""}})
    record = api.get("/crm/v3/objects/deals/5156001", propertiesWithHistory="amount").json
    assert record["propertiesWithHistory"]["amount"] == [
        {"value": "", "timestamp": "2026-10-02T09:32:00.000Z", "sourceType": "INTEGRATION", "sourceId": "9901"},
        {"value": "1300", "timestamp": "2026-10-02T09:31:00.000Z", "sourceType": "INTEGRATION", "sourceId": "9900"},
        {"value": "1250.00", "timestamp": "2026-09-01T08:00:00.000Z", "sourceType": "IMPORT"},
    ]


def test_a_record_tells_who_created_it(api: Any) -> None:
    made = api.new("companies", name="Elm")
    names = ("hs_object_source", "hs_object_source_id", "hs_object_source_label", "hs_object_source_detail_1")
    found = api.props("companies", made, *names)
    assert [found[name] for name in names] == ["INTEGRATION", "9900", "INTEGRATION", "Sync"]


def test_inline_associations_page_after_100(api: Any) -> None:
    inputs = [
        {"properties": {"name": f"i{n}", "price": "1", "quantity": "1"}, "associations": [
            {"to": {"id": "5156001"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 20}]}]}
        for n in range(100)
    ]  # fmt: skip
    for _ in range(2):
        assert api.post("/crm/v3/objects/line_items/batch/create", {"inputs": inputs}).status == 201
    block = api.get("/crm/v3/objects/deals/5156001", associations="line_items").json["associations"]["line_items"]
    assert len(block["results"]) == 100
    assert block["results"][0]["type"] == "deal_to_line_item"
    path, _, query = block["paging"]["next"]["link"].removeprefix("http://twin.test").partition("?")
    rest = api.get(path, **dict(part.split("=") for part in query.split("&")))
    ids = [row["id"] for row in block["results"] + rest.json["results"]]
    assert len(set(ids)) == 200


def test_a_list_goes_on_at_the_older_offset_or_passes_it_over(make: Callable[..., Any]) -> None:
    path = "/crm/v3/objects/line_items"
    for takes, expected in ((True, [["0", "1"], ["2"]]), (False, [["0", "1"], ["0", "1"]])):
        api = make(lists_take_offset=takes)
        for quantity in "012":
            api.new("line_items", quantity=quantity, name="x")
        first = api.get(path, limit=2, properties="quantity").json
        after = first["paging"]["next"]["after"]
        second = api.get(path, limit=2, properties="quantity", offset=after).json
        pages = [[row["properties"]["quantity"] for row in page["results"]] for page in (first, second)]
        assert pages == expected
    assert "offset" not in second["paging"]["next"]["link"]
