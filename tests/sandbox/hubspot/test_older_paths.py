"""The v1 and v2 paths, called as older clients and extractors call them; v3 shows the same records."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.hubspot.conftest import Api

DEAL = [{"name": "dealname", "value": "Barn plant"}, {"name": "dealstage", "value": "contractsent"}]


def test_deals_and_companies_are_paged_with_offsets_and_millisecond_values(api: Api):
    first = api.get("/deals/v1/deal/paged", limit=1, properties=["dealname", "closedate"], includeAssociations="true")
    assert first.json["hasMore"] is True
    (deal,) = first.json["deals"]
    assert (deal["portalId"], deal["dealId"], deal["isDeleted"]) == (4711, 5156001, False)
    assert deal["associations"]["associatedCompanyIds"] == [8801]
    assert deal["associations"]["associatedVids"] == [9001]
    assert deal["properties"]["closedate"]["value"] == "1790838000000"
    assert set(deal["properties"]) == {"dealname", "closedate"}
    second = api.get("/deals/v1/deal/paged", limit=1, offset=first.json["offset"])
    assert [row["dealId"] for row in second.json["deals"]] == [5156002]
    assert second.json["hasMore"] is False
    companies = api.get("/companies/v2/companies/paged", properties="name").json
    assert [row["properties"]["name"]["value"] for row in companies["companies"]] == ["Alder GmbH", "Birch Ltd"]
    assert companies["has-more"] is False


def test_an_unset_property_is_absent_and_older_values_are_versions(api: Api, clock: Any):
    api.patch("/crm/v3/objects/deals/5156001", {"properties": {"amount": "1300"}})
    found = api.get("/deals/v1/deal/5156001").json["properties"]
    assert (found["amount"]["source"], found["amount"]["sourceId"]) == ("INTEGRATION", "9900")
    assert [row["value"] for row in found["amount"]["versions"]] == ["1300", "1250.00"]
    assert found["amount"]["value"] == "1300"
    assert "description" not in found
    latest = api.get("/deals/v1/deal/paged", includeAllProperties="true", allPropertiesFetchMode="latest_version")
    assert [len(row["properties"]["amount"]["versions"]) for row in latest.json["deals"][:1]] == [1]
    assert latest.json["deals"][0]["properties"]["hs_lastmodifieddate"]["timestamp"] == 1790933400000


def test_recent_lists_come_newest_first_from_a_time_on(api: Api):
    found = api.get("/deals/v1/deal/recent/modified", count=1).json
    assert ([row["dealId"] for row in found["results"]], found["hasMore"], found["total"]) == ([5156001], True, 2)
    rest = api.get("/deals/v1/deal/recent/modified", count=1, offset=found["offset"]).json
    assert ([row["dealId"] for row in rest["results"]], rest["hasMore"]) == ([5156002], False)
    assert api.get("/companies/v2/companies/recent/created", since=1790000000000).json["results"] == []


def test_a_deal_made_the_old_way_is_the_same_deal_on_v3(api: Api):
    links = {"associatedCompanyIds": [8802], "associatedVids": [9001]}
    made = api.post("/deals/v1/deal", {"associations": links, "properties": DEAL})
    assert made.status == 200
    number = made.json["dealId"]
    assert api.props("deals", str(number), "dealname")["dealname"] == "Barn plant"
    assert api.put(f"/deals/v1/deal/{number}", {"properties": [{"name": "amount", "value": "7"}]}).status == 200
    assert api.props("deals", str(number), "amount")["amount"] == "7"
    of_company = api.get("/deals/v1/deal/associated/company/8802/paged").json["deals"]
    assert [row["dealId"] for row in of_company] == [number]
    assert api.call("DELETE", f"/deals/v1/deal/{number}/associations/CONTACT", id="9001").status == 204
    assert api.get(f"/deals/v1/deal/{number}").json["associations"]["associatedVids"] == []
    assert api.delete(f"/deals/v1/deal/{number}").status == 204
    assert api.get(f"/deals/v1/deal/{number}").status == 404


def test_a_refused_old_write_leaves_the_books_as_they_were(api: Api):
    before = api.books()
    wrong = [*DEAL, {"name": "nosuch", "value": "1"}]
    assert api.post("/deals/v1/deal", {"properties": wrong}).status == 400
    missing = {"associations": {"associatedCompanyIds": [1]}, "properties": DEAL}
    assert api.post("/deals/v1/deal", missing).status == 404
    rows = [
        {"email": "n@birch.example", "properties": []},
        {"vid": 9001, "properties": [{"property": "x", "value": 1}]},
    ]
    assert api.post("/contacts/v1/contact/batch", rows).status == 400
    assert api.as_("pat-na1-deals-only").post("/deals/v1/deal", {"properties": DEAL}).status == 403
    assert api.books() == before


def test_a_contact_is_made_changed_found_merged_and_deleted(api: Api):
    def named(**values: str) -> dict[str, Any]:
        return {"properties": [{"property": name, "value": value} for name, value in values.items()]}

    made = api.post("/contacts/v1/contact/createOrUpdate/email/b@birch.example", named(lastname="B")).json
    assert made["isNew"] is True
    again = api.post("/contacts/v1/contact/createOrUpdate/email/b@birch.example", named(firstname="Bo")).json
    assert again == {"vid": made["vid"], "isNew": False}
    assert api.post("/contacts/v1/contact", named(email="b@birch.example")).status == 409
    assert api.post(f"/contacts/v1/contact/vid/{made['vid']}/profile", named(phone="1")).status == 204
    profile = api.get("/contacts/v1/contact/email/b@birch.example/profile").json
    assert {name: profile["properties"][name]["value"] for name in ("firstname", "lastname", "phone")} == {
        "firstname": "Bo", "lastname": "B", "phone": "1",
    }  # fmt: skip
    found = api.get("/contacts/v1/search/query", q="BIRCH").json
    assert ([row["vid"] for row in found["contacts"]], found["total"]) == ([made["vid"]], 1)
    assert set(api.get("/contacts/v1/contact/vids/batch", vid=[9001, made["vid"], 5]).json) == {
        "9001", str(made["vid"]),
    }  # fmt: skip
    assert api.put(f"/companies/v2/companies/8802/contacts/{made['vid']}").status == 200
    assert api.get("/companies/v2/companies/8802/vids").json["vids"] == [made["vid"]]
    assert api.post("/contacts/v1/contact/merge-vids/9001", {"vidToMerge": made["vid"]}).text == "SUCCESS"
    assert api.delete("/contacts/v1/contact/vid/9001").json == {"vid": 9001, "deleted": True, "reason": "OK"}


def test_recent_contacts_go_on_before_the_last_time(api: Api):
    api.new("contacts", email="late@birch.example")
    first = api.get("/contacts/v1/lists/recently_updated/contacts/recent", count=1).json
    place = {"timeOffset": first["time-offset"], "vidOffset": first["vid-offset"]}
    second = api.get("/contacts/v1/lists/recently_updated/contacts/recent", count=1, **place).json
    assert first["has-more"] is True
    assert [row["vid"] for row in second["contacts"]] == [9001]
    assert second["has-more"] is False


def test_old_association_definitions_are_those_of_v4(api: Api):
    pair = {"fromObjectId": 5156002, "toObjectId": 8802, "category": "HUBSPOT_DEFINED", "definitionId": 5}
    assert api.put("/crm-associations/v1/associations", pair).status == 204
    assert api.get("/crm-associations/v1/associations/5156002/HUBSPOT_DEFINED/5").json["results"] == [8802]
    assert api.get("/crm-associations/v1/associations/8802/HUBSPOT_DEFINED/6").json["results"] == [5156002]
    assert api.put("/crm-associations/v1/associations/delete-batch", [pair]).status == 204
    assert api.get("/crm-associations/v1/associations/5156002/HUBSPOT_DEFINED/5").json["results"] == []
    assert api.put("/crm-associations/v1/associations", {**pair, "definitionId": 99999}).status == 400


def test_pipelines_owners_and_account_answer_in_their_old_form(api: Api):
    stages = {stage["stageId"]: stage for stage in api.get("/deals/v1/pipelines/78411290").json["stages"]}
    assert (stages["186520417"]["closedWon"], stages["186520413"]["probability"]) == (True, 0.9)
    named = {row["pipelineId"]: row for row in api.get("/crm-pipelines/v1/pipelines/deals").json["results"]}
    assert named["78411290"]["stages"][1]["metadata"] == {"isClosed": "true", "probability": "1.0"}
    assert [row["ownerId"] for row in api.get("/owners/v2/owners").json] == [301]
    assert [row["ownerId"] for row in api.get("/owners/v2/owners", includeInactive="true").json] == [301, 302]
    assert api.get("/owners/v2/owners/301").json["activeUserId"] == 77
    account = api.get("/integrations/v1/me").json
    assert account == {"portalId": 4711, "timeZone": "Europe/Berlin", "currency": "EUR", "utcOffset": "+02:00"}


@pytest.mark.parametrize("path", ["/properties/v1/deals/properties", "/properties/v2/deals/properties"])
def test_old_definitions_are_a_bare_list_and_can_be_made_and_changed(api: Api, path: str):
    sent = {"name": "own", "label": "Own", "groupName": "dealinformation", "type": "string", "fieldType": "text"}
    assert api.post(path, sent).status == 200
    assert api.post(path, sent).status == 409
    assert api.put(f"{path}/named/own", {"label": "Own key"}).json["label"] == "Own key"
    assert {row["name"]: row["label"] for row in api.get(path).json}["own"] == "Own key"
    groups = api.get(path.removesuffix("properties") + "groups").json
    assert "dealinformation" in {row["name"] for row in groups}


def test_a_line_item_made_the_old_way_counts_like_any_other(api: Api):
    path = "/crm-objects/v1/objects/line_items"
    sent = [{"name": "name", "value": "Panel"}, {"name": "quantity", "value": 2}, {"name": "price", "value": "9.50"}]
    number = api.post(path, sent).json["objectId"]
    link = {"fromObjectId": 5156002, "toObjectId": number, "category": "HUBSPOT_DEFINED", "definitionId": 19}
    assert api.put("/crm-associations/v1/associations", link).status == 204
    assert api.props("line_items", str(number), "amount")["amount"] == "19"
    counted = api.props("deals", "5156002", "hs_num_of_associated_line_items")
    assert counted["hs_num_of_associated_line_items"] == "1"
    changed = api.put(f"{path}/{number}", [{"name": "quantity", "value": 3}]).json
    assert changed["properties"]["amount"]["value"] == "28.5"
    (listed,) = api.get(f"{path}/paged", properties=["name", "price"]).json["objects"]
    assert {name: row["value"] for name, row in listed["properties"].items()} == {"name": "Panel", "price": "9.50"}
    assert api.delete(f"{path}/{number}").status == 204
    assert api.get(f"{path}/{number}").status == 404
    assert api.as_("pat-na1-deals-only").get(f"{path}/paged").status == 403


@pytest.mark.parametrize(("path", "empty"), [
    ("/email/public/v1/subscriptions", {"subscriptionDefinitions": []}),
    ("/email/public/v1/events", {"events": [], "hasMore": False, "offset": None}),
    ("/forms/v2/forms", []), ("/automation/v3/workflows", {"workflows": []}),
    ("/settings/v3/users/teams", {"results": []}),
])  # fmt: skip
def test_an_account_without_marketing_lists_nothing(api: Api, path: str, empty: Any):
    assert api.get(path).json == empty


def test_users_are_those_who_own_records(api: Api):
    assert [row["id"] for row in api.get("/settings/v3/users").json["results"]] == ["77"]


@pytest.mark.parametrize("path", ["/deals/v2/deal/paged", "/companies/v1/companies/paged", "/owners/v1/owners"])
def test_an_old_path_of_another_version_is_a_page_of_html(api: Api, path: str):
    answer = api.get(path)
    assert (answer.status, answer.text[:15]) == (404, "<!DOCTYPE html>")
