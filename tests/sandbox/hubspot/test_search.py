"""Search: operators, order, caps, pages, what it never shows, and its lag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

A, B = "5156001", "5156002"


def _is(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": value}), **more}


@pytest.mark.parametrize(("wanted", "found"), [
    (_is("dealstage", "EQ", "closedwon"), [A]),
    (_is("dealstage", "EQ", "CLOSEDWON"), []),
    (_is("dealname", "EQ", "ROOF plant"), [A]),
    (_is("dealstage", "NEQ", "closedwon"), [B]),
    (_is("amount", "GT", "1000"), [A]),
    (_is("amount", "GTE", "1250"), [A]),
    (_is("amount", "LT", 1250), []),
    (_is("amount", "LTE", "1250.0"), [A]),
    (_is("amount", "EQ", "1250"), [A]),
    (_is("amount", "BETWEEN", "1", highValue="2000"), [A]),
    (_is("amount", "HAS_PROPERTY"), [A]),
    (_is("amount", "NOT_HAS_PROPERTY"), [B]),
    (_is("amount", "NEQ", "5"), [A]),
    (_is("dealstage", "IN", values=["closedwon", "contractsent"]), [A, B]),
    (_is("dealstage", "NOT_IN", values=["closedwon"]), [B]),
    (_is("dealname", "CONTAINS_TOKEN", "roof"), [A]),
    (_is("dealname", "CONTAINS_TOKEN", "plan*"), [A, B]),
    (_is("dealname", "CONTAINS_TOKEN", "oof"), []),
    (_is("dealname", "NOT_CONTAINS_TOKEN", "roof"), [B]),
    (_is("closedate", "GTE", "1790838000000"), [A]),
    (_is("closedate", "EQ", "2026-10-01T07:00:00Z"), [A]),
    (_is("closedate", "BETWEEN", "2026-10-01", highValue="2026-10-02"), [A]),
    (_is("hs_object_id", "GT", A), [B]),
    (_is("hs_object_id", "IN", values=[A, "1"]), [A]),
    (_is("createdate", "LT", "2026-09-02"), [A]),
    (_is("hs_lastmodifieddate", "BETWEEN", "1789804800000", highValue="1789999999000"), [B]),
    (_is("hs_is_closed_won", "EQ", "true"), [A]),
    (_is("hs_is_closed_won", "EQ", True), [A]),
    (_is("associations.company", "EQ", "8801"), [A]),
    (_is("associations.companies", "IN", values=["8801", "8802"]), [A]),
    (_is("associations.contact", "HAS_PROPERTY"), [A]),
    (_is("num_associated_contacts", "EQ", "1"), [A]),
])  # fmt: skip
def test_each_operator_finds_what_it_says(api: Any, wanted: dict[str, Any], found: list[str]) -> None:
    assert api.found("deals", wanted) == found


def test_text_values_of_in_are_lower_case_as_documented(make: Callable[..., Any]) -> None:
    assert make().found("companies", _is("name", "IN", values=["alder gmbh"])) == ["8801"]
    assert make().found("companies", _is("name", "IN", values=["Alder GmbH"])) == []
    assert make().found("companies", _is("erp_key", "IN", values=["a-1"])) == ["8801"]
    assert make().found("companies", _is("erp_key", "IN", values=["A-1"])) == []
    assert make().found("companies", _is("erp_key", "EQ", "A-1")) == ["8801"]
    free = make(in_needs_lower_case=False)
    assert free.found("companies", _is("name", "IN", values=["Alder GmbH"])) == ["8801"]
    assert free.found("companies", _is("erp_key", "IN", values=["A-1"])) == ["8801"]


def test_negatives_may_match_what_lacks_the_property(make: Callable[..., Any]) -> None:
    wanted = _is("amount", "NEQ", "5")
    assert make().found("deals", wanted) == [A]
    assert make(negatives_match_missing=True).found("deals", wanted) == [A, B]


def test_groups_are_or_and_their_filters_and(api: Any) -> None:
    body = {"filterGroups": [
        {"filters": [_is("dealstage", "EQ", "closedwon"), _is("amount", "GT", "5000")]},
        {"filters": [_is("dealname", "CONTAINS_TOKEN", "shed")]},
    ]}  # fmt: skip
    assert [row["id"] for row in api.post("/crm/v3/objects/deals/search", body).json["results"]] == [B]


def test_the_old_top_level_filters_are_taken_too(api: Any) -> None:
    answer = api.post("/crm/v3/objects/deals/search", {"filters": [_is("dealname", "EQ", "shed plant")]})
    assert answer.json["total"] == 1


def test_free_text_looks_into_the_default_searchable_properties(api: Any) -> None:
    assert api.found("deals", query="plan") == [A, B]
    assert api.found("deals", query="roof plant") == [A]
    assert api.found("contacts", query="alder") == ["9001"]
    assert api.found("companies", query="alder.example") == ["8801"]


def test_the_default_order_is_by_creation_and_one_sort_may_change_it(api: Any) -> None:
    assert api.found("deals") == [A, B]
    assert api.found("deals", sorts=["-createdate"]) == [B, A]
    assert api.found("deals", sorts=[{"propertyName": "dealname", "direction": "DESCENDING"}]) == [B, A]
    assert api.found("deals", sorts=["amount"]) == [A, B], "what has no value comes last"
    answer = api.search("deals", sorts=["createdate", "dealname"])
    assert (answer.status, answer.json["message"]) == (400, "Only one sort is allowed")


def test_results_are_simple_records(api: Any) -> None:
    answer = api.search("deals", _is("hs_object_id", "EQ", A), properties=["amount", "nosuch"])
    assert answer.json["total"] == 1
    row = answer.json["results"][0]
    assert set(row["properties"]) == {"amount", "createdate", "hs_lastmodifieddate", "hs_object_id"}
    assert not {"associations", "propertiesWithHistory"} & set(row)


def test_pages_go_by_an_offset_in_a_text(api: Any) -> None:
    first = api.search("deals", limit=1, after=0).json
    assert (first["total"], first["paging"]) == (2, {"next": {"after": "1"}})
    second = api.search("deals", limit=1, after="1").json
    assert [row["id"] for row in second["results"]] == [B]
    assert "paging" not in second
    assert len(api.search("deals").json["results"]) == 2


@pytest.mark.parametrize(("more", "status"), [
    ({"limit": 200}, 200), ({"limit": 201}, 400), ({"limit": -1}, 400), ({"after": "9990", "limit": 10}, 200),
    ({"after": "9991", "limit": 10}, 400), ({"after": "10000"}, 400), ({"after": "-1"}, 400), ({"after": "x"}, 400),
])  # fmt: skip
def test_pages_end_at_200_rows_and_the_result_at_10000(api: Any, more: dict[str, Any], status: int) -> None:
    assert api.search("deals", **more).status == status


@pytest.mark.parametrize(("sizes", "status"), [
    ([1] * 5, 200), ([1] * 6, 400), ([6], 200), ([7], 400), ([6, 6, 6], 200), ([6, 6, 6, 1], 400),
    ([4, 4, 4, 4, 3], 400),
])  # fmt: skip
def test_at_most_5_groups_of_6_filters_and_18_in_all(api: Any, sizes: list[int], status: int) -> None:
    groups = [{"filters": [_is("amount", "GT", "1")] * size} for size in sizes]
    assert api.post("/crm/v3/objects/deals/search", {"filterGroups": groups}).status == status


def test_a_body_has_at_most_3000_characters(api: Any) -> None:
    rest = len('{"filterGroups": [], "query": ""}')
    assert api.search("deals", query="x" * (3_000 - rest)).status == 200
    assert api.search("deals", query="x" * (3_001 - rest)).status == 400


def test_the_properties_asked_for_do_not_count_towards_the_3000_unless_switched_on(api: Any, make: Any) -> None:
    names = ["amount", *(f"own_property_number_{n}" for n in range(300))]
    answer = api.search("deals", _is("amount", "GT", "1"), properties=names)
    assert [row["properties"]["amount"] for row in answer.json["results"]] == ["1250.00"]
    strict = make(search_cap_counts_properties=True)
    assert strict.search("deals", _is("amount", "GT", "1"), properties=names).status == 400


@pytest.mark.parametrize("wanted", [
    _is("nosuch", "EQ", "1"), _is("amount", "EQ", "abc"), _is("closedate", "GT", "soon"), _is("amount", "LIKE", "1"),
    _is("amount", "EQ"), _is("amount", "BETWEEN", "1"), _is("dealstage", "IN"), _is("associations.gadget", "EQ", "1"),
    _is("associations.company", "GT", "1"), {"operator": "EQ", "value": "1"},
])  # fmt: skip
def test_what_is_no_filter_is_refused(api: Any, wanted: dict[str, Any]) -> None:
    answer = api.search("deals", wanted)
    assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")


def test_archived_records_are_never_found(api: Any) -> None:
    api.delete(f"/crm/v3/objects/deals/{A}")
    assert api.found("deals") == [B]


def test_a_walk_by_id_meets_every_record_once_even_while_records_change(api: Any) -> None:
    rows = [{"properties": {"dealname": f"d{n}", "dealstage": "contractsent"}} for n in range(100)]
    for _ in range(3):
        api.post("/crm/v3/objects/deals/batch/create", {"inputs": rows})
    seen: list[str] = []
    while True:
        last = seen[-1] if seen else "0"
        wanted = (_is("hs_object_id", "GT", last), _is("createdate", "GT", "0"))
        answer = api.search("deals", *wanted, sorts=["hs_object_id"], limit=40).json
        assert answer["total"] == 302 - len(seen)
        if not answer["results"]:
            break
        seen += [row["id"] for row in answer["results"]]
        if len(seen) == 120:
            api.patch(f"/crm/v3/objects/deals/{seen[0]}", {"properties": {"amount": "9"}})
    assert len(seen) == len(set(seen)) == 302


def test_the_index_trails_by_the_lag_and_the_records_do_not(make: Callable[..., Any], clock: Any) -> None:
    from datetime import timedelta

    api = make(search_lag=timedelta(seconds=3))
    won = _is("dealstage", "EQ", "closedwon")
    assert api.found("deals", won) == [A], "what was loaded is indexed"
    api.patch(f"/crm/v3/objects/deals/{B}", {"properties": {"dealstage": "closedwon"}})
    clock.advance(2)
    api.patch(f"/crm/v3/objects/deals/{B}", {"properties": {"amount": "7"}})
    made = api.new("companies", name="Late")
    assert api.props("deals", B, "dealstage")["dealstage"] == "closedwon"
    assert api.found("deals", won) == [A]
    clock.advance(1)
    assert api.found("deals", won) == [A, B]
    assert api.search("deals", _is("hs_object_id", "EQ", B), properties=["amount"]).json["results"][0]["properties"][
        "amount"] is None  # fmt: skip
    assert made not in api.found("companies")
    clock.advance(2)
    assert api.found("deals", _is("amount", "EQ", "7")) == [B]
    assert made in api.found("companies")
    api.delete(f"/crm/v3/objects/deals/{A}")
    assert A in api.found("deals")
    clock.advance(3)
    assert A not in api.found("deals")
