"""A deal that changes after it was invoiced: planned by the table, shown to a person, carried out once, from HubSpot to
Intacct's books. One company of a few deals serves a test; what people do goes over the systems' own APIs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.core.decisions import Write
from include.flows.deals.documents import part_key
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from include.sandbox.people import BookKeeper, Coding, SalesRep
from tests.flows.office import Office, office
from tieout import steps

CODING = Coding("4100", "100", "HW")
SENSOR = {"name": "Sensor", "hs_sku": "SENSOR-1", "quantity": "10", "price": "100"}


@dataclass
class Desk:
    """A demo company with one deal of its own, invoiced over 1,000.00 USD, and the people who work there."""

    demo: Office
    rep: SalesRep
    keeper: BookKeeper
    company: str
    deal: str = ""
    line: str = ""

    def sells(self, closedate: str = "2026-11-16T15:00:00Z", currency: str = "USD", **params: Any) -> None:
        self.deal = self.rep.create(
            "deals",
            {
                "dealname": "Roof plant",
                "amount": "1000",
                "deal_currency_code": currency,
                "pipeline": "default",
                "dealstage": "closedwon",
                "closedate": closedate,
            },
            [(self.company, 5)],
        )
        self.line = self.rep.create("line_items", SENSOR, [(self.deal, 20)])
        self.run(**params)

    def run(self, **params: Any) -> Mapping[str, int]:
        return self.demo.invoice_won_deals(record_ids=[self.deal], **params)

    def quantity(self, quantity: int) -> None:
        """The deal is about so many sensors at 100.00 now."""
        self.rep.change("line_items", self.line, quantity=str(quantity))
        self.rep.change("deals", self.deal, amount=str(100 * quantity))

    def loses(self) -> None:
        self.rep.change("deals", self.deal, dealstage="closedlost")

    @property
    def hold(self) -> Any:
        return next((h for h in self.demo.store().open_holds(FLOW.name) if h.source_id == self.deal), None)

    def approves(self, **params: Any) -> Mapping[str, int]:
        return self.run(approve=[f"{self.deal}:{self.hold.details['hash']}"], **params)

    def carries_out(self) -> Mapping[str, int]:
        """The change is shown first, then consented to."""
        self.run()
        assert self.hold is not None, self.shown
        assert self.hold.code == "needs_approval", self.hold.message
        return self.approves()

    def moves_to(self, company: str) -> None:
        """Another company pays for the deal."""
        path = f"/crm/v4/objects/deals/{self.deal}/associations/companies"
        self.demo.hubspot().request("DELETE", f"{path}/{self.company}")
        primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
        self.demo.hubspot().request("PUT", f"{path}/{company}", body=primary)

    def closes_the_period(self, settings: Path, through: str = "2026-11-17") -> None:
        """Receivables of Brightwater Inc, in Intacct and in the books' settings."""
        file = settings / "books.yaml"
        file.write_text(
            file.read_text().replace(
                "closed_through: 2026-09-30, when_closed: first", f"closed_through: {through}, when_closed: first"
            )
        )

    def posts_the_draft(self) -> None:
        self.keeper.post_draft(self.books()[0]["RECORDNO"])

    def writes_off(self, amount: str) -> None:
        memo = self.keeper.credit(
            self.books()[0], Decimal(amount), date(2026, 11, 17), coding=Coding("6900", "100", "HW")
        )
        self.keeper.apply(self.books()[0], memo, Decimal(amount), date(2026, 11, 17), account="1090")

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return [b["properties"] for b in self.demo.sandbox.control.books("hubspot") if b["type"] == "tasks"]

    @property
    def shown(self) -> dict[str, str | None]:
        return self.demo.deal(self.deal)

    def books(self, kind: str = "ARINVOICE") -> list[dict[str, Any]]:
        """The deal's own documents, by record number: those with its key, and the reversals of them."""
        key = re.compile(rf"hs-deal-{self.deal}-")
        records = [b["record"] for b in self.demo.sandbox.control.books("intacct") if b["object"] == kind]
        mine = [r for r in records if key.match(str(r.get("TIEOUT_KEY") or ""))]
        return sorted(mine, key=lambda r: int(r["RECORDNO"]))

    @property
    def live(self) -> list[tuple[str, Decimal]]:
        """State and total of the deal's invoices that stand."""
        return [
            (r["STATE"], Decimal(r["TRX_TOTALENTERED"]))
            for r in self.books()
            if r["STATE"] not in ("Reversed", "Reversal")
        ]

    def pays(self, amount: str) -> str:
        return self.keeper.pay(self.books()[0], Decimal(amount), date(2026, 11, 17), bank="BW-US-USD")

    def settled(self) -> None:
        """Another run has nothing to do, and nothing waits."""
        before = list(self.demo.sandbox.control.books("intacct"))
        note = self.run()
        assert note["written_back"] == 0, note
        assert self.hold is None, self.hold
        assert list(self.demo.sandbox.control.books("intacct")) == before


def choose(settings: Path, **chosen: str) -> None:
    """Settings of ``changes``."""
    file = settings / f"{FLOW.name}.yaml"
    text = file.read_text()
    for name, value in chosen.items():
        text = re.sub(rf"(?m)^  {name}: .*$", f"  {name}: {value}", text)
    file.write_text(text)


@pytest.fixture
def drafted(tmp_path: Path) -> Iterator[Desk]:
    """The deal's invoice is a draft."""
    with office(tmp_path, deals=1) as demo:
        at = opened(demo)
        at.sells(post_mode="draft")
        assert [state for state, _ in at.live] == ["Draft"]
        yield at


TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


def opened(demo: Office) -> Desk:
    demo.sandbox.control.set_clock(TODAY)
    rep = SalesRep(demo.sandbox)
    company = rep.create("companies", {"name": "Roof Works", "country": "United States", "domain": "roof.example"})
    return Desk(demo, rep, BookKeeper(demo.sandbox), company)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with office(tmp_path, deals=1) as demo:
        at = opened(demo)
        at.sells()
        assert at.live == [("Posted", Decimal("1000.00"))], (at.hold, at.shown)
        yield at


def test_a_higher_amount_is_shown_first_and_then_reversed_and_billed_anew(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    assert desk.hold.code == "needs_approval"
    assert "(1) reverse invoice" in desk.hold.message
    assert "1000.00 USD for it before and 1200.00 USD after" in desk.hold.message
    assert desk.shown["tieout_message"] == desk.hold.message
    assert desk.live == [("Posted", Decimal("1000.00"))]
    desk.approves()
    assert desk.live == [("Posted", Decimal("1200.00"))]
    assert (desk.shown["tieout_state"], desk.shown["intacct_invoice_total"]) == ("posted", "1200.00")
    desk.settled()


# Posted and unpaid, in an open period.


def test_a_lower_amount_is_reversed_and_billed_anew(desk: Desk) -> None:
    desk.quantity(7)
    desk.carries_out()
    assert desk.live == [("Posted", Decimal("700.00"))]
    desk.settled()


def test_a_deal_that_is_no_longer_won_is_reversed(desk: Desk) -> None:
    desk.loses()
    desk.carries_out()
    assert desk.live == []
    assert (desk.shown["tieout_state"], desk.shown["intacct_invoice_status"]) == ("reversed", "reversed")
    desk.settled()


def test_a_deal_that_is_won_again_after_it_was_reversed_is_billed_again(desk: Desk) -> None:
    desk.loses()
    desk.carries_out()
    desk.rep.change("deals", desk.deal, dealstage="closedwon", closedate="2026-11-17T15:00:00Z")
    desk.carries_out()
    assert desk.live == [("Posted", Decimal("1000.00"))]
    assert desk.shown["tieout_state"] == "posted"
    desk.settled()


def test_other_lines_of_the_same_total_are_billed_anew(desk: Desk) -> None:
    desk.rep.change("line_items", desk.line, quantity="5", price="200")
    desk.carries_out()
    assert desk.live == [("Posted", Decimal("1000.00"))]
    assert len(desk.books()) == 2
    desk.settled()


def test_another_currency_is_billed_anew_in_it(desk: Desk) -> None:
    desk.rep.change("deals", desk.deal, deal_currency_code="EUR")
    desk.carries_out()
    ((state, total),) = desk.live
    assert (state, total, desk.books()[-1]["CURRENCY"]) == ("Posted", Decimal("1000.00"), "EUR")
    desk.settled()


def test_another_company_is_billed_anew_as_its_own_customer(desk: Desk) -> None:
    first = desk.books()[0]["CUSTOMERID"]
    other = desk.rep.create("companies", {"name": "Dome Works", "country": "United States", "domain": "dome.example"})
    desk.moves_to(other)
    desk.carries_out()
    assert desk.live == [("Posted", Decimal("1000.00"))]
    assert desk.books()[-1]["CUSTOMERID"] not in ("", first)
    desk.settled()


def test_by_setting_a_higher_amount_adds_a_second_invoice_over_the_difference(desk: Desk, settings: Path) -> None:
    choose(settings, unpaid_open_period="adjust")
    desk.quantity(12)
    desk.carries_out()
    assert desk.live == [("Posted", Decimal("1000.00")), ("Posted", Decimal("200.00"))]
    numbers = desk.shown["intacct_invoice_number"] or ""
    assert len(numbers.split(";")) == 2
    assert desk.shown["intacct_invoice_total"] == "1200.00"
    desk.settled()


def test_by_setting_a_lower_amount_is_credited_and_the_credit_applied(desk: Desk, settings: Path) -> None:
    choose(settings, unpaid_open_period="adjust")
    desk.quantity(7)
    desk.carries_out()
    assert [Decimal(m["TRX_TOTALENTERED"]) for m in desk.books("ARADJUSTMENT")] == [Decimal("-300.00")]
    assert (desk.shown["intacct_invoice_balance"], desk.shown["intacct_invoice_credited"]) == ("700.00", "300.00")
    desk.settled()


# Drafts.


def test_a_draft_is_replaced_by_a_draft_of_the_new_amount(drafted: Desk) -> None:
    drafted.quantity(12)
    drafted.carries_out()
    assert drafted.live == [("Draft", Decimal("1200.00"))]
    assert drafted.shown["tieout_state"] == "draft"
    drafted.settled()


def test_the_draft_of_a_lost_deal_is_deleted(drafted: Desk) -> None:
    drafted.loses()
    drafted.carries_out()
    assert drafted.books() == []
    assert not drafted.shown.get("intacct_invoice_number")
    assert not drafted.shown.get("tieout_state")
    drafted.settled()


def test_a_draft_that_somebody_posted_since_the_plan_is_not_deleted(drafted: Desk) -> None:
    drafted.loses()
    drafted.run()
    run = drafted.demo.run(record_ids=[drafted.deal], approve=[f"{drafted.deal}:{drafted.hold.details['hash']}"])
    (ids,) = steps.slices(run)
    decisions = steps.plan(run, steps.extract(run, ids))
    drafted.posts_the_draft()
    steps.load(run, decisions)
    assert drafted.live == [("Posted", Decimal("1000.00"))]
    assert drafted.hold.code == "plan_is_stale"


def test_the_write_path_deletes_no_posted_document(desk: Desk) -> None:
    """Even if a plan said so: the state is asked right before it is sent."""
    number = desk.books()[0]["RECORDNO"]
    deletion = Write(part_key(desk.deal, "draft_deletion", "deletion-1"), {"RECORDNO": number}, {})
    (result,) = desk.demo.run().apply([deletion])
    assert (result.state, result.code) == ("rejected", "not_a_draft")
    assert desk.live == [("Posted", Decimal("1000.00"))]


# Posted and unpaid, in a closed period.


def test_in_a_closed_period_a_higher_amount_is_a_second_invoice_in_the_open_one(desk: Desk, settings: Path) -> None:
    desk.closes_the_period(settings)
    desk.quantity(12)
    desk.carries_out()
    assert desk.live == [("Posted", Decimal("1000.00")), ("Posted", Decimal("200.00"))]
    assert desk.books()[-1]["WHENPOSTED"] == "11/20/2026"
    desk.settled()


def test_in_a_closed_period_a_lower_amount_is_credited_in_the_open_one(desk: Desk, settings: Path) -> None:
    desk.closes_the_period(settings)
    desk.quantity(7)
    desk.carries_out()
    (memo,) = desk.books("ARADJUSTMENT")
    assert (Decimal(memo["TRX_TOTALENTERED"]), memo["WHENPOSTED"]) == (Decimal("-300.00"), "11/20/2026")
    assert desk.shown["intacct_invoice_balance"] == "700.00"
    desk.settled()


def test_in_a_closed_period_a_lost_deal_is_credited_in_full(desk: Desk, settings: Path) -> None:
    desk.closes_the_period(settings)
    desk.loses()
    desk.carries_out()
    assert (desk.shown["intacct_invoice_status"], desk.shown["intacct_invoice_balance"]) == ("credited", "0.00")
    desk.settled()


def test_in_a_closed_period_another_company_is_billed_after_the_credit(desk: Desk, settings: Path) -> None:
    desk.closes_the_period(settings)
    other = desk.rep.create("companies", {"name": "Dome Works", "country": "United States", "domain": "dome.example"})
    desk.moves_to(other)
    desk.carries_out()
    assert [total for _, total in desk.live] == [Decimal("1000.00"), Decimal("1000.00")]
    assert [Decimal(m["TRX_TOTALENTERED"]) for m in desk.books("ARADJUSTMENT")] == [Decimal("-1000.00")]
    assert len({one["CUSTOMERID"] for one in desk.books()}) == 2
    desk.settled()


def test_in_a_closed_period_other_lines_are_a_task_for_finance(desk: Desk, settings: Path) -> None:
    desk.closes_the_period(settings)
    desk.rep.change("line_items", desk.line, quantity="5", price="200")
    desk.carries_out()
    assert len(desk.books()) == 1
    assert [task["hs_task_subject"] for task in desk.tasks] == ["Move revenue of deal “Roof plant” between accounts"]
    desk.settled()


# Partly paid and paid.


def test_a_partly_paid_deal_that_grows_gets_a_second_invoice(desk: Desk) -> None:
    desk.pays("400")
    desk.quantity(12)
    desk.carries_out()
    assert [total for _, total in desk.live] == [Decimal("1000.00"), Decimal("200.00")]
    assert desk.shown["intacct_invoice_paid"] == "400.00"
    desk.settled()


def test_a_partly_paid_deal_is_credited_up_to_what_is_open_and_finance_decides_about_the_rest(desk: Desk) -> None:
    desk.pays("400")
    desk.quantity(3)
    desk.carries_out()
    (memo,) = desk.books("ARADJUSTMENT")
    assert Decimal(memo["TRX_TOTALENTERED"]) == Decimal("-600.00")
    assert [task["hs_task_subject"] for task in desk.tasks] == ["Decide about 100.00 USD of deal “Roof plant”"]
    assert (desk.shown["intacct_invoice_balance"], desk.shown["intacct_invoice_paid"]) == ("0.00", "400.00")
    desk.settled()


def test_a_partly_paid_deal_that_shrinks_by_less_than_is_open_needs_no_decision(desk: Desk) -> None:
    desk.pays("400")
    desk.quantity(8)
    desk.carries_out()
    assert desk.tasks == []
    assert desk.shown["intacct_invoice_balance"] == "400.00"
    desk.settled()


def test_a_partly_paid_deal_that_is_lost_is_credited_and_its_money_decided_about(desk: Desk) -> None:
    desk.pays("400")
    desk.loses()
    desk.carries_out()
    assert [task["hs_task_subject"] for task in desk.tasks] == ["Decide about 400.00 USD of deal “Roof plant”"]
    assert desk.shown["intacct_invoice_balance"] == "0.00"
    desk.settled()


def test_a_paid_deal_that_grows_gets_a_second_invoice(desk: Desk) -> None:
    desk.pays("1000")
    desk.quantity(12)
    desk.carries_out()
    assert [total for _, total in desk.live] == [Decimal("1000.00"), Decimal("200.00")]
    desk.settled()


@pytest.mark.parametrize(("chosen", "tasks"), [("unapplied", 0), ("refund", 1)])
def test_a_paid_deal_that_shrinks_is_credited_unapplied(desk: Desk, settings: Path, chosen: str, tasks: int) -> None:
    choose(settings, paid_decrease=chosen)
    desk.pays("1000")
    desk.quantity(7)
    desk.carries_out()
    (memo,) = desk.books("ARADJUSTMENT")
    assert Decimal(memo["TRX_TOTALDUE"]) == Decimal("-300.00")
    assert len(desk.tasks) == tasks
    assert (desk.shown["intacct_invoice_status"], desk.shown["intacct_invoice_paid"]) == ("paid", "1000.00")
    desk.settled()


def test_a_paid_deal_that_is_lost_is_credited_in_full_and_its_money_decided_about(desk: Desk) -> None:
    desk.pays("1000")
    desk.loses()
    desk.carries_out()
    (memo,) = desk.books("ARADJUSTMENT")
    assert Decimal(memo["TRX_TOTALDUE"]) == Decimal("-1000.00")
    assert [task["hs_task_subject"] for task in desk.tasks] == ["Decide about 1000.00 USD of deal “Roof plant”"]
    desk.settled()


def test_another_currency_of_a_paid_deal_is_for_finance_to_decide(desk: Desk) -> None:
    desk.pays("1000")
    desk.rep.change("deals", desk.deal, deal_currency_code="EUR")
    desk.carries_out()
    assert len(desk.books()) == 1
    assert len(desk.tasks) == 1
    desk.settled()


# Ended by finance.


def test_an_invoice_reversed_by_hand_is_billed_again_only_with_approval(desk: Desk, settings: Path) -> None:
    choose(settings, approve_above='{USD: "100000"}')
    desk.keeper.reverse_invoice(desk.books()[0]["RECORDNO"], date(2026, 11, 17), "wrong")
    desk.run()
    assert desk.hold is None
    desk.quantity(12)
    desk.carries_out()
    assert desk.live == [("Posted", Decimal("1200.00"))]
    desk.settled()


def test_of_a_written_off_invoice_nothing_is_done_when_the_deal_shrinks(desk: Desk) -> None:
    desk.writes_off("1000")
    desk.quantity(7)
    desk.run()
    assert desk.hold.code == "changed_after_posting"
    assert len(desk.books()) == 1


def test_a_written_off_deal_that_grows_is_billed_the_difference_with_approval(desk: Desk, settings: Path) -> None:
    choose(settings, approve_above='{USD: "100000"}')
    desk.writes_off("1000")
    desk.quantity(12)
    desk.carries_out()
    assert [total for _, total in desk.live] == [Decimal("1000.00"), Decimal("200.00")]


def test_settings_that_change_later_take_no_invoice_out_of_the_books(desk: Desk, settings: Path) -> None:
    file = settings / f"{FLOW.name}.yaml"
    known = yaml.safe_load(file.read_text())
    known["changes"]["approve_above"] = {"USD": "5000"}  # whatever changes here is carried out without a question

    def choose_and_run(**chosen: Any) -> None:
        file.write_text(yaml.safe_dump({**known, **chosen}))
        desk.rep.change("deals", desk.deal, description=str(chosen))
        desk.run()

    posted = [("Posted", Decimal("1000.00"))]
    choose_and_run(pipelines=["78411290"])
    assert (desk.hold.code, desk.live) == ("changed_after_posting", posted)
    choose_and_run()
    desk.settled()
    # A deal without lines is billed as the product that the settings name; another one there changes nothing.
    names = ("amount", "deal_currency_code", "pipeline", "dealstage", "closedate")
    sold = {name: str(desk.shown[name]) for name in names}
    desk.deal = desk.rep.create("deals", {"dealname": "No lines", **sold}, [(desk.company, 5)])
    for product in ("SENSOR-1", "PLAN-TEAM"):
        choose_and_run(single_line=product)
        assert (desk.hold, desk.live, len(desk.books())) == (None, posted, 1)


def test_a_credit_whose_application_was_refused_is_applied_later_and_leaves_finance_nothing_to_decide(
    desk: Desk,
) -> None:
    desk.pays("400")
    desk.quantity(8)
    desk.run()
    with desk.demo.sandbox.control.faulty("refusal", system="intacct", label="create ARPYMT", message="Not today"):
        desk.approves()
    assert desk.hold.code == "rejected_by_intacct"
    desk.run()
    (memo,) = desk.books("ARADJUSTMENT")
    assert (Decimal(memo["TRX_TOTALENTERED"]), Decimal(memo["TRX_TOTALDUE"])) == (-200, 0)
    assert Decimal(desk.books()[0]["TRX_TOTALDUE"]) == 400
    assert desk.tasks == []
    desk.settled()
