"""A company that becomes a customer in HubSpot gets one customer record in Intacct, whichever flow comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.connectors.intacct.records import Customer
from include.core.decisions import Decision, Hold, Skip, Update, Write
from include.core.settings import load_flow_settings
from include.core.windows import BusinessDates
from include.flows.customers.company_customer import new_customer_id
from include.flows.customers.extract import CompanyRecord
from include.flows.customers.plan import Planner
from include.flows.customers.settings import CompanyCustomerSettings, main_job_settings
from include.flows.hubspot_company_to_intacct_customer import FLOW
from include.sandbox.people import BookKeeper, SalesRep
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office
from tests.flows.test_a_persons_day import edit

BOOKS, SETTINGS = load_flow_settings(FLOW.name, FLOW.settings)
MAIN = main_job_settings()
ACME = Customer("11", "C-11", "Acme Inc", active=True, on_hold=False, tax_id="US-11", country="United States")
NEW = CompanyRecord(
    {
        "id": "70",
        "name": "Acme",
        "lifecyclestage": "customer",
        "country": "United States",
        "city": "Boston",
        "address": "1 Quay Street",
        "zip": "02101",
        "tax_id": "US-11",
        "payment_terms": "N15",
        "phone": "+1 617 555 0101",
    },
    {"id": "7", "firstname": "Ada", "lastname": "Okafor", "email": "ada@acme.example", "phone": "+1 617 555 0102"},
    datetime(2026, 11, 3, 2, tzinfo=UTC),
)
HALYARD, OSPREY, PEMBERLY, QUILLON, MARRAM, SKERRY, DOUBLE = (
    f"20415200{number}" for number in (117, 248, 363, 471, 592, 711, 153)
)


def company(**more: str | None) -> CompanyRecord:
    return replace(NEW, company={**NEW.company, **more})


def decide(*records: CompanyRecord, **known: Any) -> list[Decision]:
    return Planner(SETTINGS, MAIN, BOOKS, **known).plan(records)


def hold(record: CompanyRecord, **known: Any) -> str:
    (decision,) = decide(record, **known)
    assert isinstance(decision, Hold), decision
    return decision.code


def test_a_company_becomes_a_customer_with_address_contact_terms_tax_and_delivery() -> None:
    (write,) = decide(NEW)
    assert isinstance(write, Write)
    assert write.payload == {
        "CUSTOMERID": "HS-70",
        "NAME": "Acme",
        "DISPLAYCONTACT": {
            "PRINTAS": "Acme",
            "COMPANYNAME": "Acme",
            "TAXABLE": "true",
            "FIRSTNAME": "Ada",
            "LASTNAME": "Okafor",
            "PHONE1": "+1 617 555 0102",
            "EMAIL1": "ada@acme.example",
            "MAILADDRESS": {
                "ADDRESS1": "1 Quay Street",
                "CITY": "Boston",
                "ZIP": "02101",
                "COUNTRY": "United States",
            },
        },
        "TERMNAME": "N15",
        "TAXID": "US-11",
        "DELIVERY_OPTIONS": "E-Mail",
        "CURRENCY": "USD",
        "STATUS": "active",
    }


@pytest.mark.parametrize("stage", ["opportunity", "lead", None])
def test_a_company_in_another_stage_is_left_alone(stage: str | None) -> None:
    assert isinstance(decide(company(lifecyclestage=stage))[0], Skip)


def test_a_vendor_is_no_customer_whatever_its_stage() -> None:
    assert isinstance(decide(company(partner_role="vendor"))[0], Skip)
    assert isinstance(decide(company(partner_role="both"))[0], Write)


def test_a_customer_that_is_there_already_is_linked_not_made_again() -> None:
    (update,) = decide(NEW, customers=[ACME])
    assert isinstance(update, Update)
    assert (update.object, update.values["intacct_customer_id"]) == ("companies", "C-11")


def test_a_linked_company_needs_nothing() -> None:
    assert isinstance(decide(company(intacct_customer_id="C-11"), customers=[ACME])[0], Skip)


def test_a_customer_on_credit_hold_is_linked_all_the_same() -> None:
    assert isinstance(decide(NEW, customers=[replace(ACME, on_hold=True)])[0], Update)


def test_a_merged_companys_customer_stays_the_customer_of_the_survivor() -> None:
    survivor = company(tax_id=None, hs_merged_object_ids="71;72")
    (update,) = decide(survivor, customers=[ACME], customer_of_company={"72": "C-11"})
    assert isinstance(update, Update)
    assert update.values["intacct_customer_id"] == "C-11"
    two = [ACME, replace(ACME, record_no="12", customer_id="HS-71")]
    assert hold(survivor, customers=two, customer_of_company={"72": "C-11"}) == "ambiguous_customer"


def test_a_survivor_of_two_customers_is_the_one_that_a_person_wrote_on_it() -> None:
    other = replace(ACME, record_no="12", customer_id="C-12", tax_id="")
    known = {"71": "C-11", "72": "C-12"}
    survivor = {"tax_id": None, "hs_merged_object_ids": "71;72"}
    customers = [ACME, other]
    assert hold(company(**survivor), customers=customers, customer_of_company=known) == "ambiguous_customer"
    answered = company(**survivor, intacct_customer_id="C-12")
    (decision,) = decide(answered, customers=customers, customer_of_company=known)
    assert isinstance(decision, Skip)


@pytest.mark.parametrize(
    ("record", "customers", "code"),
    [
        (company(country="Peru"), [], "no_entity"),
        (company(payment_terms="N99"), [], "unmapped_value"),
        (company(intacct_customer_id="C-404"), [ACME], "unknown_customer_id"),
        (company(tax_id=None), [ACME], "similar_customer"),
        (NEW, [ACME, replace(ACME, record_no="12", customer_id="C-12")], "ambiguous_customer"),
        (NEW, [replace(ACME, active=False)], "customer_inactive"),
    ],
)
def test_what_is_unclear_is_held_not_guessed(record: CompanyRecord, customers: list[Customer], code: str) -> None:
    assert hold(record, customers=customers) == code


def test_a_currency_that_the_entity_does_not_invoice_is_held() -> None:
    settings = SETTINGS.model_copy(update={"currency": type(SETTINGS.currency).reading("company.currency")})
    (held,) = Planner(settings, MAIN, BOOKS).plan([company(currency="CHF")])
    assert isinstance(held, Hold)
    assert held.code == "unknown_currency"


def test_two_companies_that_look_like_one_make_one_customer_and_a_question() -> None:
    first, second = decide(NEW, company(id="71"))
    assert isinstance(first, Write)
    assert isinstance(second, Hold)


def test_a_backfill_goes_by_the_day_in_the_entitys_calendar() -> None:
    """3 November 02:00 in UTC is 2 November in New York."""
    second = BusinessDates(datetime(2026, 11, 2), datetime(2026, 11, 3))  # noqa: DTZ001
    third = BusinessDates(datetime(2026, 11, 3), datetime(2026, 11, 4))  # noqa: DTZ001
    assert isinstance(decide(NEW, window=second)[0], Write)
    outside = decide(NEW, window=third)[0]
    assert isinstance(outside, Skip)
    assert not outside.settles


def test_a_role_must_be_a_property_of_the_company() -> None:
    with pytest.raises(ValidationError):
        CompanyCustomerSettings.model_validate(
            {"lifecycle_stages": ["customer"], "role": {"from": "deal.role", "never": ["x"]}}
        )


def test_who_was_a_customer_before_go_live_is_never_created() -> None:
    assert isinstance(decide(replace(NEW, became=datetime(2026, 7, 1, tzinfo=UTC)))[0], Skip)


@given(
    st.text(st.characters(codec="ascii", categories=["Nd"]), min_size=1, max_size=40),
    st.sampled_from(["", "HS-", "ABCDEFGH"]),
)
def test_a_new_customers_id_fits_intacct_and_is_the_same_every_time(company_id: str, prefix: str) -> None:
    rules = MAIN.customer.model_copy(update={"id_prefix": prefix})
    made = new_customer_id(company_id, rules)
    assert len(made) <= 20
    assert made.startswith(prefix)
    assert made == new_customer_id(company_id, rules) != new_customer_id(f"{company_id}0", rules)


# On the sandbox.


def customers(demo: Office) -> dict[str, dict[str, Any]]:
    books = demo.sandbox.control.books("intacct")
    return {b["record"]["CUSTOMERID"]: b["record"] for b in books if b["object"] == "CUSTOMER"}


def in_hubspot(demo: Office, company_id: str) -> dict[str, str | None]:
    books = demo.sandbox.control.books("hubspot")
    return next(b["properties"] for b in books if b["type"] == "companies" and b["id"] == company_id)


def test_new_customers_of_the_demo_reach_the_books_once_and_a_rerun_writes_nothing(demo: Office) -> None:
    before = customers(demo)
    note = demo.run_flow(FLOW)
    made = {c: row for c, row in customers(demo).items() if c not in before}
    assert sorted(made) == sorted(f"HS-{one}" for one in (HALYARD, OSPREY, PEMBERLY, MARRAM, SKERRY))
    assert note["customers_created"] == 5
    assert note["write_back_failed"] == 0
    assert [made[f"HS-{one}"]["CURRENCY"] for one in (HALYARD, OSPREY, PEMBERLY)] == ["USD", "GBP", "EUR"]
    assert [made[f"HS-{one}"]["TERMNAME"] for one in (HALYARD, OSPREY, PEMBERLY)] == ["N30", "EOM30", "N30"]
    assert in_hubspot(demo, HALYARD)["intacct_customer_id"] == f"HS-{HALYARD}"
    assert demo.hold_codes(FLOW) == {QUILLON: "no_entity", DOUBLE: "similar_customer"}
    assert in_hubspot(demo, QUILLON)["tieout_state"] == "held"
    assert "billing entity" in str(in_hubspot(demo, QUILLON)["tieout_message"])

    sent = demo.sent("hubspot", "update"), demo.sent("intacct", "create"), demo.sent("intacct", "update")
    again = demo.run_flow(FLOW)
    assert (demo.sent("hubspot", "update"), demo.sent("intacct", "create"), demo.sent("intacct", "update")) == sent
    assert again.get("customers_created", 0) == 0
    assert again["written_back"] == 0


def test_a_repaired_company_is_released_and_its_message_cleared(demo: Office, settings: Path) -> None:
    demo.run_flow(FLOW, record_ids=[QUILLON])
    edit(
        settings / "hubspot_closed_won_to_intacct_invoice.yaml", "      Austria:", '      Japan: "100"\n      Austria:'
    )
    demo.run_flow(FLOW)
    assert QUILLON not in demo.hold_codes(FLOW)
    shown = in_hubspot(demo, QUILLON)
    assert shown["intacct_customer_id"] == f"HS-{QUILLON}"
    assert not shown.get("tieout_state")
    assert not shown.get("tieout_message")


def test_a_backfill_finds_them_by_the_day_they_became_customers_and_leaves_the_same(demo: Office) -> None:
    became = datetime(2026, 11, 9 + 117 % 6, tzinfo=UTC).date()
    before = set(customers(demo))
    day_before = became - timedelta(days=1)
    demo.run_flow(FLOW, date_from=day_before.isoformat())
    assert f"HS-{HALYARD}" not in customers(demo)
    demo.run_flow(FLOW, date_from=became.isoformat())
    found = set(customers(demo)) - before
    assert f"HS-{HALYARD}" in found
    demo.run_flow(FLOW, date_from=became.isoformat())
    assert set(customers(demo)) - before == found


def test_a_company_whose_customer_was_deleted_is_neither_linked_to_it_again_nor_held(demo: Office) -> None:
    demo.run_flow(FLOW)
    BookKeeper(demo.sandbox).delete_customer(customers(demo)[f"HS-{HALYARD}"]["RECORDNO"])
    SalesRep(demo.sandbox).change("companies", HALYARD, intacct_customer_id="")
    for _ in range(2):
        demo.run_flow(FLOW, record_ids=[HALYARD])
        assert not in_hubspot(demo, HALYARD).get("intacct_customer_id")
        assert HALYARD not in demo.hold_codes(FLOW)
    assert f"HS-{HALYARD}" not in customers(demo)


def test_a_lost_reply_makes_no_second_customer(demo: Office) -> None:
    demo.sandbox.control.fault("lost_after", system="intacct", label="create", count=1)
    note = demo.run_flow(FLOW)
    made = [c for c in customers(demo) if c.startswith("HS-")]
    assert len(made) == len(set(made)) == note["customers_created"] == 5


@pytest.mark.parametrize("place", ["sync.after_intent:1", "sync.after_send:1", "sync.after_record:1"])
def test_a_kill_in_the_middle_is_healed_by_the_next_try(demo: Office, place: str) -> None:
    kill_a_run(demo, FLOW, place)
    demo.run_flow(FLOW, run_id="killed", attempt=2)
    made = [c for c in customers(demo) if c.startswith("HS-")]
    assert len(made) == len(set(made)) == 5
    assert in_hubspot(demo, HALYARD)["intacct_customer_id"] == f"HS-{HALYARD}"


def test_the_main_job_uses_the_customer_that_this_flow_made(tmp_path: Path) -> None:
    """Both flows, either first: one customer for each company."""
    made = []
    for name, order in (("flow-first", "flow main"), ("main-first", "main flow")):
        folder = tmp_path / name
        folder.mkdir()
        with office(folder, deals=12) as demo:
            for step in order.split():
                demo.run_flow(FLOW) if step == "flow" else demo.invoice_won_deals()
            rows = customers(demo)
            assert len({row["NAME"] for c, row in rows.items() if c.startswith("HS-")}) == len(
                [c for c in rows if c.startswith("HS-")]
            )
            made.append(sorted(rows))
    assert made[0] == made[1]


def test_a_deal_of_a_company_that_took_in_a_customer_is_billed_to_that_customer(demo: Office) -> None:
    demo.run_flow(FLOW)
    before, rep = set(customers(demo)), SalesRep(demo.sandbox)
    address = {"country": "United States", "city": "Duluth", "zip": "55802"}
    survivor = rep.create("companies", {"name": "Nightjar Freight", "domain": "nightjar.example", **address})
    both = {"primaryObjectId": survivor, "objectIdToMerge": HALYARD}
    merged = demo.hubspot().request("POST", "/crm/v3/objects/companies/merge", body=both).body["id"]
    own = {"name": "Nightjar Freight", "domain": "nightjar.example", "tax_id": "", "intacct_customer_id": ""}
    rep.change("companies", merged, **own)
    line = {"name": "Dome sensor", "quantity": "5", "price": "240", "hs_sku": "SENSOR-1"}
    deal = rep.wins("Freight sensors", merged, [line], ("default", "closedwon"), demo.sandbox.control.now())
    demo.invoice_won_deals(record_ids=[deal])
    assert deal not in demo.hold_codes()
    assert set(customers(demo)) == before
    assert demo.invoices()[-1]["CUSTOMERID"] == f"HS-{HALYARD}"


def test_a_dry_run_sends_nothing(demo: Office) -> None:
    note = demo.run_flow(FLOW, post_mode="dry_run")
    assert note["planned"] == 5
    assert demo.sent("intacct", "create") == demo.sent("hubspot", "update") == 0


def test_a_limited_run_gets_further_every_time(demo: Office) -> None:
    """Two of the seven companies without customer are held, and looked at every time."""
    before = set(customers(demo))
    for made in (3, 5, 5):
        demo.run_flow(FLOW, limit=4)
        assert len(set(customers(demo)) - before) == made
