"""Won deals with sales tax, from HubSpot to Intacct's books: what is sent, booked, shown, corrected and tied out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.connectors.intacct.codec import Function
from include.connectors.intacct.generic import build_update
from include.core.decisions import Hold
from include.flows import intacct_invoice_to_hubspot_deal as go_live
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows import tie_out
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.office import Office, office
from tests.flows.test_changed_deals import Desk, opened
from tests.flows.test_invoiced_by_hand import enter_by_hand

SOLUTION = "New York - Sales Tax"
STANDARD = {"percent": "8.875", "detail": "NY standard"}
TAX: Mapping[str, Any] = {
    "by": "line",
    "code": "line.tax_code",
    "codes": {
        "STD": STANDARD,
        "LOW": {"percent": "4", "detail": "NY reduced"},
        "EXEMPT": {"percent": "0", "detail": "NY exempt", "proof": True},
    },
    "entities": {"100": {"code": "STD", "exempt": "EXEMPT", "solution": SOLUTION}},
    "exemption": {"when": "company.tax_exempt", "number": "company.tax_certificate", "valid_to": "company.tax_until"},
}
DAY = date(2026, 11, 17)
Choose = Callable[..., None]


@pytest.fixture
def choose(settings: Path) -> Choose:
    """Writes settings of the main job; ``tax`` replaces just the keys that are given."""

    def write(tax: Mapping[str, Any] | None = None, **chosen: Any) -> None:
        file = settings / f"{FLOW.name}.yaml"
        known = yaml.safe_load(file.read_text())
        known["tax"] = {**TAX, **(tax or {})}
        file.write_text(yaml.safe_dump({**known, **chosen}))

    return write


@dataclass
class Seller(Desk):
    """Sells four panels at 19.99, and whatever else."""

    def wins(self, *lines: Mapping[str, str], amount: str = "79.96") -> None:
        """The lines are sold one each."""
        self.deal = self.rep.create(
            "deals",
            {
                "dealname": "Taxed plant",
                "amount": amount,
                "deal_currency_code": "USD",
                "pipeline": "default",
                "dealstage": "closedwon",
                "closedate": "2026-11-16T15:00:00Z",
            },
            [(self.company, 5)],
        )
        sensor = {"name": "Sensor", "hs_sku": "SENSOR-1", "quantity": "1", "price": "19.99"}
        for line in lines or ({},) * 4:
            self.line = self.rep.create("line_items", {**sensor, **line}, [(self.deal, 20)])

    def lines(self, kind: str = "ARINVOICE", number: int = -1) -> list[tuple[str, Decimal]]:
        """Account and amount of each line of the last document."""
        record_no = self.books(kind)[number]["RECORDNO"]
        documents = (b for b in self.demo.sandbox.control.books("intacct") if b["object"] == kind)
        found = next(b for b in documents if b["record"]["RECORDNO"] == record_no)
        return [(line["ACCOUNTNO"], Decimal(line["TRX_AMOUNT"])) for line in found["items"]]

    def taxes(self, kind: str = "ARINVOICE") -> list[Decimal]:
        return [amount for account, amount in self.lines(kind) if account == "2210"]

    def bills(self) -> list[Decimal]:
        """Runs the flow for the deal; the totals of its standing invoices."""
        self.run()
        assert self.hold is None, self.hold
        return [total for _, total in self.live]

    def breaks(self) -> dict[str, tuple[str, int]]:
        """What the tie-out finds: deal -> the class, and by how many minor units the sides differ."""
        self.demo.sandbox.control.advance(3600)
        for _ in range(2):  # the second time all is older than the cursors: nothing is a matter of timing
            self.demo.invoice_won_deals()
            self.demo.run_flow(payments.FLOW)
        tie_out.tie_out(self.demo.run(flow=tie_out.FLOW))
        held = self.demo.store().open_holds(tie_out.FLOW.name)
        return {h.details["deal"]: (h.code, h.details["difference_minor"]) for h in held}

    def links(self, *deals: str) -> dict[str, Any]:
        """What the go-live job holds of these deals."""
        self.demo.run_flow(go_live.FLOW, record_ids=[*deals])
        return {hold.source_id: hold for hold in self.demo.store().open_holds(go_live.FLOW.name)}

    def is_held(self) -> tuple[str, str]:
        self.run()
        assert self.live == []
        return self.hold.code, self.hold.message


def with_taxes(demo: Office) -> Seller:
    """The demo company with New York's sales tax, and with what sales enters of it in HubSpot."""
    at = opened(demo)
    for name in ("tax_exempt", "tax_certificate", "tax_until"):
        define(demo, "companies", name)
    define(demo, "line_items", "tax_code")
    demo.sandbox.sandbox.twins["intacct"].load(
        [
            {"object": "GLACCOUNT", "fields": {"ACCOUNTNO": "2210", "TITLE": "Sales tax payable"}},
            {"object": "TAXSOLUTION", "fields": {"SOLUTIONID": "New York - Sales Tax", "TAXMETHOD": "Sales tax"}},
            *(
                {"object": "TAXDETAIL", "fields": {"DETAILID": name, "VALUE": percent, "GLACCOUNT": "2210"}}
                for name, percent in (("NY standard", "8.875"), ("NY reduced", "4"), ("NY exempt", "0"))
            ),
        ]
    )
    return Seller(at.demo, at.rep, at.keeper, at.company)


@pytest.fixture
def seller(tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seller]:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    with office(tmp_path, deals=1) as demo:
        yield with_taxes(demo)


def define(demo: Office, kind: str, name: str) -> None:
    demo.hubspot().request(
        "POST",
        f"/crm/v3/properties/{kind}",
        body={"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": GROUPS[kind]},
    )


GROUPS = {"companies": "companyinformation", "line_items": "lineiteminformation"}


def money(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def test_tax_is_billed_line_by_line_or_by_total_and_whoever_changes_the_settings_changes_no_deal(
    seller: Seller, choose: Choose
) -> None:
    choose()
    seller.wins()
    assert seller.bills() == money("87.04")
    assert seller.taxes() == money("1.77", "1.77", "1.77", "1.77")
    assert seller.books()[0]["TAXSOLUTIONID"] == "New York - Sales Tax"
    assert (seller.shown["intacct_invoice_total"], seller.shown["intacct_invoice_balance"]) == ("87.04", "87.04")
    seller.settled()
    by_line = seller.deal

    choose({"by": "total"})
    seller.wins()
    assert seller.bills() == money("87.06")
    assert seller.taxes() == money("1.78", "1.78", "1.77", "1.77")
    seller.wins({"tax_code": "LOW", "price": "10"}, {"price": "10"}, amount="20")
    assert seller.bills() == money("21.29")
    assert seller.taxes() == money("0.40", "0.89")

    choose(
        {"prices": "inclusive", "codes": {"STD": {**STANDARD, "percent": "19"}}, "entities": {"100": {"code": "STD"}}}
    )
    seller.wins(*({"price": "10"},) * 3, amount="30")
    assert seller.bills() == money("30.00")
    assert [amount for _, amount in seller.lines()] == money("8.40", "8.40", "8.41", "1.60", "1.60", "1.59")
    seller.settled()

    seller.deal = by_line
    seller.settled()
    choose({"codes": {}, "entities": {}, "code": None})
    seller.settled()
    seller.rep.change("deals", seller.deal, amount="87.04")
    assert seller.breaks() == {by_line: ("break_manual_edit", 708)}


def test_an_exempt_sale_needs_its_proof_and_is_booked_with_a_tax_of_nothing(seller: Seller, choose: Choose) -> None:
    choose()
    seller.rep.change("companies", seller.company, tax_exempt="true")
    seller.wins()
    code, message = seller.is_held()
    assert code == "no_exemption_proof"
    assert "no exemption id is known" in message
    seller.rep.change("companies", seller.company, tax_certificate="NY-4711", tax_until="2026-11-15")
    assert "valid until 2026-11-15" in seller.is_held()[1]
    seller.rep.change("companies", seller.company, tax_until="2026-11-16")
    assert seller.bills() == money("79.96")
    assert seller.taxes() == money("0", "0", "0", "0")
    seller.rep.change("companies", seller.company, tax_exempt="", tax_certificate="", tax_until="")
    seller.settled()

    seller.wins({"tax_code": "EXEMPT"}, amount="19.99")
    assert seller.is_held()[0] == "no_exemption_proof"
    seller.rep.change("line_items", seller.line, tax_code="LUXURY")
    assert "knows EXEMPT, LOW, STD" in seller.is_held()[1]
    seller.rep.change("line_items", seller.line, tax_code="LOW")
    retired = {"DETAILID": "NY reduced", "STATUS": "inactive"}
    seller.demo.intacct().call([Function(build_update("TAXDETAIL", retired))])
    assert seller.is_held() == (
        "inactive_reference",
        f"Deal “Taxed plant” ({seller.deal}): tax detail NY reduced, which the line “Sensor” names, is inactive in "
        "Intacct. Name another in the flow's settings, or make it active again.",
    )


def test_where_intacct_computes_nothing_but_the_detail_is_sent_and_what_it_booked_is_compared(
    seller: Seller, choose: Choose
) -> None:
    choose({"by": "intacct"})
    seller.wins()
    assert seller.bills() == money("87.04")
    assert seller.taxes() == money("1.77", "1.77", "1.77", "1.77")
    seller.settled()

    choose({"by": "intacct", "codes": {**TAX["codes"], "STD": {**STANDARD, "percent": "8"}}})
    seller.wins()
    seller.run()
    assert seller.hold.code == "tax_differs"
    assert "has 7.08 USD of tax on 79.96 USD in Intacct, and by the settings it is 6.40 USD" in seller.hold.message
    assert seller.breaks()[seller.deal] == ("break_manual_edit", -68)

    # Another run changes nothing of it; the percentage that is right, or the reversal of the invoice, does.
    for _ in range(2):
        seller.run()
        assert seller.hold.code == "tax_differs"
        assert seller.shown["tieout_message"] == seller.hold.message
    choose({"by": "intacct"})
    seller.run()
    seller.settled()
    assert seller.shown["tieout_state"] == "posted"


def test_a_document_that_the_books_show_otherwise_is_held_for_as_long_as_they_do(
    seller: Seller, choose: Choose
) -> None:
    seller.wins({"price": "100"}, amount="100")
    assert seller.bills() == money("100.00")
    invoice = seller.books()[-1]
    planned = {"kind": "invoice", "record": invoice["RECORDNO"], "total": "90.00", "currency": "USD"}
    held = Hold(
        seller.deal, "books_differ", "not as planned", {"planned": {**planned, "customer": invoice["CUSTOMERID"]}}
    )
    seller.demo.store().put_holds(FLOW.name, "before", [held])
    for _ in range(2):
        seller.run()
        assert (seller.hold.code, seller.hold.opened_run) == ("books_differ", "before")
        assert "is 100.00 USD to customer" in seller.shown["tieout_message"]
    seller.keeper.reverse_invoice(invoice["RECORDNO"], DAY, "wrong")
    seller.run()
    assert seller.hold is None


def test_a_hold_for_another_reason_does_not_hide_for_good_that_the_books_differ(seller: Seller, choose: Choose) -> None:
    seller.wins({"price": "100"}, amount="100")
    assert seller.bills() == money("100.00")
    invoice = seller.books()[-1]
    planned = {"kind": "invoice", "record": invoice["RECORDNO"], "total": "90.00", "currency": "USD"}
    held = Hold(
        seller.deal, "books_differ", "not as planned", {"planned": {**planned, "customer": invoice["CUSTOMERID"]}}
    )
    seller.demo.store().put_holds(FLOW.name, "before", [held])
    seller.rep.change("deals", seller.deal, amount="120")
    seller.run()
    assert seller.hold.code == "changed_after_posting"
    seller.rep.change("deals", seller.deal, amount="100")
    seller.run()
    assert seller.hold is not None
    assert seller.hold.code == "books_differ"


def test_a_taxed_deal_is_corrected_with_its_tax(seller: Seller, choose: Choose) -> None:
    choose(changes={"apply_credits_through": "1090"})
    seller.wins({"price": "100"}, amount="100")
    assert seller.bills() == money("108.88")

    seller.rep.change("line_items", seller.line, quantity="2")
    seller.rep.change("deals", seller.deal, amount="200")
    seller.carries_out()
    assert seller.live == [("Posted", Decimal("217.75"))]
    seller.settled()

    paid = seller.books()[-1]
    seller.keeper.pay(paid, Decimal("217.75"), DAY, bank="BW-US-USD")
    seller.rep.change("line_items", seller.line, quantity="3")
    seller.rep.change("deals", seller.deal, amount="300")
    seller.carries_out()
    assert [total for _, total in seller.live] == money("217.75", "108.88")
    assert [amount for _, amount in seller.lines()] == money("100", "8.88")
    seller.settled()
    assert seller.breaks() == {}

    seller.loses()
    seller.run()
    assert "debit 4100 100.00 USD, debit tax 8.88 USD, credit receivables 108.88 USD" in seller.hold.message
    seller.approves()
    assert Decimal(seller.books("ARADJUSTMENT")[-1]["TRX_TOTALENTERED"]) == Decimal("-108.88")
    assert seller.taxes("ARADJUSTMENT") == money("-8.88")
    seller.settled()


STAYS = "What it corrects was billed without tax, and so is this"


def test_what_was_billed_without_tax_is_corrected_without_it_whoever_taxes_since(
    seller: Seller, choose: Choose
) -> None:
    untaxed = {"codes": {}, "entities": {}, "code": None}
    choose(untaxed, changes={"apply_credits_through": "1090"})
    seller.wins({"price": "100"}, amount="100")
    assert seller.bills() == money("100.00")
    choose(changes={"apply_credits_through": "1090"})
    seller.settled()
    early, line = seller.deal, seller.line

    # Unpaid it is reversed and billed anew; paid it is supplemented, and credited in the end: none of it bears tax.
    seller.rep.change("line_items", line, quantity="2")
    seller.rep.change("deals", early, amount="200")
    seller.run()
    assert "from 100.00 USD to 200.00 USD" in seller.hold.message
    assert STAYS in seller.hold.message
    seller.approves()
    assert (seller.live, seller.taxes()) == ([("Posted", Decimal("200.00"))], [])
    assert not seller.books()[-1].get("TAXSOLUTIONID")
    seller.settled()
    seller.keeper.pay(seller.books()[-1], Decimal("200.00"), DAY, bank="BW-US-USD")
    seller.rep.change("line_items", line, quantity="3")
    seller.rep.change("deals", early, amount="300")
    seller.carries_out()
    assert [total for _, total in seller.live] == money("200.00", "100.00")
    seller.rep.change("line_items", line, quantity="2")
    seller.rep.change("deals", early, amount="200")
    seller.carries_out()
    assert Decimal(seller.books("ARADJUSTMENT")[-1]["TRX_TOTALENTERED"]) == Decimal("-100.00")
    assert seller.taxes("ARADJUSTMENT") == []
    seller.settled()
    assert seller.breaks() == {}

    # A sale of its own is taxed: another deal, and this one once it is lost and won again.
    seller.wins({"price": "100"}, amount="100")
    assert seller.bills() == money("108.88")


def test_an_instalment_is_taxed_by_the_settings_of_its_day_and_those_of_both_kinds_are_corrected_by_a_person(
    seller: Seller, choose: Choose
) -> None:
    later = {"rest": "invoice_when_due"}
    choose({"codes": {}, "entities": {}, "code": None}, instalments=later)
    monthly = {"recurringbillingfrequency": "monthly", "hs_recurring_billing_period": "P3M"}
    seller.wins({"price": "100", **monthly}, amount="300")
    assert seller.bills() == money("100.00")
    choose(instalments=later)
    seller.demo.sandbox.control.set_clock(datetime(2026, 12, 20, 12, tzinfo=UTC))
    assert seller.bills() == money("100.00", "108.88")
    seller.settled()
    seller.rep.change("line_items", seller.line, price="110")
    seller.rep.change("deals", seller.deal, amount="330")
    seller.run()
    assert seller.hold.code == "changed_after_posting"
    assert "bears no tax, where by the settings as they are now it would be NY standard" in seller.hold.message
    # Until somebody has settled that, nothing more is billed of it.
    seller.demo.sandbox.control.set_clock(datetime(2027, 1, 20, 12, tzinfo=UTC))
    seller.run()
    assert [total for _, total in seller.live] == money("100.00", "108.88")


def test_a_deal_without_tax_that_is_lost_and_won_again_is_a_sale_of_today(seller: Seller, choose: Choose) -> None:
    choose({"codes": {}, "entities": {}, "code": None})
    seller.wins({"price": "100"}, amount="100")
    seller.bills()
    choose()
    seller.loses()
    seller.carries_out()
    assert seller.live == []
    seller.rep.change("deals", seller.deal, dealstage="closedwon")
    seller.carries_out()
    assert seller.live == [("Posted", Decimal("108.88"))]


def test_a_taxed_deal_is_for_a_person_where_the_settings_would_tax_it_otherwise_by_now(
    seller: Seller, choose: Choose
) -> None:
    choose()
    seller.wins({"price": "100"}, amount="100")
    assert seller.bills() == money("108.88")
    seller.rep.change("line_items", seller.line, quantity="2")
    seller.rep.change("deals", seller.deal, amount="200")
    by_now = "where by the settings as they are now it would be"
    for tax, told in (
        ({"codes": {}, "entities": {}, "code": None}, f"bears NY standard, {by_now} no tax"),
        ({"codes": {**TAX["codes"], "STD": TAX["codes"]["LOW"]}}, f"bears NY standard, {by_now} NY reduced"),
        (
            {"codes": {**TAX["codes"], "STD": {**STANDARD, "percent": "8"}}},
            f"bears 8.88 USD of NY standard on 100.00 USD, {by_now} 8.00 USD",
        ),
    ):
        choose(tax)
        seller.run()
        assert seller.hold.code == "changed_after_posting"
        assert told in seller.hold.message
        assert seller.live == [("Posted", Decimal("108.88"))]
    # What a rep says of its tax is a change of the deal: then the settings count as they are.
    choose()
    seller.rep.change("line_items", seller.line, tax_code="LOW")
    seller.carries_out()
    assert seller.live == [("Posted", Decimal("208.00"))]


def test_an_invoice_that_people_entered_with_tax_is_the_deals_by_its_net_or_its_total(
    seller: Seller, choose: Choose
) -> None:
    """Before the cut-over it is proposed where it has the amount that deals state, and shown for a choice where only
    its other amount is the deal's; after it, either holds the deal before it is billed once more."""
    choose()
    seller.wins({"price": "100"}, amount="100")
    seller.bills()
    customer = seller.books()[-1]["CUSTOMERID"]

    def enters(net: str, day: str) -> str:
        row = {"customer": customer, "invoice_date": day, "posting_date": "2026-11-17", "currency": "USD", "net": net}
        return enter_by_hand(seller.demo, {**row, "entity": "100"}, tax="NY standard", taxsolutionid=SOLUTION)

    def won(day: str, amount: str) -> str:
        seller.wins({"price": amount}, amount=amount)
        seller.rep.change("deals", seller.deal, closedate=f"{day}T15:00:00Z")
        return seller.deal

    by_net, by_total = won("2026-07-01", "500"), won("2026-07-01", "544.38")
    ours = enters("500", "2026-07-02")
    holds = seller.links(by_net, by_total)
    assert (holds[by_net].code, holds[by_total].code) == ("link_ambiguous", "link_ambiguous")
    assert "544.38 USD (without tax 500.00 USD)" in holds[by_net].message
    seller.rep.change("deals", by_total, amount="999", closedate="2025-01-01T15:00:00Z")
    hold = seller.links(by_net)[by_net]
    assert (hold.code, hold.details["invoices"]) == ("link_proposed", [ours])
    choose({"prices": "inclusive"})
    seller.rep.change("deals", by_net, amount="700")
    seller.rep.change("deals", by_total, amount="544.38", closedate="2026-07-01T15:00:00Z")
    assert seller.links(by_total)[by_total].code == "link_proposed"

    # Somebody enters it with tax although Tieout, as it is set now, would send none.
    choose({"codes": {}, "entities": {}, "code": None})
    enters("230", "2026-11-17")
    seller.wins({"price": "230"}, amount="230")
    assert seller.is_held()[0] == "maybe_invoiced_by_hand"
    assert "over 250.41 USD (without tax 230.00 USD)" in seller.hold.message


def test_parts_of_a_taxed_deal_are_for_a_person_where_intacct_does_not_show_which_lines_bear_the_tax(
    tmp_path: Path, choose: Choose
) -> None:
    choose(changes={"unpaid_open_period": "adjust"})
    with office(tmp_path, deals=1, intacct={"tax_lines_shown": False}) as demo:
        at = with_taxes(demo)
        at.wins({"price": "100"}, amount="100")
        assert at.bills() == money("108.88")
        at.rep.change("line_items", at.line, quantity="2")
        at.rep.change("deals", at.deal, amount="200")
        at.run()
        assert at.hold.code == "changed_after_posting"
        assert "Intacct does not show which lines of INV-000001 bear its tax" in at.hold.message
        choose({"by": "intacct"}, changes={"unpaid_open_period": "adjust"})
        at.run()
        assert "Intacct computes the tax of INV-000001" in at.hold.message
        assert at.live == [("Posted", Decimal("108.88"))]
