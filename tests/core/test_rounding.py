"""Where the cents go: the parts always add up to the whole."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.errors import Ambiguous
from include.core.money import Money, round_half_up, sum_money
from include.core.rounding import allocate, header_discounted, line_net, stated_percentages

currencies = st.sampled_from(["USD", "JPY", "KWD"])
totals = st.builds(Money.from_minor, st.integers(-(10**12), 10**12), currencies)
percents = st.decimals(0, 100, places=3)


def _usd(*amounts: str) -> list[Money]:
    return [Money.of(amount, "USD") for amount in amounts]


# -- accounting case 1 and 5: lines and their discounts


@pytest.mark.parametrize(
    ("quantity", "price", "currency", "net"),
    [
        ("12345", "0.00375", "USD", "46.29"),
        ("3", "10.05", "USD", "30.15"),
        ("1.5", "333", "JPY", "500"),
        ("7", "0.0005", "KWD", "0.004"),
        ("-1", "10.005", "USD", "-10.01"),
    ],
)
def test_a_line_keeps_its_unit_price_and_is_rounded_once(quantity: str, price: str, currency: str, net: str) -> None:
    assert line_net(Decimal(quantity), Decimal(price), currency).text == net


def test_the_net_is_rounded_never_the_discount() -> None:
    # 10.05 less 10 % is 9.045: the net rounds to 9.05, whereas a rounded discount of 1.01 would leave 9.04.
    net = line_net(Decimal(1), Decimal("10.05"), "USD", discount_percent=Decimal(10))

    assert net.text == "9.05"
    assert sum_money([net] * 3, "USD").text == "27.15"


def test_a_discount_amount_is_taken_off_each_unit() -> None:
    assert line_net(Decimal(4), Decimal("19.99"), "USD", discount_each=Decimal("1.4975")).text == "73.97"


def test_a_line_with_two_kinds_of_discount_is_ambiguous() -> None:
    with pytest.raises(Ambiguous):
        line_net(Decimal(1), Decimal(10), "USD", discount_percent=Decimal(5), discount_each=Decimal(1))


def test_three_lines_less_a_header_discount_add_up_to_the_rounded_total() -> None:
    lines = header_discounted(_usd("10.05", "10.05", "10.05"), Decimal(10), "USD")

    assert [line.text for line in lines] == ["9.05", "9.05", "9.04"]
    assert sum_money(lines, "USD").text == "27.14"


def test_no_header_discount_changes_nothing() -> None:
    assert header_discounted(_usd("10.05", "-3.00"), Decimal(0), "USD") == _usd("10.05", "-3.00")


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30), percents, currencies)
def test_discounted_lines_add_up_to_the_header(minors: list[int], percent: Decimal, currency: str) -> None:
    nets = [Money.from_minor(minor, currency) for minor in minors]
    whole = sum_money(nets, currency)
    lines = header_discounted(nets, percent, currency)
    expected = whole if not percent else round_half_up(whole.amount * (100 - percent) / 100, currency)

    assert sum_money(lines, currency) == expected
    assert len(lines) == len(nets)


# -- largest remainder


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("100.00", [1, 1, 1], ["33.34", "33.33", "33.33"]),
        ("-100.00", [1, 1, 1], ["-33.34", "-33.33", "-33.33"]),
        ("0.02", [1, 1, 1], ["0.01", "0.01", "0.00"]),
        ("10.00", [0, 1, 0, 1], ["0.00", "5.00", "0.00", "5.00"]),
        ("0.05", [Decimal("0.1"), Decimal("0.2"), Decimal("0.2")], ["0.01", "0.02", "0.02"]),
        ("9.00", [10, -1], ["10.00", "-1.00"]),
        ("-9.00", [-10, 1], ["-10.00", "1.00"]),
        ("0.00", [1, 2], ["0.00", "0.00"]),
        ("0.00", [0, 0], ["0.00", "0.00"]),
        ("0.00", [], []),
    ],
)
def test_a_total_is_shared_by_largest_remainder_ties_to_the_first(
    total: str, weights: list[int], parts: list[str]
) -> None:
    assert [part.text for part in allocate(Money.of(total, "USD"), weights)] == parts


def test_a_total_cannot_be_shared_by_nothing() -> None:
    for weights in ([], [0, 0], [5, -5]):
        with pytest.raises(ValueError, match="add up to zero"):
            allocate(Money.of("1.00", "USD"), weights)


@given(totals, st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any))
def test_shares_add_up_and_are_within_one_unit_of_the_exact_share(total: Money, weights: list[int]) -> None:
    parts = allocate(total, weights)

    assert sum_money(parts, total.currency) == total
    for part, weight in zip(parts, weights, strict=True):
        exact = Decimal(total.minor) * weight / sum(weights)
        assert abs(part.minor - exact) < 1 + Decimal("1e-9")
        assert weight or part.is_zero


@given(totals, st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_a_credit_is_the_mirror_image_of_its_invoice(total: Money, weights: list[int]) -> None:
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


@given(totals, st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_more_weight_never_gets_less(total: Money, weights: list[int]) -> None:
    parts = allocate(abs(total), weights)
    by_weight = sorted(zip(weights, parts, strict=True), key=lambda pair: pair[0])

    for (light, less), (heavy, more) in pairwise(by_weight):
        assert light == heavy or less.minor <= more.minor


# -- accounting case 13: stated percentages


def test_the_last_instalment_takes_the_residue_of_the_whole() -> None:
    parts = stated_percentages(Money.of("250000", "USD"), [Decimal("33.33")] * 3)

    assert [part.text for part in parts] == ["83325.00", "83325.00", "83350.00"]


def test_stated_percentages_round_each_instalment_but_the_last() -> None:
    parts = stated_percentages(Money.of("99.99", "USD"), [Decimal(30), Decimal(30), Decimal(40)])

    assert [part.text for part in parts] == ["30.00", "30.00", "39.99"]


@pytest.mark.parametrize("stated", [["30", "30"], ["33.33", "33.33", "33.00"], [], ["-10", "110"], ["50", "51"]])
def test_percentages_that_are_not_a_whole_are_refused(stated: list[str]) -> None:
    with pytest.raises(ValueError, match="percentage"):
        stated_percentages(Money.of("100", "USD"), [Decimal(percent) for percent in stated])


@given(totals, st.lists(st.integers(1, 30), min_size=1, max_size=12))
def test_instalments_add_up_to_the_whole(total: Money, firsts: list[int]) -> None:
    firsts = firsts[: next((n for n in range(len(firsts)) if sum(firsts[: n + 1]) > 100), len(firsts))]
    stated = [Decimal(first) for first in [*firsts, 100 - sum(firsts)]]

    assert sum_money(stated_percentages(total, stated), total.currency) == total
