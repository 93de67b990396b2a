"""Customers and their people stay alike in both systems, over HTTP: who owns a field wins, and nothing goes round."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_update
from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties
from include.connectors.intacct.codec import Function
from include.connectors.intacct.contacts import build_create_contact
from include.connectors.intacct.customers import build_create_customer
from include.connectors.intacct.generic import build_create
from include.connectors.intacct.writeback import update_changed
from include.flows.hubspot_company_to_intacct_customer import FLOW as NEW_CUSTOMERS
from include.flows.hubspot_contact_and_intacct_customer_sync import FLOW
from include.flows.sync.extract import companies_in_ids
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office
from tests.flows.test_a_persons_day import edit

PELL, PELL_COMPANY = "C-9001", "20415100117"
HALYARD = "20415200117"
WORDS = ("create", "update", "upsert", "PATCH", "associate")


@dataclass
class Desk:
    """What people do in both systems, and what the systems then show."""

    demo: Office

    def sync(self, **options: Any) -> dict[str, int]:
        return dict(self.demo.run_flow(FLOW, **options))

    def sent(self) -> int:
        return sum(self.demo.sent(system, word) for system in ("hubspot", "intacct") for word in WORDS)

    def company(self, company_id: str) -> dict[str, str | None]:
        return self._in_hubspot("companies", company_id)

    def companies_of(self, customer_id: str) -> list[dict[str, Any]]:
        books = self.demo.sandbox.control.books("hubspot")
        rows = [b for b in books if b["type"] == "companies" and not b.get("archived")]
        return [b for b in rows if b["properties"].get("intacct_customer_id") == customer_id]

    def people(self, email: str) -> list[dict[str, Any]]:
        books = self.demo.sandbox.control.books("hubspot")
        return [b for b in books if b["type"] == "contacts" and b["properties"].get("email") == email]

    def _in_hubspot(self, kind: str, one: str) -> dict[str, str | None]:
        books = self.demo.sandbox.control.books("hubspot")
        return next(b["properties"] for b in books if b["type"] == kind and b["id"] == one)

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [b["record"] for b in self.demo.sandbox.control.books("intacct") if b["object"] == name]

    def customer(self, customer_id: str) -> dict[str, Any]:
        return next(row for row in self.rows("CUSTOMER") if row["CUSTOMERID"] == customer_id)

    def contact(self, name: str) -> dict[str, Any]:
        return next(row for row in self.rows("CONTACT") if row["CONTACTNAME"] == name)

    def display(self, customer_id: str) -> dict[str, Any]:
        key = str(self.customer(customer_id)["DISPLAYCONTACTKEY"])
        return next(row for row in self.rows("CONTACT") if str(row["RECORDNO"]) == key)

    def edit_company(self, company_id: str, **values: str) -> None:
        assert not batch_update(self.demo.hubspot(), "companies", {company_id: values}).failed

    def edit_person(self, contact_id: str, **values: str) -> None:
        assert not batch_update(self.demo.hubspot(), "contacts", {contact_id: values}).failed

    def edit_customer(self, customer_id: str, **values: str) -> None:
        wanted = {customer_id: {name.replace("__", "."): text for name, text in values.items()}}
        assert not update_changed(self.demo.intacct(), "CUSTOMER", "CUSTOMERID", wanted).failed

    def edit_contact(self, name: str, **values: str) -> None:
        assert not update_changed(self.demo.intacct(), "CONTACT", "CONTACTNAME", {name: values}).failed

    def hubspot(self, method: str, *path: str, body: Any = None) -> Any:
        client = self.demo.hubspot()
        return client.request(method, client.paths.objects(*path), body=body).body

    def new_customer(self, customer_id: str, name: str, email: str, person: str = "") -> None:
        payload: dict[str, Any] = {"CUSTOMERID": customer_id, "NAME": name, "TERMNAME": "N30", "STATUS": "active"}
        payload["DISPLAYCONTACT"] = {"PRINTAS": name, "EMAIL1": email, "PHONE1": "+1 555 0199"}
        calls = []
        if person:
            first, last = person.split()
            mail = f"{first}.{last}@{email.partition('@')[2]}".lower()
            contact = {"CONTACTNAME": person, "PRINTAS": person, "FIRSTNAME": first, "LASTNAME": last, "EMAIL1": mail}
            calls.append(Function(build_create_contact(contact)))
            payload["BILLTO"] = {"CONTACTNAME": person}
        calls.append(Function(build_create_customer(payload)))
        assert all(result.ok for result in self.demo.intacct().call(calls))

    def billing_person(self, company_id: str) -> dict[str, Any]:
        client = self.demo.hubspot()
        (found,) = read_associations(client, "companies", "contacts", [company_id])[company_id]
        books = self.demo.sandbox.control.books("hubspot")
        return next(b for b in books if b["type"] == "contacts" and b["id"] == found.to_id)


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The demo company after its first sync; each test takes customers of its own."""
    with office(tmp_path_factory.mktemp("synced"), deals=2) as demo:
        desk = Desk(demo)
        desk.sync()
        yield desk


def test_two_further_runs_send_no_write_to_either_system(synced: Desk) -> None:
    before = synced.sent()
    assert before > 0
    for _ in range(2):
        note = synced.sync()
        assert note["read"] > 10
        assert note["updated"] == 0
    assert synced.sent() == before


def test_the_legal_name_shows_in_hubspot_and_the_brand_stays(synced: Desk) -> None:
    shown = synced.company("20415100134")
    assert (shown["name"], shown["intacct_legal_name"]) == ("Ravensworth Cold Stores", "Ravensworth Cold Stores LLC")
    assert synced.customer("C-9002")["NAME"] == "Ravensworth Cold Stores LLC"


def test_an_edit_on_either_side_reaches_the_other_once(synced: Desk) -> None:
    synced.edit_company("20415100151", phone="+1 555 0131")
    synced.edit_customer("C-9004", DISPLAYCONTACT__PHONE1="+1 555 0141")
    assert synced.sync()["updated"] == 2
    assert synced.display("C-9003")["PHONE1"] == "+1 555 0131"
    assert synced.company("20415100168")["phone"] == "+1 555 0141"
    before = synced.sent()
    assert synced.sync()["updated"] == 0
    assert synced.sent() == before


def test_what_the_other_side_owns_is_put_back(synced: Desk) -> None:
    city = synced.company("20415100185")["city"]
    synced.edit_company("20415100185", city="Nowhere", intacct_legal_name="Somebody else")
    synced.sync()
    shown = synced.company("20415100185")
    assert (shown["city"], shown["intacct_legal_name"]) == (city, "Skelby Creamery Ltd")
    assert synced.sync()["updated"] == 0


def test_people_follow_by_email_in_both_directions(synced: Desk) -> None:
    """Maeve Hoang is the billing contact of C-9005; her names are HubSpot's, her phone is whoever's came last."""
    person = synced.billing_person("20415100185")
    synced.edit_person(person["id"], lastname="Hoang-Reyes")
    synced.sync()
    assert synced.contact("Maeve Hoang (C-9005)")["LASTNAME"] == "Hoang-Reyes"
    synced.edit_contact("Maeve Hoang (C-9005)", PHONE1="+44 20 7946 0001")
    synced.sync()
    person = synced.billing_person("20415100185")
    assert person["properties"]["phone"] == "+44 20 7946 0001"
    synced.edit_person(person["id"], email="maeve@skelbycreamery.example")
    synced.sync()
    assert synced.contact("Maeve Hoang (C-9005)")["EMAIL1"] == "maeve@skelbycreamery.example"
    assert synced.sync()["updated"] == 0


def test_a_new_customer_becomes_one_company_with_its_contact(synced: Desk) -> None:
    synced.new_customer("C-7001", "Orrery Clockworks Inc", "ap@orrery.example", "Tamsin Vale")
    note = synced.sync()
    assert (note["companies_created"], note["contacts_created"]) == (1, 1)
    (company,) = synced.companies_of("C-7001")
    assert company["properties"]["domain"] == "orrery.example"
    assert company["properties"]["phone"] == "+1 555 0199"
    (person,) = synced.people("tamsin.vale@orrery.example")
    assert synced.billing_person(company["id"])["id"] == person["id"]
    before = synced.sent()
    synced.sync()
    synced.sync()
    assert synced.sent() == before
    assert len(synced.companies_of("C-7001")) == 1


def test_a_new_customer_that_is_a_company_already_is_linked_not_doubled(synced: Desk) -> None:
    made = synced.hubspot(
        "POST", "companies", body={"properties": {"name": "Sextant Maps", "domain": "sextant.example"}}
    )
    synced.new_customer("C-7002", "Sextant Maps LLC", "ap@sextant.example")
    synced.sync()
    (company,) = synced.companies_of("C-7002")
    assert company["id"] == made["id"]


def test_a_new_person_becomes_a_contact_of_the_customer(synced: Desk) -> None:
    association = {
        "to": {"id": "20415100236"},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}],
    }
    body = {"properties": {"email": "otto@ostermoor.example", "firstname": "Otto", "lastname": "Brandt"}}
    made = synced.hubspot("POST", "contacts", body={**body, "associations": [association]})
    synced.sync()
    contact = synced.contact(f"Otto Brandt (HS-{made['id']})")
    assert (contact["EMAIL1"], contact["COMPANYNAME"]) == ("otto@ostermoor.example", "Ostermoor Molkerei GmbH")
    assert str(synced.customer("C-9008")["CONTACTKEY"]) == str(contact["RECORDNO"])
    before = synced.sent()
    synced.sync()
    assert synced.sent() == before
    synced.edit_person(made["id"], lastname="Brandt-Ehlers")
    synced.sync()
    assert synced.contact(f"Otto Brandt (HS-{made['id']})")["LASTNAME"] == "Brandt-Ehlers"


def test_a_merged_company_is_followed(synced: Desk) -> None:
    """The company of C-9007 becomes part of another one, which then is the customer's."""
    made = synced.hubspot("POST", "companies", body={"properties": {"name": "Whitlow Trust"}})
    synced.hubspot("POST", "companies", "merge", body={"primaryObjectId": made["id"], "objectIdToMerge": "20415100219"})
    synced.sync()
    (company,) = synced.companies_of("C-9007")
    assert company["id"] == made["id"]
    synced.edit_customer("C-9007", DISPLAYCONTACT__PHONE1="+44 20 7946 0777")
    synced.sync()
    assert synced.company(made["id"])["phone"] == "+44 20 7946 0777"
    assert synced.sync()["updated"] == 0


def test_an_archived_company_and_person_leave_intacct_as_it_is_and_are_not_made_anew(synced: Desk) -> None:
    person = synced.billing_person("20415100270")
    email = person["properties"]["email"]
    synced.hubspot("DELETE", "contacts", person["id"])
    synced.edit_contact("Lea Schiller (C-9010)", PHONE1="+49 30 0001")
    synced.sync()
    assert not [p for p in synced.people(email) if not p.get("archived")]
    synced.hubspot("DELETE", "companies", "20415100270")
    synced.edit_customer("C-9010", DISPLAYCONTACT__PHONE1="+49 30 0002")
    note = synced.sync()
    assert note.get("companies_created", 0) == 0
    assert synced.companies_of("C-9010") == []
    assert synced.customer("C-9010")["STATUS"] == "active"
    assert synced.contact("Lea Schiller (C-9010)")["STATUS"] == "active"


def test_an_unknown_customer_id_on_a_company_is_held_there(synced: Desk) -> None:
    made = synced.hubspot("POST", "companies", body={"properties": {"name": "Lost", "intacct_customer_id": "C-404"}})
    synced.sync()
    assert synced.demo.hold_codes(FLOW)["C-404"] == "unknown_customer_id"
    assert synced.company(made["id"])["tieout_state"] == "held"
    synced.edit_company(made["id"], intacct_customer_id="")
    synced.sync()
    assert "C-404" not in synced.demo.hold_codes(FLOW)


def test_an_intacct_value_that_the_lookup_table_lacks_is_held_on_the_company_and_released(synced: Desk) -> None:
    term = synced.customer("C-9009")["TERMNAME"]
    assert synced.demo.intacct().call([Function(build_create("ARTERM", {"NAME": "N77", "DUEDATE": "77"}))])[0].ok
    synced.edit_customer("C-9009", TERMNAME="N77")
    synced.sync()
    assert synced.demo.hold_codes(FLOW)["C-9009"] == "unmapped_value"
    assert synced.company("20415100253")["tieout_state"] == "held"
    synced.edit_customer("C-9009", TERMNAME=term)
    synced.sync()
    assert "C-9009" not in synced.demo.hold_codes(FLOW)
    assert not synced.company("20415100253").get("tieout_state")


def test_no_persons_data_stands_in_what_the_state_remembers_as_agreed(synced: Desk) -> None:
    file = synced.demo.state_url.removeprefix("sqlite:///")
    with sqlite3.connect(file) as connection:
        rows = connection.execute("select * from agreed").fetchall()
    assert len(rows) > 100
    assert ".example" not in str(rows)


@pytest.mark.parametrize("kind", ["lost_before", "lost_after"])
def test_a_lost_answer_makes_nothing_twice(tmp_path: Path, kind: str) -> None:
    with office(tmp_path, deals=2) as demo:
        desk = Desk(demo)
        desk.new_customer("C-7003", "Plumb Line Surveys Inc", "ap@plumbline.example", "Rhea Stone")
        demo.sandbox.control.fault(kind, system="hubspot", label="companies/batch/create", count=1)
        desk.sync()
        desk.sync()
        assert len(desk.companies_of("C-7003")) == 1
        assert len(desk.people("rhea.stone@plumbline.example")) == 1
        before = desk.sent()
        desk.sync()
        assert desk.sent() == before


@pytest.mark.parametrize("place", ["sync.after_send:1", "sync.after_record:2"])
def test_a_kill_in_the_middle_is_healed_by_the_next_try(tmp_path: Path, place: str) -> None:
    with office(tmp_path, deals=2) as demo:
        desk = Desk(demo)
        desk.new_customer("C-7005", "Kiln And Co Inc", "ap@kilnandco.example", "Rhea Stone")
        kill_a_run(demo, FLOW, place)
        desk.sync(run_id="killed", attempt=2)
        assert len(desk.companies_of("C-7005")) == len(desk.people("rhea.stone@kilnandco.example")) == 1
        before = desk.sent()
        desk.sync()
        assert desk.sent() == before


def test_a_backfill_of_the_same_days_and_a_lost_state_leave_both_sides_as_they_are(tmp_path: Path) -> None:
    with office(tmp_path, deals=2) as demo:
        desk = Desk(demo)
        today = demo.now().date().isoformat()
        desk.new_customer("C-7004", "Level Head Optics Inc", "ap@levelhead.example", "Rhea Stone")
        desk.sync(date_from=today)
        assert len(desk.companies_of("C-7004")) == 1
        desk.sync()
        before = desk.sent()
        desk.sync(date_from=today)
        assert desk.sent() == before
        with sqlite3.connect(demo.state_url.removeprefix("sqlite:///")) as connection:
            connection.executescript("delete from agreed; delete from xrefs; delete from writes; delete from cursors;")
        desk.sync()
        assert desk.sent() == before
        assert len(desk.companies_of("C-7004")) == 1


def test_a_search_that_lags_behind_makes_no_second_company(tmp_path: Path) -> None:
    """What was just made or linked is known, though HubSpot's search does not show it for minutes."""
    with office(tmp_path, deals=2, hubspot={"search_lag": timedelta(minutes=4)}) as demo:
        desk = Desk(demo)
        demo.run_flow(NEW_CUSTOMERS)
        desk.new_customer("C-7006", "Fathom Sounders Inc", "ap@fathom.example")
        desk.sync()
        desk.edit_customer("C-7006", DISPLAYCONTACT__PHONE1="+1 555 0606")
        desk.sync()
        (company,) = desk.companies_of("C-7006")
        assert company["properties"]["phone"] == "+1 555 0606"
        assert len(desk.companies_of(f"HS-{HALYARD}")) == 1


def test_the_company_of_a_customer_that_tieout_made_stands_in_its_id() -> None:
    assert companies_in_ids(["HS-77", "HS-7X", "C-1"], "HS-") == {"HS-77": "77"}
    assert companies_in_ids(["77"], "") == {}


def test_a_dry_run_sends_and_remembers_nothing(tmp_path: Path) -> None:
    with office(tmp_path, deals=2) as demo:
        desk = Desk(demo)
        note = desk.sync(post_mode="dry_run")
        assert note["planned"] > 10
        assert desk.sent() == 0
        assert demo.store().agreed(FLOW.name, [f"customer:{PELL}"]) == {}


def test_the_demo_is_invoiced_as_ever_after_customers_were_synced(demo: Office) -> None:
    Desk(demo).sync()
    demo.invoice_won_deals()
    assert demo.verdict().problems == ()
    Desk(demo).sync()
    before = Desk(demo).sent()
    Desk(demo).sync()
    assert Desk(demo).sent() == before


def test_what_our_own_app_wrote_is_no_news(tmp_path: Path, settings: Path) -> None:
    """With the app's id known, a value that we wrote ourselves and forgot never wins by being newer."""
    with office(tmp_path, deals=2) as demo:
        desk = Desk(demo)
        desk.sync()
        row = demo.hubspot().request(
            "GET",
            demo.hubspot().paths.objects("companies", PELL_COMPANY),
            query={"propertiesWithHistory": "intacct_legal_name"},
        )
        app = row.body["propertiesWithHistory"]["intacct_legal_name"][0]["sourceId"]
        edit(settings / f"{FLOW.name}.yaml", 'hubspot_app_id: ""', f'hubspot_app_id: "{app}"')
        desk.edit_customer(PELL, DISPLAYCONTACT__PHONE1="+1 555 0777")
        desk.edit_company(PELL_COMPANY, phone="+1 555 0778")  # by our own app, and later
        desk.sync()
        assert desk.company(PELL_COMPANY)["phone"] == "+1 555 0777"


def test_any_property_can_be_mapped_dates_ids_and_dimensions_too(tmp_path: Path, settings: Path) -> None:
    rules = """
  - {hubspot: company.first_billed, intacct: ACTIVATIONDATE, owner: newest}
  - {hubspot: company.hs_object_id, intacct: COMMENTS, owner: hubspot}
  - {hubspot: company.intacct_customer_type, intacct: CUSTTYPE, owner: intacct}
"""
    edit(settings / f"{FLOW.name}.yaml", "\n# The id of Tieout's app", f"{rules}\n# The id of Tieout's app")
    with office(tmp_path, deals=2) as demo:
        desk = Desk(demo)
        made = [
            PropertyDefinition("first_billed", "First billed", "date", "date"),
            PropertyDefinition("intacct_customer_type", "Customer type", "string", "text"),
        ]
        ensure_properties(demo.hubspot(), "companies", ("own", "Own"), made)
        desk.edit_customer("C-9001", ACTIVATIONDATE="2026-03-31", CUSTTYPE="")
        desk.edit_company("20415100134", first_billed="2026-02-28")
        desk.sync()
        assert desk.company(PELL_COMPANY)["first_billed"] == "2026-03-31"
        assert desk.customer(PELL)["COMMENTS"] == PELL_COMPANY
        assert desk.customer("C-9002")["ACTIVATIONDATE"] == "02/28/2026"
        before = desk.sent()
        assert desk.sync()["planned"] == 0
        assert desk.sent() == before


def test_a_customer_made_from_a_company_is_kept_alike_from_then_on(tmp_path: Path) -> None:
    with office(tmp_path, deals=2) as demo:
        desk = Desk(demo)
        demo.run_flow(NEW_CUSTOMERS)
        desk.sync()
        desk.edit_company(HALYARD, phone="+1 555 0601")
        desk.sync()
        assert desk.display(f"HS-{HALYARD}")["PHONE1"] == "+1 555 0601"
        before = desk.sent()
        demo.run_flow(NEW_CUSTOMERS)
        desk.sync()
        assert desk.sent() == before
