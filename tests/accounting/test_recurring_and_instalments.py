"""Cases 11 to 13: what is billed when, and in which parts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.billing_plan import NoInvoiceDate, billing_plan, invoice_date
from include.core.money import Money, sum_money
from include.core.rounding import allocate, stated_amounts, stated_percentages
from tests.accounting.amounts import D, currencies, minors, positive, texts, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import PLAN_TEAM, deal, hold
from tests.flows.test_invoice_lines import item, nets

START = date(2026, 11, 3)


@pytest.mark.parametrize(("frequency", "price", "net"), [("monthly", "100", "100.00"), ("annually", "1200", "1200.00")])
def test_case_11_twelve_months_of_100_bill_one_billing_period(frequency: str, price: str, net: str) -> None:
    assert nets(item(price, recurringbillingfrequency=frequency, hs_recurring_billing_period="P12M")) == [net]


@pytest.mark.rule_only
def test_case_11_what_is_not_due_now_is_left_for_an_order_or_contract() -> None:
    monthly = billing_plan(usd(100), START, 1, 12, on=START)
    assert (monthly.total_now("USD"), len(monthly.later)) == (usd(100), 11)
    yearly = billing_plan(usd(1200), START, 12, 12, on=START)
    assert (yearly.total_now("USD"), yearly.later) == (usd(1200), ())
    with pytest.raises(ValueError, match="no whole number of billings"):
        billing_plan(usd(300), START, 3, 10, on=START)


@pytest.mark.rule_only
@given(
    st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.sampled_from([1, 2, 3, 6, 12]), st.integers(1, 4),
    st.integers(-400, 1600)
)  # fmt: skip
def test_case_11_every_billing_is_either_now_or_later_and_the_term_is_covered_once(
    start: date, every: int, times: int, shift: int
) -> None:
    on = date.fromordinal(start.toordinal() + shift)
    plan = billing_plan(usd(100), start, every, every * times, on=on)
    whole = [*plan.now, *plan.later]
    assert len(whole) == times
    assert all(one.first <= on for one in plan.now)
    assert all(one.first > on for one in plan.later)
    assert all(one.last + timedelta(days=1) == following.first for one, following in pairwise(whole))


def test_case_12_billing_that_starts_later_is_not_billed_now() -> None:
    line = {**PLAN_TEAM, "recurringbillingfrequency": "monthly", "hs_recurring_billing_start_date": "2026-12-01"}
    assert hold(deal(line, amount="100")).code == "billing_starts_later"
    assert billing_plan(usd(100), date(2026, 12, 1), 1, 12, on=START).now == ()


@pytest.mark.rule_only
def test_case_12_the_document_is_dated_by_the_rule_and_by_nothing_else() -> None:
    dates = {"close": START, "start": date(2026, 12, 1), "delivery": date(2026, 12, 24)}
    for rule, day in dates.items():
        assert invoice_date(rule, **dates) == day  # type: ignore[arg-type]
    with pytest.raises(NoInvoiceDate):
        invoice_date("delivery", close=START, start=START, delivery=None)


@pytest.mark.rule_only
def test_case_13_thirds_and_stated_percentages_leave_their_cents_in_different_places() -> None:
    assert texts(allocate(usd(100), [1, 1, 1])) == ["33.34", "33.33", "33.33"]
    stated = stated_percentages(usd(250_000), [D("33.33")] * 3)
    assert texts(stated) == ["83325.00", "83325.00", "83350.00"]


@pytest.mark.rule_only
def test_case_13_a_deposit_and_milestones_leave_the_rest_to_the_last_invoice() -> None:
    assert texts(stated_amounts(usd("3333.33"), [usd(1000)])) == ["1000.00", "2333.33"]
    assert texts(stated_amounts(usd(100), [usd(60), usd(40)])) == ["60.00", "40.00", "0.00"]
    for amounts in ([usd(60), usd(41)], [usd(-1)]):
        with pytest.raises(ValueError, match="more than the whole"):
            stated_amounts(usd(100), amounts)


@pytest.mark.rule_only
@given(minors, st.lists(st.integers(1, 10**6), min_size=1, max_size=9), currencies)
def test_case_13_shares_add_up_keep_their_order_and_never_differ_by_more_than_a_unit(
    minor: int, weights: list[int], currency: str
) -> None:
    total = Money.from_minor(minor, currency)
    parts = allocate(total, weights)
    assert sum_money(parts, currency) == total
    equal = allocate(total, [1] * len(weights))
    assert equal == sorted(equal, key=abs, reverse=True)
    assert abs(equal[0].minor - equal[-1].minor) <= 1


@pytest.mark.rule_only
@given(positive, st.lists(st.integers(1, 9999), min_size=1, max_size=6), currencies)
def test_case_13_stated_percentages_and_amounts_add_up_to_the_deal(
    minor: int, stated: list[int], currency: str
) -> None:
    total = Money.from_minor(minor, currency)
    percents = [Decimal(one).scaleb(-2) / len(stated) for one in stated]
    percents = [one.quantize(D("0.01")) for one in percents]
    parts = stated_percentages(total, [*percents, D(100) - sum(percents)])
    assert sum_money(parts, currency) == total
    shared = allocate(total, stated)
    assert stated_amounts(total, shared[:-1]) == shared
