"""The manifest's own arithmetic, against figures worked out by hand and against decimals."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from include.sandbox.company.arithmetic import decimal_text, discounted, due_date, half_up, line_net


@pytest.mark.parametrize(
    ("value", "whole"),
    [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("-3/2", -2), ("49/100", 0), ("-51/100", -1), ("7", 7), ("0", 0)],
)
def test_a_half_goes_away_from_zero(value, whole):
    assert half_up(Fraction(value)) == whole


@pytest.mark.parametrize(
    ("quantity", "price", "currency", "discount", "percent", "minor"),
    [
        ("1", "10.05", "USD", "", "10", 905),
        ("12345", "0.00375", "USD", "", "", 4629),
        ("1", "10.005", "USD", "", "", 1001),
        ("2.5", "0.45", "USD", "", "", 113),
        ("40", "189.5", "USD", "14.255", "", 700_980),
        ("3", "40", "USD", "115", "", -22_500),
        ("3", "1250.5", "JPY", "", "", 3752),
        ("1", "1240", "EUR", "", "100", 0),
    ],
)
def test_line_nets_are_rounded_once_at_the_currencys_precision(quantity, price, currency, discount, percent, minor):
    assert line_net(quantity, price, currency, discount=discount, discount_percent=percent) == minor


def test_a_header_discount_of_ten_percent_on_three_lines_of_10_05_makes_27_14():
    assert discounted([1005, 1005, 1005], "10") == [905, 905, 904]
    assert sum(line_net("1", "10.05", "USD", discount_percent="10") for _ in range(3)) == 2715


@pytest.mark.parametrize("percent", ["0.5", "5", "7.5", "12.25", "33.333", "99.99", "100"])
@pytest.mark.parametrize("nets", [[1], [1, 1, 1], [333, 333, 334], [1, 99_999], [0, 500, 0], [17, 23, 42, 1001]])
def test_shares_of_a_header_discount_add_up_and_stay_within_a_cent_of_their_exact_part(nets, percent):
    shares = discounted(nets, percent)
    total = (Decimal(sum(nets)) * (1 - Decimal(percent) / 100)).quantize(Decimal(1), ROUND_HALF_UP)
    assert sum(shares) == total
    for net, share in zip(nets, shares, strict=True):
        assert abs(share - Fraction(int(total) * net, sum(nets))) < 1


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(4629, "USD", "46.29"), (5, "EUR", "0.05"), (-43050, "GBP", "-430.50"), (3752, "JPY", "3752"), (0, "USD", "0.00")],
)
def test_amounts_are_written_with_the_currencys_digits(minor, currency, text):
    assert decimal_text(minor, currency) == text


@pytest.mark.parametrize(
    ("day", "term", "due"),
    [
        (date(2027, 1, 31), "N30", date(2027, 3, 2)),
        (date(2026, 11, 1), "N15", date(2026, 11, 16)),
        (date(2026, 10, 3), "EOM30", date(2026, 11, 30)),
        (date(2026, 12, 31), "EOM30", date(2027, 1, 30)),
        (date(2028, 1, 31), "EOM30", date(2028, 3, 1)),
    ],
)
def test_due_dates_follow_the_terms(day, term, due):
    assert due_date(day, term) == due
