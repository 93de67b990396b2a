"""Associations: both directions, primary companies, numbers and texts, limits, quirks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

A, B = "5156001", "5156002"
V4 = "/crm/v4/associations"


def _types(api: Any, start: str, end: str, record_id: str) -> dict[int, set[int]]:
    rows = api.get(f"/crm/v4/objects/{start}/{record_id}/associations/{end}").json["results"]
    return {row["toObjectId"]: {kind["typeId"] for kind in row["associationTypes"]} for row in rows}


def _spec(type_id: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": type_id}


def test_a_batch_read_has_text_and_number_ids_and_is_207_when_one_is_alone(api: Any) -> None:
    answer = api.post(f"{V4}/deals/companies/batch/read", {"inputs": [{"id": A}, {"id": B}]})
    assert answer.status == 207
    result = answer.json["results"][0]
    assert result["from"] == {"id": A}
    assert result["to"][0]["toObjectId"] == 8801
    assert {(kind["typeId"], kind["label"], kind["category"]) for kind in result["to"][0]["associationTypes"]} == {
        (5, "Primary", "HUBSPOT_DEFINED"), (341, None, "HUBSPOT_DEFINED")}  # fmt: skip
    assert answer.json["numErrors"] == 1
    assert answer.json["errors"] == [{
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No company is associated with deal {B}.",
        "context": {"fromObjectId": [B], "fromObjectType": ["deal"], "toObjectType": ["company"]},
    }]  # fmt: skip
    assert api.post(f"{V4}/deals/companies/batch/read", {"inputs": [{"id": A}]}).status == 200


def test_primary_need_not_come_first(api: Any) -> None:
    companies = [api.new("companies", name=name) for name in ("one", "two")]
    orders = set()
    for company in companies:
        deal = api.new("deals", dealname="d", dealstage="contractsent")
        api.put(f"/crm/v4/objects/deals/{deal}/associations/companies/{company}", [_spec(5)])
        row = api.get(f"/crm/v4/objects/deals/{deal}/associations/companies").json["results"][0]
        orders.add(tuple(kind["typeId"] for kind in row["associationTypes"]))
    assert orders == {(5, 341), (341, 5)}


def test_both_directions_are_written_and_removed_together(api: Any) -> None:
    api.put(f"/crm/v4/objects/deals/{B}/associations/default/contacts/9001")
    assert _types(api, "deals", "contacts", B) == {9001: {3}}
    assert _types(api, "contacts", "deals", "9001") == {int(A): {4}, int(B): {4}}
    assert api.delete(f"/crm/v4/objects/contacts/9001/associations/deals/{B}").status == 204
    assert _types(api, "deals", "contacts", B) == {}
    assert _types(api, "contacts", "deals", "9001") == {int(A): {4}}


def test_the_default_answer_lists_both_directions(api: Any) -> None:
    body = {"inputs": [{"from": {"id": B}, "to": {"id": "8802"}}]}
    answer = api.post(f"{V4}/deals/companies/batch/associate/default", body)
    assert answer.status == 200
    assert [(row["from"]["id"], row["to"]["id"], row["associationSpec"]["associationTypeId"])
            for row in answer.json["results"]] == [(B, "8802", 341), ("8802", B, 342)]  # fmt: skip
    alone = api.put(f"/crm/objects/2026-09/deals/{B}/associations/default/companies/8801")
    assert (alone.status, len(alone.json["results"])) == (200, 2)


def test_the_first_company_becomes_the_primary_one_and_a_new_primary_takes_over(api: Any) -> None:
    api.put(f"/crm/v4/objects/deals/{B}/associations/default/companies/8802")
    assert _types(api, "deals", "companies", B) == {8802: {5, 341}}
    api.put(f"/crm/v4/objects/deals/{B}/associations/default/companies/8801")
    assert _types(api, "deals", "companies", B) == {8801: {341}, 8802: {5, 341}}
    api.put(f"/crm/v4/objects/deals/{B}/associations/companies/8801", [_spec(5)])
    assert _types(api, "deals", "companies", B) == {8801: {5, 341}, 8802: {341}}
    assert _types(api, "companies", "deals", "8802") == {int(B): {342}}
    assert api.props("deals", B, "hs_primary_associated_company")["hs_primary_associated_company"] == "8801"


def test_the_primary_company_can_be_set_from_the_company_s_side(api: Any) -> None:
    api.put("/crm/v4/objects/companies/8802/associations/contacts/9001", [_spec(2)])
    assert _types(api, "contacts", "companies", "9001") == {8801: {279}, 8802: {1, 279}}
    assert api.props("contacts", "9001", "associatedcompanyid")["associatedcompanyid"] == "8802"


def test_a_plain_association_need_not_make_a_primary_company(make: Callable[..., Any]) -> None:
    api = make(first_company_becomes_primary=False)
    api.put(f"/crm/v4/objects/deals/{B}/associations/default/companies/8802")
    assert _types(api, "deals", "companies", B) == {8802: {341}}


def test_a_put_replaces_the_labels_of_a_pair(api: Any) -> None:
    labels = {"label": "Reseller", "name": "reseller"}
    type_id = api.post(f"{V4}/deals/companies/labels", labels).json["results"][0]["typeId"]
    path = f"/crm/v4/objects/deals/{A}/associations/companies/8801"
    answer = api.put(path, [_spec(type_id, "USER_DEFINED")])
    assert answer.status == 201
    assert answer.json == {
        "fromObjectTypeId": "0-3",
        "fromObjectId": int(A),
        "toObjectTypeId": "0-2",
        "toObjectId": 8801,
        "labels": ["Reseller"],
    }
    assert _types(api, "deals", "companies", A) == {8801: {341, type_id}}


def test_a_batch_create_answers_201_or_200_by_version_and_207_with_gaps(api: Any) -> None:
    row = {"from": {"id": B}, "to": {"id": "8802"}, "types": [_spec(341)]}
    answer = api.post(f"{V4}/deals/companies/batch/create", {"inputs": [row]})
    assert answer.status == 201
    assert answer.json["results"] == [{
        "fromObjectTypeId": "0-3", "fromObjectId": int(B), "toObjectTypeId": "0-2", "toObjectId": 8802,
        "labels": ["Primary"],
    }]  # fmt: skip
    assert api.post("/crm/associations/2026-09/deals/companies/batch/create", {"inputs": [row]}).status == 200
    gap = {**row, "to": {"id": "1"}}
    mixed = api.post(f"{V4}/deals/companies/batch/create", {"inputs": [row, gap]})
    assert (mixed.status, mixed.json["errors"][0]["category"]) == (207, "OBJECT_NOT_FOUND")


def test_a_batch_archive_answers_204_or_200_by_version(api: Any) -> None:
    body = {"inputs": [{"from": {"id": A}, "to": [{"id": "8801"}]}]}
    assert api.post(f"{V4}/deals/companies/batch/archive", body).status == 204
    assert _types(api, "deals", "companies", A) == {}
    assert api.post("/crm/associations/2026-09/deals/companies/batch/archive", body).status == 200


def test_a_batch_label_archive_takes_one_label_only(api: Any) -> None:
    body = {"inputs": [{"from": {"id": A}, "to": {"id": "8801"}, "types": [_spec(5)]}]}
    assert api.post(f"{V4}/deals/companies/batch/labels/archive", body).status == 204
    assert _types(api, "deals", "companies", A) == {8801: {341}}
    assert _types(api, "companies", "deals", "8801") == {int(A): {342}}


@pytest.mark.parametrize(("what", "most"), [("read", 1_000), ("create", 2_000), ("associate/default", 2_000)])
def test_batches_have_their_limits(api: Any, what: str, most: int) -> None:
    row = {"id": A, "from": {"id": A}, "to": {"id": "8801"}, "types": [_spec(341)]}
    answer = api.post(f"{V4}/deals/companies/batch/{what}", {"inputs": [row] * (most + 1)})
    assert answer.status == 400
    assert answer.json["message"].startswith(f"The maximum number of inputs supported in a batch is {most}. ")
    assert api.post(f"{V4}/deals/companies/batch/{what}", {"inputs": [row] * 10}).status in {200, 201}


@pytest.mark.parametrize(("row", "status"), [
    ({"from": {"id": B}, "to": {"id": "8801"}, "types": [_spec(20)]}, 400),
    ({"from": {"id": B}, "to": {"id": "8801"}, "types": []}, 400),
    ({"from": {"id": B}, "to": {"id": "8801"}}, 400),
    ({"from": {}, "to": {"id": "8801"}, "types": [_spec(341)]}, 400),
    ({"from": {"id": B}, "to": {"id": "8801"}, "types": [_spec(341, "OWN")]}, 400),
])  # fmt: skip
def test_what_is_no_association_is_refused(api: Any, row: dict[str, Any], status: int) -> None:
    before = api.books()
    assert api.post(f"{V4}/deals/companies/batch/create", {"inputs": [row]}).status == status
    assert api.books() == before


def test_a_record_s_associations_page_by_500(api: Any) -> None:
    ids = []
    for _ in range(6):
        rows = [{"properties": {"name": "i", "price": "1", "quantity": "1"}}] * 100
        made = api.post("/crm/v3/objects/line_items/batch/create", {"inputs": rows}).json["results"]
        ids += [row["id"] for row in made]
    inputs = [{"from": {"id": A}, "to": {"id": item}} for item in ids]
    api.post(f"{V4}/deals/line_items/batch/associate/default", {"inputs": inputs})
    path = f"/crm/v4/objects/deals/{A}/associations/line_items"
    first = api.get(path).json
    rest = api.get(path, after=first["paging"]["next"]["after"]).json
    assert (len(first["results"]), len(rest["results"])) == (500, 100)
    assert first["paging"]["next"]["link"].startswith(f"http://twin.test{path}?after=")
    assert api.get(path, limit=501).status == 400
    batch = api.post(f"{V4}/deals/line_items/batch/read", {"inputs": [{"id": A}]}).json["results"][0]
    after = batch["paging"]["next"]["after"]
    more = api.post(f"{V4}/deals/line_items/batch/read", {"inputs": [{"id": A, "after": after}]}).json["results"][0]
    assert [len(batch["to"]), len(more["to"])] == [500, 100]
    assert api.props("deals", A, "hs_num_of_associated_line_items")["hs_num_of_associated_line_items"] == "600"


@pytest.mark.parametrize(("start", "end", "there", "back"), [
    ("deals", "contacts", 3, 4), ("line_items", "deals", 20, 19), ("line_items", "quotes", 68, 67),
    ("line_items", "invoices", 410, 409), ("line_items", "orders", 514, 513), ("line_items", "subscriptions", 302, 301),
    ("line_items", "commerce_payments", 396, 395), ("invoices", "contacts", 177, 178),
    ("invoices", "companies", 179, 180),
    ("invoices", "deals", 175, 176), ("invoices", "quotes", 407, 408), ("invoices", "orders", 517, 518),
    ("invoices", "commerce_payments", 541, 542), ("tasks", "contacts", 204, 203), ("tasks", "companies", 192, 191),
    ("tasks", "deals", 216, 215), ("notes", "contacts", 202, 201), ("notes", "companies", 190, 189),
    ("notes", "deals", 214, 213), ("quotes", "deals", 64, 63), ("quotes", "contacts", 69, 70),
    ("quotes", "companies", 71, 72), ("commerce_payments", "contacts", 387, 388),
    ("commerce_payments", "companies", 389, 390), ("commerce_payments", "deals", 391, 392),
    ("commerce_payments", "orders", 524, 523), ("orders", "contacts", 507, 508), ("orders", "deals", 512, 511),
])  # fmt: skip
def test_the_defined_type_ids_are_those_of_hubspot(api: Any, start: str, end: str, there: int, back: int) -> None:
    assert [row["typeId"] for row in api.get(f"{V4}/{start}/{end}/labels").json["results"]] == [there]
    assert [row["typeId"] for row in api.get(f"{V4}/{end}/{start}/labels").json["results"]] == [back]


def test_labelled_pairs_list_both_types(api: Any) -> None:
    for start, end, expected in (
        ("deals", "companies", {(5, "Primary"), (341, None)}),
        ("contacts", "companies", {(1, "Primary"), (279, None)}),
        ("orders", "companies", {(509, "Primary"), (934, None)}),
        ("companies", "companies", {(13, "Child Company"), (14, "Parent Company"), (450, None)}),
    ):
        rows = api.get(f"{V4}/{start}/{end}/labels").json["results"]
        assert {(row["typeId"], row["label"]) for row in rows} == expected


def test_parent_and_child_companies(api: Any) -> None:
    api.put("/crm/v4/objects/companies/8801/associations/companies/8802", [_spec(13)])
    assert api.props("companies", "8802", "hs_parent_company_id")["hs_parent_company_id"] == "8801"
    assert api.props("companies", "8801", "hs_num_child_companies")["hs_num_child_companies"] == "1"


def test_own_labels_have_two_ends_and_can_be_renamed_and_removed(api: Any) -> None:
    made = api.post(f"{V4}/deals/contacts/labels", {"label": "Payer", "name": "payer", "inverseLabel": "Pays for"})
    there, back = (row["typeId"] for row in made.json["results"])
    assert api.post(f"{V4}/deals/contacts/labels", {"label": "Payer", "name": "payer"}).status == 409
    api.put(f"/crm/v4/objects/deals/{A}/associations/contacts/9001", [_spec(there, "USER_DEFINED")])
    row = api.get("/crm/v4/objects/contacts/9001/associations/deals").json["results"][0]
    assert ("USER_DEFINED", back, "Pays for") in {
        (kind["category"], kind["typeId"], kind["label"]) for kind in row["associationTypes"]}  # fmt: skip
    assert api.put(f"{V4}/deals/contacts/labels", {"associationTypeId": there, "label": "Bill payer"}).status == 204
    assert {row["label"] for row in api.get(f"{V4}/deals/contacts/labels").json["results"]} == {None, "Bill payer"}
    assert api.delete(f"{V4}/deals/contacts/labels/{there}").status == 204
    assert _types(api, "deals", "contacts", A) == {9001: {3}}


def test_the_old_v3_forms_still_answer(api: Any) -> None:
    assert api.get(f"/crm/v3/objects/deals/{A}/associations/companies").json["results"] == [
        {"id": "8801", "type": "deal_to_company"}]  # fmt: skip
    put = api.put(f"/crm/v3/objects/deals/{B}/associations/companies/8802/deal_to_company")
    assert put.status == 200
    read = api.post("/crm/v3/associations/deals/companies/batch/read", {"inputs": [{"id": B}]}).json["results"][0]
    assert read == {"from": {"id": B}, "to": [{"id": "8802", "type": "deal_to_company"}]}
    assert api.delete(f"/crm/v3/objects/deals/{B}/associations/companies/8802/deal_to_company").status == 204
    row = {"from": {"id": B}, "to": {"id": "9001"}, "type": "deal_to_contact"}
    assert api.post("/crm/v3/associations/deals/contacts/batch/create", {"inputs": [row]}).status == 201
    gone = {"inputs": [{"from": {"id": B}, "to": {"id": "9001"}}]}
    assert api.post("/crm/v3/associations/deals/contacts/batch/archive", gone).status == 204
    assert api.get("/crm/v3/associations/deals/contacts/types").json["results"] == [
        {"id": "3", "name": "deal_to_contact"}
    ]


def test_associations_of_a_record_that_is_not_there_are_404(api: Any) -> None:
    assert api.get("/crm/v4/objects/deals/1/associations/companies").status == 404
    assert api.put(f"/crm/v4/objects/deals/{A}/associations/default/companies/1").status == 404


def test_an_archived_record_is_no_longer_associated(api: Any) -> None:
    api.delete("/crm/v3/objects/companies/8801")
    assert _types(api, "deals", "companies", A) == {}
    assert "associations" not in api.get(f"/crm/v3/objects/deals/{A}", associations="companies").json


def test_line_items_may_be_named_with_a_space(make: Callable[..., Any]) -> None:
    api = make(line_items_key_has_space=True)
    item = api.new("line_items", name="i")
    api.put(f"/crm/v4/objects/deals/{A}/associations/default/line_items/{item}")
    assert "line items" in api.get(f"/crm/v3/objects/deals/{A}", associations="line_items").json["associations"]
