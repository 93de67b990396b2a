"""Nothing of a changed deal is sent without consent to just that, and what was begun ends once, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from include.core.errors import OutcomeUnknown, Unavailable
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from include.state.migrate import migrate
from tests.flows.kill import kill_a_run
from tests.flows.office import office
from tests.flows.test_changed_deals import CODING, SENSOR, Desk, choose, opened
from tieout import steps

ONCE = [("Posted", Decimal("1200.00"))]
BEFORE = [("Posted", Decimal("1000.00"))]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with office(tmp_path, deals=1) as demo:
        at = opened(demo)
        at.sells()
        assert at.live == BEFORE
        yield at


def approval(desk: Desk) -> dict[str, Any]:
    return {"record_ids": [desk.deal], "approve": [f"{desk.deal}:{desk.hold.details['hash']}"]}


def assert_links_follow(desk: Desk) -> None:
    """Every invoice of the deal is linked to it; those that were reversed name the one that took their place."""
    numbers = [one["RECORDNO"] for one in desk.books()]
    links = desk.demo.store().links_of_deals([desk.deal], ended=True)
    assert [(one.document, one.successor, one.counts) for one in sorted(links, key=lambda one: int(one.document))] == [
        *((old, new, False) for old, new in pairwise(numbers)),
        (numbers[-1], "", True),
    ]


def test_another_run_before_the_approval_shows_the_same_plan(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    first = desk.hold
    note = desk.run()
    assert (desk.hold.details, desk.hold.message) == (first.details, first.message)
    assert note["written_back"] == 0
    assert desk.live == BEFORE


def test_a_wrong_hash_carries_nothing_out(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    desk.run(approve=[f"{desk.deal}:0123456789ab", "999:0123456789ab"])
    assert desk.hold.code == "needs_approval"
    assert "not this plan any more" in desk.hold.message
    assert desk.live == BEFORE
    assert desk.demo.store().approvals(datetime(2020, 1, 1, tzinfo=UTC)) == []


def test_a_stale_approval_never_posts(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    approve = approval(desk)
    desk.quantity(13)
    desk.demo.invoice_won_deals(**approve)
    assert desk.hold.code == "needs_approval"
    assert "1300.00 USD" in desk.hold.message
    assert desk.live == BEFORE


def test_a_payment_after_the_approval_asks_anew(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    approve = approval(desk)
    desk.pays("400")
    desk.demo.invoice_won_deals(**approve)
    assert "supplementary invoice" in desk.hold.message
    assert [total for _, total in desk.live] == [Decimal("1000.00")]


def test_a_payment_between_plan_and_load_holds_the_change(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    run = desk.demo.run(**approval(desk))
    (ids,) = steps.slices(run)
    decisions = steps.plan(run, steps.extract(run, ids))
    desk.pays("400")
    steps.load(run, decisions)
    assert desk.hold.code == "plan_is_stale"
    assert [total for _, total in desk.live] == [Decimal("1000.00")]


def test_a_period_that_closes_between_plan_and_load_holds_the_change(desk: Desk, settings: Path) -> None:
    desk.quantity(12)
    desk.run()
    run = desk.demo.run(**approval(desk))
    (ids,) = steps.slices(run)
    decisions = steps.plan(run, steps.extract(run, ids))
    desk.closes_the_period(settings)
    steps.load(desk.demo.run(run_id=run.run_id, attempt=2), decisions)
    assert desk.hold.code == "plan_is_stale"
    assert desk.live == BEFORE
    desk.run()
    assert "supplementary invoice" in desk.hold.message


def test_a_period_that_closes_between_plan_and_load_holds_a_first_invoice_too(tmp_path: Path, settings: Path) -> None:
    with office(tmp_path / "other" if (tmp_path / "other").mkdir() is None else tmp_path, deals=1) as demo:
        desk = opened(demo)
        desk.sells(post_mode="dry_run")
        run = demo.run(record_ids=[desk.deal])
        (ids,) = steps.slices(run)
        decisions = steps.plan(run, steps.extract(run, ids))
        desk.closes_the_period(settings)
        steps.load(demo.run(run_id=run.run_id, attempt=2), decisions)
        assert desk.hold.code == "plan_is_stale"
        assert desk.books() == []
        desk.run()
        assert desk.live == BEFORE
        assert desk.books()[0]["WHENPOSTED"] == "11/18/2026"


def test_below_the_threshold_a_change_is_carried_out_at_once(desk: Desk, settings: Path) -> None:
    choose(settings, approve_above='{USD: "200.00"}')
    desk.quantity(12)
    desk.run()
    assert desk.live == ONCE
    desk.quantity(15)
    desk.run()
    assert desk.hold.code == "needs_approval"
    assert desk.live == ONCE


def test_a_dry_run_tells_the_plan_and_sends_nothing(desk: Desk, settings: Path, caplog: Any) -> None:
    choose(settings, approve_above='{USD: "200.00"}')
    desk.quantity(12)
    with caplog.at_level("INFO"):
        desk.run(post_mode="dry_run")
    assert "reverse invoice" in caplog.text
    assert "a new invoice over 1200.00 USD" in caplog.text
    assert desk.live == BEFORE


def test_a_change_that_is_taken_back_before_the_approval_leaves_everything_as_it_was(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    desk.quantity(10)
    desk.run()
    assert desk.hold is None
    assert desk.shown["tieout_state"] == "posted"
    assert desk.live == BEFORE
    desk.settled()


def test_two_changes_in_a_row_and_back_to_the_first_amount(desk: Desk) -> None:
    for quantity in (12, 7, 10):
        desk.quantity(quantity)
        desk.carries_out()
        assert desk.live == [("Posted", Decimal(100 * quantity))]
    assert len(desk.books()) == 4
    assert_links_follow(desk)
    desk.settled()


def test_supplements_and_credits_in_a_row_add_up_to_the_deal(desk: Desk, settings: Path) -> None:
    choose(settings, unpaid_open_period="adjust")
    for quantity in (12, 7, 9, 4):
        desk.quantity(quantity)
        desk.carries_out()
        assert desk.shown["intacct_invoice_balance"] == f"{100 * quantity}.00"
    desk.settled()


def test_a_won_date_that_is_edited_later_leaves_the_invoice_alone(desk: Desk) -> None:
    desk.rep.change("deals", desk.deal, closedate="2026-11-10T15:00:00Z")
    desk.run()
    assert desk.hold.code == "changed_after_posting"
    assert "keeps its date" in desk.hold.message
    assert desk.live == BEFORE


def test_a_second_invoice_by_hand_is_for_a_person_to_decide(desk: Desk) -> None:

    customer = desk.books()[0]["CUSTOMERID"]
    day = date(2026, 11, 18)
    desk.keeper.invoice(customer, Decimal("50"), day, due=day, coding=CODING, number="HAND-1")
    number = desk.shown["intacct_invoice_number"]
    desk.rep.change("deals", desk.deal, intacct_invoice_number=f"{number};HAND-1")
    desk.quantity(12)
    desk.run()
    assert (desk.hold.code, "HAND-1" in desk.hold.message) == ("changed_after_posting", True)
    assert desk.live == BEFORE


PLACES = ["after_claim:1", "after_intent:1", "after_send:1", "after_record:1", "after_intent:2", "after_send:2"]


@pytest.mark.parametrize("place", PLACES)
def test_a_kill_in_the_middle_leaves_one_live_invoice(desk: Desk, place: str) -> None:
    desk.quantity(12)
    desk.run()
    approve = approval(desk)
    kill_a_run(desk.demo, FLOW, f"sync.{place}", **approve)
    desk.demo.invoice_won_deals(run_id="killed", attempt=2, **approve)
    assert desk.live == ONCE
    desk.settled()


@pytest.mark.parametrize("place", ["after_record:1", "after_send:2"])
def test_a_later_run_finishes_what_a_killed_one_began_without_a_second_approval(desk: Desk, place: str) -> None:
    desk.quantity(12)
    desk.run()
    given = approval(desk)
    kill_a_run(desk.demo, FLOW, f"sync.{place}", **given)
    desk.demo.sandbox.control.advance(3600)
    for _ in range(3):
        desk.run()
    assert desk.live == ONCE
    assert_links_follow(desk)
    desk.settled()
    # It was kept before anything was sent, with what it was given for.
    (kept,) = desk.demo.store().approvals(datetime(2020, 1, 1, tzinfo=UTC))
    assert (kept.subject, [kept.token]) == (desk.deal, given["approve"])
    assert "1200.00 USD" in kept.what


def test_a_deal_that_changes_again_while_a_change_is_half_done_ends_as_it_is_then(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    kill_a_run(desk.demo, FLOW, "sync.after_send:2", **approval(desk))
    desk.demo.sandbox.control.advance(3600)
    desk.quantity(15)
    desk.run()
    desk.carries_out()
    assert desk.live == [("Posted", Decimal("1500.00"))]
    desk.settled()


@pytest.mark.parametrize("kind", ["lost_after", "lost_before", "garbage"])
@pytest.mark.parametrize("label", ["reverse_invoice", "create_invoice"])
def test_a_lost_answer_leaves_one_live_invoice(desk: Desk, kind: str, label: str) -> None:
    desk.quantity(12)
    desk.run()
    approve = approval(desk)
    desk.demo.sandbox.control.fault(kind, system="intacct", label=label, nth=1)
    for attempt in range(1, 6):
        try:
            desk.demo.invoice_won_deals(run_id="one-run", attempt=attempt, **approve)
            break
        except (OutcomeUnknown, Unavailable):
            continue
    assert desk.live == ONCE
    desk.settled()


@pytest.mark.parametrize("place", ["after_send:1", "after_record:1", "after_intent:2", "after_send:2"])
def test_a_kill_between_credit_and_application_credits_once(desk: Desk, settings: Path, place: str) -> None:
    choose(settings, unpaid_open_period="adjust")
    desk.quantity(7)
    desk.run()
    approve = approval(desk)
    kill_a_run(desk.demo, FLOW, f"sync.{place}", **approve)
    desk.demo.sandbox.control.advance(3600)
    for _ in range(3):
        desk.run()
    assert [Decimal(m["TRX_TOTALENTERED"]) for m in desk.books("ARADJUSTMENT")] == [Decimal("-300.00")]
    assert desk.shown["intacct_invoice_balance"] == "700.00"
    desk.settled()


def test_a_deleted_deal_with_an_invoice_is_reported_and_its_invoice_stays(desk: Desk) -> None:
    desk.demo.invoice_won_deals()
    desk.demo.hubspot().request("DELETE", f"/crm/v3/objects/deals/{desk.deal}")
    note = desk.demo.invoice_won_deals()
    assert (desk.hold.code, desk.live, note["write_back_failed"]) == ("deal_gone", BEFORE, 0)
    desk.demo.invoice_won_deals()
    assert desk.hold.code == "deal_gone"
    desk.keeper.reverse_invoice(desk.books()[0]["RECORDNO"], date(2026, 11, 18), "deleted")
    desk.demo.invoice_won_deals()
    assert desk.hold is None


def test_by_setting_a_negative_total_becomes_a_credit_memo_once(tmp_path: Path, settings: Path) -> None:
    file = settings / f"{FLOW.name}.yaml"
    file.write_text(file.read_text().replace("negative_total: hold", "negative_total: credit_memo"))
    with office(tmp_path, deals=1) as demo:
        desk = opened(demo)
        desk.sells()
        desk.deal = desk.rep.create(
            "deals",
            {
                "dealname": "Returned sensors",
                "amount": "-300",
                "deal_currency_code": "USD",
                "pipeline": "default",
                "dealstage": "closedwon",
                "closedate": "2026-11-17T15:00:00Z",
            },
            [(desk.company, 5)],
        )
        desk.rep.create("line_items", {**SENSOR, "quantity": "-3"}, [(desk.deal, 20)])
        desk.run()
        (memo,) = desk.books("ARADJUSTMENT")
        assert (memo["STATE"], Decimal(memo["TRX_TOTALENTERED"])) == ("Posted", Decimal("-300.00"))
        assert desk.shown["tieout_state"] == "credited"
        desk.settled()


def test_by_the_policy_ask_a_closed_period_waits_for_agreement_to_the_day(tmp_path: Path, settings: Path) -> None:
    books = settings / "books.yaml"
    closed = "closed_through: 2026-11-17, when_closed: ask"
    books.write_text(books.read_text().replace("closed_through: 2026-09-30, when_closed: first_open_day", closed))
    with office(tmp_path, deals=1) as demo:
        desk = opened(demo)
        desk.sells()
        assert (desk.hold.code, desk.books()) == ("ask_posting_date", [])
        desk.run(approve=[f"{desk.deal}:20261119"])
        assert desk.books() == []
        desk.run(approve=[f"{desk.deal}:20261118"])
        (invoice,) = desk.books()
        assert (invoice["WHENCREATED"], invoice["WHENPOSTED"]) == ("11/16/2026", "11/18/2026")
        desk.settled()


def test_a_held_document_goes_by_itself_when_its_period_is_opened_again(tmp_path: Path, settings: Path) -> None:
    books = settings / "books.yaml"
    shipped = books.read_text()
    closed = "closed_through: 2026-11-17, when_closed: hold"
    books.write_text(shipped.replace("closed_through: 2026-09-30, when_closed: first_open_day", closed))
    with office(tmp_path, deals=1) as demo:
        desk = opened(demo)
        desk.sells()
        assert desk.hold.code == "closed_period"
        books.write_text(shipped)
        demo.invoice_won_deals()
        assert desk.live == BEFORE
        assert desk.books()[0]["WHENPOSTED"] == "11/16/2026"


def test_a_reversal_that_intacct_refuses_leaves_the_old_invoice_and_makes_no_new_one(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    approve = approval(desk)
    refusal = {"errorno": "BL01001973", "message": "The invoice cannot be reversed now.", "level": "function"}
    with desk.demo.sandbox.control.faulty("refusal", system="intacct", label="reverse_invoice", **refusal):
        desk.demo.invoice_won_deals(**approve)
    assert desk.hold.code == "rejected_by_intacct"
    assert desk.live == BEFORE
    desk.carries_out()
    assert desk.live == ONCE
    desk.settled()


def test_a_part_credited_by_hand_is_counted(desk: Desk) -> None:
    """Somebody credited 300.00 before the rep lowered the deal by as much: only the rest is credited."""
    memo = desk.keeper.credit(desk.books()[0], Decimal("300"), date(2026, 11, 18), coding=CODING)
    desk.keeper.apply(desk.books()[0], memo, Decimal("300"), date(2026, 11, 18), account="1090")
    desk.quantity(5)
    desk.carries_out()
    assert [Decimal(m["TRX_TOTALENTERED"]) for m in desk.books("ARADJUSTMENT")] == [Decimal("-200.00")]
    assert desk.shown["intacct_invoice_balance"] == "500.00"
    desk.settled()


def test_a_lost_state_database_bills_no_changed_deal_twice_and_a_later_change_goes_on(
    desk: Desk, tmp_path: Path, settings: Path
) -> None:
    desk.quantity(12)
    desk.carries_out()
    choose(settings, unpaid_open_period="adjust")
    desk.quantity(10)
    desk.carries_out()
    books = desk.demo.sandbox.control.books
    before = list(books("intacct"))
    desk.demo = replace(desk.demo, state_url=f"sqlite:///{tmp_path / 'new.db'}")
    migrate(desk.demo.state_url)
    desk.run()
    assert desk.hold is None
    assert list(books("intacct")) == before
    desk.settled()
    desk.quantity(15)
    desk.carries_out()
    assert [total for _, total in desk.live] == [Decimal("1200.00"), Decimal("500.00")]
    assert desk.shown["intacct_invoice_balance"] == "1500.00"
    desk.settled()


def test_a_lost_state_database_bills_no_deal_twice_whose_draft_was_replaced(tmp_path: Path) -> None:
    with office(tmp_path, deals=1) as demo:
        desk = opened(demo)
        desk.sells(post_mode="draft")
        desk.quantity(12)
        desk.carries_out()
        desk.demo = replace(desk.demo, state_url=f"sqlite:///{tmp_path / 'new.db'}")
        migrate(desk.demo.state_url)
        demo.sandbox.control.advance(86400)
        desk.quantity(13)
        desk.run()
        assert (desk.hold.code, desk.live) == ("changed_after_posting", [("Draft", Decimal("1200.00"))])
        desk.quantity(12)
        desk.run()
        assert (desk.hold, desk.live) == (None, [("Draft", Decimal("1200.00"))])


def test_a_deal_that_changed_while_the_state_database_was_lost_is_held(desk: Desk, tmp_path: Path) -> None:
    desk.quantity(12)
    desk.carries_out()
    desk.quantity(15)
    desk.demo = replace(desk.demo, state_url=f"sqlite:///{tmp_path / 'new.db'}")
    migrate(desk.demo.state_url)
    desk.run()
    assert (desk.hold.code, desk.live) == ("changed_after_posting", ONCE)


def test_a_credit_in_another_currency_than_the_books_leaves_nothing_open(tmp_path: Path) -> None:
    with office(tmp_path, deals=1) as demo:
        desk = opened(demo)
        desk.sells(currency="EUR")
        by_hand = desk.keeper.credit(desk.books()[0], Decimal("400.01"), date(2026, 11, 17), coding=CODING)
        desk.keeper.apply(desk.books()[0], by_hand, Decimal("400.01"), date(2026, 11, 17), account="1090")
        desk.loses()
        desk.carries_out()
        (memo,) = desk.books("ARADJUSTMENT")
        (invoice,) = desk.books()
        assert (Decimal(memo["TRX_TOTALENTERED"]), memo["CURRENCY"]) == (Decimal("-599.99"), "EUR")
        assert {Decimal(one[name]) for one in (invoice, memo) for name in ("TRX_TOTALDUE", "TOTALDUE")} == {Decimal(0)}
        desk.settled()


def test_many_changed_deals_cost_no_more_calls_than_one(desk: Desk) -> None:
    def calls() -> int:
        desk.demo.sandbox.control.forget_calls()
        desk.demo.invoice_won_deals(record_ids=deals)
        return desk.demo.sent("intacct", "")

    deals, lines = [desk.deal], [desk.line]
    for _ in range(4):
        desk.sells()
        deals.append(desk.deal)
        lines.append(desk.line)
    unchanged = calls()
    for changed in (1, 4):
        for deal, line in list(zip(deals, lines, strict=True))[:changed]:
            desk.rep.change("line_items", line, quantity="12")
            desk.rep.change("deals", deal, amount="1200")
        if changed == 1:
            one = calls()
    assert unchanged < one == calls()
