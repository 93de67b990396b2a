"""Amounts are exact, in one currency, at its precision."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.currencies import MINOR_UNITS, UnknownCurrency, minor_units
from include.core.money import BadAmount, CurrenciesDiffer, Money, round_half_up, sum_money, zero

currencies = st.sampled_from(["USD", "JPY", "KWD", "CLF", "EUR"])
minors = st.integers(-(10**15), 10**15)


def _money(text: str) -> Money:
    return Money.of(*text.split())


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XCG", 2)])
def test_each_currency_has_the_decimals_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_units(currency) == digits


@pytest.mark.parametrize("code", ["XXX", "XAU", "usd", "US", "", "ZWL"])
def test_a_code_no_document_can_be_written_in_is_unknown(code: str) -> None:
    with pytest.raises(UnknownCurrency, match="ISO 4217"):
        minor_units(code)


def test_the_table_has_all_currencies_in_use() -> None:
    assert len(MINOR_UNITS) > 150
    assert all(len(code) == 3 and code.isupper() for code in MINOR_UNITS)


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("12.5", "USD", "12.50 USD"),
        ("12.500", "USD", "12.50 USD"),
        (" -0.00 ", "USD", "0.00 USD"),
        ("1.2E3", "JPY", "1200 JPY"),
        (7, "KWD", "7.000 KWD"),
        (Decimal("1E+2"), "EUR", "100.00 EUR"),
        ("1000000000000.01", "USD", "1000000000000.01 USD"),
    ],
)
def test_an_amount_is_shown_at_its_currencys_precision_without_exponent(
    value: str | int | Decimal, currency: str, text: str
) -> None:
    assert str(Money.of(value, currency)) == text


@pytest.mark.parametrize(
    ("value", "currency"),
    [
        *[("12.345", "USD"), ("0.5", "JPY"), ("NaN", "USD"), ("Infinity", "USD"), ("1_000", "USD"), ("", "USD")],
        *[("1,000.00", "USD"), ("0x10", "USD"), ("٣", "USD"), ("1E999", "USD"), ("1E-999", "USD"), ("$5", "USD")],
        *[("99999999999999999999", "USD"), (Decimal("NaN"), "USD"), (Decimal("-Infinity"), "USD")],
    ],
)
def test_what_is_no_amount_of_its_currency_is_refused(value: str | Decimal, currency: str) -> None:
    with pytest.raises(BadAmount):
        Money.of(value, currency)


@pytest.mark.parametrize("value", [12.5, True, None])
def test_a_float_is_never_money(value: object) -> None:
    with pytest.raises(TypeError):
        Money.of(value, "USD")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(value, "USD")  # type: ignore[arg-type]


def test_two_currencies_are_neither_added_nor_ordered_nor_equal() -> None:
    one, other = _money("1 USD"), _money("1 EUR")
    for combine in (lambda: one + other, lambda: one - other, lambda: one < other, lambda: one >= other):
        with pytest.raises(CurrenciesDiffer):
            combine()
    assert one != other


@given(minors, minors, currencies)
def test_sums_are_exact_and_minor_units_round_trip(a: int, b: int, currency: str) -> None:
    one, other = Money.from_minor(a, currency), Money.from_minor(b, currency)

    assert one.minor == a
    assert (one + other).minor == a + b
    assert (one - other).minor == a - b
    assert (-one).minor == -a
    assert abs(one).minor == abs(a)
    assert (one < other) == (a < b)
    assert (one >= other) == (a >= b)
    assert Money.of(one.text, currency) == one
    assert sum_money([one, other, one], currency).minor == 2 * a + b
    assert hash(one) == hash(Money.from_minor(a, currency))


def test_the_sum_of_nothing_is_zero_of_its_currency() -> None:
    assert sum_money([], "JPY") == zero("JPY")
    assert zero("JPY").is_zero
    assert not zero("JPY").is_negative


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049999", "0.00"), ("2.675", "2.68"), ("1.005", "1.01")],
)
def test_halves_are_rounded_away_from_zero(value: str, text: str) -> None:
    assert round_half_up(Decimal(value), "USD").text == text


@given(st.decimals(-(10**12), 10**12, places=9), currencies)
def test_rounding_moves_an_amount_by_half_a_unit_at_most_and_mirrors(value: Decimal, currency: str) -> None:
    rounded = round_half_up(value, currency)

    assert abs(rounded.amount - value) * 2 <= Decimal(1).scaleb(-minor_units(currency))
    assert round_half_up(-value, currency) == -rounded


def test_rounding_refuses_what_is_too_large_or_no_number() -> None:
    for value in ("1E999", "NaN"):
        with pytest.raises(BadAmount):
            round_half_up(Decimal(value), "USD")
