"""HubSpot line items priced as invoice lines: exact to the cent, and billing only what is due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.flows.deals.invoice_lines import InvalidLine, priced_lines

WON = date(2026, 11, 3)
NONE = Decimal(0)


def nets(*items: dict[str, str | None], currency: str = "USD", percent: Decimal = NONE) -> list[str]:
    return [line.net.text for line in priced_lines(items, currency, WON, percent)]


def item(price: str, quantity: str = "1", **more: str) -> dict[str, str | None]:
    return {"id": "1", "name": "Panel", "price": price, "quantity": quantity, **more}


def test_the_net_of_a_line_is_rounded_once_half_away_from_zero() -> None:
    assert nets(item("10.05", hs_discount_percentage="10")) == ["9.05"]
    assert nets(item("0.00375", "12345")) == ["46.29"]


def test_a_discount_in_money_is_per_unit() -> None:
    assert nets(item("100", "3", discount="12.5")) == ["262.50"]


def test_a_header_discount_is_shared_so_that_lines_equal_the_header() -> None:
    three = [item("10.05"), item("10.05"), item("10.05")]
    assert sum(map(Decimal, nets(*three, percent=Decimal(10)))) == Decimal("27.14")


def test_yen_have_no_decimals() -> None:
    assert nets(item("1000.4", "3"), currency="JPY") == ["3001"]


def test_twelve_months_are_never_billed_by_accident() -> None:
    line = item("100", recurringbillingfrequency="monthly", hs_recurring_billing_period="P12M")
    (priced,) = priced_lines([line], "USD", WON, NONE)
    assert (priced.net.text, priced.starts, priced.ends) == ("100.00", WON, date(2026, 12, 2))


@pytest.mark.parametrize(
    ("frequency", "ends"),
    [
        ("weekly", date(2026, 11, 9)),
        ("biweekly", date(2026, 11, 16)),
        ("quarterly", date(2027, 2, 2)),
        ("annually", date(2027, 11, 2)),
        ("per_two_years", date(2028, 11, 2)),
    ],
)
def test_a_recurring_line_carries_its_first_billing_period(frequency: str, ends: date) -> None:
    (priced,) = priced_lines([item("5", recurringbillingfrequency=frequency)], "USD", WON, NONE)
    assert (priced.starts, priced.ends) == (WON, ends)


def test_a_billing_start_on_the_line_wins_over_the_won_date() -> None:
    line = item("5", recurringbillingfrequency="monthly", hs_recurring_billing_start_date="2027-01-31")
    (priced,) = priced_lines([line], "USD", WON, NONE)
    assert (priced.starts, priced.ends) == (date(2027, 1, 31), date(2027, 2, 27))


def test_a_start_delay_is_counted_in_months_and_days() -> None:
    line = item("5", recurringbillingfrequency="monthly", hs_billing_start_delay_months="2")
    assert priced_lines([line], "USD", WON, NONE)[0].starts == date(2027, 1, 3)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (item("abc"), "the price of line “Panel” is “abc”, not a number"),
        (item("NaN"), "not a number"),
        (item(""), "the price of line “Panel” is empty"),
        (item("10", "two"), "the quantity of line “Panel” is “two”"),
        (item("10", hs_line_item_currency_code="EUR"), "is in EUR, the deal in USD"),
        (item("10", hs_pricing_model="graduated"), "tiered prices"),
        (item("10", discount="1", hs_discount_percentage="1"), "both in percent and in money"),
        (item("10", recurringbillingfrequency="daily"), "billed “daily”"),
        (item("10", recurringbillingfrequency="monthly", hs_recurring_billing_start_date="soon"), "“soon”"),
    ],
)
def test_an_unusable_line_is_named_with_property_and_value(line: dict[str, str | None], sentence: str) -> None:
    with pytest.raises(InvalidLine, match=sentence):
        priced_lines([line], "USD", WON, NONE)


prices = st.decimals(0, 100_000, places=5)
quantities = st.integers(0, 5_000)


@given(st.lists(st.tuples(prices, quantities), min_size=1, max_size=12), st.integers(0, 99))
def test_lines_after_a_header_discount_add_up_to_the_discounted_total(
    pairs: list[tuple[Decimal, int]], percent: int
) -> None:
    items = [item(str(price), str(quantity)) for price, quantity in pairs]
    before = sum((Fraction(net) for net in nets(*items)), Fraction(0))
    after = sum((Fraction(net) for net in nets(*items, percent=Decimal(percent))), Fraction(0))
    exact = before * (100 - percent) / 100
    assert after * 100 == int(exact * 100 + Fraction(1, 2))
