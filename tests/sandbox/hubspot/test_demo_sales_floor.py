"""What the demo's HubSpot holds beside the story of the won deals: the cases that the smaller flows are about."""

from __future__ import annotations

import pytest

from include.sandbox.clock import Clock
from include.sandbox.company import generate
from include.sandbox.company.backoffice.by_hand import DEALS as BY_HAND
from include.sandbox.company.hubspot_settings import ONBOARDING_SEQUENCE, USER_TOKEN
from include.sandbox.hubspot.twin import HubSpotTwin
from tests.sandbox.hubspot.conftest import Api

SERVICE_KEY = "pat-na1-demo-service-key"
HALYARD, OSPREY, TILLERMAN, MARRAM, SKERRY = (f"20415200{n}" for n in (117, 248, 684, 592, 711))


@pytest.fixture(scope="module")
def demo():
    twin = HubSpotTwin(":memory:", Clock(), limits=False)
    twin.load(generate().records("hubspot"))
    yield Api(twin, SERVICE_KEY)
    twin.close()


@pytest.fixture(scope="module")
def first_customer():
    """The company, the Intacct customer and the won deal that the story begins with."""
    return next(unit for unit in generate().units() if unit.deals and unit.customers)


def test_companies_became_customers_without_a_deal_and_without_a_customer_in_intacct(demo):
    named = ("lifecyclestage", "intacct_customer_id", "num_associated_deals", "tax_id", "payment_terms")
    for company in (HALYARD, OSPREY, SKERRY, MARRAM):
        found = demo.props("companies", company, *named)
        assert found["lifecyclestage"] == "customer"
        assert found["intacct_customer_id"] is None
        assert found["num_associated_deals"] in {None, "0"}
        assert found["tax_id"]
    history = demo.get(f"/crm/v3/objects/companies/{HALYARD}", propertiesWithHistory="lifecyclestage").json
    assert [row["value"] for row in history["propertiesWithHistory"]["lifecyclestage"]] == ["customer", "opportunity"]


def test_one_of_them_is_nearly_an_existing_customer(demo, first_customer):
    near = demo.props("companies", "20415200153", "name", "city", "lifecyclestage")
    customer = first_customer.customers[0]
    assert near["name"].rsplit(" ", 1)[0] == customer.name.rsplit(" ", 1)[0]
    assert near["city"] != customer.address.city
    assert near["lifecyclestage"] == "customer"


def test_a_role_says_who_is_a_vendor(demo):
    roles = {row["id"]: row["properties"]["partner_role"] for row in demo.search(
        "companies", {"propertyName": "partner_role", "operator": "IN", "values": ["vendor", "both"]},
        properties=["partner_role"]).json["results"]}  # fmt: skip
    assert roles.items() >= {TILLERMAN: "vendor", MARRAM: "both"}.items()
    options = demo.get("/crm/v3/properties/companies/partner_role").json["options"]
    assert [option["value"] for option in options] == ["customer", "vendor", "both"]


def test_a_contact_works_for_several_companies_and_one_of_them_is_the_primary_one(demo):
    answer = demo.get("/crm/v4/objects/contacts/60118100166/associations/companies").json["results"]
    primary = [row["toObjectId"] for row in answer if any(one["label"] == "Primary" for one in row["associationTypes"])]
    assert (len(answer), primary) == (4, [20415200166])
    assert len(demo.get("/crm/v4/objects/contacts/60118100712/associations/companies").json["results"]) == 2


@pytest.mark.parametrize("gone", ["20415200829", "20415200937"])
def test_the_ids_of_merged_companies_lead_to_the_one_that_is_left(demo, gone):
    read = demo.get(f"/crm/v3/objects/companies/{gone}", properties="hs_merged_object_ids")
    assert (read.status, read.json["id"]) == (200, SKERRY)
    assert gone in read.json["properties"]["hs_merged_object_ids"].split(";")
    batch = demo.post("/crm/v3/objects/companies/batch/read", {"inputs": [{"id": gone}]})
    assert [row["id"] for row in batch.json["results"]] == [SKERRY]
    archived = demo.get("/crm/v3/objects/companies", archived="true", limit=100).json["results"]
    assert gone in {row["id"] for row in archived}


def test_an_archived_company_still_has_its_customer_in_intacct(demo):
    assert demo.get("/crm/v3/objects/companies/20415200195").status == 404
    archived = demo.get("/crm/v3/objects/companies/20415200195", archived="true", properties="intacct_customer_id")
    customers = {customer.id for unit in generate().units() for customer in unit.customers}
    assert archived.json["properties"]["intacct_customer_id"] in customers


def test_a_company_belongs_to_an_owner_who_has_left(demo):
    owner = demo.props("companies", OSPREY, "hubspot_owner_id")["hubspot_owner_id"]
    assert owner not in {row["id"] for row in demo.get("/crm/v3/owners/").json["results"]}
    left = demo.get("/crm/v3/owners/", archived="true").json["results"]
    assert [(row["id"], row["userId"]) for row in left] == [(owner, None)]


def test_a_rep_made_one_renewal_and_lost_another(demo):
    renewals = [demo.props("deals", deal, "hs_is_closed", "hs_is_closed_won", "closedate", "dealtype", "pipeline")
                for deal in ("99999994311", "99999994427")]  # fmt: skip
    assert [(one["hs_is_closed"], one["hs_is_closed_won"]) for one in renewals] == [
        ("false", "false"),
        ("true", "false"),
    ]
    assert renewals[0]["closedate"][:10] == "2026-12-10"
    assert {one["dealtype"] for one in renewals} == {"existingbusiness"}


def test_no_won_deal_was_added_to_the_story_but_those_invoiced_by_hand(demo):
    won = demo.search("deals", {"propertyName": "hs_is_closed_won", "operator": "EQ", "value": "true"}).json["total"]
    story = [deal for unit in generate().units() for deal in unit.deals if deal.stage in {"closedwon", "186520417"}]
    assert won == len(story) + len(BY_HAND)


def test_a_users_token_may_enrol_in_onboarding_and_the_service_key_may_not(demo):
    sent = {"contactId": "60118100117", "sequenceId": ONBOARDING_SEQUENCE, "senderEmail": "ines@brightwater.example"}
    refused = demo.post("/automation/v4/sequences/enrollments", sent, userId="8801411")
    assert (refused.status, refused.json["category"]) == (403, "USER_DOES_NOT_HAVE_PERMISSIONS")
    enrolled = demo.as_(USER_TOKEN).post("/automation/v4/sequences/enrollments", sent, userId="8801411")
    assert enrolled.status == 200
    assert enrolled.json["toEmail"].endswith("@halyard-freight-forwarding.example")


def test_a_merged_id_that_is_the_record_itself_cannot_be_loaded(make):
    with pytest.raises(ValueError, match="cannot be merged into itself"):
        make({"type": "companies", "id": "8810", "properties": {"name": "Elm"}, "merged_ids": ["8810"]})
