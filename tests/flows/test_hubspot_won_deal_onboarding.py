"""The first won deal of a new customer starts its onboarding: customer, sequence and tasks, each step once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.connectors.intacct.records import Customer
from include.core.decisions import Decision, Hold, Skip, Update, Write
from include.core.errors import OutcomeUnknown, Unavailable
from include.core.settings import load_flow_settings
from include.core.windows import BusinessDates
from include.flows.customers.settings import main_job_settings
from include.flows.deals.records import DealRecord, Sheet
from include.flows.hubspot_company_to_intacct_customer import FLOW as COMPANIES
from include.flows.hubspot_won_deal_onboarding import FLOW
from include.flows.onboarding.plan import Lookups, Planner
from include.flows.onboarding.records import OnboardingRecord
from include.flows.onboarding.settings import OnboardingSettings
from include.flows.onboarding.tasks import Welcome, task_key
from include.flows.owners import OwnerDirectory
from include.sandbox.company.catalogue import LOST_STAGE, SALES_PIPELINE, WON_STAGE
from include.sandbox.company.hubspot_settings import USER_TOKEN
from include.sandbox.people import SalesRep
from include.state.migrate import migrate
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office
from tests.flows.test_a_persons_day import edit

BOOKS, SETTINGS = load_flow_settings(FLOW.name, FLOW.settings)
MAIN = main_job_settings()
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
OWNERS = OwnerDirectory({"301": "rep@brightwater.example", "71530411": "lead@brightwater.example"}, "71530411")
ACME = Customer("11", "C-11", "Acme Inc", active=True, on_hold=False, tax_id="US-11", country="United States")
COMPANY: Sheet = {"id": "70", "name": "Acme & Sons", "country": "United States", "tax_id": "US-11", "zip": "02101"}
CONTACT: Sheet = {"id": "7", "firstname": "Ada", "lastname": "Okafor", "email": "ada@acme.example"}


def deal(deal_id: str = "100", won: str = "2026-11-18T02:00:00Z", **more: str | None) -> Sheet:
    return {"id": deal_id, "dealname": "First order", "closedate": won, "hubspot_owner_id": "301", **more}


def record(
    sheet: Sheet | None = None,
    *,
    company: Sheet = COMPANY,
    contact: Sheet = CONTACT,
    currency: str = "USD",
    is_won: bool = True,
    others: tuple[Sheet, ...] = (),
) -> OnboardingRecord:
    won = DealRecord(sheet or deal(), is_won, currency, company, 1, contact, {}, ())
    return OnboardingRecord(won, others)


def decide(
    *records: OnboardingRecord, window: BusinessDates | None = None, now: datetime = NOW, **known: Any
) -> list[Decision]:
    lookups = Lookups(**{"owners": OWNERS, **known})
    return Planner(SETTINGS, MAIN, BOOKS, lookups, now, window).plan(records)


def names(decisions: list[Decision]) -> list[str]:
    return [one.key.part if isinstance(one, Write) else type(one).__name__.lower() for one in decisions]


def why(decisions: list[Decision]) -> str:
    (skip,) = decisions
    assert isinstance(skip, Skip), skip
    return skip.why


def tasks_in(decisions: list[Decision]) -> list[Write]:
    return [one for one in decisions if isinstance(one, Write) and one.key.target_object == "task"]


STEPS = ["onboarding-welcome-call", "onboarding-billing-details", "onboarding-kick-off"]
ALL = ["sequence-215003377", *STEPS]


def test_a_new_customers_first_deal_makes_customer_enrolment_and_tasks() -> None:
    decisions = decide(record())
    assert names(decisions) == ["customer", *ALL]
    customer, enrolment, call = decisions[0], decisions[1], decisions[2]
    assert isinstance(customer, Write)
    assert isinstance(enrolment, Write)
    assert isinstance(call, Write)
    assert (customer.payload["CUSTOMERID"], customer.payload["CURRENCY"]) == ("HS-70", "USD")
    assert enrolment.payload["properties"] == {
        "contactId": "7",
        "sequenceId": "215003377",
        "userId": "8801411",
        "senderEmail": "onboarding@brightwater.example",
    }
    assert call.payload == {
        "properties": {
            # Won on the 17th in New York; a day later is past, so it is due today at nine there.
            "hs_timestamp": "2026-11-20T14:00:00Z",
            "hs_task_subject": "Call Acme & Sons to say welcome",
            "hs_task_body": "Introduce the people who look after Acme &amp; Sons, and agree on who answers there for "
            "what.",
            "hs_task_priority": "HIGH",
            "hs_task_type": "CALL",
            "hs_task_status": "NOT_STARTED",
            "hubspot_owner_id": "301",
        },
        "associations": [
            {"to": "deals", "id": "100"},
            {"to": "companies", "id": "70"},
            {"to": "contacts", "id": "7"},
        ],
    }


def test_a_deal_whose_owner_has_left_goes_to_the_fallback_owner() -> None:
    (call, *_) = tasks_in(decide(record(deal(hubspot_owner_id="999"))))
    assert call.payload["properties"]["hubspot_owner_id"] == "71530411"


def test_existing_customers_are_passed_by_with_the_reason() -> None:
    earlier = deal("200", "2026-09-01T10:00:00Z")
    assert "deal 200 was won before" in why(decide(record(others=(earlier,))))
    onboarded = deal("200", "2026-11-19T10:00:00Z", tieout_onboarding="Welcome call: done")
    assert "onboarded with deal 200" in why(decide(record(others=(onboarded,))))
    undated = deal("200", "")
    assert "deal 200 was won before" in why(decide(record(others=(undated,))))
    first = {"C-11": date(2026, 11, 16)}
    assert "first invoiced on 2026-11-16" in why(decide(record(), customers=[ACME], first_invoice=first))


def test_a_later_deal_or_the_deals_own_invoice_makes_no_old_customer() -> None:
    later = deal("200", "2026-11-19T10:00:00Z")
    assert names(decide(record(others=(later,)))) == ["customer", *ALL]
    own = {"C-11": date(2026, 11, 17)}
    assert names(decide(record(), customers=[ACME], first_invoice=own)) == ["update", *ALL]


@given(st.permutations([100, 101, 20]), st.integers(0, 2))
def test_of_deals_won_at_one_moment_just_one_is_the_first(ids: list[int], rotate: int) -> None:
    sheets = [deal(str(n)) for n in ids[rotate:] + ids[:rotate]]
    records = [record(one, others=tuple(other for other in sheets if other is not one)) for one in sheets]
    onboarded = {write.key.source_id for write in tasks_in(decide(*records))}
    assert onboarded == {"20"}


def test_a_deal_that_is_not_won_or_was_won_before_go_live_is_left_alone() -> None:
    assert why(decide(record(is_won=False))) == "not won"
    assert "before go-live on 2026-11-01" in why(decide(record(deal(won="2026-11-01T03:00:00Z"))))
    assert names(decide(record(deal(won="2026-11-01T05:00:00Z")))) == ["customer", *ALL]


def test_a_backfill_goes_by_the_day_in_the_entitys_calendar() -> None:
    """18 November 02:00 in UTC is 17 November in New York."""
    seventeenth = BusinessDates(datetime(2026, 11, 17), datetime(2026, 11, 18))  # noqa: DTZ001
    eighteenth = BusinessDates(datetime(2026, 11, 18), datetime(2026, 11, 19))  # noqa: DTZ001
    assert names(decide(record(), window=seventeenth)) == ["customer", *ALL]
    (outside,) = decide(record(), window=eighteenth)
    assert isinstance(outside, Skip)
    assert not outside.settles


@pytest.mark.parametrize(
    ("won", "known", "code"),
    [
        (record(company={**COMPANY, "country": "Peru"}), {}, "no_entity"),
        (record(currency="CHF"), {}, "unknown_currency"),
        (record(company={**COMPANY, "payment_terms": "N99"}), {}, "unmapped_value"),
        (record(company={**COMPANY, "intacct_customer_id": "C-404"}), {"customers": [ACME]}, "unknown_customer_id"),
        (record(), {"customers": [replace(ACME, active=False)]}, "customer_inactive"),
        (record(), {"customers": [ACME, replace(ACME, customer_id="C-12")]}, "ambiguous_customer"),
        (
            record(company={**COMPANY, "hs_merged_object_ids": "71;72"}),
            {"customers": [ACME], "customer_of_company": {"71": "C-11", "72": "C-12"}},
            "ambiguous_customer",
        ),
    ],
)
def test_a_customer_that_cannot_be_decided_is_held_and_the_tasks_go_ahead(
    won: OnboardingRecord, known: dict[str, Any], code: str
) -> None:
    held, *rest = decide(won, **known)
    assert isinstance(held, Hold)
    assert (held.source_id, held.code) == ("100", code)
    assert names(rest) == ALL


def test_a_merged_companys_customer_stays_the_customer_of_the_survivor() -> None:
    merged = record(company={**COMPANY, "tax_id": None, "hs_merged_object_ids": "71"})
    update = decide(merged, customers=[ACME], customer_of_company={"71": "C-11"})[0]
    assert isinstance(update, Update)
    assert update.values["intacct_customer_id"] == "C-11"


@pytest.mark.parametrize("contact", [{}, {"id": "7", "firstname": "Ada", "email": None}])
def test_without_a_contact_to_enrol_the_deal_is_held_and_the_rest_goes_ahead(contact: Sheet) -> None:
    decisions = decide(record(contact=contact))
    assert names(decisions) == ["customer", "hold", *STEPS]
    assert isinstance(decisions[1], Hold)
    assert decisions[1].code == "no_contact_to_enrol"


@pytest.mark.parametrize(
    ("won", "code"),
    [
        (record(deal(won="soon")), "no_won_date"),
        (record(deal(won="2026-12-24T10:00:00Z")), "won_in_future"),
        (record(company={}), "no_company"),
    ],
)
def test_a_deal_of_which_nobody_knows_when_or_for_whom_it_was_won_is_held_whole(
    won: OnboardingRecord, code: str
) -> None:
    (held,) = decide(won)
    assert isinstance(held, Hold)
    assert held.code == code


def test_once_a_person_was_asked_to_enrol_nobody_is_enrolled() -> None:
    assert names(decide(record(), written={task_key("100", "sequence")})) == ["customer", "onboarding-sequence", *STEPS]


def test_what_began_goes_on_though_an_earlier_deal_or_invoice_appears() -> None:
    others = (deal("50", "2026-10-01T10:00:00Z"),)
    began = record(deal(tieout_onboarding="Welcome call: done"), others=others)
    assert names(decide(began)) == ["customer", *ALL]
    old = {"customers": [ACME], "first_invoice": {"C-11": date(2026, 1, 1)}}
    assert names(decide(record(others=others), written={task_key("100", "kick-off")}, **old)) == ["update", *ALL]


@given(
    days=st.integers(0, 365),
    won=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    later=st.integers(0, 400),
    entity=st.sampled_from(sorted(BOOKS.entities)),
)
def test_a_task_is_due_at_nine_in_the_entitys_calendar_and_never_before_today(
    days: int, won: date, later: int, entity: str
) -> None:
    zone, today = BOOKS.entities[entity].zone, won + timedelta(days=later)
    task = SETTINGS.checklist[0].model_copy(update={"days_after": days})
    due = datetime.fromisoformat(
        Welcome(record(), None, won, zone, today).task(task).payload["properties"]["hs_timestamp"]
    ).astimezone(zone)
    assert due.time() == time(9)
    assert due.date() == max(won + timedelta(days=days), today)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"checklist": []}, "at least 1"),
        ({"checklist": [{"key": "a", "subject": "s", "body": "b"}] * 2}, "two tasks have the key a"),
        ({"checklist": [{"key": "customer", "subject": "s", "body": "b"}]}, "another step"),
        ({"checklist": [{"key": "a", "subject": "{contact}", "body": "b"}]}, "no other braces"),
        ({"checklist": [{"key": "a", "subject": "s", "body": "b", "days_after": -1}]}, "greater than or equal"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        OnboardingSettings.model_validate({**SETTINGS.model_dump(), **change})


# On the sandbox.


class WithUsersToken(Office):
    def hubspot(self) -> HubSpotClient:
        return HubSpotClient(open_session(), self.sandbox.hubspot.url, USER_TOKEN, tier="enterprise")


def in_hubspot(demo: Office, kind: str) -> list[dict[str, Any]]:
    return [b for b in demo.sandbox.control.books("hubspot") if b["type"] == kind and not b.get("archived")]


def shown(demo: Office) -> dict[str, tuple[str, str]]:
    """Deal id -> steps and how many are open."""
    deals = {b["id"]: b["properties"] for b in in_hubspot(demo, "deals")}
    return {
        one: (str(values["tieout_onboarding"]), str(values["tieout_onboarding_open"]))
        for one, values in deals.items()
        if values.get("tieout_onboarding")
    }


def tasks(demo: Office) -> Counter[tuple[str, str]]:
    """(deal, subject) -> how many."""
    return Counter(
        (b["associations"]["deals"][0], b["properties"]["hs_task_subject"]) for b in in_hubspot(demo, "tasks")
    )


def made_customers(demo: Office) -> Counter[str]:
    books = demo.sandbox.control.books("intacct")
    return Counter(
        b["record"]["NAME"] for b in books if b["object"] == "CUSTOMER" and b["record"]["CUSTOMERID"][:3] == "HS-"
    )


def left(demo: Office) -> tuple[Any, ...]:
    return tasks(demo), made_customers(demo), {deal: steps for deal, steps in shown(demo).items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """What one undisturbed run leaves."""
    with office(tmp_path_factory.mktemp("whole")) as demo:
        demo.run_flow(FLOW)
        return left(demo)


def test_new_customers_of_the_demo_are_onboarded_once_and_a_rerun_sends_nothing(demo: Office) -> None:
    note = demo.run_flow(FLOW)
    assert (note["customers_created"], note["onboarding_complete"], note["onboarding_open"]) == (5, 8, 1)
    assert set(tasks(demo).values()) == {1}
    assert set(made_customers(demo).values()) == {1}
    assert {open_steps for _, open_steps in shown(demo).values()} == {"0", "1"}
    (held,) = demo.hold_codes(FLOW)
    assert demo.hold_codes(FLOW)[held] == "customer_inactive"
    assert "Intacct customer: open" in shown(demo)[held][0]
    assert "Welcome call: done" in shown(demo)[held][0]
    for task in in_hubspot(demo, "tasks"):
        assert set(task["associations"]) == {"deals", "companies", "contacts"}
        assert task["properties"]["hubspot_owner_id"]

    sent = [demo.sent("hubspot", label) for label in ("create", "update", "enrollments")]
    made = demo.sent("intacct", "create")
    again = demo.run_flow(FLOW)
    assert again["written_back"] == again["tasks_created"] == 0
    assert sent == [demo.sent("hubspot", label) for label in ("create", "update", "enrollments")]
    assert made == demo.sent("intacct", "create")


def test_where_the_connection_may_not_enrol_the_owner_gets_a_task_in_the_same_run(demo: Office) -> None:
    demo.run_flow(FLOW)
    asked = [deal for (deal, subject) in tasks(demo) if subject.startswith("Enrol ")]
    assert sorted(asked) == sorted(shown(demo))
    assert all("a task asks" in steps for steps, _ in shown(demo).values())
    assert in_hubspot(demo, "_enrollment") == []


def test_with_a_users_token_the_contact_is_enrolled_once(demo: Office) -> None:
    users = WithUsersToken(demo.sandbox, demo.state_url)
    demo.sandbox.control.fault("lost_after", system="hubspot", label="enrollments", nth=12)
    users.run_flow(FLOW)
    assert [fault["fired"] for fault in demo.sandbox.control.faults()] == [1]
    enrolled = [one["body"]["contactId"] for one in in_hubspot(demo, "_enrollment")]
    assert len(enrolled) == len(set(enrolled)) == len(shown(demo)) == 9
    assert all("Onboarding sequence: done\n" in steps for steps, _ in shown(demo).values())
    assert [subject for _, subject in tasks(demo) if subject.startswith("Enrol ")] == []
    users.run_flow(FLOW)
    assert len(in_hubspot(demo, "_enrollment")) == 9


def test_three_flows_in_any_order_make_one_customer_of_a_company(tmp_path: Path) -> None:
    made = []
    for order in ("main onboarding companies", "onboarding main companies", "companies onboarding main"):
        folder = tmp_path / order.split()[0]
        folder.mkdir()
        with office(folder, deals=12) as demo:
            for flow in order.split():
                demo.invoice_won_deals() if flow == "main" else demo.run_flow(
                    FLOW if flow == "onboarding" else COMPANIES
                )
            made.append(made_customers(demo))
            assert demo.verdict().duplicates == 0
    assert made[0] == made[1] == made[2]
    assert set(made[0].values()) == {1}


def test_a_backfill_alone_onboards_everybody_once(demo: Office, whole: tuple[Any, ...]) -> None:
    for _ in range(2):
        for first, last in (("2026-11-01", "2026-11-06"), ("2026-11-07", "2026-11-13"), ("2026-11-14", "2026-11-20")):
            demo.run_flow(FLOW, date_from=first, date_to=last)
        assert left(demo) == whole


@pytest.mark.parametrize("place", ["sync.after_send:1", "sync.after_send:3"])
def test_a_kill_in_the_middle_is_healed_by_the_next_try(demo: Office, whole: tuple[Any, ...], place: str) -> None:
    kill_a_run(demo, FLOW, place)
    demo.run_flow(FLOW, run_id="killed", attempt=2)
    assert left(demo) == whole


@pytest.mark.parametrize(
    ("system", "label"), [("hubspot", "tasks/batch/create"), ("intacct", "create"), ("hubspot", "deals/batch/update")]
)
def test_a_lost_answer_makes_nothing_twice(demo: Office, whole: tuple[Any, ...], system: str, label: str) -> None:
    demo.sandbox.control.fault("lost_after", system=system, label=label, nth=1)
    for attempt in range(1, 5):
        try:
            demo.run_flow(FLOW, run_id="one-run", attempt=attempt)
            break
        except (OutcomeUnknown, Unavailable):
            continue
    assert left(demo) == whole


def test_a_thrown_away_state_database_makes_nothing_twice(demo: Office, whole: tuple[Any, ...], tmp_path: Path) -> None:
    demo.run_flow(FLOW)
    anew = replace(demo, state_url=f"sqlite:///{tmp_path / 'new.db'}")
    migrate(anew.state_url)
    anew.run_flow(FLOW)
    assert left(anew) == whole


def test_a_refused_customer_keeps_no_task_back_and_the_next_run_does_what_is_left(
    demo: Office, whole: tuple[Any, ...], settings: Path
) -> None:
    main = settings / "hubspot_closed_won_to_intacct_invoice.yaml"
    right, wrong = "{N15: N15, N30: N30, EOM30: EOM30}, default: N30", "{N15: X, N30: X, EOM30: X}, default: X"
    edit(main, right, wrong)
    note = demo.run_flow(FLOW)
    assert (note["customers_created"], note["onboarding_open"]) == (0, 6)
    assert set(demo.hold_codes(FLOW).values()) == {"rejected_by_intacct", "customer_inactive"}
    assert tasks(demo) == whole[0]
    edit(main, wrong, right)
    demo.run_flow(FLOW)
    assert set(demo.hold_codes(FLOW).values()) == {"customer_inactive"}
    assert left(demo) == whole


def test_a_task_that_a_person_deleted_is_not_made_again(demo: Office) -> None:
    demo.run_flow(FLOW)
    task = next(
        b for b in in_hubspot(demo, "tasks") if b["properties"]["hs_task_subject"].startswith("Plan the kick-off")
    )
    demo.hubspot().request("DELETE", f"/crm/v3/objects/tasks/{task['id']}")
    before = tasks(demo)
    (deal_id,) = task["associations"]["deals"]
    demo.run_flow(FLOW, record_ids=[deal_id])
    assert tasks(demo) == before
    assert "Kick off: done (the task was deleted in HubSpot)" in shown(demo)[deal_id][0]


@pytest.mark.parametrize("what_then", ["lost", "deleted"])
def test_a_customers_second_deal_is_not_onboarded_though_the_first_is_gone(demo: Office, what_then: str) -> None:
    demo.run_flow(FLOW)
    first = next(one for one, (_, open_steps) in shown(demo).items() if open_steps == "0")
    company = next(b["associations"]["companies"][0] for b in in_hubspot(demo, "deals") if b["id"] == first)
    rep, won = SalesRep(demo.sandbox), WON_STAGE[SALES_PIPELINE]
    line = {"name": "Sensor", "quantity": "1", "price": "100", "hs_sku": "SENSOR-1"}
    second = rep.wins("Second order", company, [line], (SALES_PIPELINE, won), datetime(2026, 11, 19, 10, tzinfo=UTC))
    if what_then == "lost":
        rep.change("deals", first, dealstage=LOST_STAGE[SALES_PIPELINE])
    else:
        demo.hubspot().request("DELETE", f"/crm/v3/objects/deals/{first}")
    before = len(in_hubspot(demo, "tasks"))
    demo.run_flow(FLOW)
    assert len(in_hubspot(demo, "tasks")) == before
    assert second not in shown(demo)


def test_a_limited_run_gets_further_every_time(demo: Office, whole: tuple[Any, ...]) -> None:
    demo.run_flow(FLOW, limit=6)
    assert 0 < len(tasks(demo)) < len(whole[0])
    for _ in range(3):
        demo.run_flow(FLOW, limit=6)
    assert left(demo) == whole


def test_a_dry_run_sends_nothing(demo: Office) -> None:
    note = demo.run_flow(FLOW, post_mode="dry_run")
    assert note["planned"] > 20
    assert demo.sent("hubspot", "create") == demo.sent("hubspot", "update") == demo.sent("intacct", "create") == 0
