"""Two sides that people edit at will: one sync makes them agree, and a sync of a sync writes nothing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from include.core.decisions import Hold, Skip, Update, Write
from include.core.settings import load_flow_settings
from include.flows.customers.settings import main_job_settings
from include.flows.hubspot_contact_and_intacct_customer_sync import FLOW
from include.flows.sync.agreed import agreed_after
from include.flows.sync.field_agreement import Owner, Shown, canonical, same_but_for_form, settle
from include.flows.sync.plan import PartyPlanner, Planned
from include.flows.sync.records import Card, Link, PartyRecord
from include.flows.sync.settings import FieldRule, PartySyncSettings

MAIN = main_job_settings()
_, SETTINGS = load_flow_settings(FLOW.name, FLOW.settings)
START = datetime(2026, 11, 16, 9, tzinfo=UTC)
RULES = (
    FieldRule(hubspot="company.legal", intacct="NAME2", owner="intacct"),
    FieldRule(hubspot="company.industry", intacct="COMMENTS", owner="hubspot"),
    FieldRule(hubspot="company.phone", intacct="DISPLAYCONTACT.PHONE1", owner="newest"),
    FieldRule(hubspot="company.terms", intacct="TERMNAME", owner="intacct", values={"thirty": "N30", "fifteen": "N15"}),
    FieldRule(hubspot="contact.email", intacct="EMAIL1", owner="newest"),
    FieldRule(hubspot="contact.firstname", intacct="FIRSTNAME", owner="hubspot"),
    FieldRule(hubspot="contact.fax", intacct="FAX", owner="intacct"),
)
TWO_WAY = PartySyncSettings.model_validate({"create": SETTINGS.create, "fields": RULES})
WORDS = (
    "",
    "Ada",
    "Bo",
    "Cy Dee",
    "+1 (555) 0101",
    "+15550101",
    "a@x.example",
    "A@X.example",
    "a longer text than fits",
)
TERMS = {"hubspot": ("", "thirty", "fifteen", "sixty"), "intacct": ("", "N30", "N15", "N60")}
LONGEST = 12


@dataclass
class World:
    """Both systems, each with its habits: HubSpot writes mail addresses in lower case, Intacct cuts long texts."""

    now: datetime = START
    hubspot: dict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: {("companies", "70"): {}})
    intacct: dict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: {("CUSTOMER", "1"): {}})
    times: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    base: dict[str, dict[str, str]] = field(default_factory=dict)

    def edit(self, side: str, rule: FieldRule, value: str) -> bool:
        """Somebody enters a value; whether that changes anything."""
        if side == "hubspot":
            place = ("contacts", "7") if rule.is_contact else ("companies", "70")
            return self._put(side, place, rule.property_name, value)
        place = ("CONTACT", "9") if rule.is_contact else ("CUSTOMER", "1")
        return self._put(side, place, rule.intacct, value)

    def _put(self, side: str, place: tuple[str, str], name: str, value: str) -> bool:
        sheet = (self.hubspot if side == "hubspot" else self.intacct).setdefault(place, {})
        shown = value.casefold() if side == "hubspot" and "@" in value else value
        shown = shown[:LONGEST] if side == "intacct" else shown
        if sheet.get(name, "") == shown:
            return False
        sheet[name] = shown
        when = (side, place[0], name if side == "hubspot" else "")
        self.times[when] = self.now
        return True

    def read(self) -> PartyRecord:
        customer = {"RECORDNO": "1", "CUSTOMERID": "C-1", "NAME": "Acme Inc", "STATUS": "active"}
        customer |= {"CONTACTINFO.CONTACTNAME": "Ada", **self.intacct.get(("CUSTOMER", "1"), {})}
        customer["WHENMODIFIED"] = self.times.get(("intacct", "CUSTOMER", ""), START).isoformat()
        contact = {"RECORDNO": "9", "CONTACTNAME": "Ada", "STATUS": "active", **self.intacct.get(("CONTACT", "9"), {})}
        contact["WHENMODIFIED"] = self.times.get(("intacct", "CONTACT", ""), START).isoformat()
        company = {"intacct_customer_id": "C-1", **self.hubspot.get(("companies", "70"), {})}
        person = self.hubspot.get(("contacts", "7"), {})
        return PartyRecord(
            "C-1",
            customer,
            Link("linked", "70"),
            self._card("70", "companies", company),
            [self._card("7", "contacts", person, "70")],
            [contact],
            known={"9": "7"},
        )

    def _card(self, card_id: str, kind: str, values: Mapping[str, str], company: str = "") -> Card:
        at = {name: self.times[key].isoformat() for name in values if (key := ("hubspot", kind, name)) in self.times}
        return Card(card_id, values, START.isoformat(), START.isoformat(), at, (), company)

    def plan(self) -> Planned:
        return PartyPlanner(TWO_WAY, MAIN.customer, self.base).plan([self.read()])

    def sync(self, *, dies_before_remembering: bool = False) -> tuple[int, list[Hold]]:
        """One run: how many values it changed, and what it held."""
        self.now += timedelta(minutes=1)
        planned = self.plan()
        self._remember(planned.agreed)
        updates = [one for one in planned.decisions if isinstance(one, Update)]
        changed = sum(
            self._put(one.system, (one.object, one.target_id), name, text or "")
            for one in updates
            for name, text in one.values.items()
        )
        if not dies_before_remembering:
            self._remember(agreed_after([self.read()], updates, TWO_WAY, self.base))
        self.now += timedelta(minutes=1)
        return changed, [one for one in planned.decisions if isinstance(one, Hold)]

    def _remember(self, agreed: Mapping[str, Mapping[str, str]]) -> None:
        for pair, digests in agreed.items():
            self.base.setdefault(pair, {}).update(digests)

    def shown(self, rule: FieldRule) -> tuple[str, str]:
        hubspot = ("contacts", "7") if rule.is_contact else ("companies", "70")
        intacct = ("CONTACT", "9") if rule.is_contact else ("CUSTOMER", "1")
        return (
            self.hubspot.get(hubspot, {}).get(rule.property_name, ""),
            self.intacct.get(intacct, {}).get(rule.intacct, ""),
        )


def edits() -> st.SearchStrategy[tuple[str, FieldRule, str, str]]:
    def of(rule: FieldRule) -> st.SearchStrategy[tuple[str, FieldRule, str, str]]:
        value = {side: st.sampled_from(TERMS[side] if rule.values else WORDS) for side in ("hubspot", "intacct")}
        then = st.sampled_from(("", "", "sync", "sync and die"))
        return st.sampled_from(("hubspot", "intacct")).flatmap(
            lambda side: st.tuples(st.just(side), st.just(rule), value[side], then)
        )

    return st.sampled_from(RULES).flatmap(of)


@settings(max_examples=400, deadline=None)
@given(st.lists(edits(), max_size=14))
def test_a_sync_of_a_sync_writes_nothing_and_one_round_makes_the_sides_agree(
    story: list[tuple[str, FieldRule, str, str]],
) -> None:
    world = World()
    for side, rule, value, then in story:
        world.now += timedelta(minutes=1)
        world.edit(side, rule, value)
        if then:
            world.sync(dies_before_remembering=then == "sync and die")
    _, held = world.sync()
    assert world.sync() == (0, held)
    assert world.sync() == (0, held)
    if held:
        return
    for rule in RULES:
        hubspot, intacct = world.shown(rule)
        owners = {"hubspot": hubspot, "intacct": intacct, "newest": "there"}[rule.owner]
        alike = rule.values is not None or same_but_for_form(hubspot, intacct) or same_but_for_form(intacct, hubspot)
        assert alike or not owners, (rule.hubspot, hubspot, intacct)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(RULES), st.data())
def test_an_edit_on_the_owners_side_reaches_the_other_and_one_on_the_other_side_is_put_back(
    rule: FieldRule, data: st.DataObject
) -> None:
    choose = lambda side: data.draw(st.sampled_from((TERMS[side] if rule.values else WORDS)[1:3]))  # noqa: E731
    world = World()
    for side in ("hubspot", "intacct"):
        world.edit(side, rule, choose(side))
        world.now += timedelta(minutes=1)
    world.sync()
    before = world.shown(rule)
    side = data.draw(st.sampled_from(("hubspot", "intacct")))
    value = choose(side)
    world.edit(side, rule, value)
    world.sync()
    after = world.shown(rule)
    if rule.owner in (side, "newest"):
        assert after[0 if side == "hubspot" else 1] == value
    else:
        assert after == before
    assert world.sync()[0] == 0


H, B = Shown("from HubSpot", START), Shown("from Intacct", START + timedelta(hours=1))
EMPTY = Shown("", START + timedelta(days=1))
BOTH: Callable[[Any], bool] = lambda side: True  # noqa: E731
NEITHER: Callable[[Any], bool] = lambda side: False  # noqa: E731


@pytest.mark.parametrize(
    ("hubspot", "intacct", "owner", "changed", "verdict"),
    [
        (H, B, "hubspot", None, "to_intacct"),
        (H, B, "intacct", None, "to_hubspot"),
        (H, B, "newest", None, "to_hubspot"),
        (EMPTY, B, "hubspot", None, "leave"),
        (H, EMPTY, "intacct", None, "leave"),
        (EMPTY, B, "newest", None, "to_hubspot"),
        (H, EMPTY, "newest", None, "to_intacct"),
        (H, B, "newest", BOTH, "to_hubspot"),
        (H, B, "hubspot", BOTH, "to_intacct"),
        (H, B, "hubspot", NEITHER, "leave"),
        (H, Shown("x", START), "newest", BOTH, "conflict"),
        (H, Shown("x"), "newest", BOTH, "conflict"),
        (Shown("h", START + timedelta(milliseconds=900)), Shown("x", START), "newest", BOTH, "conflict"),
        (Shown("h", START + timedelta(seconds=1)), Shown("x", START), "newest", BOTH, "to_intacct"),
        (Shown("h", START, ours=True), B, "newest", BOTH, "to_hubspot"),
        (Shown("h", START + timedelta(days=9), ours=True), B, "newest", None, "to_hubspot"),
        (EMPTY, B, "hubspot", lambda side: side == "hubspot", "to_intacct"),
        (H, EMPTY, "intacct", lambda side: side == "hubspot", "leave"),
        (Shown(" a  b "), Shown("a b"), "intacct", BOTH, "alike"),
        (Shown("A@x.example"), Shown("a@X.example"), "intacct", BOTH, "alike"),
    ],
)
def test_one_field_by_owner_time_and_base(
    hubspot: Shown, intacct: Shown, owner: Owner, changed: Callable[[Any], bool] | None, verdict: str
) -> None:
    assert settle(hubspot, intacct, owner, changed) == verdict


def test_both_sides_changed_in_the_same_moment_is_a_question_and_the_other_fields_go_on() -> None:
    world = World()
    world.sync()
    phone, industry = RULES[2], RULES[1]
    world.edit("hubspot", phone, "1")
    world.edit("intacct", phone, "2")
    world.edit("hubspot", industry, "Dairy")
    _, (held,) = world.sync()
    assert held.code == "sync_conflict"
    assert "phone" in held.message
    assert world.shown(industry) == ("Dairy", "Dairy")
    assert world.shown(phone) == ("1", "2")
    world.now += timedelta(minutes=1)
    world.edit("intacct", phone, "1")
    assert world.sync() == (0, [])


def test_a_value_that_the_lookup_table_lacks_is_held() -> None:
    world = World()
    world.edit("intacct", RULES[3], "N60")
    _, (held,) = world.sync()
    assert (held.code, world.shown(RULES[3])) == ("unmapped_value", ("", "N60"))


def test_no_value_stands_in_what_is_remembered() -> None:
    world = World()
    world.edit("hubspot", RULES[4], "ada@acme.example")
    world.edit("intacct", RULES[4], "ada@acme.example")
    world.sync()
    assert world.base
    assert "ada" not in str(world.base).casefold()


def decide(record: PartyRecord) -> list[Any]:
    return PartyPlanner(SETTINGS, MAIN.customer).plan([record]).decisions


CUSTOMER = {
    "RECORDNO": "1",
    "CUSTOMERID": "C-1",
    "NAME": "Acme Inc",
    "STATUS": "active",
    "WHENCREATED": "2026-11-10T09:00:00+00:00",
    "DISPLAYCONTACT.PHONE1": "+1 555 0101",
    "TERMNAME": "N30",
}
DISPLAY = {"RECORDNO": "8", "CONTACTNAME": "Acme Inc(CC-1)", "STATUS": "active", "EMAIL1": "ap@acme.example"}
ADA = {
    "RECORDNO": "9",
    "CONTACTNAME": "Ada",
    "STATUS": "active",
    "FIRSTNAME": "Ada",
    "LASTNAME": "Okafor",
    "EMAIL1": "ada@acme.example",
    "WHENCREATED": "2026-11-10T09:00:00+00:00",
}
NEW = PartyRecord("C-1", CUSTOMER, Link("new"), None, (), (DISPLAY, ADA), "8")


def test_a_new_customer_becomes_a_company_with_its_people() -> None:
    company, person = decide(NEW)
    assert isinstance(company, Write)
    assert company.payload["properties"] == {
        "name": "Acme Inc",
        "domain": "acme.example",
        "lifecyclestage": "customer",
        "intacct_customer_id": "C-1",
        "intacct_legal_name": "Acme Inc",
        "payment_terms": "N30",
        "phone": "+1 555 0101",
    }
    assert isinstance(person, Write)
    assert person.payload["properties"]["email"] == "ada@acme.example"
    assert person.payload["associations"][0]["id"] == {
        "$ref": ["hubspot", "company", "intacct", "customer", "C-1", "company"]
    }


def replaced(record: PartyRecord, **changes: Any) -> PartyRecord:
    return PartyRecord(**{**{name: getattr(record, name) for name in PartyRecord.__slots__}, **changes})


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (replaced(NEW, customer={**CUSTOMER, "STATUS": "inactive"}), "inactive"),
        (replaced(NEW, customer={**CUSTOMER, "WHENCREATED": "2026-10-31T23:00:00+00:00"}), "older"),
        (replaced(NEW, link=Link("gone", others=["70"])), "archived"),
        (replaced(NEW, link=Link("other_customer", others=["70"])), "another customer"),
    ],
)
def test_what_is_inactive_old_archived_or_anothers_stays_as_it_is(record: PartyRecord, says: str) -> None:
    (skip,) = decide(record)
    assert isinstance(skip, Skip)
    assert says in skip.why


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (replaced(NEW, link=Link("ambiguous", "", "tax id", ["70", "71"])), "ambiguous_company"),
        (replaced(NEW, link=Link("similar", "", "", ["70"])), "similar_company"),
        (replaced(NEW, customer={}, link=Link("gone", others=["70"])), "unknown_customer_id"),
    ],
)
def test_who_could_be_several_is_held(record: PartyRecord, code: str) -> None:
    (held,) = decide(record)
    assert isinstance(held, Hold)
    assert held.code == code


def test_two_new_customers_that_look_like_one_make_one_company_and_a_question() -> None:
    twin = replaced(NEW, id="C-2", customer={**CUSTOMER, "RECORDNO": "2", "CUSTOMERID": "C-2"}, contacts=())
    same = {"DISPLAYCONTACT.MAILADDRESS.CITY": "Boston"}
    first = replaced(NEW, customer={**CUSTOMER, **same}, contacts=())
    twin = replaced(twin, customer={**twin.customer, **same})
    planned = PartyPlanner(SETTINGS, MAIN.customer).plan([first, twin]).decisions
    assert [type(one) for one in planned] == [Write, Hold]


def company(**values: str) -> Card:
    return Card("70", {"intacct_customer_id": "C-1", **values}, START.isoformat(), START.isoformat())


def person(number: str, email: str, **more: str) -> Card:
    values = {"email": email, "firstname": "Ada", "lastname": "Okafor", **more}
    return Card(number, values, START.isoformat(), START.isoformat(), company="70")


LINKED = replaced(NEW, link=Link("linked", "70"), company=company(phone="+1 555 0101"))


def test_a_new_person_becomes_a_contact_and_the_primary_one_where_there_is_none() -> None:
    planned = decide(replaced(LINKED, people=[person("7", "bo@acme.example")], contacts=(DISPLAY,)))
    (write,) = [one for one in planned if isinstance(one, Write)]
    assert write.payload["CONTACTNAME"] == "Ada Okafor (HS-7)"
    (update,) = [one for one in planned if isinstance(one, Update) and one.object == "CUSTOMER"]
    assert update.values == {"CONTACTINFO.CONTACTNAME": "Ada Okafor (HS-7)"}


def test_people_are_matched_by_email_before_anybody_is_created() -> None:
    planned = PartyPlanner(SETTINGS, MAIN.customer).plan([replaced(LINKED, people=[person("7", "ADA@acme.example")])])
    assert not [one for one in planned.decisions if isinstance(one, Write)]
    assert planned.same_people == [("9", "7")]


def test_who_alone_has_a_name_at_the_customer_is_one_whatever_the_address() -> None:
    record = replaced(LINKED, people=[person("7", "ada.okafor@acme.example")])
    assert PartyPlanner(SETTINGS, MAIN.customer).plan([record]).same_people == [("9", "7")]
    both = replaced(record, people=[*record.people, person("8", "ada2@acme.example")])
    assert PartyPlanner(SETTINGS, MAIN.customer).plan([both]).same_people == []


def test_a_companys_message_is_cleared_once_nothing_is_held() -> None:
    was_held = company(phone="+1 555 0101", tieout_state="held")
    update = next(one for one in decide(replaced(LINKED, company=was_held)) if isinstance(one, Update))
    assert (update.object, update.values["tieout_state"], update.values["tieout_message"]) == ("companies", "", "")


def test_a_merged_persons_contact_is_the_survivors() -> None:
    survivor = person("17", "new@acme.example", hs_merged_object_ids="7")
    planned = decide(replaced(LINKED, people=[survivor], known={"9": "7"}))
    assert not [one for one in planned if isinstance(one, Write)]


@pytest.mark.parametrize("people", [[], [person("20", "someone@acme.example")]])
def test_an_archived_persons_contact_stays_and_is_not_made_anew(people: list[Card]) -> None:
    planned = decide(replaced(LINKED, people=people, known={"9": "7"}))
    assert not [one for one in planned if isinstance(one, Write) and one.key.target_system == "hubspot"]
    assert not [one for one in planned if isinstance(one, Update) and one.object == "CONTACT"]


def test_a_person_on_the_display_contact_is_changed_through_the_customer_and_not_against_the_companys_fields() -> None:
    display = {**DISPLAY, "FIRSTNAME": "Adda", "EMAIL1": "ada@acme.example", "PHONE1": "+1 555 0101"}
    record = replaced(LINKED, contacts=(display,), people=[person("7", "ada@acme.example", phone="+1 555 0999")])
    customer = next(one for one in decide(record) if isinstance(one, Update) and one.object == "CUSTOMER")
    assert customer.values == {"DISPLAYCONTACT.FIRSTNAME": "Ada", "DISPLAYCONTACT.LASTNAME": "Okafor"}


@pytest.mark.parametrize(
    "rule",
    [
        {"hubspot": "company.x", "intacct": "CREDITLIMIT", "owner": "hubspot"},
        {"hubspot": "company.x", "intacct": "ONHOLD", "owner": "newest"},
        {"hubspot": "company.x", "intacct": "ACHBANKROUTINGNUMBER", "owner": "newest"},
        {"hubspot": "company.x", "intacct": "STATUS", "owner": "hubspot"},
        {"hubspot": "company.x", "intacct": "CUSTOMERID", "owner": "intacct"},
        {"hubspot": "company.intacct_customer_id", "intacct": "COMMENTS", "owner": "intacct"},
        {"hubspot": "deal.x", "intacct": "COMMENTS", "owner": "intacct"},
        {"hubspot": "contact.x", "intacct": "BILLTO.EMAIL1", "owner": "intacct"},
        {"hubspot": "company.x", "intacct": "TERMNAME", "owner": "intacct", "values": {"a": "N30", "b": "N30"}},
    ],
)
def test_no_rule_may_move_money_fields_identities_or_lose_the_way_back(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FieldRule.model_validate(rule)


def test_two_rules_for_one_field_are_refused() -> None:
    twice = [RULES[1], RULES[1].model_copy(update={"hubspot": "company.other"})]
    with pytest.raises(ValidationError, match="twice"):
        PartySyncSettings.model_validate({"create": SETTINGS.create, "fields": twice})


def test_blanks_and_the_case_of_mail_addresses_mean_nothing() -> None:
    assert canonical(" a  b ") == "a b"
    assert canonical("Ada@X.example ") == "ada@x.example"
    assert canonical("Ada") == "Ada"


@pytest.mark.parametrize(
    ("sent", "shown", "same"),
    [
        ("100", "100.00", True),
        ("Ada@X.example", "ada@x.example", True),
        ("+1 (555) 0101", "+15550101", True),
        ("a long text", "a long", True),
        ("100", "101", False),
        ("Ada", "", False),
        ("", "Ada", False),
    ],
)
def test_a_systems_own_form_of_a_value_is_no_change(sent: str, shown: str, same: bool) -> None:
    assert same_but_for_form(sent, shown) is same
