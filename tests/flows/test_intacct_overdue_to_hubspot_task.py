"""Overdue invoices become tasks and mails: stages, owners, what closes and reopens a task, reruns and kills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.core.decisions import Hold, Skip, Update, Write
from include.core.errors import SettingsError
from include.core.money import Money
from include.core.settings import SHIPPED, load
from include.core.windows import Window
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW as WON_DEALS
from include.flows.intacct_overdue_to_hubspot_task import FLOW
from include.flows.overdue.digest import digests
from include.flows.overdue.plan import plan
from include.flows.overdue.records import Company, OverdueInvoice, Task
from include.flows.overdue.settings import OverdueSettings
from include.flows.overdue.stages import due_before, priority_of, stage_and_round, stage_days, stage_on, task_key
from include.flows.overdue.task import with_figures
from include.flows.owners import OwnerDirectory
from include.notices.message import build_message
from include.notices.notice import Notice
from include.sandbox.people import BookKeeper, Coding, SalesRep
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office
from tieout import steps

SETTINGS = load(SHIPPED / f"{FLOW.name}.yaml", OverdueSettings)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
TODAY = MONDAY.date()
OWNERS = OwnerDirectory({"1": "ada@brightwater.example", "2": "ben@brightwater.example"}, "2")
LATE = OverdueInvoice(
    record_no="4711",
    state="open",
    number="BW-1",
    customer_id="C-1",
    total=Money.of("500", "USD"),
    balance=Money.of("320", "USD"),
    due_date=TODAY - timedelta(days=5),
    today=TODAY,
    url="https://www-p01.intacct.com/ia/acct/ur.phtml?.r=1",
    companies=(Company("10", "Fjord Kiln", "1"),),
)
OPEN_TASK = Task("900", 1, "NOT_STARTED", "<p>In the books: 320.00 USD open of 500.00 USD, due 2026-11-11.</p>")


def decide(*invoices: OverdueInvoice, owners: OwnerDirectory = OWNERS) -> list[Any]:
    return plan(invoices, owners, SETTINGS)


# -- days and stages


@pytest.mark.parametrize(("days_after_due", "stage"), [(0, 0), (3, 0), (4, 1), (17, 1), (18, 2), (32, 2), (33, 3)])
def test_an_invoice_is_overdue_on_the_day_after_the_grace_and_not_before(days_after_due: int, stage: int) -> None:
    assert stage_on(TODAY - timedelta(days=days_after_due), TODAY, SETTINGS) == stage


def test_an_invoice_without_a_due_date_is_never_overdue() -> None:
    assert stage_on(None, TODAY, SETTINGS) == 0


@given(due=st.dates(date(2020, 1, 1), date(2030, 1, 1)), later=st.integers(0, 400))
def test_a_stage_begins_on_its_day_and_what_is_asked_for_is_just_what_is_overdue(due: date, later: int) -> None:
    today = due + timedelta(days=later)
    stage = stage_on(due, today, SETTINGS)
    assert stage == sum(day <= today for day in stage_days(due, SETTINGS))
    assert (stage > 0) == (due < due_before(today, SETTINGS))


@pytest.mark.parametrize(
    ("stage", "balance", "priority"), [(1, "9999.99", "LOW"), (1, "10000", "MEDIUM"), (3, "1e5", "HIGH")]
)
def test_the_priority_is_the_stages_and_a_step_higher_for_a_large_balance(
    stage: int, balance: str, priority: str
) -> None:
    assert priority_of(stage, Money.of(balance, "USD"), SETTINGS) == priority


def test_a_currency_without_a_limit_leaves_the_priority_to_the_age() -> None:
    assert priority_of(1, Money.of("9000000", "JPY"), SETTINGS) == "LOW"


@given(stage=st.integers(1, 9), round_=st.integers(0, 50))
def test_a_tasks_part_tells_its_stage_and_round(stage: int, round_: int) -> None:
    assert stage_and_round(task_key("1", stage, round_).part) == (stage, round_)


@pytest.mark.parametrize(
    "wrong",
    [
        {
            "stages": [
                {"after_days": 5, "priority": "LOW", "subject": "a"},
                {"after_days": 5, "priority": "LOW", "subject": "b"},
            ]
        },
        {"stages": [{"after_days": 0, "priority": "LOW", "subject": "a"}]},
        {"stages": [{"after_days": 1, "priority": "LOW", "subject": "pay {amount}"}]},
        {"stages": [{"after_days": 1, "priority": "LOW", "subject": "pay {number:d}"}]},
        {"large_balance": {"JPY": "10.50"}},
        {"large_balance": {"USD": "0"}},
        {"grace_days": -1},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OverdueSettings.model_validate(SETTINGS.model_dump() | wrong)


# -- what is decided


def test_the_task_has_subject_priority_due_date_owner_company_contact_and_deals() -> None:
    (write,) = decide(replace(LATE, contact_id="20", contact_owner_id="2", deal_ids=("30", "31")))
    assert isinstance(write, Write)
    assert write.key.text() == "hubspot|task|intacct|invoice|4711|dunning-1"
    shown = write.payload["properties"]
    assert shown["hs_task_subject"] == "Invoice BW-1 of Fjord Kiln is overdue"
    assert (shown["hs_task_priority"], shown["hubspot_owner_id"]) == ("LOW", "2")
    assert shown["hs_timestamp"] == "2026-11-18T12:00:00Z"
    assert "In the books: 320.00 USD open of 500.00 USD, due 2026-11-11." in shown["hs_task_body"]
    assert LATE.url.replace("&", "&amp;") in shown["hs_task_body"]
    assert [(one["to"], one["id"]) for one in write.payload["associations"]] == [
        ("companies", "10"),
        ("contacts", "20"),
        ("deals", "30"),
        ("deals", "31"),
    ]


@pytest.mark.parametrize(
    ("contact_owner", "company_owner", "expected"),
    [("2", "1", "2"), ("", "1", "1"), ("99", "1", "1"), ("99", "98", "2")],
)
def test_the_owner_is_the_contacts_else_the_companys_else_the_fallback(
    contact_owner: str, company_owner: str, expected: str
) -> None:
    (write,) = decide(replace(LATE, contact_owner_id=contact_owner, companies=(Company("10", "A", company_owner),)))
    assert write.payload["properties"]["hubspot_owner_id"] == expected


def test_a_task_nobody_answers_for_is_made_all_the_same() -> None:
    (write,) = decide(replace(LATE, companies=(Company("10", "A", ""),)), owners=OwnerDirectory({"1": ""}))
    assert write.payload["properties"]["hubspot_owner_id"] is None


def test_a_hostile_company_name_adds_no_mark_up_and_no_placeholder() -> None:
    (write,) = decide(replace(LATE, companies=(Company("10", "<b>{number}</b> & Co", "1"),)))
    assert "<b>" not in write.payload["properties"]["hs_task_body"]
    assert write.payload["properties"]["hs_task_subject"] == "Invoice BW-1 of <b>{number}</b> & Co is overdue"


def test_a_company_named_like_our_line_does_not_take_its_place() -> None:
    (write,) = decide(replace(LATE, companies=(Company("10", "In the books: Ltd", "1"),)))
    body = with_figures(write.payload["properties"]["hs_task_body"], "In the books: nothing open any more.")
    assert body.endswith("<p>In the books: nothing open any more.</p>")
    assert "(Intacct customer C-1)" in body


def test_an_overdue_invoice_of_a_customer_without_company_is_held() -> None:
    (hold,) = decide(replace(LATE, companies=()))
    assert isinstance(hold, Hold)
    assert (hold.source_id, hold.code) == ("4711", "customer_without_company")


def test_days_without_a_run_are_caught_up_with_one_task_of_the_highest_stage() -> None:
    (write,) = decide(replace(LATE, due_date=TODAY - timedelta(days=100)))
    assert write.key.part == "dunning-3"


def test_a_later_stages_task_takes_the_place_of_the_open_one() -> None:
    write, update = decide(replace(LATE, due_date=TODAY - timedelta(days=20), tasks=(OPEN_TASK,)))
    assert write.key.part == "dunning-2"
    assert (update.target_id, update.values["hs_task_status"]) == ("900", "COMPLETED")


@pytest.mark.parametrize("status", ["COMPLETED", ""])
def test_a_task_that_a_person_completed_or_deleted_stays_so_until_the_next_stage(status: str) -> None:
    done = replace(OPEN_TASK, status=status, body="")
    assert isinstance(decide(replace(LATE, tasks=(done,)))[0], Skip)
    (write,) = decide(replace(LATE, due_date=TODAY - timedelta(days=20), tasks=(done,)))
    assert write.key.part == "dunning-2"


def test_an_open_task_shows_what_is_open_after_a_part_payment_and_keeps_what_people_wrote() -> None:
    body = f"<p>Spoke to Ms. Oster.</p>{OPEN_TASK.body}<p><small>Tieout: intacct-invoice-4711</small></p>"
    (update,) = decide(replace(LATE, balance=Money.of("20", "USD"), tasks=(replace(OPEN_TASK, body=body),)))
    assert isinstance(update, Update)
    assert update.values == {"hs_task_body": body.replace("320.00 USD open", "20.00 USD open")}


def test_a_body_without_our_line_is_left_alone_and_one_with_it_is_recognised_in_other_spacing() -> None:
    assert with_figures("<p>mine</p>", "In the books: 1") == "<p>mine</p>"
    assert with_figures("<p>In the  books: 1</p>", "In the books: 2") == "<p>In the  books: 1</p>"
    assert with_figures("<p>In the books: 1  open</p>", "In the books: 1 open") == "<p>In the books: 1  open</p>"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"state": "settled", "balance": Money.of("0", "USD")}, "nothing open any more of 500.00 USD."),
        ({"state": "reversed"}, "the invoice was reversed."),
        ({"state": "gone"}, "the invoice was deleted."),
        ({"due_date": TODAY}, "320.00 USD open of 500.00 USD, due 2026-11-16."),
    ],
)
def test_what_is_not_overdue_any_more_closes_its_task_and_says_why(change: dict[str, Any], told: str) -> None:
    (update,) = decide(replace(LATE, tasks=(OPEN_TASK,), **change))
    assert update.values["hs_task_status"] == "COMPLETED"
    assert update.values["hs_task_body"] == f"<p>In the books: {told}</p>"


def test_an_invoice_travels_between_the_steps_unchanged() -> None:
    whole = replace(LATE, contact_id="20", deal_ids=("30",), tasks=(OPEN_TASK,), round=2)
    assert OverdueInvoice.from_json(whole.to_json()) == whole


# -- the owner's mail


def test_each_owner_gets_one_mail_with_the_worst_first_and_sums_by_currency() -> None:
    older = replace(
        LATE, record_no="1", number="BW-0", due_date=TODAY - timedelta(days=40), balance=Money.of("7", "EUR")
    )
    others = replace(LATE, record_no="2", companies=(Company("11", "Other", "2"),))
    mails = digests([LATE, others, older], OWNERS, {"10": "https://app.hubspot.com/10"}, TODAY, SETTINGS)
    assert [one.key.text() for one in mails] == [
        f"mail|message|hubspot|owner|{owner}|overdue-2026-11-16" for owner in ("1", "2")
    ]
    (section,) = mails[0].payload["sections"]
    assert "7.00 EUR, 320.00 USD" in section["lines"][0]
    assert [row[1]["text"] for row in section["rows"]] == ["BW-0", "BW-1"]
    assert section["rows"][1][0] == {"text": "Fjord Kiln", "url": "https://app.hubspot.com/10"}
    assert section["rows"][1][2:] == ["2026-11-11", "5", "320.00 USD"]


def test_an_owner_without_a_usable_address_keeps_no_mail_from_the_others() -> None:
    owners = OwnerDirectory({"1": "nobody at home", "2": "ben@brightwater.example"})
    others = replace(LATE, record_no="2", companies=(Company("11", "Other", "2"),))
    assert [one.key.source_id for one in digests([LATE, others], owners, {}, TODAY, SETTINGS)] == ["2"]


def test_the_fallback_owner_reads_of_an_owner_who_cannot_be_written_to() -> None:
    owners = OwnerDirectory({"1": "", "2": "ben@brightwater.example"}, "2")
    (mail,) = digests([LATE, replace(LATE, record_no="2")], owners, {}, TODAY, SETTINGS)
    assert mail.key.source_id == "2"
    assert len(mail.payload["sections"][0]["rows"]) == 2


def test_ten_thousand_overdue_invoices_fit_into_one_mail_with_the_sum_of_all() -> None:
    many = [replace(LATE, record_no=str(n), number=f"BW-{n}") for n in range(9_999)]
    oldest = replace(LATE, record_no="9999", number="BW-old", due_date=TODAY - timedelta(days=900))
    (mail,) = digests([*many, oldest], OWNERS, {"10": "https://app.hubspot.com/10"}, TODAY, SETTINGS)
    told = Notice.from_json(mail.payload)
    assert "10,000 invoices are overdue: 3,200,000.00 USD" in told.sections[0].lines[0]
    assert told.sections[0].rows[0][2] == (TODAY - timedelta(days=900)).isoformat()
    at = datetime(2026, 11, 16, tzinfo=UTC)
    assert len(build_message(told, mail.key, sender="t@b.example", sender_name="", at=at)) < 1_000_000


@pytest.mark.parametrize("day", [date(2026, 11, 14), date(2026, 11, 15)])
def test_no_mail_is_sent_on_saturdays_and_sundays_unless_a_person_starts_the_run(day: date) -> None:
    assert digests([LATE], OWNERS, {}, day, SETTINGS) == []
    assert len(digests([LATE], OWNERS, {}, day, SETTINGS, asked_for=True)) == 1


def test_slack_gets_one_list_for_all_owners_where_the_settings_say_so() -> None:
    settings = SETTINGS.model_copy(update={"slack": True, "digest": False})
    (message,) = digests([LATE, replace(LATE, record_no="2", companies=())], OWNERS, {}, TODAY, settings)
    assert message.key.text() == "slack|message|intacct|receivables|all|overdue-2026-11-16"
    assert len(message.payload["sections"][0]["rows"]) == 2


# -- the whole flow, against the twins


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Office]:
    """The demo company on Monday 16 November 2026: 14 invoices of the back office and one deal's customer overdue."""
    with office(tmp_path, deals=4, at=MONDAY) as opened:
        yield opened


def tasks(demo: Office) -> dict[str, dict[str, Any]]:
    """Our tasks by the key they carry, the associations among the values."""
    listed = (one for one in demo.sandbox.control.books("hubspot") if one["type"] == "tasks")
    return {
        one["properties"]["tieout_source_key"]: one["properties"] | {"to": one["associations"], "id": one["id"]}
        for one in listed
    }


def invoice(demo: Office, number: str) -> dict[str, str]:
    return next(one for one in demo.invoices() if one["RECORDID"] == number)


def task(demo: Office, number: str, part: str) -> dict[str, Any]:
    stage, round_ = stage_and_round(part) or (0, 0)
    return tasks(demo)[task_key(invoice(demo, number)["RECORDNO"], stage, round_).document_key()]


def mails(demo: Office) -> list[dict[str, Any]]:
    return demo.sandbox.control.messages("mail")


def changes(demo: Office) -> int:
    return sum(demo.sent("hubspot", name) for name in ("create", "update", "upsert")) + len(
        demo.sandbox.control.messages()
    )


def test_every_overdue_invoice_gets_the_task_of_its_stage_and_a_rerun_writes_nothing(books: Office) -> None:
    note = books.run_flow(FLOW)
    assert note["tasks_created"] == 14
    assert note["held"] == 0
    shown = task(books, "BW-90203", "dunning-2")
    assert shown["hs_task_subject"] == "Second reminder: invoice BW-90203 of Ravensworth Cold Stores"
    assert shown["to"]["companies"] == ["20415100134"]
    assert len(shown["to"]["contacts"]) == 1
    assert shown["hubspot_owner_id"] == "71530423"
    assert task(books, "BW-90701", "dunning-1")["hs_task_priority"] == "LOW"
    assert [one["to"] for one in mails(books)] != []
    assert len(mails(books)) == len({one["to"][0] for one in mails(books)}) == 4
    before, kept = changes(books), tasks(books)
    again = books.run_flow(FLOW)
    assert (again["skipped"], again["planned"]) == (14, 0)
    assert (changes(books), tasks(books)) == (before, kept)


def test_a_task_follows_payment_and_reversal_of_the_payment(books: Office) -> None:
    books.run_flow(FLOW)
    keeper, owed = BookKeeper(books.sandbox), invoice(books, "BW-90203")
    keeper.pay(owed, Decimal("120.00"), TODAY, bank="BW-US-USD")
    assert books.run_flow(FLOW)["updated"] == 1
    half = task(books, "BW-90203", "dunning-2")
    assert half["hs_task_status"] == "NOT_STARTED"
    assert "200.00 USD open of 320.00 USD" in half["hs_task_body"]
    payment = keeper.pay(owed, Decimal("200.00"), TODAY, bank="BW-US-USD")
    paid = books.run_flow(FLOW)
    assert (paid["updated"], paid["dunning_ended"]) == (1, 1)
    closed = task(books, "BW-90203", "dunning-2")
    assert closed["hs_task_status"] == "COMPLETED"
    assert "nothing open any more" in closed["hs_task_body"]
    keeper.reverse_payment(payment, TODAY, "NSF")
    assert books.run_flow(FLOW)["tasks_created"] == 1
    again = task(books, "BW-90203", "dunning-2-again-1")
    assert again["hs_task_status"] == "NOT_STARTED"
    assert "200.00 USD open" in again["hs_task_body"]
    assert task(books, "BW-90203", "dunning-2") == closed
    before = changes(books)
    books.run_flow(FLOW)
    assert changes(books) == before


def test_a_step_of_an_older_run_that_a_person_clears_makes_no_second_task(books: Office) -> None:
    books.run_flow(FLOW)
    keeper, owed = BookKeeper(books.sandbox), invoice(books, "BW-90203")
    payment = keeper.pay(owed, Decimal("320.00"), TODAY, bank="BW-US-USD")
    paid = books.run(flow=FLOW, run_id="paid")
    (ids,) = steps.slices(paid)
    decisions = steps.plan(paid, steps.extract(paid, ids))
    steps.write_back(paid, steps.load(paid, decisions))
    keeper.reverse_payment(payment, TODAY, "NSF")
    assert books.run_flow(FLOW)["tasks_created"] == 1
    cleared = books.run(flow=FLOW, run_id="paid", attempt=2)
    steps.write_back(cleared, steps.load(cleared, decisions))
    assert books.run_flow(FLOW)["planned"] == 0
    keeper.pay(owed, Decimal("320.00"), TODAY, bank="BW-US-USD")
    books.run_flow(FLOW)
    assert task(books, "BW-90203", "dunning-2-again-1")["hs_task_status"] == "COMPLETED"


def test_a_returned_payment_makes_a_new_task_though_a_person_had_completed_the_first(books: Office) -> None:
    books.run_flow(FLOW)
    keeper, owed = BookKeeper(books.sandbox), invoice(books, "BW-90203")
    SalesRep(books.sandbox).change("tasks", task(books, "BW-90203", "dunning-2")["id"], hs_task_status="COMPLETED")
    payment = keeper.pay(owed, Decimal("320.00"), TODAY, bank="BW-US-USD")
    before = changes(books)
    assert books.run_flow(FLOW)["dunning_ended"] == 1
    assert changes(books) == before
    keeper.reverse_payment(payment, TODAY, "NSF")
    assert books.run_flow(FLOW)["tasks_created"] == 1
    assert task(books, "BW-90203", "dunning-2-again-1")["hs_task_status"] == "NOT_STARTED"


def test_a_reversed_invoice_closes_its_task(books: Office) -> None:
    books.run_flow(FLOW)
    BookKeeper(books.sandbox).reverse_invoice(invoice(books, "BW-90203")["RECORDNO"], TODAY, "entered twice")
    books.run_flow(FLOW)
    closed = task(books, "BW-90203", "dunning-2")
    assert closed["hs_task_status"] == "COMPLETED"
    assert "was reversed" in closed["hs_task_body"]


def test_only_the_newest_stages_task_stays_open_and_each_business_day_has_its_mail(books: Office) -> None:
    books.run_flow(FLOW)
    first = len(mails(books))
    books.sandbox.control.stop_clock(MONDAY + timedelta(days=14))
    books.run_flow(FLOW)
    assert task(books, "BW-90701", "dunning-1")["hs_task_status"] == "COMPLETED"
    assert task(books, "BW-90701", "dunning-2")["hs_task_status"] == "NOT_STARTED"
    assert len(mails(books)) > first


def test_a_backfill_goes_by_the_day_on_which_a_stage_begins_and_sends_no_mail(books: Office) -> None:
    # Due 29 October, three days of grace: stage 1 began on 2 November, stage 2 on 16 November.
    march = books.run_flow(FLOW, date_from="2026-03-01", date_to="2026-03-31")
    assert march.get("tasks_created", 0) == 0
    days = {"date_from": "2026-11-02", "date_to": "2026-11-02"}
    assert books.run_flow(FLOW, **days)["tasks_created"] == 1
    assert task(books, "BW-90203", "dunning-2")["hs_task_status"] == "NOT_STARTED"
    before = changes(books)
    books.run_flow(FLOW, **days)
    assert (changes(books), mails(books)) == (before, [])
    BookKeeper(books.sandbox).pay(invoice(books, "BW-90203"), Decimal("320.00"), TODAY, bank="BW-US-USD")
    books.run_flow(FLOW, **days)
    assert task(books, "BW-90203", "dunning-2")["hs_task_status"] == "COMPLETED"


def test_a_kill_between_making_and_remembering_leaves_one_task_for_each_invoice(books: Office) -> None:
    kill_a_run(books, FLOW, "sync.after_send:1")
    note = books.run_flow(FLOW, run_id="killed", attempt=2)
    assert len(tasks(books)) == 14
    assert note["held"] == 0
    assert len(mails(books)) == 4


def test_a_lost_reply_makes_no_second_task(books: Office) -> None:
    with books.sandbox.control.faulty("lost_after", system="hubspot", label="tasks/batch/create", count=1):
        books.run_flow(FLOW)
    assert len(tasks(books)) == 14


def test_a_refused_close_is_held_and_tried_again(books: Office) -> None:
    books.run_flow(FLOW)
    owed = invoice(books, "BW-90203")
    BookKeeper(books.sandbox).pay(owed, Decimal("320.00"), TODAY, bank="BW-US-USD")
    with books.sandbox.control.faulty("status", system="hubspot", label="tasks/batch/update", status=400):
        assert books.run_flow(FLOW)["dunning_ended"] == 0
    assert books.hold_codes(FLOW) == {owed["RECORDNO"]: "rejected_by_hubspot"}
    assert books.run_flow(FLOW)["dunning_ended"] == 1
    assert books.hold_codes(FLOW) == {}


def test_a_task_belongs_to_the_deal_that_the_invoice_came_from(books: Office) -> None:
    books.run_flow(WON_DEALS)
    deal = next(one for one in books.sandbox.control.manifest()["deals"] if one["expect"] == "posted")["deal_id"]
    number = books.deal(deal)["intacct_invoice_number"]
    due = date.fromisoformat(str(books.deal(deal)["intacct_invoice_due_date"]))
    books.sandbox.control.stop_clock(datetime.combine(due + timedelta(days=10), datetime.min.time(), UTC))
    books.run_flow(FLOW)
    assert task(books, str(number), "dunning-1")["to"]["deals"] == [deal]


def test_a_customer_without_company_is_held_until_a_company_names_it(books: Office) -> None:
    coding = Coding("4100", "100", "HW")
    keeper = BookKeeper(books.sandbox, "100")
    customer = "C-9001"
    SalesRep(books.sandbox).change("companies", "20415100117", intacct_customer_id="")
    made = keeper.invoice(
        customer, Decimal("75.00"), TODAY - timedelta(days=40), due=TODAY - timedelta(days=10), coding=coding
    )
    books.run_flow(FLOW)
    assert books.hold_codes(FLOW) == {made: "customer_without_company"}
    SalesRep(books.sandbox).change("companies", "20415100117", intacct_customer_id=customer)
    assert books.run_flow(FLOW)["tasks_created"] == 1
    assert books.hold_codes(FLOW) == {}


def test_without_a_mail_connection_the_tasks_are_made_all_the_same(books: Office) -> None:
    run = books.run(flow=FLOW)
    run.open_mail = lambda: None
    (ids,) = steps.slices(run)
    counts = steps.load(run, steps.plan(run, steps.extract(run, ids)))["counts"]
    assert (counts["tasks_created"], counts["notices_not_sent"]) == (14, 4)
    assert mails(books) == []


def test_a_mail_server_that_refuses_us_keeps_no_paid_invoices_task_open_and_a_retry_sends_the_mails(
    books: Office,
) -> None:
    books.run_flow(FLOW)
    BookKeeper(books.sandbox).pay(invoice(books, "BW-90203"), Decimal("320.00"), TODAY, bank="BW-US-USD")
    books.sandbox.control.stop_clock(MONDAY + timedelta(days=1))
    run = books.run(flow=FLOW, run_id="refused")
    (ids,) = steps.slices(run)
    decisions = steps.plan(run, steps.extract(run, ids))
    refused = pytest.raises(SettingsError, match="smtp_default")
    with books.sandbox.control.faulty("status", system="mail", label="MAIL", status=550), refused:
        steps.load(run, decisions)
    assert task(books, "BW-90203", "dunning-2")["hs_task_status"] == "COMPLETED"
    before = len(mails(books))
    steps.load(books.run(flow=FLOW, run_id="refused", attempt=2), decisions)
    assert len(mails(books)) > before


def test_no_task_and_no_mail_shows_a_contacts_data(books: Office) -> None:
    books.run_flow(FLOW)
    people = [one["properties"] for one in books.sandbox.control.books("hubspot") if one["type"] == "contacts"]
    texts = " ".join([*(f"{one['hs_task_subject']} {one['hs_task_body']}" for one in tasks(books).values())])
    texts += " ".join(one["text"] for one in mails(books))
    assert len(people) > 5
    assert [one["email"] for one in people if one.get("email") and one["email"] in texts] == []


def test_the_window_says_nothing_about_what_is_overdue(books: Office) -> None:
    nothing_changed = Window("modified", MONDAY, MONDAY)
    run = books.run(flow=FLOW)
    assert len(list(FLOW.find(run, nothing_changed))) == 15


def test_the_day_is_the_entitys_own(books: Office) -> None:
    """At 03:00 UTC on Tuesday it is still Monday in New York; due on Friday, four days later is the first stage."""
    friday = date(2026, 11, 13)
    made = {
        entity: BookKeeper(books.sandbox, entity).invoice(
            customer, Decimal("75.00"), TODAY, due=friday, coding=Coding("4100", entity, "HW")
        )
        for entity, customer in (("100", "C-9001"), ("200", "C-9005"))
    }

    def has_task(entity: str) -> bool:
        return task_key(made[entity], 1).document_key() in tasks(books)

    books.sandbox.control.stop_clock(datetime(2026, 11, 17, 3, tzinfo=UTC))
    books.run_flow(FLOW)
    assert (has_task("100"), has_task("200")) == (False, True)
    books.sandbox.control.stop_clock(datetime(2026, 11, 17, 9, tzinfo=UTC))
    books.run_flow(FLOW)
    assert (has_task("100"), has_task("200")) == (True, True)


def test_an_entity_that_counts_business_days_duns_later_and_the_others_as_before(books: Office, settings: Path) -> None:
    """Due on Friday with three days of grace: Monday, Wednesday and Thursday where the Tuesday is a holiday."""
    file = settings / "books.yaml"
    calendar = "    business_days: {weekend: [saturday, sunday], holidays: [2026-11-17]}\n"
    text = file.read_text()
    file.write_text(text.replace("    time_zone: America/New_York\n", f"    time_zone: America/New_York\n{calendar}"))
    friday = date(2026, 11, 13)
    made = {
        entity: BookKeeper(books.sandbox, entity).invoice(
            customer, Decimal("75.00"), TODAY, due=friday, coding=Coding("4100", entity, "HW")
        )
        for entity, customer in (("100", "C-9001"), ("200", "C-9005"))
    }

    def with_task(day: date) -> set[str]:
        books.sandbox.control.stop_clock(datetime.combine(day, time(18), UTC))
        books.run_flow(FLOW)
        return {entity for entity, number in made.items() if task_key(number, 1).document_key() in tasks(books)}

    assert with_task(date(2026, 11, 17)) == {"200"}
    assert with_task(date(2026, 11, 19)) == {"200"}
    dated = books.run(flow=FLOW, date_from="2026-11-20")
    assert made["100"] in set(FLOW.find(dated, dated.window()))
    assert with_task(date(2026, 11, 20)) == {"100", "200"}
    before = changes(books)
    assert books.run_flow(FLOW)["planned"] == 0
    assert changes(books) == before


def test_a_mail_lists_all_of_an_owners_invoices_however_the_run_is_sliced(books: Office) -> None:
    run = books.run(flow=FLOW)
    (ids,) = steps.slices(run)
    for some in steps.in_slices(ids, 4, 100):
        steps.load(run, steps.plan(run, steps.extract(run, some)))
    assert len(tasks(books)) == 14
    texts = {one["to"][0]: one["text"] for one in mails(books)}
    assert len(texts) == len(mails(books)) == 4
    assert sum(text.count("BW-") for text in texts.values()) == 14


def test_where_tasks_take_no_unique_property_they_are_found_by_a_line_that_updates_keep(tmp_path: Path) -> None:
    with office(tmp_path, deals=4, at=MONDAY, hubspot={"tasks_take_custom_properties": False}) as books:
        books.run_flow(FLOW)
        keeper, owed = BookKeeper(books.sandbox), invoice(books, "BW-90203")
        keeper.pay(owed, Decimal("120.00"), TODAY, bank="BW-US-USD")
        assert books.run_flow(FLOW)["updated"] == 1
        bodies = [
            one["properties"]["hs_task_body"]
            for one in books.sandbox.control.books("hubspot")
            if one["type"] == "tasks"
        ]
        assert len(bodies) == 14
        (body,) = [one for one in bodies if "BW-90203" in one]
        assert "200.00 USD open of 320.00 USD" in body
        assert f"Tieout: {task_key(owed['RECORDNO'], 2).document_key()}" in body


def test_a_dry_run_writes_and_tells_nothing(books: Office) -> None:
    assert books.run_flow(FLOW, post_mode="dry_run")["planned"] == 14
    assert changes(books) == 0


def test_a_limited_run_passes_by_what_has_its_task_and_gets_further(books: Office) -> None:
    assert [books.run_flow(FLOW, limit=5)["tasks_created"] for _ in range(2)] == [5, 5]
    assert len(tasks(books)) == 10
    assert books.run_flow(FLOW, limit=50)["tasks_created"] == 4
    assert mails(books) == []


def test_a_scheduled_run_on_a_saturday_makes_tasks_and_sends_no_mail(books: Office) -> None:
    saturday = MONDAY - timedelta(days=2)
    books.sandbox.control.stop_clock(saturday)
    interval = (saturday - timedelta(days=1), saturday)
    assert books.run_flow(FLOW, run_type="scheduled", interval=interval)["tasks_created"] >= 13
    assert mails(books) == []
