"""What becomes of an invoice in Intacct shows on its HubSpot deals and company: from the books to the sales floor.

The tests that act in the twins share one company and act on customers of their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from include.flows import tie_out
from include.flows.figures.of_company import COMPANY_FIGURE_DEFINITIONS
from include.flows.intacct_payment_to_hubspot_deal import FLOW
from include.flows.payments.finding import customer_source
from include.sandbox.access import Access
from include.sandbox.people import BookKeeper, Coding, SalesRep
from include.state.__main__ import main
from include.state.migrate import migrate
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office
from tests.flows.test_a_persons_day import edit

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
TODAY = MONDAY.date()
US_BANK = "BW-US-USD"
SOFTWARE = Coding("4000", "100", "SAAS")
BAD_DEBT = Coding("6900", "100", "SAAS")
PIPELINE = {"pipeline": "78411290", "dealstage": "186520411"}


class Company:
    """The demo company with its won deals invoiced and the flow run once; ``run`` runs it again."""

    def __init__(self, opened: Office) -> None:
        self.office = opened
        access = Access.at(opened.sandbox.url)
        self.books = BookKeeper(access)
        self.rep = SalesRep(access)
        opened.invoice_won_deals()
        opened.run_flow(FLOW)
        listed = opened.invoices()
        customers = Counter(one["CUSTOMERID"] for one in listed)
        self._fresh = iter(
            one
            for one in listed
            if one.get("TIEOUT_KEY") and one["CURRENCY"] == "USD" and customers[one["CUSTOMERID"]] == 1
            if Decimal(one["TRX_TOTALDUE"]) > 100
        )

    def run(self, **options: Any) -> Mapping[str, int]:
        return {"updated": 0, "held": 0, **self.office.run_flow(FLOW, **options)}

    def invoice(self, number: str) -> dict[str, Any]:
        return next(one for one in self.office.invoices() if one["RECORDID"] == number)

    def invoiced_deal(self) -> tuple[dict[str, Any], str]:
        """An open dollar invoice that Tieout made, of a customer that no other test acts on, and its deal's id."""
        one = next(self._fresh)
        return one, one["TIEOUT_KEY"].split("-")[2]

    def deal_naming(self, *numbers: str, **more: str) -> str:
        """A deal on which a rep wrote these invoice numbers by hand."""
        named = {"dealname": "By hand", "intacct_invoice_number": ";".join(numbers)}
        return self.rep.create("deals", {**named, **PIPELINE, **more})

    def shown(self, deal_id: str) -> dict[str, str]:
        """A deal's properties without the prefix; those that are empty are left out."""
        return {
            name.removeprefix("intacct_invoice_").removeprefix("intacct_"): value
            for name, value in self.office.deal(deal_id).items()
            if name.startswith("intacct_") and value
        }

    def money(self, deal_id: str) -> dict[str, Decimal]:
        shown = self.shown(deal_id)
        return {name: Decimal(shown[name]) for name in ("total", "paid", "credited", "written_off", "balance")}

    def company_of(self, customer_id: str) -> dict[str, str]:
        return next(
            one["properties"]
            for one in self.office.sandbox.control.books("hubspot")
            if one["type"] == "companies" and one["properties"].get("intacct_customer_id") == customer_id
        )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with office(tmp_path_factory.mktemp("office"), at=MONDAY) as opened:
        yield Company(opened)


def test_a_part_payment_and_the_rest_show_on_the_deal_and_its_company(company: Company) -> None:
    invoice, deal = company.invoiced_deal()
    total = Decimal(invoice["TRX_TOTALENTERED"])
    assert company.shown(deal)["status"] == "open"
    company.books.pay(invoice, Decimal("100.00"), TODAY, bank=US_BANK, method="EFT")
    company.run()
    shown = company.shown(deal)
    assert (shown["status"], shown["paid"], Decimal(shown["balance"])) == ("partial", "100.00", total - 100)
    assert (shown["last_payment_date"], shown["last_payment_method"]) == ("2026-11-16", "EFT")
    assert Decimal(company.company_of(invoice["CUSTOMERID"])["intacct_open_balance"]) == total - 100
    company.books.pay(invoice, total - 100, TODAY, bank=US_BANK)
    company.run()
    assert company.shown(deal)["status"] == "paid"
    assert company.money(deal) == {"total": total, "paid": total, "credited": 0, "written_off": 0, "balance": 0}
    assert Decimal(company.company_of(invoice["CUSTOMERID"])["intacct_open_balance"]) == 0


def test_a_bounced_payment_opens_the_deals_invoice_again_and_says_why(company: Company) -> None:
    invoice, deal = company.invoiced_deal()
    total = Decimal(invoice["TRX_TOTALENTERED"])
    payment = company.books.pay(invoice, total, TODAY, bank=US_BANK, reference="ACH-1")
    company.run()
    assert company.shown(deal)["status"] == "paid"
    company.books.reverse_payment(payment, TODAY + timedelta(days=2), "insufficient funds")
    company.run()
    shown = company.shown(deal)
    assert (shown["status"], Decimal(shown["balance"])) == ("open", total)
    assert shown["last_reversal"] == f"2026-11-18 payment ACH-1 of {total:.2f} USD was reversed: insufficient funds"
    assert "last_payment_date" not in shown


def test_a_reversed_invoice_counts_nothing_on_its_deal(company: Company) -> None:
    invoice, deal = company.invoiced_deal()
    company.books.reverse_invoice(invoice["RECORDNO"], TODAY, "entered twice")
    company.run()
    assert company.shown(deal)["status"] == "reversed"
    assert set(company.money(deal).values()) == {0}
    company.office.invoice_won_deals()
    assert company.shown(deal)["status"] == "reversed", "the main job shows the same"


def test_unapplied_credit_shows_on_the_company_and_not_on_the_deal(company: Company) -> None:
    invoice, deal = company.invoiced_deal()
    before = company.money(deal)
    company.books.credit(invoice, Decimal("30.00"), TODAY, coding=SOFTWARE)
    company.run()
    assert company.money(deal) == before
    assert company.company_of(invoice["CUSTOMERID"])["intacct_unapplied_credit"] == "30.00"


def test_one_payment_over_three_invoices_shows_on_each_deal_what_was_applied_to_it(company: Company) -> None:
    numbers = ("BW-90101", "BW-90102", "BW-90103")
    deals = [company.deal_naming(number) for number in numbers]
    company.run()
    paid = [company.money(deal)["paid"] for deal in deals]
    assert paid == [Decimal("6190.00"), Decimal("1490.00"), Decimal("980.00")]
    assert sum(paid) == Decimal("8660.00")
    assert {company.shown(deal)["status"] for deal in deals} == {"paid"}


@pytest.mark.parametrize(
    ("number", "status", "figures"),
    [
        ("BW-90401", "partial", ("7800.00", "1800.00", "0.00", "0.00", "6000.00")),
        ("BW-90502", "overpaid", ("1490.00", "745.00", "745.00", "0.00", "0.00")),
        ("BW-90503", "open", ("1350.00", "0.00", "0.00", "0.00", "1350.00")),
        ("BW-90801", "written_off", ("2235.00", "0.00", "0.00", "2235.00", "0.00")),
    ],
)
def test_credits_write_offs_and_reversals_of_the_past_are_told_apart(
    company: Company, number: str, status: str, figures: tuple[str, ...]
) -> None:
    deal = company.deal_naming(number)
    company.run()
    assert company.shown(deal)["status"] == status
    assert tuple(company.money(deal).values()) == tuple(map(Decimal, figures))
    assert ("last_reversal" in company.shown(deal)) == (number == "BW-90503")


def test_companies_show_what_is_open_overdue_and_unapplied_in_their_own_currency(company: Company) -> None:
    shown = company.company_of("C-9005")
    assert {name: shown[f"intacct_{name}"] for name in ("open_balance", "overdue_balance", "unapplied_credit")} == {
        "open_balance": "2624.00",
        "overdue_balance": "2624.00",
        "unapplied_credit": "55.00",
    }
    assert shown["intacct_balance_currency"] == "GBP"
    assert shown["intacct_balances"] == "GBP 2,624.00 open, 2,624.00 overdue, 55.00 unapplied"
    assert shown["intacct_oldest_overdue_days"] == "62"
    advance = company.company_of("C-9010")
    assert (advance["intacct_open_balance"], advance["intacct_unapplied_credit"]) == ("2376.00", "500.00")


def test_a_deal_with_several_invoices_shows_their_sums_and_follows_each(company: Company) -> None:
    deal = company.deal_naming("BW-90301", "bw-90302 ")
    company.run()
    assert company.money(deal)["total"] == Decimal("14180.00")
    assert company.shown(deal)["number"] == "BW-90301;BW-90302"
    company.books.pay(company.invoice("BW-90302"), Decimal("676.00"), TODAY, bank=US_BANK)
    company.run()
    assert (company.shown(deal)["status"], company.money(deal)["paid"]) == ("partial", Decimal("676.00"))


def test_several_deals_share_an_invoice_by_their_amounts_or_as_a_person_says(
    company: Company, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = company.invoice("BW-90701")
    number = invoice["RECORDNO"]
    first, second = company.deal_naming("BW-90701", amount="3000"), company.deal_naming("BW-90701", amount="1752.01")
    company.books.pay(invoice, Decimal("0.01"), TODAY, bank="BW-UK-GBP")
    company.run()
    money = [company.money(deal) for deal in (first, second)]
    assert [one["total"] for one in money] == [Decimal("2999.99"), Decimal("1752.01")]
    assert sum(one["paid"] for one in money) == Decimal("0.01")
    assert {company.shown(deal)["shared"] for deal in (first, second)} == {"true"}
    # What was billed does not move when a deal does.
    company.rep.change("deals", first, amount="9000")
    assert company.run()["updated"] == 0
    share = ["share", "--deal", second, "--invoice", "bw-90701", "--weight", "9000", "--why", "As contracted"]
    assert main([*share, "--url", company.office.state_url]) == 0
    company.run(record_ids=[number])
    assert [company.money(deal)["total"] for deal in (first, second)] == [Decimal("1188.00"), Decimal("3564.00")]
    # The tie-out computes the same parts from the books, once all of it is older than the cursors.
    company.office.invoice_won_deals()
    assert company.run()["updated"] == 0
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path))
    tie_out.tie_out(company.office.run(flow=tie_out.FLOW))
    breaks = company.office.store().open_holds(tie_out.FLOW.name)
    mine = [one.details["check"] for one in breaks if one.details["deal"] in (first, second)]
    assert mine == ["not won", "not won"], "which is true of them; their figures are right"
    # Taken off one deal, the other one has it whole again.
    company.rep.change("deals", second, intacct_invoice_number="")
    company.run()
    assert company.money(first)["total"] == Decimal("4752.00")
    assert "shared" not in company.shown(first)
    capsys.readouterr()
    assert main(["links", "--deal", second, "--url", company.office.state_url]) == 0
    told = capsys.readouterr().out
    assert "2 links, 0 of them count" in told
    assert f"deal {second}  invoice BW-90701 (record {number})  named, weight 9000: As contracted" in told


def test_invoices_in_several_currencies_are_held_and_released_when_one_is_left(company: Company) -> None:
    deal = company.deal_naming("BW-90601", "BW-90901")
    note = company.run()
    assert (note["held"], list(company.office.hold_codes(FLOW).values())) == (1, ["mixed_currencies"])
    assert "total" not in company.shown(deal)
    company.rep.change("deals", deal, intacct_invoice_number="BW-90601")
    assert company.run()["held"] == 0
    assert (company.office.hold_codes(FLOW), company.money(deal)["total"]) == ({}, Decimal("3564.00"))


def test_a_number_that_intacct_does_not_have_is_held_and_the_others_are_shown(company: Company) -> None:
    deal = company.deal_naming("BW-90902", "BW-90999")
    company.run()
    assert list(company.office.hold_codes(FLOW).values()) == ["unknown_invoice_number"]
    assert (company.money(deal)["total"], company.shown(deal)["number"]) == (Decimal("588.00"), "BW-90902;BW-90999")
    company.rep.change("deals", deal, intacct_invoice_number="BW-90902")
    company.run()
    assert company.office.hold_codes(FLOW) == {}
    company.rep.change("deals", deal, intacct_invoice_number="")


def test_a_deal_that_names_only_an_unknown_number_is_held_and_shows_no_figures_of_another(company: Company) -> None:
    deal = company.deal_naming("BW-90902")
    company.run()
    assert company.money(deal)["total"] == Decimal("588.00")
    company.rep.change("deals", deal, intacct_invoice_number="BW-90998")
    company.run()
    assert company.office.hold_codes(FLOW) == {f"deal:{deal}": "unknown_invoice_number"}
    assert company.shown(deal) == {"number": "BW-90998"}
    company.rep.change("deals", deal, intacct_invoice_number="")
    company.run()
    assert company.office.hold_codes(FLOW) == {}


def test_a_deal_whose_number_a_person_took_away_shows_nothing_any_more(company: Company) -> None:
    deal = company.deal_naming("BW-90902")
    company.run()
    assert company.shown(deal)["number"] == "BW-90902"
    company.rep.change("deals", deal, intacct_invoice_number="")
    company.run()
    assert company.shown(deal) == {}


def test_a_company_that_is_linked_later_shows_how_its_customer_stands(company: Company) -> None:
    made = company.rep.create("companies", {"name": "Skelby North", "domain": "north.example"})
    company.run()
    company.rep.change("companies", made, intacct_customer_id="C-9005")
    company.run()
    books = company.office.sandbox.control.books("hubspot")
    shown = next(one["properties"] for one in books if one["type"] == "companies" and one["id"] == made)
    assert shown["intacct_overdue_balance"] == "2624.00"
    company.rep.change("companies", made, intacct_customer_id="c-9005")
    assert company.run(record_ids=["customer:C-9005", "customer:c-9005"])["updated"] == 0
    assert company.run()["updated"] == 0
    for nobody in ("", "C-NOBODY"):
        company.rep.change("companies", made, intacct_customer_id=nobody)
        company.run()
        books = company.office.sandbox.control.books("hubspot")
        shown = next(one["properties"] for one in books if one["type"] == "companies" and one["id"] == made)
        assert not [one for one in COMPANY_FIGURE_DEFINITIONS if shown.get(one.name)]
        company.rep.change("companies", made, intacct_customer_id="C-9005")
        company.run()
    company.rep.change("companies", made, intacct_customer_id="")
    company.run()


def test_the_deal_that_others_were_merged_into_shows_all_their_invoices(company: Company) -> None:
    (first, kept), (second, gone) = company.invoiced_deal(), company.invoiced_deal()
    hubspot = company.office.sandbox.hubspot
    answer = requests.post(
        f"{hubspot.url}/crm/v3/objects/deals/merge",
        json={"primaryObjectId": kept, "objectIdToMerge": gone},
        headers={"Authorization": f"Bearer {hubspot.token}"},
        timeout=60,
    )
    survivor = answer.json()["id"]
    company.books.pay(second, Decimal("10.00"), TODAY, bank=US_BANK)
    company.run()
    both = Decimal(first["TRX_TOTALENTERED"]) + Decimal(second["TRX_TOTALENTERED"])
    assert company.money(survivor)["total"] == both
    assert company.money(survivor)["paid"] == Decimal("10.00")


def test_an_invoice_without_a_deal_counts_for_its_company_and_is_skipped(company: Company) -> None:
    record_no = company.books.invoice(
        "C-9003", Decimal("11.00"), TODAY, due=TODAY + timedelta(days=30), coding=SOFTWARE
    )
    before = Decimal(company.company_of("C-9003")["intacct_open_balance"])
    company.run()
    assert Decimal(company.company_of("C-9003")["intacct_open_balance"]) == before + 11
    note = company.run(record_ids=[record_no])
    assert (note["skipped"], note["held"], note["planned"]) == (1, 0, 0)


def test_named_records_alone_are_looked_at(company: Company) -> None:
    note = company.run(record_ids=[company.invoice("BW-90401")["RECORDNO"], customer_source("C-9004")])
    assert note["read"] == 2


def test_a_rerun_sends_nothing_to_either_system_nor_does_the_main_job(company: Company) -> None:
    company.office.invoice_won_deals()
    company.run()
    control = company.office.sandbox.control
    before = _hubspot(company.office)
    control.forget_calls()
    note = company.run()
    main = company.office.invoice_won_deals()
    assert (note["updated"], main["updated"], main["written_back"], main.get("invoices_created", 0)) == (0, 0, 0, 0)
    assert company.office.sent("hubspot", "update") == company.office.sent("intacct", "create") == 0
    assert _hubspot(company.office) == before


def test_a_dry_run_sends_nothing(company: Company) -> None:
    company.rep.change("deals", company.invoiced_deal()[1], intacct_invoice_paid="7")
    company.office.sandbox.control.forget_calls()
    assert company.run(post_mode="dry_run")["planned"] > 0
    assert company.office.sent("hubspot", "update") == 0


def test_every_deal_and_company_agrees_with_the_books_to_the_cent(company: Company) -> None:
    """Invariants: invoiced = paid + credited + written off + balance; a company's balance is its customer's open
    invoices; whatever a person wrote over our figures is put right."""
    company.run(date_from="2025-01-01", date_to="2026-12-31")
    company.run()
    deals = [one for one in _hubspot(company.office).values() if one.get("intacct_invoice_total")]
    assert len(deals) > 40
    for one in deals:
        parts = (one[f"intacct_invoice_{name}"] for name in ("paid", "credited", "written_off", "balance"))
        assert sum(map(Decimal, parts)) == Decimal(one["intacct_invoice_total"])
    owed = defaultdict[tuple[str, str], Decimal](Decimal)
    for invoice in company.office.invoices():
        if invoice["STATE"] not in {"Reversed", "Reversal", "Draft"}:
            owed[invoice["CUSTOMERID"], invoice["CURRENCY"]] += Decimal(invoice["TRX_TOTALDUE"])
    companies = [one for one in _hubspot(company.office).values() if one.get("intacct_balance_currency")]
    assert len(companies) > 25
    for one in companies:
        of = one["intacct_customer_id"], one["intacct_balance_currency"]
        assert Decimal(one["intacct_open_balance"]) == owed[of], of


def _hubspot(opened: Office) -> dict[str, dict[str, str]]:
    """What deals and companies show, by kind and id, without what HubSpot itself stamps."""
    return {
        f"{one['type']} {one['id']}": {k: v for k, v in one["properties"].items() if not k.startswith("hs_")}
        for one in opened.sandbox.control.books("hubspot")
        if one["type"] in {"deals", "companies"}
    }


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Company]:
    with office(tmp_path, deals=12, at=MONDAY) as opened:
        yield Company(opened)


def _blank(company: Company, deal: str) -> None:
    company.rep.change("deals", deal, intacct_invoice_status="", intacct_invoice_paid="", intacct_invoice_balance="")


def test_a_backfill_goes_by_receipt_and_shows_the_books_as_they_are_now(alone: Company) -> None:
    inside, outside = alone.deal_naming("BW-90102"), alone.deal_naming("BW-90401")
    alone.run()
    before = _hubspot(alone.office)
    for deal in (inside, outside):
        _blank(alone, deal)
    september = {"date_from": "2026-09-03", "date_to": "2026-09-03"}
    note = alone.run(**september)
    assert note["updated"] == 1
    assert alone.shown(inside)["status"] == "paid"
    assert "status" not in alone.shown(outside)
    assert alone.run(**september)["updated"] == 0
    alone.run(date_from="2026-10-12")
    assert _hubspot(alone.office) == before


def test_a_kill_in_the_middle_is_healed_by_the_next_try(alone: Company) -> None:
    invoice, deal = alone.invoiced_deal()
    alone.books.pay(invoice, Decimal("100.00"), TODAY, bank=US_BANK)
    kill_a_run(alone.office, FLOW, "update.after_object:1")
    assert alone.shown(deal)["paid"] == "100.00"
    assert Decimal(alone.company_of(invoice["CUSTOMERID"])["intacct_open_balance"]) == Decimal(
        invoice["TRX_TOTALENTERED"]
    )
    alone.run(run_id="killed", attempt=2)
    assert alone.money(deal)["paid"] == Decimal("100.00")
    owed = Decimal(invoice["TRX_TOTALENTERED"]) - 100
    assert Decimal(alone.company_of(invoice["CUSTOMERID"])["intacct_open_balance"]) == owed
    assert alone.run()["updated"] == 0


@pytest.mark.parametrize("fault", ["lost_before", "lost_after"])
def test_a_lost_answer_leaves_the_same_figures(alone: Company, fault: str) -> None:
    invoice, deal = alone.invoiced_deal()
    alone.books.pay(invoice, Decimal("100.00"), TODAY, bank=US_BANK)
    alone.office.sandbox.control.fault(fault, system="hubspot", label="update", nth=1)
    alone.run()
    assert alone.money(deal)["paid"] == Decimal("100.00")
    assert alone.run()["updated"] == 0


def test_what_is_overdue_ages_every_day_without_any_change_and_within_few_calls(alone: Company) -> None:
    control = alone.office.sandbox.control
    deal = alone.deal_naming("BW-90201")
    alone.run()
    assert alone.shown(deal)["days_overdue"] == "157"
    control.forget_calls()
    assert alone.run()["updated"] == 0
    same_day = control.counts()["systems"]["intacct"]["calls"]
    control.set_clock(MONDAY + timedelta(days=3))
    alone.run()
    assert alone.shown(deal)["days_overdue"] == "160"
    assert alone.company_of("C-9002")["intacct_oldest_overdue_days"] == "160"
    control.forget_calls()
    assert alone.run()["updated"] == 0
    assert same_day < 30
    assert control.counts()["systems"]["intacct"]["calls"] < 30


def test_a_deal_follows_its_invoices_to_several_customers(alone: Company) -> None:
    due = TODAY + timedelta(days=30)
    for customer in ("C-9002", "C-9003"):
        number = f"HAND-{customer}"
        alone.books.invoice(customer, Decimal("100.00"), TODAY, due=due, coding=SOFTWARE, number=number)
    deal = alone.deal_naming("HAND-C-9002", "HAND-C-9003")
    alone.run()
    assert (alone.money(deal)["total"], alone.shown(deal)["customer_id"]) == (Decimal(200), "C-9002;C-9003")
    alone.office.sandbox.control.advance(7200)  # the deal's own change leaves the overlap
    alone.run()
    alone.books.pay(alone.invoice("HAND-C-9003"), Decimal("88.00"), TODAY, bank=US_BANK)
    alone.run()
    assert alone.money(deal)["paid"] == Decimal("88.00")


def test_a_draft_that_was_deleted_in_intacct_shows_no_more_after_the_next_midnight(tmp_path: Path) -> None:
    with office(tmp_path, deals=12, at=MONDAY) as opened:
        opened.invoice_won_deals(post_mode="draft")
        opened.run_flow(FLOW)
        draft = next(one for one in opened.invoices() if one.get("TIEOUT_KEY"))
        deal = draft["TIEOUT_KEY"].split("-")[2]
        assert opened.deal(deal)["intacct_invoice_status"] == "draft"
        BookKeeper(Access.at(opened.sandbox.url)).delete_invoice(draft["RECORDNO"])
        opened.sandbox.control.set_clock(MONDAY + timedelta(days=1))
        opened.run_flow(FLOW)
        shown = opened.deal(deal)
        assert not shown.get("intacct_invoice_status")
        assert not shown.get("intacct_invoice_balance")
        assert opened.hold_codes(FLOW) == {f"deal:{deal}": "unknown_invoice_number"}


def test_an_invoice_made_of_a_deals_sales_order_shows_on_the_deal(settings: Path, tmp_path: Path) -> None:
    main = settings / "hubspot_closed_won_to_intacct_invoice.yaml"
    edit(main, "sales_orders: {}", 'sales_orders: {"default": Sales Order}')
    with office(tmp_path, deals=12, at=MONDAY) as opened:
        opened.invoice_won_deals()
        opened.run_flow(FLOW)
        documents = [b["record"] for b in opened.sandbox.control.books("intacct") if b["object"] == "SODOCUMENT"]
        order = next(one for one in documents if one.get("TIEOUT_KEY") and one["CURRENCY"] == "USD")
        deal = order["TIEOUT_KEY"].split("-")[2]
        assert not opened.deal(deal).get("intacct_invoice_status")
        books = BookKeeper(Access.at(opened.sandbox.url))
        books.convert(order, "Sales Invoice", TODAY, item="SENSOR-1", location="100")
        opened.run_flow(FLOW)
        shown = opened.deal(deal)
        assert shown["intacct_invoice_status"] == "open"
        assert Decimal(shown["intacct_invoice_balance"] or 0) == Decimal(order["TRX_TOTAL"])
        opened.invoice_won_deals()  # shows that the order is converted
        assert (opened.run_flow(FLOW)["updated"], opened.invoice_won_deals()["written_back"]) == (0, 0)


def test_a_payment_is_found_although_its_invoice_does_not_say_that_it_changed(tmp_path: Path) -> None:
    """Nobody promises that applying money changes the WHENMODIFIED of what it is applied to."""
    with office(tmp_path, deals=12, at=MONDAY, intacct={"payment_bumps_invoice": False}) as opened:
        company = Company(opened)
        opened.sandbox.control.advance(7200)  # the invoices' own change leaves the overlap
        company.run()
        invoice, deal = company.invoiced_deal()
        payment = company.books.pay(invoice, Decimal("100.00"), TODAY, bank=US_BANK)
        company.run()
        assert company.shown(deal)["status"] == "partial"
        company.books.reverse_payment(payment, TODAY, "insufficient funds")
        company.run()
        assert company.shown(deal)["status"] == "open"


def test_the_books_alone_tell_whose_an_invoice_is_when_the_state_is_lost(alone: Company, tmp_path: Path) -> None:
    _, deal = alone.invoiced_deal()
    before = _hubspot(alone.office)
    _blank(alone, deal)
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrate(url)
    replace(alone.office, state_url=url).run_flow(FLOW)
    assert _hubspot(alone.office) == before


def test_the_number_of_calls_grows_with_slices_and_not_with_invoices(tmp_path: Path) -> None:
    with office(tmp_path, profile="company", at=MONDAY) as opened:
        opened.sandbox.control.forget_calls()
        note = opened.run_flow(FLOW)
        calls = opened.sandbox.control.counts()["systems"]
        assert note["read"] > 600
        assert calls["intacct"]["calls"] < 60
        assert opened.run_flow(FLOW).get("updated", 0) == 0


def test_a_refund_is_an_amount_of_its_own_and_the_invoice_stays_paid(company: Company, settings: Path) -> None:
    """By either method that the books name; more than was paid is asked about."""
    file = settings / "books.yaml"
    shipped = file.read_text()

    def refunds_by(method: str) -> None:
        text = f'refunds: {{method: {method}, accounts: ["2150"]}}'
        file.write_text(shipped.replace("refunds: {method: none, accounts: []}", text))

    invoice, deal = company.invoiced_deal()
    total = Decimal(invoice["TRX_TOTALDUE"])
    company.books.pay(invoice, total, MONDAY.date(), bank="BW-US-USD")
    company.run()
    refunds_by("journal")
    back = {"account": "2150", "bank": "1010", "location": "100"}
    company.books.refund(invoice, Decimal("40.25"), MONDAY.date(), **back)
    note = company.run()
    shown = company.shown(deal)
    assert (shown["status"], Decimal(shown["refunded"])) == ("paid", Decimal("40.25"))
    assert company.money(deal)["paid"] == company.money(deal)["total"] == total
    assert company.company_of(invoice["CUSTOMERID"])["intacct_refunded"] == "40.25"
    assert note["held"] == 0
    assert company.run()["updated"] == 0

    company.books.refund(invoice, -Decimal("40.25"), MONDAY.date(), **back)
    company.books.refund(invoice, total + 1, MONDAY.date(), **back)
    company.run()
    assert company.office.hold_codes(FLOW)[f"deal:{deal}"] == "refund_exceeds_paid"
    assert Decimal(company.shown(deal)["refunded"]) == total + 1

    refunds_by("debit_memo")
    company.books.credit(invoice, -Decimal("15.00"), MONDAY.date(), coding=Coding("2150", "100"))
    company.run()
    assert Decimal(company.shown(deal)["refunded"]) == Decimal("15.00")
    assert company.office.hold_codes(FLOW).get(f"deal:{deal}") is None


def test_a_foreign_invoices_deal_shows_rate_rate_date_and_what_it_was_booked_at(company: Company) -> None:
    """As Intacct computed them; a deal in the books' own currency shows none."""
    ours = [one for one in company.office.invoices() if one.get("TIEOUT_KEY") and one["STATE"] != "Reversed"]
    foreign = [one for one in ours if one["CURRENCY"] != one["BASECURR"]]
    assert {(one["CURRENCY"], one["BASECURR"]) for one in foreign} >= {("EUR", "USD"), ("JPY", "USD"), ("USD", "GBP")}
    for one in foreign:
        shown = company.shown(one["TIEOUT_KEY"].split("-")[2])
        assert (Decimal(shown["base_total"]), shown["base_currency"]) == (Decimal(one["TOTALENTERED"]), one["BASECURR"])
        assert Decimal(shown["exchange_rate"]) == Decimal(one["EXCHANGE_RATE"])
        assert shown["rate_date"] == datetime.strptime(one["EXCH_RATE_DATE"], "%m/%d/%Y").date().isoformat()  # noqa: DTZ007
    home = next(one for one in ours if one["CURRENCY"] == one["BASECURR"])
    assert "exchange_rate" not in company.shown(home["TIEOUT_KEY"].split("-")[2])
