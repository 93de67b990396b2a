"""Merging records, and erasing a contact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _merge(api: Any, kind: str, primary: str, other: str) -> Any:
    return api.post(f"/crm/v3/objects/{kind}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})


def test_the_primary_record_keeps_its_values_and_takes_what_it_lacks(api: Any) -> None:
    answer = _merge(api, "companies", "8801", "8802")
    assert (answer.status, answer.json["id"]) == (200, "8801")
    found = api.props("companies", "8801", "name", "country", "hs_merged_object_ids")
    assert (found["name"], found["country"], found["hs_merged_object_ids"]) == ("Alder GmbH", "United Kingdom", "8802")


def test_the_old_id_leads_to_the_survivor_unless_switched_off(make: Callable[..., Any]) -> None:
    for api, status in ((make(), 200), (make(merged_ids="404"), 404)):
        _merge(api, "companies", "8801", "8802")
        answer = api.get("/crm/v3/objects/companies/8802")
        assert answer.status == status
        batch = api.post("/crm/v3/objects/companies/batch/read", {"inputs": [{"id": "8802"}]})
        assert batch.status == (200 if status == 200 else 207)
    assert api.get("/crm/v3/objects/companies/8802", archived="true").json["archived"] is True


def test_associations_move_and_there_is_still_one_primary_company(api: Any) -> None:
    api.put("/crm/v4/objects/deals/5156002/associations/default/companies/8802")
    _merge(api, "companies", "8802", "8801")
    deals = api.get("/crm/v4/objects/companies/8802/associations/deals").json["results"]
    assert {row["toObjectId"] for row in deals} == {5156001, 5156002}
    row = api.get("/crm/v4/objects/deals/5156001/associations/companies").json["results"]
    assert [(one["toObjectId"], {kind["typeId"] for kind in one["associationTypes"]}) for one in row] == [
        (8802, {5, 341})
    ]


def test_merged_deals_keep_one_primary_company(api: Any) -> None:
    api.put("/crm/v4/objects/deals/5156002/associations/default/companies/8802")
    _merge(api, "deals", "5156001", "5156002")
    rows = api.get("/crm/v4/objects/deals/5156001/associations/companies").json["results"]
    primary = [row["toObjectId"] for row in rows if 5 in {kind["typeId"] for kind in row["associationTypes"]}]
    assert (primary, {row["toObjectId"] for row in rows}) == ([8801], {8801, 8802})


def test_the_other_contact_s_address_becomes_an_additional_one(api: Any) -> None:
    other = api.new("contacts", email="second@alder.example")
    _merge(api, "contacts", "9001", other)
    found = api.props("contacts", "9001", "email", "hs_additional_emails")
    assert (found["email"], found["hs_additional_emails"]) == ("a@alder.example", "second@alder.example")


def test_a_merge_may_give_a_third_record(make: Callable[..., Any]) -> None:
    api = make(merge_makes_new_record=True)
    new = _merge(api, "companies", "8801", "8802").json["id"]
    assert new not in {"8801", "8802"}
    assert {api.get(f"/crm/v3/objects/companies/{old}").json["id"] for old in ("8801", "8802", new)} == {new}
    assert api.get("/crm/v3/objects/companies/A-1", idProperty="erp_key").json["id"] == new
    assert api.get("/crm/v4/objects/deals/5156001/associations/companies").json["results"][0]["toObjectId"] == int(new)


def test_what_cannot_be_merged_is_refused(api: Any) -> None:
    before = api.books()
    assert _merge(api, "companies", "8801", "8801").status == 400
    assert _merge(api, "companies", "8801", "1").status == 404
    assert _merge(api, "line_items", "1", "2").status == 400
    assert api.books() == before


def test_an_erased_contact_leaves_no_values(api: Any) -> None:
    api.patch("/crm/v3/objects/contacts/9001", {"properties": {"firstname": "Eve"}})
    assert api.post("/crm/v3/objects/contacts/gdpr-delete", {"objectId": "9001"}).status == 204
    record = api.get("/crm/v3/objects/contacts/9001", archived="true", propertiesWithHistory="firstname,email").json
    assert (record["properties"]["email"], record["propertiesWithHistory"]) == (None, {"firstname": [], "email": []})
    assert not any("alder.example" in str(row) for row in api.books() if row["type"] == "contacts")
