"""From a won deal to all its invoices, over months and through both twins: a missed day, a lost answer, runs too many,
and a customer who leaves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.core.errors import TieoutError
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from include.flows.intacct_payment_to_hubspot_deal import FLOW as PAYMENTS
from include.flows.intacct_renewal_to_hubspot_deal import FLOW as RENEWALS
from include.flows.tie_out import FLOW as TIE_OUT
from include.sandbox.people import BookKeeper, SalesRep
from include.state.holds import HoldRow
from include.state.migrate import migrate
from tests.flows.office import Office, office
from tests.flows.test_invoiced_by_hand import enter_by_hand

MONTHLY = {
    "name": "Team plan",
    "hs_sku": "PLAN-TEAM",
    "quantity": "1",
    "price": "100",
    "recurringbillingfrequency": "monthly",
}


@dataclass
class Desk:
    demo: Office
    rep: SalesRep
    company: str

    def sells(self, months: int, **line: str) -> tuple[str, str]:
        deal = self.rep.create(
            "deals",
            {
                "dealname": f"{months} months",
                "amount": str(100 * months),
                "deal_currency_code": "USD",
                "pipeline": "default",
                "dealstage": "closedwon",
                "closedate": "2026-11-16T15:00:00Z",
            },
            [(self.company, 5)],
        )
        return deal, self.rep.create(
            "line_items", MONTHLY | {"hs_recurring_billing_period": f"P{months}M"} | line, [(deal, 20)]
        )

    def comes(self, day: str) -> None:
        self.demo.sandbox.control.set_clock(datetime.fromisoformat(f"{day}T12:00:00+00:00").astimezone(UTC))

    def runs(self) -> int:
        """An ordinary run: what changed since the last one, and what is due. How many invoices it made."""
        return self.demo.invoice_won_deals().get("invoices_created", 0)

    def invoices(self, deal: str, *standing: str) -> list[tuple[str, Decimal]]:
        """Day and total of the deal's invoices in the books, as they stand."""
        key = re.compile(rf"hs-deal-{deal}-")
        mine = [r for r in self.demo.invoices() if key.match(str(r.get("TIEOUT_KEY") or ""))]
        shown = [r for r in mine if r["STATE"] in standing or not standing]
        return sorted((_day(r["WHENCREATED"]), Decimal(r["TRX_TOTALENTERED"])) for r in shown)

    def hold(self, deal: str) -> HoldRow:
        return next(one for one in self.demo.store().open_holds(FLOW.name) if one.source_id == deal)

    def approves(self, deal: str) -> None:
        self.demo.invoice_won_deals(record_ids=[deal], approve=[f"{deal}:{self.hold(deal).details['hash']}"])

    def loses_its_state(self, folder: Path) -> None:
        self.demo = replace(self.demo, state_url=f"sqlite:///{folder / 'new.db'}")
        migrate(self.demo.state_url)
        self.demo.sandbox.control.advance(86400)

    def shown(self, deal: str) -> dict[str, Any]:
        return self.demo.deal(deal)


def _day(text: str) -> str:
    month, day, year = text.split("/")
    return f"{year}-{month}-{day}"


@pytest.fixture
def desk(tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    file = settings / f"{FLOW.name}.yaml"
    file.write_text(file.read_text().replace("  rest: by_hand", "  rest: invoice_when_due"))
    with office(tmp_path, deals=1) as demo:
        demo.sandbox.control.set_clock(datetime(2026, 11, 20, 12, tzinfo=UTC))
        rep = SalesRep(demo.sandbox)
        company = rep.create("companies", {"name": "Roof Works", "country": "United States", "domain": "roof.example"})
        yield Desk(demo, rep, company)


def test_a_monthly_deal_is_billed_month_by_month_exactly_once_and_no_further_than_it_lasts(desk: Desk) -> None:
    year, line = desk.sells(12)
    quarter, _ = desk.sells(3)
    desk.runs()
    november = [("2026-11-16", Decimal("100.00"))]
    assert desk.invoices(year) == desk.invoices(quarter) == november
    assert desk.shown(year)["tieout_message"] == (
        "Billed in instalments: 1 of 12 over 1200.00 USD so far; the next one over 100.00 USD on 2026-12-16."
    )

    desk.comes("2026-12-15")
    assert desk.runs() == 0

    # The day itself is missed; the run after it catches up. The answer to the invoices of January is lost.
    desk.comes("2026-12-19")
    assert (desk.runs(), desk.runs()) == (2, 0)
    assert desk.invoices(year) == [*november, ("2026-12-16", Decimal("100.00"))]
    desk.comes("2027-01-16")
    with desk.demo.sandbox.control.faulty("lost_after", system="intacct", label="create_invoice", count=1):
        try:
            desk.runs()
        except TieoutError:
            desk.runs()
    assert desk.runs() == 0
    assert [day for day, _ in desk.invoices(year)] == ["2026-11-16", "2026-12-16", "2027-01-16"]

    # What is not due yet is no break.
    assert desk.demo.run_flow(TIE_OUT) is not None
    assert not [one for one in desk.demo.store().open_holds(TIE_OUT.name) if one.details["deal"] in (year, quarter)]

    # The short one is billed whole; the other one's customer leaves: what is billed waits for consent, no more comes.
    assert sum(total for _, total in desk.invoices(quarter)) == 300
    assert desk.shown(quarter)["tieout_message"] == "Billed in 3 instalments over 300.00 USD, all of them."
    desk.rep.change("deals", year, dealstage="closedlost")
    desk.comes("2027-02-20")
    assert desk.runs() == 0
    assert desk.hold(year).code == "needs_approval"
    assert "300.00 USD for it before and 0.00 USD after" in desk.hold(year).message
    desk.approves(year)
    assert desk.invoices(year, "Posted") == []
    assert len(desk.invoices(quarter, "Posted")) == 3

    # Won again for half a year at another price: billed anew up to where it had been, and then on.
    desk.rep.change("line_items", line, price="120", hs_recurring_billing_period="P6M")
    desk.rep.change("deals", year, dealstage="closedwon", amount="720")
    desk.demo.invoice_won_deals(record_ids=[year])
    assert desk.hold(year).code == "needs_approval"
    desk.approves(year)
    assert desk.invoices(year, "Posted") == [("2027-01-16", Decimal("360.00"))]
    desk.comes("2027-06-01")
    assert (desk.runs(), desk.runs()) == (3, 0)
    assert sum(total for _, total in desk.invoices(year, "Posted")) == 720
    assert list(desk.demo.store().due(FLOW.name, date(2030, 1, 1))) == []


def test_a_deal_in_progress_keeps_its_split_and_the_property_it_reads_when_the_settings_are_edited(
    desk: Desk, settings: Path
) -> None:
    """Also where the settings name that property no more: what the deal follows is read for it all the same."""
    file = settings / f"{FLOW.name}.yaml"
    shipped = file.read_text()
    for name in ("payment_plan", "handover"):
        desk.demo.hubspot().request(
            "POST",
            "/crm/v3/properties/deals",
            body={"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "dealinformation"},
        )

    def splits(split: str, **named: Any) -> None:
        file.write_text(shipped.replace("  split:\n  splits: {}", f"  split: {split}\n  splits: {json.dumps(named)}"))

    def sells() -> tuple[str, str]:
        deal, line = desk.sells(3, price="300", recurringbillingfrequency="", hs_recurring_billing_period="")
        desk.rep.change("deals", deal, payment_plan="half")
        return deal, line

    splits("deal.payment_plan", half={"shares": [1, 1], "due": [0, "deal.handover"]})
    early, line = sells()
    desk.runs()
    november = ("2026-11-16", Decimal("150.00"))
    assert desk.invoices(early) == [november]
    splits("deal.payment_plan", half={"percent": ["10", "90"], "due": [0, 3]})
    late, _ = sells()
    desk.runs()
    assert desk.invoices(late) == [("2026-11-16", Decimal("30.00"))]
    desk.rep.change("deals", early, handover="2026-12-01")
    desk.comes("2026-12-02")
    assert (desk.runs(), desk.runs()) == (1, 0)
    assert desk.invoices(early) == [november, ("2026-12-01", Decimal("150.00"))]
    said = "Billed in 2 instalments (split as “half” (shares 1, 1; due 0, deal.handover)) over 300.00 USD, all of them."
    assert desk.shown(early)["tieout_message"] == said
    splits("", half={"shares": [1], "due": [0]})
    desk.comes("2027-03-01")
    assert (desk.runs(), desk.runs()) == (1, 0)
    assert desk.invoices(late)[1:] == [("2027-02-16", Decimal("270.00"))]
    assert desk.demo.hold_codes() == {}
    desk.rep.change("line_items", line, price="330")
    desk.rep.change("deals", early, amount="330")
    desk.runs()
    assert desk.hold(early).code == "needs_approval"
    assert "from 300.00 USD to 330.00 USD" in desk.hold(early).message
    assert "Its one-time lines are split as “half” (shares 1, 1; due 0, deal.handover)." in desk.hold(early).message


def test_the_second_year_of_a_deal_is_its_next_instalment_and_no_renewal(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    deal, _ = desk.sells(24, recurringbillingfrequency="annually", price="1200")
    desk.runs()
    assert desk.invoices(deal) == [("2026-11-16", Decimal("1200.00"))]
    with caplog.at_level("INFO"):
        assert desk.demo.run_flow(RENEWALS, date_from="2027-11-16")["skipped"] == 1
    assert f"invoice (an instalment of deal {deal}) bills the next term" in caplog.text
    desk.comes("2027-11-16")
    desk.runs()
    assert desk.demo.run_flow(RENEWALS, date_from="2028-11-16")["deals_created"] == 1


def test_a_recurring_invoice_bills_the_rest_exactly_once_and_a_lost_deal_asks_to_end_it(
    desk: Desk, settings: Path
) -> None:
    file = settings / f"{FLOW.name}.yaml"
    file.write_text(file.read_text().replace("  rest: invoice_when_due", "  rest: recurring_invoice"))
    deal, _ = desk.sells(3, hs_sku="SUPPORT-GOLD")
    with desk.demo.sandbox.control.faulty("lost_after", system="intacct", label="create_recurringinvoice", count=1):
        try:
            desk.runs()
        except TieoutError:
            desk.runs()
    assert desk.runs() == 0
    records = [b for b in desk.demo.sandbox.control.books("intacct") if b["object"] == "ARRECURINVOICE"]
    (mine,) = (b["record"] for b in records if b["record"].get("RECORDID") == f"hs-deal-{deal}-recurring")
    assert (mine["STARTDATE"], mine["REPEATCOUNT"]) == ("12/16/2026", "2")
    assert desk.invoices(deal) == [("2026-11-16", Decimal("100.00"))]
    assert desk.shown(deal)["tieout_message"].endswith("from 2026-12-16 on by a recurring invoice in Intacct.")

    desk.rep.change("deals", deal, dealstage="closedlost")
    desk.comes("2026-12-01")
    desk.runs()
    assert desk.hold(deal).code == "recurring_invoice_goes_on"
    # Intacct bills what is left of it and no more; then the deal can be dealt with.
    desk.comes("2027-06-01")
    desk.runs()
    theirs = [r for r in desk.demo.invoices() if r["CUSTOMERID"] == mine["CUSTOMERID"]]
    generated = [r for r in theirs if r["SYSTEMGENERATED"] == "T"]
    assert len(generated) == 2
    assert desk.hold(deal).code == "needs_approval"


def test_a_lost_state_database_bills_no_instalment_twice_that_a_correction_billed_on_other_days(
    desk: Desk, tmp_path: Path
) -> None:
    deal, line = desk.sells(6, hs_recurring_billing_start_date="2026-11-18")
    desk.runs()
    desk.comes("2026-12-18")
    desk.runs()
    desk.rep.change("line_items", line, hs_recurring_billing_start_date="2026-11-17")
    desk.rep.change("deals", deal, description="starts earlier")
    desk.demo.invoice_won_deals(record_ids=[deal])
    desk.approves(deal)
    corrected = [("2026-12-17", Decimal("200.00"))]
    assert desk.invoices(deal, "Posted") == corrected
    desk.loses_its_state(tmp_path)
    # A correction that bills something else than the deal now does is for a person; nothing more is billed meanwhile.
    desk.rep.change("line_items", line, price="110")
    desk.rep.change("deals", deal, amount="660")
    desk.demo.invoice_won_deals(record_ids=[deal])
    assert (desk.hold(deal).code, desk.invoices(deal, "Posted")) == ("changed_after_posting", corrected)
    desk.rep.change("line_items", line, price="100")
    desk.rep.change("deals", deal, amount="600")
    desk.comes("2027-01-17")
    for _ in range(2):
        desk.demo.invoice_won_deals(record_ids=[deal])
        assert desk.invoices(deal, "Posted") == [*corrected, ("2027-01-17", Decimal("100.00"))]
    assert deal not in desk.demo.hold_codes()


def test_a_lost_state_database_bills_nothing_that_a_recurring_invoice_bills(
    desk: Desk, settings: Path, tmp_path: Path
) -> None:
    file = settings / f"{FLOW.name}.yaml"
    file.write_text(file.read_text().replace("  rest: invoice_when_due", "  rest: recurring_invoice"))
    deal, _ = desk.sells(4, hs_sku="SUPPORT-GOLD")
    desk.runs()
    shown = desk.shown(deal)["tieout_message"]
    desk.comes("2026-12-20")
    desk.loses_its_state(tmp_path)
    for _ in range(2):
        desk.demo.invoice_won_deals(record_ids=[deal])
        assert desk.invoices(deal) == [("2026-11-16", Decimal("100.00"))]
        assert desk.shown(deal)["tieout_message"] == shown
    desk.rep.change("deals", deal, dealstage="closedlost")
    desk.demo.invoice_won_deals(record_ids=[deal])
    assert desk.hold(deal).code == "recurring_invoice_goes_on"


def test_two_merged_deals_in_instalments_say_what_each_has_billed_and_go_on_once_they_are_apart(desk: Desk) -> None:
    kept, _ = desk.sells(12)
    gone, line = desk.sells(3)
    desk.runs()
    both = {"primaryObjectId": kept, "objectIdToMerge": gone}
    desk.demo.hubspot().request("POST", "/crm/v3/objects/deals/merge", body=both)
    november = [("2026-11-16", Decimal("100.00"))]
    desk.comes("2026-12-20")
    # The lines of both hang on one deal; neither a corrected amount nor a lost deal makes one of the two.
    so_far = "Billed in instalments: 1 of 3 over 300.00 USD so far; the next one over 100.00 USD on 2026-12-16"
    for change in ({}, {"amount": "1500"}):
        desk.rep.change("deals", kept, description="merged", **change)
        assert desk.runs() == 0
        hold = desk.hold(kept)
        assert hold.code == "merged_after_posting"
        assert f"deal {gone}, which was merged into it, is billed as well ({so_far})" in hold.message
        assert "set it back to what it was billed by (1200.00 USD): then it goes on by itself" in hold.message
    assert desk.invoices(kept) == desk.invoices(gone) == november
    desk.rep.change("deals", kept, dealstage="closedlost")
    desk.runs()
    assert desk.hold(kept).code == "changed_after_posting"
    assert f"was made for deal {gone}, which was merged into it. Correct it in Intacct" in desk.hold(kept).message

    # As the remedy says: apart again, the one goes on, and what the other has not billed is a deal of its own.
    desk.rep.change("deals", kept, dealstage="closedwon", amount="1200")
    desk.demo.hubspot().request("DELETE", f"/crm/v3/objects/line_items/{line}")
    rest, _ = desk.sells(2, hs_recurring_billing_start_date="2026-12-16")
    assert (desk.runs(), desk.runs()) == (2, 0)
    december = ("2026-12-16", Decimal("100.00"))
    assert (desk.invoices(kept), desk.invoices(gone), desk.invoices(rest)) == (
        [*november, december],
        november,
        [december],
    )
    assert desk.demo.hold_codes() == {}


def test_a_deal_whose_invoice_by_hand_was_reversed_is_billed_only_when_a_person_says_so(desk: Desk) -> None:
    """And of a deal that somebody may have invoiced no instalment is billed."""
    desk.sells(1)
    desk.runs()
    customer = desk.demo.invoices()[-1]["CUSTOMERID"]
    deal, _ = desk.sells(3)
    row = {"customer": customer, "invoice_date": "2026-11-16", "currency": "USD", "net": "100.00", "entity": "100"}
    number = enter_by_hand(desk.demo, row | {"posting_date": "2026-11-16"})
    desk.comes("2026-12-20")  # two instalments are due
    for approve, code in (
        ([], "maybe_invoiced_by_hand"),
        ([f"{deal}:link-{number}"], ""),
        ([], "partly_invoiced_by_hand"),
    ):
        desk.demo.invoice_won_deals(record_ids=[deal], approve=approve)
        assert (desk.invoices(deal), desk.demo.hold_codes().get(deal, "")) == ([], code)
    BookKeeper(desk.demo.sandbox).reverse_invoice(number, date(2026, 12, 20), "wrong")
    desk.demo.sandbox.control.advance(3600)
    desk.demo.run_flow(PAYMENTS)
    desk.runs()
    assert (desk.invoices(deal), desk.hold(deal).details["approve"]) == ([], [f"{deal}:bill"])
    desk.demo.invoice_won_deals(record_ids=[deal], approve=[f"{deal}:bill"])
    assert [day for day, _ in desk.invoices(deal)] == ["2026-11-16", "2026-12-16"]
