"""A company that is a vendor is linked to its Intacct vendor, or becomes one on hold after a person's review."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.connectors.intacct.vendors import Vendor, check_no_bank_fields
from include.connectors.intacct.writeback import update_changed
from include.core.decisions import Decision, Hold, Skip, Update, Write
from include.core.errors import OutcomeUnknown, Unavailable
from include.core.settings import SettingsProblems, load_flow_settings
from include.core.windows import BusinessDates
from include.flows.customers.extract import CompanyRecord
from include.flows.hubspot_company_to_intacct_vendor import FLOW
from include.flows.vendors.plan import CONTENT, Planner
from include.flows.vendors.record import vendor_key
from include.flows.vendors.settings import CompanyVendorSettings
from include.sandbox.people import SalesRep
from include.state.migrate import migrate
from tests.flows.kill import kill_a_run
from tests.flows.office import Office
from tests.flows.test_a_persons_day import edit

BOOKS, SETTINGS = load_flow_settings(FLOW.name, FLOW.settings)
ACME = Vendor("11", "V-11", "Acme Inc", active=True, on_hold=False, tax_id="US-11", country="United States")
OURS = replace(ACME, vendor_id="HSV-70", on_hold=True)
NEW = CompanyRecord(
    {
        "id": "70",
        "name": "Acme",
        "partner_role": "vendor",
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
TILLERMAN, MARRAM, PELL, FERRERS, LOWMOOR = (
    "20415200684",
    "20415200592",
    "20415100117",
    "20415100287",
    "20415100304",
)


def company(**more: str | None) -> CompanyRecord:
    return replace(NEW, company={**NEW.company, **more})


def decide(*records: CompanyRecord, settings: CompanyVendorSettings = SETTINGS, **known: Any) -> list[Decision]:
    return Planner(settings, BOOKS, **known).plan(records)


def hold(record: CompanyRecord, **known: Any) -> Hold:
    (decision,) = decide(record, **known)
    assert isinstance(decision, Hold), decision
    return decision


def reviewed(record: CompanyRecord) -> dict[str, str]:
    return {record.company_id: str(hold(record).details[CONTENT])}


def changed(**keys: Any) -> CompanyVendorSettings:
    return CompanyVendorSettings.model_validate({**SETTINGS.model_dump(by_alias=True), **keys})


@pytest.mark.parametrize("role", ["customer", "", None])
def test_a_company_that_does_not_say_vendor_is_left_alone(role: str | None) -> None:
    assert isinstance(decide(company(partner_role=role), approved=["70"])[0], Skip)


@pytest.mark.parametrize("role", ["vendor", "both"])
def test_a_new_vendor_waits_for_a_person_who_sees_what_would_be_made(role: str) -> None:
    held = hold(company(partner_role=role))
    assert held.code == "vendor_review"
    for shown in ("HSV-70", "“Acme”", "Boston, United States", "term N15", "currency USD", "with its tax id", "[70]"):
        assert shown in held.message


def test_a_review_shows_no_contact_data() -> None:
    fields = {"COMMENTS": "contact.email", "VENDTYPE": "company.partner_role"}
    vendor = {**SETTINGS.vendor.model_dump(by_alias=True), "fields": fields}
    held = hold(NEW, settings=changed(vendor=vendor))
    assert "COMMENTS (from the contact); VENDTYPE vendor" in held.message
    told = f"{held.message} {held.details}"
    for secret in ("Ada", "Okafor", "ada@", "555", "US-11", "Quay"):
        assert secret not in told


def test_what_was_reviewed_and_approved_is_made_on_hold() -> None:
    (write,) = decide(NEW, reviewed=reviewed(NEW), approved=["70"])
    assert isinstance(write, Write)
    assert write.payload == {
        "VENDORID": "HSV-70",
        "NAME": "Acme",
        "DISPLAYCONTACT": {
            "PRINTAS": "Acme",
            "COMPANYNAME": "Acme",
            "TAXABLE": "true",
            "FIRSTNAME": "Ada",
            "LASTNAME": "Okafor",
            "PHONE1": "+1 617 555 0102",
            "EMAIL1": "ada@acme.example",
            "MAILADDRESS": {"ADDRESS1": "1 Quay Street", "CITY": "Boston", "ZIP": "02101", "COUNTRY": "United States"},
        },
        "TERMNAME": "N15",
        "TAXID": "US-11",
        "CURRENCY": "USD",
        "STATUS": "active",
        "ONHOLD": "true",
    }


def test_an_approval_counts_for_nothing_but_what_was_shown() -> None:
    assert hold(NEW, approved=["70"]).code == "vendor_review"
    moved = company(address="99 Elsewhere")
    again = hold(moved, approved=["70"], reviewed=reviewed(NEW))
    assert "not what was last shown" in again.message
    (write,) = decide(moved, approved=["70"], reviewed=reviewed(moved))
    assert isinstance(write, Write)


def test_nobody_but_the_approved_is_made() -> None:
    other = company(id="80", name="Birch", tax_id="US-80")
    shown = reviewed(NEW) | reviewed(other)
    first, second = decide(NEW, other, reviewed=shown, approved=["80"])
    assert isinstance(first, Hold)
    assert isinstance(second, Write)


def test_a_vendor_that_is_there_already_is_linked_not_made_again() -> None:
    (update,) = decide(NEW, vendors=[ACME], approved=["70"])
    assert isinstance(update, Update)
    assert (update.object, dict(update.values)) == (
        "companies",
        {"intacct_vendor_id": "V-11", "intacct_vendor_status": "active", "tieout_vendor_message": ""},
    )


@pytest.mark.parametrize(
    ("record", "vendors", "code"),
    [
        (company(payment_terms="EOM30"), [], "unmapped_value"),
        (company(country="Peru"), [], "unmapped_value"),
        (company(intacct_vendor_id="V-404"), [ACME], "unknown_vendor_id"),
        (company(tax_id=None), [ACME], "similar_vendor"),
        (NEW, [ACME, replace(ACME, record_no="12", vendor_id="V-12")], "ambiguous_vendor"),
        (NEW, [replace(ACME, active=False)], "vendor_inactive"),
    ],
)
def test_what_is_unclear_is_held_whatever_is_approved(record: CompanyRecord, vendors: list[Vendor], code: str) -> None:
    assert hold(record, vendors=vendors, approved=["70"]).code == code


def test_two_companies_that_look_like_one_are_not_both_made() -> None:
    twin = company(id="71")
    shown = reviewed(NEW) | reviewed(twin)
    first, second = decide(NEW, twin, reviewed=shown, approved=["70", "71"])
    assert isinstance(first, Write)
    assert isinstance(second, Hold)
    assert second.code == "similar_vendor"


def test_a_merged_companys_vendor_stays_the_vendor_of_the_survivor() -> None:
    survivor = company(tax_id=None, hs_merged_object_ids="71;72")
    (update,) = decide(survivor, vendors=[ACME], vendor_of_company={"72": "V-11"})
    assert isinstance(update, Update)
    assert update.values["intacct_vendor_id"] == "V-11"
    two = [ACME, replace(ACME, record_no="12", vendor_id="HSV-71")]
    assert hold(survivor, vendors=two, vendor_of_company={"72": "V-11"}).code == "ambiguous_vendor"


def test_a_linked_vendor_that_became_inactive_is_shown_as_such() -> None:
    (update,) = decide(company(intacct_vendor_id="V-11"), vendors=[replace(ACME, active=False)])
    assert isinstance(update, Update)
    assert update.values["intacct_vendor_status"] == "inactive"


def test_a_vendor_that_was_deleted_in_intacct_is_not_made_again() -> None:
    (skip,) = decide(NEW, made={vendor_key("70")}, reviewed=reviewed(NEW), approved=["70"])
    assert isinstance(skip, Skip)


def test_address_and_phone_follow_for_vendors_that_tieout_made_and_for_no_other() -> None:
    _, update = decide(NEW, vendors=[OURS])
    assert isinstance(update, Update)
    assert (update.system, update.object, update.target_id) == ("intacct", "VENDOR", "11")
    assert update.values == {
        "DISPLAYCONTACT.MAILADDRESS.ADDRESS1": "1 Quay Street",
        "DISPLAYCONTACT.MAILADDRESS.ADDRESS2": "",
        "DISPLAYCONTACT.MAILADDRESS.CITY": "Boston",
        "DISPLAYCONTACT.MAILADDRESS.STATE": "",
        "DISPLAYCONTACT.MAILADDRESS.ZIP": "02101",
        "DISPLAYCONTACT.MAILADDRESS.COUNTRY": "United States",
        "DISPLAYCONTACT.PHONE1": "+1 617 555 0102",
    }
    assert len(decide(NEW, vendors=[ACME])) == 1
    assert len(decide(NEW, vendors=[ACME], settings=changed(follow={"fields": ["phone"], "linked": True}))) == 2
    assert len(decide(NEW, vendors=[OURS], settings=changed(follow={"fields": []}))) == 1


def test_what_is_empty_in_hubspot_clears_nothing() -> None:
    bare = replace(company(address=None, phone=None), contact={})
    assert len(decide(bare, vendors=[OURS])) == 1


def test_a_backfill_goes_by_the_day_in_the_entitys_calendar() -> None:
    """3 November 02:00 in UTC is 2 November in New York."""
    second = BusinessDates(datetime(2026, 11, 2), datetime(2026, 11, 3))  # noqa: DTZ001
    third = BusinessDates(datetime(2026, 11, 3), datetime(2026, 11, 4))  # noqa: DTZ001
    assert hold(NEW, window=second).code == "vendor_review"
    (outside,) = decide(NEW, window=third)
    assert isinstance(outside, Skip)
    assert not outside.settles


def test_further_fields_are_mapped_and_the_hold_stays() -> None:
    vendor = {**SETTINGS.vendor.model_dump(by_alias=True), "fields": {"VENDTYPE": "company.industry"}}
    settings = changed(vendor=vendor)
    record = company(industry="Logistics")
    shown = hold(record, settings=settings)
    assert "VENDTYPE Logistics" in shown.message
    (write,) = decide(record, settings=settings, approved=["70"], reviewed={"70": str(shown.details[CONTENT])})
    assert isinstance(write, Write)
    assert (write.payload["VENDTYPE"], write.payload["ONHOLD"]) == ("Logistics", "true")


BANK = ["ACHBANKROUTINGNUMBER", "BANK_ACCOUNT", "ACHENABLED", "WIREBANKNAME", "IBAN", "SWIFT_CODE", "BIC", "ROUTINGNO"]
PAYING = ["ONHOLD", "DONOTCUTCHECK", "PAYMENTPRIORITY", "PAYMETHODKEY", "PAYTO", "PMPLUSREMITTANCETYPE", "VENDORID"]


@pytest.mark.parametrize("field", [*BANK, *PAYING, "lowercase"])
def test_settings_that_name_bank_details_or_how_a_vendor_is_paid_are_refused(field: str) -> None:
    vendor = {**SETTINGS.vendor.model_dump(by_alias=True), "fields": {field: "company.industry"}}
    with pytest.raises(ValidationError, match=field):
        changed(vendor=vendor)


@pytest.mark.parametrize("key", ["term", "currency", "tax_id", "external_id"])
def test_settings_that_read_bank_details_are_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="bank account"):
        changed(vendor={**SETTINGS.vendor.model_dump(by_alias=True), key: {"from": "company.iban"}})


def test_settings_name_an_entity_of_the_books(settings: Path) -> None:
    edit(settings / f"{FLOW.name}.yaml", 'calendar: "100"', 'calendar: "900"')
    with pytest.raises(SettingsProblems, match=r"an entity of books\.yaml"):
        load_flow_settings(FLOW.name, FLOW.settings)


@given(
    st.dictionaries(st.sampled_from(["name", "address", "city", "country", "phone", "tax_id"]), st.text(max_size=40))
)
def test_no_company_becomes_a_vendor_that_is_not_on_hold_or_has_bank_details(values: dict[str, str]) -> None:
    record = company(**{**values, "country": "Germany"})
    (held,) = decide(record)
    assert isinstance(held, Hold)
    if not str(record.company["name"]).strip():
        assert held.code == "no_name"
        return
    (write,) = decide(record, approved=["70"], reviewed={"70": str(held.details.get(CONTENT))})
    assert isinstance(write, Write)
    assert write.payload["ONHOLD"] == "true"
    check_no_bank_fields(write.payload)


# On the sandbox.


def vendors(demo: Office) -> dict[str, dict[str, Any]]:
    books = demo.sandbox.control.books("intacct")
    return {b["record"]["VENDORID"]: b["record"] for b in books if b["object"] == "VENDOR"}


def contact_of(demo: Office, vendor_id: str) -> dict[str, Any]:
    key = vendors(demo)[vendor_id]["DISPLAYCONTACTKEY"]
    books = demo.sandbox.control.books("intacct")
    return next(b["record"] for b in books if b["object"] == "CONTACT" and b["record"]["RECORDNO"] == key)


def in_hubspot(demo: Office, company_id: str) -> dict[str, str | None]:
    books = demo.sandbox.control.books("hubspot")
    return next(b["properties"] for b in books if b["type"] == "companies" and b["id"] == company_id)


def test_the_demos_vendors_are_linked_and_the_new_ones_made_when_approved(demo: Office) -> None:
    before = vendors(demo)
    demo.run_flow(FLOW)
    assert vendors(demo) == before
    linked = {one: in_hubspot(demo, one)["intacct_vendor_id"] for one in (PELL, FERRERS, LOWMOOR)}
    assert linked == {PELL: "V-1001", FERRERS: "V-1002", LOWMOOR: "V-1003"}
    assert demo.hold_codes(FLOW) == {TILLERMAN: "vendor_review", MARRAM: "vendor_review"}
    assert "HSV-" in str(in_hubspot(demo, TILLERMAN)["tieout_vendor_message"])

    note = demo.run_flow(FLOW, approve=[TILLERMAN])
    assert note["vendors_created"] == 1
    (made,) = set(vendors(demo)) - set(before)
    assert made == f"HSV-{TILLERMAN}"
    row = vendors(demo)[made]
    assert (row["ONHOLD"], row["TERMNAME"], row["CURRENCY"], row["TAXID"]) == ("true", "N30", "USD", "91-1144442")
    shown = in_hubspot(demo, TILLERMAN)
    assert (shown["intacct_vendor_id"], shown["intacct_vendor_status"]) == (made, "on hold")
    assert not shown.get("tieout_vendor_message")
    assert demo.hold_codes(FLOW) == {MARRAM: "vendor_review"}

    counted = [demo.sent("hubspot", "update"), demo.sent("intacct", "create"), demo.sent("intacct", "update")]
    again = demo.run_flow(FLOW, approve=[TILLERMAN])
    assert again["written_back"] == again["updated"] == 0
    assert counted == [demo.sent("hubspot", "update"), demo.sent("intacct", "create"), demo.sent("intacct", "update")]


def test_a_company_edited_after_its_review_is_shown_again_before_it_is_made(demo: Office) -> None:
    demo.run_flow(FLOW)
    SalesRep(demo.sandbox).change("companies", TILLERMAN, address="1 Fraud Lane")
    demo.run_flow(FLOW, approve=[TILLERMAN])
    assert f"HSV-{TILLERMAN}" not in vendors(demo)
    demo.run_flow(FLOW, approve=[TILLERMAN])
    assert f"HSV-{TILLERMAN}" in vendors(demo)


def test_a_dry_run_of_an_approval_sends_nothing(demo: Office) -> None:
    demo.run_flow(FLOW)
    note = demo.run_flow(FLOW, approve=[TILLERMAN], post_mode="dry_run")
    assert note["planned"] >= 1
    assert demo.sent("intacct", "create") == 0


def test_address_and_phone_follow_and_status_comes_back(demo: Office) -> None:
    demo.run_flow(FLOW)
    demo.run_flow(FLOW, approve=[TILLERMAN])
    vendor = f"HSV-{TILLERMAN}"
    rep = SalesRep(demo.sandbox)
    rep.change("companies", TILLERMAN, address="7 New Wharf", city="Salem")
    rep.change("companies", FERRERS, address="9 Elsewhere", city="Hull")
    before = contact_of(demo, "V-1002")
    demo.run_flow(FLOW)
    place = contact_of(demo, vendor)
    assert (place["MAILADDRESS.ADDRESS1"], place["MAILADDRESS.CITY"]) == ("7 New Wharf", "Salem")
    assert contact_of(demo, "V-1002") == before

    update_changed(demo.intacct(), "VENDOR", "VENDORID", {vendor: {"ONHOLD": "false"}})  # a person releases it
    demo.run_flow(FLOW)
    assert in_hubspot(demo, TILLERMAN)["intacct_vendor_status"] == "active"
    assert vendors(demo)[vendor]["ONHOLD"] == "false"
    sent = demo.sent("intacct", "update")
    demo.run_flow(FLOW)
    assert demo.sent("intacct", "update") == sent


def test_a_backfill_finds_them_by_the_day_and_leaves_the_same(demo: Office) -> None:
    """Its role said vendor from 01:24 on 3 September 2024 in UTC: that is the 2nd in New York."""
    demo.run_flow(FLOW, date_from="2024-09-03")
    assert TILLERMAN not in demo.hold_codes(FLOW)
    for _ in range(2):
        demo.run_flow(FLOW, date_from="2024-09-02")
        assert demo.hold_codes(FLOW)[TILLERMAN] == "vendor_review"
    for _ in range(2):
        demo.run_flow(FLOW, date_from="2024-09-02", approve=[TILLERMAN])
        assert [one for one in vendors(demo) if one.startswith("HSV-")] == [f"HSV-{TILLERMAN}"]


def test_a_lost_answer_makes_no_second_vendor(demo: Office) -> None:
    demo.run_flow(FLOW)
    demo.sandbox.control.fault("lost_after", system="intacct", label="create", nth=1)
    for attempt in range(1, 5):
        try:
            demo.run_flow(FLOW, approve=[TILLERMAN, MARRAM], run_id="one-run", attempt=attempt)
            break
        except (OutcomeUnknown, Unavailable):
            continue
    assert sorted(one for one in vendors(demo) if one.startswith("HSV-")) == [f"HSV-{MARRAM}", f"HSV-{TILLERMAN}"]
    assert demo.hold_codes(FLOW) == {}


@pytest.mark.parametrize("place", ["sync.after_send:1", "sync.after_record:1"])
def test_a_kill_in_the_middle_is_healed_by_the_next_try(demo: Office, place: str) -> None:
    demo.run_flow(FLOW)
    kill_a_run(demo, FLOW, place, approve=[TILLERMAN])
    demo.run_flow(FLOW, approve=[TILLERMAN], run_id="killed", attempt=2)
    assert [one for one in vendors(demo) if one.startswith("HSV-")] == [f"HSV-{TILLERMAN}"]
    assert in_hubspot(demo, TILLERMAN)["intacct_vendor_id"] == f"HSV-{TILLERMAN}"
    assert demo.hold_codes(FLOW) == {MARRAM: "vendor_review"}


def test_a_thrown_away_state_database_makes_no_second_vendor(demo: Office, tmp_path: Path) -> None:
    demo.run_flow(FLOW)
    demo.run_flow(FLOW, approve=[TILLERMAN])
    anew = replace(demo, state_url=f"sqlite:///{tmp_path / 'new.db'}")
    migrate(anew.state_url)
    for _ in range(2):
        anew.run_flow(FLOW, approve=[TILLERMAN])
    assert [one for one in vendors(anew) if one.startswith("HSV-")] == [f"HSV-{TILLERMAN}"]


def test_a_role_that_hubspot_does_not_have_stops_the_run(demo: Office, settings: Path) -> None:
    edit(settings / f"{FLOW.name}.yaml", "company.partner_role", "company.kind_of_partner")
    with pytest.raises(Exception, match="HubSpot's companies do not have"):
        demo.run_flow(FLOW)
