"""Cases 1 to 10: what a document's lines come to."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.currencies import MINOR_UNITS
from include.core.deal_document import NothingToBill, document_for, lines_kept, single_line
from include.core.money import Money, sum_money
from include.core.rounding import header_discounted, line_net
from include.core.tax import Exemption, NoValidExemption, check_exemption, tax_on, tax_out_of
from tests.accounting.amounts import D, currencies, minors, positive, texts, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import PLAN_TEAM, SENSOR, deal, hold, invoice
from tests.flows.test_invoice_lines import item, nets

INCLUDE = Path(__file__).resolve().parents[2] / "include"


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


@pytest.mark.rule_only
def test_case_02_four_times_19_99_at_8_875_percent_is_7_08_by_line_and_7_10_by_total() -> None:
    four = [usd("19.99")] * 4
    by_line, by_total = (tax_on(four, D("8.875"), "USD", by) for by in ("line", "total"))
    assert (texts(by_line.lines), by_line.by_line) == (["1.77"] * 4, usd("7.08"))
    assert (texts(by_total.lines), by_total.by_total) == (["1.78", "1.78", "1.77", "1.77"], usd("7.10"))
    assert by_line.difference == by_total.difference == usd("-0.02")


@pytest.mark.rule_only
def test_case_02_where_intacct_computes_nothing_is_sent_and_what_it_booked_is_compared() -> None:
    tax = tax_on([usd("19.99")] * 4, D("8.875"), "USD", "intacct")
    assert tax.lines == ()
    assert [tax.explains(usd(booked)) for booked in ("7.08", "7.10", "7.09")] == [True, True, False]


@pytest.mark.rule_only
@given(st.lists(minors, min_size=1, max_size=8), st.decimals(0, 30, places=3), currencies)
def test_case_02_the_lines_tax_adds_up_to_the_documents(listed: list[int], percent: Decimal, currency: str) -> None:
    lines = [Money.from_minor(minor, currency) for minor in listed]
    by_line, by_total = (tax_on(lines, percent, currency, by) for by in ("line", "total"))
    assert sum_money(by_line.lines, currency) == by_line.by_line
    assert sum_money(by_total.lines, currency) == by_total.by_total


@pytest.mark.rule_only
def test_case_03_three_prices_of_10_including_19_percent_are_25_21_net() -> None:
    found = tax_out_of([usd("10")] * 3, D(19), "USD")
    assert [(one.net.text, one.tax.text) for one in found] == [("8.40", "1.60"), ("8.40", "1.60"), ("8.41", "1.59")]
    assert sum_money((one.net for one in found), "USD") == usd("25.21")


@pytest.mark.rule_only
@given(st.lists(minors, min_size=1, max_size=8), st.decimals(0, 30, places=3), currencies)
def test_case_03_the_gross_is_kept_to_the_cent(listed: list[int], percent: Decimal, currency: str) -> None:
    grosses = [Money.from_minor(minor, currency) for minor in listed]
    found = tax_out_of(grosses, percent, currency)
    assert [one.net + one.tax for one in found] == grosses
    exact = Fraction(sum(listed)) * 100 / (100 + Fraction(percent))
    assert abs(sum(one.net.minor for one in found) - exact) <= Fraction(1, 2)


@pytest.mark.rule_only
@pytest.mark.parametrize(
    "exemption", [None, Exemption(" ", date(2027, 1, 1)), Exemption("X-1", None), Exemption("X-1", date(2026, 6, 29))]
)
def test_case_04_an_exemption_without_proof_or_expired_is_held(exemption: Exemption | None) -> None:
    with pytest.raises(NoValidExemption):
        check_exemption(exemption, date(2026, 6, 30))


@pytest.mark.rule_only
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


@pytest.mark.rule_only
def test_case_08_without_lines_one_configured_line_stands_in_only_where_allowed() -> None:
    assert single_line(usd(500), allowed=True) == usd(500)
    for amount, allowed in ((usd(500), False), (None, True)):
        with pytest.raises(NothingToBill):
            single_line(amount, allowed=allowed)


def test_case_09_a_zero_total_is_never_posted_by_itself() -> None:
    assert hold(deal({**SENSOR, "price": "0"}, amount="0")).code == "zero_total"
    assert document_for(usd(0)) == "by_hand"


@pytest.mark.rule_only
def test_case_09_free_lines_are_kept_or_dropped_by_setting() -> None:
    lines = [usd(100), usd(0), usd("-5")]
    assert lines_kept(lines, keep_zero=True) == [0, 1, 2]
    assert lines_kept(lines, keep_zero=False) == [0, 2]


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


@pytest.mark.rule_only
@given(positive, currencies)
def test_case_10_the_sign_of_the_total_decides(minor: int, currency: str) -> None:
    assert document_for(Money.from_minor(minor, currency)) == "invoice"
    assert document_for(Money.from_minor(-minor, currency)) == "credit_memo"
