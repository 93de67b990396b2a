"""Cases 1 to 10: what a document's lines come to."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.core.currencies import MINOR_UNITS
from include.core.deal_document import NothingToBill, document_for, lines_kept, single_line
from include.core.decisions import Decision, Hold, Write
from include.core.money import Money, sum_money
from include.core.rounding import header_discounted, line_net
from include.core.tax import Exemption, NoValidExemption, TaxBy, check_exemption, document_tax, tax_on, tax_out_of
from include.flows.deals.plan import plan
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.tax_settings import TaxSettings
from tests.accounting.amounts import D, currencies, minors, positive, texts, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import (
    BOOKS,
    KNOWN,
    NOW,
    PLAN_TEAM,
    SENSOR,
    SETTINGS,
    deal,
    hold,
    invoice,
)
from tests.flows.test_invoice_lines import item, nets

INCLUDE = Path(__file__).resolve().parents[2] / "include"


def taxed(**rules: Any) -> dict[str, Any]:
    return {"codes": {"NY": {"percent": "8.875", "detail": "NY"}}, "entities": {"100": {"code": "NY"}}, **rules}


def decided_by(chosen: dict[str, Any], record: DealRecord) -> Decision:
    """What becomes of the deal under these settings of the main job."""
    settings = WonDealSettings.model_validate(SETTINGS.model_dump(by_alias=True) | chosen)
    (decision,) = plan([record], KNOWN, settings, BOOKS, now=NOW)
    return decision


def billed_by(chosen: dict[str, Any], record: DealRecord) -> Write:
    decision = decided_by(chosen, record)
    assert isinstance(decision, Write), decision
    return decision


def held_by(chosen: dict[str, Any], record: DealRecord) -> Hold:
    decision = decided_by(chosen, record)
    assert isinstance(decision, Hold), decision
    return decision


def entries(write: Write) -> list[dict[str, str]]:
    return [entry for item in write.payload["invoiceitems"] for entry in item.get("taxentries", ())]


def test_case_01_three_lines_of_10_05_less_ten_percent_are_27_15_by_line_and_27_14_by_header() -> None:
    by_line = [line_net(D(1), D("10.05"), "USD", discount_percent=D(10))] * 3
    by_header = header_discounted([usd("10.05")] * 3, D(10), "USD")
    assert sum_money(by_line, "USD") == usd("27.15")
    assert sum_money(by_header, "USD") == usd("27.14")
    assert texts(by_header) == ["9.05", "9.05", "9.04"]
    assert line_net(D(-1), D("10.05"), "USD", discount_percent=D(10)) == usd("-9.05")


@given(st.lists(minors, min_size=1, max_size=8), st.decimals(0, 100, places=3), currencies)
def test_case_01_lines_add_up_to_the_discounted_header(listed: list[int], percent: Decimal, currency: str) -> None:
    lines = [Money.from_minor(minor, currency) for minor in listed]
    whole = Fraction(sum(listed)) * (100 - Fraction(percent)) / 100
    if percent and not sum(listed) and any(listed):
        return  # lines that cancel out have no header to discount
    discounted = header_discounted(lines, percent, currency)
    assert abs(sum(one.minor for one in discounted) - whole) <= Fraction(1, 2)


def test_case_02_four_times_19_99_at_8_875_percent_is_7_08_by_line_and_7_10_by_total() -> None:
    four = [usd("19.99")] * 4
    by_line, by_total = (tax_on(four, D("8.875"), "USD", by) for by in ("line", "total"))
    assert (texts(by_line.lines), by_line.by_line) == (["1.77"] * 4, usd("7.08"))
    assert (texts(by_total.lines), by_total.by_total) == (["1.78", "1.78", "1.77", "1.77"], usd("7.10"))
    assert by_line.difference == by_total.difference == usd("-0.02")


def test_case_02_where_intacct_computes_nothing_is_sent_and_what_it_booked_is_compared() -> None:
    tax = tax_on([usd("19.99")] * 4, D("8.875"), "USD", "intacct")
    assert tax.lines == ()
    assert [tax.explains(usd(booked)) for booked in ("7.08", "7.10", "7.09")] == [True, True, False]


def test_case_02_the_plan_sends_the_tax_and_tells_what_the_other_way_would_make() -> None:
    four = deal(*({**SENSOR, "quantity": "1", "price": "19.99"},) * 4, amount="79.96")
    by_line, by_total, by_intacct = (billed_by({"tax": taxed(by=by)}, four) for by in ("line", "total", "intacct"))
    assert [entries(one) for one in (by_line, by_total, by_intacct)] == [
        [{"detailid": "NY", "trx_tax": tax} for tax in ("1.77", "1.77", "1.77", "1.77")],
        [{"detailid": "NY", "trx_tax": tax} for tax in ("1.78", "1.78", "1.77", "1.77")],
        [{"detailid": "NY"}] * 4,
    ]
    assert [one.expect["TRX_TOTALENTERED"] for one in (by_line, by_total, by_intacct)] == ["87.04", "87.06", "87.04"]
    assert "with 7.08 USD of tax (by total it would be 7.10 USD)" in by_line.summary
    assert "with 7.10 USD of tax (line by line it would be 7.08 USD)" in by_total.summary
    assert "with 7.08 USD of tax, which Intacct computes (" in by_intacct.summary
    untaxed = billed_by({}, four)
    assert "taxentries" not in untaxed.payload["invoiceitems"][0]
    assert untaxed.facts == {name: fact for name, fact in by_line.facts.items() if name != "tax_on_top"}
    assert by_line.facts["tax_on_top"] == "7.08"


SOLD = st.tuples(st.sampled_from(["", "A", "B"]), minors)
PERCENTS = st.fixed_dictionaries({"A": st.decimals(0, 30, places=3), "B": st.decimals(0, 30, places=3)})
WAYS = st.sampled_from(["line", "total", "intacct"])


@given(st.lists(SOLD, min_size=1, max_size=8), PERCENTS, WAYS, currencies)
def test_case_02_a_document_of_several_rates_is_its_lines_and_their_tax(
    sold: list[tuple[str, int]], percents: dict[str, Decimal], by: TaxBy, currency: str
) -> None:
    lines = [(code, Money.from_minor(minor, currency)) for code, minor in sold]
    tax = document_tax(lines, percents, currency, by, "exclusive")
    assert [one.net for one in tax.lines] == [amount for _, amount in lines]
    assert sum_money((one.tax for one in tax.lines), currency) == tax.tax
    assert tax.tax == (tax.by_total if by == "total" else tax.by_line)
    assert tax.explains(tax.tax)
    assert all(one.tax.is_zero for (code, _), one in zip(lines, tax.lines, strict=True) if not code)


@given(st.lists(SOLD, min_size=1, max_size=8), PERCENTS, currencies)
def test_case_03_a_document_of_several_rates_keeps_the_gross_of_every_line(
    sold: list[tuple[str, int]], percents: dict[str, Decimal], currency: str
) -> None:
    lines = [(code, Money.from_minor(minor, currency)) for code, minor in sold]
    tax = document_tax(lines, percents, currency, "total", "inclusive")
    assert [one.net + one.tax for one in tax.lines] == [amount for _, amount in lines]


def test_case_02_what_contradicts_other_settings_is_named() -> None:
    chosen = {
        "tax": taxed(entities={"999": {"code": "NY"}}),
        "single_line": "NO-SUCH-SKU",
        "instalments": {"rest": "recurring_invoice"},
    }
    settings = WonDealSettings.model_validate(SETTINGS.model_dump(by_alias=True) | chosen)
    keys = {key for key, _, _ in settings.problems(BOOKS)}
    assert {"tax.entities.999", "single_line", "instalments.rest"} <= keys
    assert SETTINGS.problems(BOOKS) == []


def test_case_02_a_sales_order_is_net_of_tax_and_a_credit_memo_takes_it_back() -> None:
    codes = {"NY": {"percent": "19", "detail": "NY"}}
    rules = taxed(by="line", codes=codes, entities={"100": {"code": "NY", "solution": "New York"}})
    priced = deal({**SENSOR, "quantity": "1", "price": "119"}, amount="119", pipeline="P")
    order = billed_by({"tax": {**rules, "prices": "inclusive"}, "sales_orders": {"P": "Sales Order"}}, priced)
    assert (order.expect["TRX_TOTAL"], order.payload["sotransitems"][0]["price"]) == ("100.00", "100")
    assert "taxentries" not in order.payload["sotransitems"][0]
    back = deal({**SENSOR, "quantity": "1", "price": "-100"}, amount="-100")
    memo = billed_by({"tax": rules, "negative_total": "credit_memo"}, back)
    (item,) = memo.payload["aradjustmentitems"]
    assert (item["amount"], item["taxentries"]) == ("-100.00", [{"detailid": "NY", "trx_tax": "-19.00"}])
    assert (memo.payload["taxsolutionid"], memo.expect["TRX_TOTALENTERED"]) == ("New York", "-119.00")
    assert memo.facts["tax_on_top"] == "-19.00"


def test_case_02_each_instalment_of_a_deal_bears_its_own_tax() -> None:
    quarter = {**PLAN_TEAM, "recurringbillingfrequency": "quarterly", "hs_recurring_billing_period": "P12M"}
    chosen = {"tax": taxed(by="line"), "instalments": {"rest": "invoice_when_due", "deal_amount": "contract"}}
    first = billed_by(chosen, deal(quarter, amount="400"))
    assert (first.expect["TRX_TOTALENTERED"], first.facts["tax_on_top"]) == ("108.88", "8.88")
    assert entries(first) == [{"detailid": "NY", "trx_tax": "8.88"}]


def test_case_03_the_deals_amount_is_the_invoices_total_where_prices_include_tax() -> None:
    three = deal(*({**SENSOR, "quantity": "1", "price": "10"},) * 3, amount="30")
    code = {"NY": {"percent": "19", "detail": "NY"}}
    planned = billed_by({"tax": taxed(by="line", prices="inclusive", codes=code)}, three)
    assert [one["amount"] for one in planned.payload["invoiceitems"]] == ["8.40", "8.40", "8.41"]
    assert (planned.expect["TRX_TOTALENTERED"], planned.facts["total"]) == ("30.00", "30.00")
    assert "tax_on_top" not in planned.facts


def test_case_04_an_exempt_customer_is_billed_without_tax_only_with_proof() -> None:
    rules = taxed(by="line", codes={"NY": {"percent": "8.875", "detail": "NY"}, "EX": {"percent": "0", "detail": "EX"}})
    rules["entities"] = {"100": {"code": "NY", "exempt": "EX"}}
    rules["exemption"] = {"when": "company.exempt", "number": "company.certificate", "valid_to": "company.until"}

    def of(**company: str) -> DealRecord:
        return replace(deal(), company={**deal().company, **company})

    assert entries(billed_by({"tax": rules}, of(exempt="no")))[0] == {"detailid": "NY", "trx_tax": "8.88"}
    for proof in ({}, {"certificate": "X"}, {"certificate": "X", "until": "2026-11-02"}, {"until": "2026-11-03"}):
        assert held_by({"tax": rules}, of(exempt="true", **proof)).code == "no_exemption_proof"
    proven = billed_by({"tax": rules}, of(exempt="true", certificate="X", until="2026-11-03"))
    assert entries(proven) == [{"detailid": "EX", "trx_tax": "0.00"}] * 2
    assert held_by({"tax": rules}, of(exempt="perhaps")).code == "unmapped_value"


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": "intacct", "prices": "inclusive"},
        {"entities": {"100": {"code": "OTHER"}}},
        {"by": "line", "codes": {"NY": {"percent": "8"}}},
        {"codes": {"NY": {"percent": "108", "detail": "NY"}}},
        {"codes": {"NY": {"percent": "a", "detail": "NY"}}},
        {"entities": {"100": {"exempt": "NY"}}},
    ],
)
def test_case_02_settings_that_cannot_be_right_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TaxSettings.model_validate(taxed() | wrong)


@given(st.lists(minors, min_size=1, max_size=8), st.decimals(0, 30, places=3), currencies)
def test_case_02_the_lines_tax_adds_up_to_the_documents(listed: list[int], percent: Decimal, currency: str) -> None:
    lines = [Money.from_minor(minor, currency) for minor in listed]
    by_line, by_total = (tax_on(lines, percent, currency, by) for by in ("line", "total"))
    assert sum_money(by_line.lines, currency) == by_line.by_line
    assert sum_money(by_total.lines, currency) == by_total.by_total


def test_case_03_three_prices_of_10_including_19_percent_are_25_21_net() -> None:
    found = tax_out_of([usd("10")] * 3, D(19), "USD")
    assert [(one.net.text, one.tax.text) for one in found] == [("8.40", "1.60"), ("8.40", "1.60"), ("8.41", "1.59")]
    assert sum_money((one.net for one in found), "USD") == usd("25.21")


@given(st.lists(minors, min_size=1, max_size=8), st.decimals(0, 30, places=3), currencies)
def test_case_03_the_gross_is_kept_to_the_cent(listed: list[int], percent: Decimal, currency: str) -> None:
    grosses = [Money.from_minor(minor, currency) for minor in listed]
    found = tax_out_of(grosses, percent, currency)
    assert [one.net + one.tax for one in found] == grosses
    exact = Fraction(sum(listed)) * 100 / (100 + Fraction(percent))
    assert abs(sum(one.net.minor for one in found) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    "exemption", [None, Exemption(" ", date(2027, 1, 1)), Exemption("X-1", None), Exemption("X-1", date(2026, 6, 29))]
)
def test_case_04_an_exemption_without_proof_or_expired_is_held(exemption: Exemption | None) -> None:
    with pytest.raises(NoValidExemption):
        check_exemption(exemption, date(2026, 6, 30))


def test_case_04_an_exemption_counts_on_its_last_day() -> None:
    check_exemption(Exemption("X-1", date(2026, 6, 30)), date(2026, 6, 30))


def test_case_05_a_unit_price_of_0_00375_times_12345_is_46_29() -> None:
    assert nets(item("0.00375", "12345")) == ["46.29"]
    assert line_net(D("12345"), D("0.00375"), "USD") == usd("46.29")


@given(st.decimals(-(10**6), 10**6, places=6), st.decimals(-(10**6), 10**6, places=6), currencies)
def test_case_05_only_the_extended_amount_is_rounded(quantity: Decimal, price: Decimal, currency: str) -> None:
    exact = Fraction(quantity) * Fraction(price) * 10 ** MINOR_UNITS[currency]
    assert abs(line_net(quantity, price, currency).minor - exact) <= Fraction(1, 2)


def test_case_06_yen_have_no_decimals_and_dinars_three() -> None:
    assert nets(item("1000.4", "3"), currency="JPY") == ["3001"]
    assert nets(item("1.0005"), currency="KWD") == ["1.001"]
    assert "." not in Money.of("100", "JPY").text


def test_case_07_a_float_is_never_money() -> None:
    for bad in (0.1, float("nan")):
        with pytest.raises(TypeError):
            Money.of(bad, "USD")  # type: ignore[arg-type]


def test_case_07_no_code_of_ours_makes_a_float_of_an_amount() -> None:
    """Floats are for seconds. ``float(...)`` on a value and floats in the code of amounts are looked for."""
    found = []
    for path in [*INCLUDE.glob("core/**/*.py"), *INCLUDE.glob("flows/**/*.py"), *INCLUDE.glob("connectors/**/*.py")]:
        tree = ast.parse(path.read_text())
        imports = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
        for node in ast.walk(tree):
            calls = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float) and "Money" in imports
            if (calls and "Money" in imports) or literal:
                found.append(f"{path.relative_to(INCLUDE)}:{node.lineno}")
    assert found == []


def test_case_08_a_deal_whose_amount_is_not_its_lines_is_held() -> None:
    assert hold(deal(amount="200.00")).code == "amount_differs_from_lines"
    assert sum(Decimal(one["amount"]) for one in invoice(deal(amount="200.01"))["invoiceitems"]) == D("200.01")


def test_case_08_without_lines_one_configured_line_stands_in_only_where_allowed() -> None:
    assert single_line("500", allowed=True) == "500"
    for amount, allowed in (("500", False), (None, True)):
        with pytest.raises(NothingToBill):
            single_line(amount, allowed=allowed)
    bare = replace(deal(amount="500"), lines=())
    assert held_by({}, bare).code == "no_lines"
    assert held_by({"single_line": "ONBOARD"}, replace(bare, deal={**bare.deal, "amount": ""})).code == "no_lines"
    (line,) = billed_by({"single_line": "ONBOARD"}, bare).payload["invoiceitems"]
    assert (line["glaccountno"], line["amount"], line["memo"]) == ("4200", "500.00", "Roof plant")


def test_case_09_a_zero_total_is_never_posted_by_itself() -> None:
    assert hold(deal({**SENSOR, "price": "0"}, amount="0")).code == "zero_total"
    assert document_for(usd(0)) == "by_hand"


def test_case_09_free_lines_are_kept_or_dropped_by_setting() -> None:
    lines = [usd(100), usd(0), usd("-5")]
    assert lines_kept(lines, keep_zero=True) == [0, 1, 2]
    assert lines_kept(lines, keep_zero=False) == [0, 2]
    free = deal(PLAN_TEAM, {**SENSOR, "price": "0"}, amount="100")
    kept, dropped = (billed_by({"free_lines": chosen}, free) for chosen in ("keep", "drop"))
    assert [len(one.payload["invoiceitems"]) for one in (kept, dropped)] == [2, 1]
    assert kept.facts == dropped.facts


def test_case_09_free_lines_stand_on_the_invoice() -> None:
    free = {**SENSOR, "price": "0"}
    assert [one["amount"] for one in invoice(deal(PLAN_TEAM, free, amount="100"))["invoiceitems"]] == ["100.00", "0.00"]


def test_case_10_a_negative_line_may_stand_among_others_a_negative_total_is_a_credit_memo() -> None:
    discount = {**SENSOR, "quantity": "1", "price": "-5"}
    assert [one["amount"] for one in invoice(deal(PLAN_TEAM, discount, amount="95"))["invoiceitems"]] == [
        "100.00",
        "-5.00",
    ]
    assert hold(deal(discount, amount="-5")).code == "negative_total"
    assert document_for(usd("-5")) == "credit_memo"


@given(positive, currencies)
def test_case_10_the_sign_of_the_total_decides(minor: int, currency: str) -> None:
    assert document_for(Money.from_minor(minor, currency)) == "invoice"
    assert document_for(Money.from_minor(-minor, currency)) == "credit_memo"
