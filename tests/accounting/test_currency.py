"""Cases 34 to 38: two currencies in one document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.credit_exposure import exposure
from include.core.exchange import (
    Applied,
    Balance,
    Overapplied,
    Payment,
    Rate,
    applied,
    booked,
    converted,
    paid_at,
)
from include.core.money import Money, sum_money
from tests.accounting.amounts import D, eur, positive, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import deal, hold, invoice

DAILY = "Intacct Daily Rate"
FRIDAY = date(2026, 11, 13)


def rate(value: str, day: date = FRIDAY, kind: str = DAILY, of: str = "EUR", into: str = "USD") -> Rate:
    return Rate(kind, of, into, day, D(value))


def settle(open_: Balance, payments: list[Payment]) -> list[Applied]:
    done: list[Applied] = []
    for payment in payments:
        done.append(applied(done[-1].after if done else open_, payment))
    return done


def test_case_34_a_currency_in_which_nobody_invoices_and_a_pair_without_rate_are_held() -> None:
    from dataclasses import replace

    assert hold(replace(deal(), currency="CHF")).code == "unknown_currency"
    planned = invoice(replace(deal(), currency="EUR"))
    assert (planned["currency"], planned["basecurr"]) == ("EUR", "USD")
    owed = exposure([usd(5), Money.of(7, "GBP")], "USD", lambda of, into: D(1) if of == into else None)
    assert (owed.known, owed.unknown) == (usd(5), ("GBP",))  # the customer is held, as nobody can say what it owes


def test_case_35_the_document_names_date_and_type_of_its_rate() -> None:
    planned = invoice(deal())
    assert (planned["exchratedate"], planned["exchratetype"]) == ("2026-11-03", DAILY)


def test_case_36_a_thousand_euro_at_1_10_paid_at_1_08_lose_20_and_a_part_of_400_loses_8() -> None:
    open_ = booked(eur(1000), rate("1.10"))
    assert open_.base == usd(1100)
    whole = applied(open_, paid_at(eur(1000), rate("1.08")))
    assert (whole.payment.base, whole.gain, whole.residue, whole.after.open) == (usd(1080), usd(-20), usd(0), eur(0))
    parts = settle(open_, [paid_at(eur(400), rate("1.08")), paid_at(eur(600), rate("1.08"))])
    assert [one.gain for one in parts] == [usd(-8), usd(-12)]


def test_case_37_the_last_application_clears_the_base_balance_of_100_euro_at_1_0847() -> None:
    open_ = booked(eur(100), rate("1.0847"))
    assert open_.base == usd("108.47")
    parts = settle(open_, [paid_at(eur(one), open_.rate) for one in ("33.33", "33.33", "33.34")])
    assert [one.relieved.text for one in parts] == ["36.15", "36.15", "36.16"]
    assert [one.residue.text for one in parts] == ["0.00", "0.00", "0.01"]
    assert (parts[-1].after.open, parts[-1].after.base) == (eur(0), usd(0))


rate_values = st.decimals("0.0001", 200, places=6)


@given(
    st.lists(positive, min_size=1, max_size=6), rate_values, st.lists(rate_values, min_size=6, max_size=6),
    st.sampled_from([("EUR", "USD"), ("JPY", "EUR"), ("KWD", "JPY")]),
)  # fmt: skip
def test_case_37_whatever_the_parts_base_and_transaction_balance_end_at_zero_and_nothing_is_lost(
    parts: list[int], at: Decimal, later: list[Decimal], pair: tuple[str, str]
) -> None:
    of, into = pair
    open_ = booked(sum_money((Money.from_minor(one, of) for one in parts), of), Rate(DAILY, of, into, FRIDAY, at))
    payments = [
        paid_at(Money.from_minor(one, of), Rate(DAILY, of, into, FRIDAY, value))
        for one, value in zip(parts, later, strict=False)
    ]
    done = settle(open_, payments)
    assert (done[-1].after.open.is_zero, done[-1].after.base.is_zero) == (True, True)
    cash = sum_money((one.payment.base for one in done), into)
    gains = sum_money((one.gain for one in done), into)
    residue = sum_money((one.residue for one in done), into)
    assert open_.base == cash - gains + residue
    assert abs(residue.minor) <= len(parts)
    assert reduce(lambda a, b: a + b, (one.relieved for one in done)) + residue == open_.base


def test_case_36_more_than_is_open_is_not_applied() -> None:
    with pytest.raises(Overapplied):
        applied(booked(eur(100), rate("1.10")), paid_at(eur("100.01"), rate("1.10")))


@pytest.mark.rule_only
def test_case_38_euro_paid_on_a_dollar_invoice_carry_all_three_amounts_and_none_is_divided_back() -> None:
    """Books in GBP: 500 EUR settle 540 USD, and are worth 430 GBP on their day."""
    open_ = booked(usd(1000), rate("0.80", of="USD", into="GBP"))
    payment = Payment(paid=eur(500), settled=usd(540), base=Money.of(430, "GBP"))
    one = applied(open_, payment)
    assert (one.payment.paid, one.after.open) == (eur(500), usd(460))
    assert (one.relieved.text, one.gain.text, one.after.base.text) == ("432.00", "-2.00", "368.00")


def test_case_38_a_rate_converts_its_own_currency_only() -> None:
    assert converted(eur(100), rate("1.0847")) == usd("108.47")
    with pytest.raises(ValueError, match="cannot be converted"):
        converted(usd(100), rate("1.0847"))
