"""Cases 11 to 13: what is billed when, and in which parts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.billing_plan import (
    NoInvoiceDate,
    billing_plan,
    discounted_parts,
    instalments,
    invoice_date,
    recurring_parts,
    split_parts,
)
from include.core.calendar import add_months
from include.core.money import Money, sum_money
from include.core.recurrence import Recurrence
from include.core.rounding import allocate, header_discounted, stated_amounts, stated_percentages
from tests.accounting.amounts import D, currencies, minors, positive, texts, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import PLAN_TEAM, SENSOR, deal, hold
from tests.flows.test_instalments import MONTHLY, chosen, days_and_amounts, decide, made, sold
from tests.flows.test_invoice_lines import item, nets

START = date(2026, 11, 3)


@pytest.mark.parametrize(("frequency", "price", "net"), [("monthly", "100", "100.00"), ("annually", "1200", "1200.00")])
def test_case_11_twelve_months_of_100_bill_one_billing_period(frequency: str, price: str, net: str) -> None:
    assert nets(item(price, recurringbillingfrequency=frequency, hs_recurring_billing_period="P12M")) == [net]


def test_case_11_what_is_not_due_now_waits_and_is_billed_on_its_day_once() -> None:
    year = sold(MONTHLY, amount="1200")
    billed = made(decide(year, "2026-11-20"))
    assert days_and_amounts(billed) == [("2026-11-03", "100.00")]
    for today, days in (("2026-12-02", []), ("2027-01-20", ["2026-12-03", "2027-01-03"]), ("2027-01-21", [])):
        due = made(decide(year, today, billed))
        assert [day for day, _ in days_and_amounts(due)] == days
        billed += due


def test_case_11_billings_are_whole_and_counted_from_the_start() -> None:
    monthly = billing_plan(usd(100), START, 1, 12, on=START)
    assert (monthly.total_now("USD"), len(monthly.later)) == (usd(100), 11)
    yearly = billing_plan(usd(1200), START, 12, 12, on=START)
    assert (yearly.total_now("USD"), yearly.later) == (usd(1200), ())
    with pytest.raises(ValueError, match="no whole number of billings"):
        billing_plan(usd(300), START, 3, 10, on=START)


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


LINES = st.lists(
    st.tuples(
        st.integers(1, 10**7),
        st.dates(date(2025, 12, 1), date(2028, 3, 1)),
        st.sampled_from([("Months", 1), ("Months", 3), ("Months", 12), ("Weeks", 1), ("Weeks", 2)]),
        st.integers(1, 30),
    ),
    max_size=4,
)


@given(LINES, st.lists(st.integers(1, 10**7), max_size=3), st.integers(0, 9999), currencies, st.integers(1, 5))
def test_case_11_and_13_the_instalments_of_any_deal_are_its_contract(
    recurring: list[tuple[int, date, tuple[str, int], int]],
    once: list[int],
    discount: int,
    currency: str,
    shares: int,
) -> None:
    """To the cent after a discount on the whole, each day once, nothing before the win, nothing outside a line's term,
    and every span counted from the line's own start."""
    close = date(2026, 11, 3)
    rhythms = {n: Recurrence(start, unit, every, count=times) for n, (_, start, (unit, every), times) in
               enumerate(recurring)}  # fmt: skip
    nets = {n: Money.from_minor(minor, currency) for n, (minor, *_) in enumerate(recurring)}
    parts = [part for n, rhythm in rhythms.items() for part in recurring_parts(n, nets[n], rhythm, close)]
    sold_once = [(n, Money.from_minor(minor, currency)) for n, minor in enumerate(once, len(recurring))]
    if sold_once:
        total = sum_money((net for _, net in sold_once), currency)
        days = [add_months(close, n) for n in range(shares)]
        parts += split_parts(sold_once, allocate(total, [1] * shares), days)
    percent = Decimal(discount).scaleb(-2)
    plan = instalments(discounted_parts(parts, percent, currency))

    whole = [part.amount for part in parts]
    assert sum_money((one.total for one in plan), currency) == sum_money(
        header_discounted(whole, percent, currency), currency
    )
    assert len({one.due for one in plan}) == len(plan)
    assert all(one.due is not None and one.due >= close for one in plan)
    assert [one.due for one in plan] == sorted(one.due for one in plan if one.due)
    for one in plan:
        for part in one.parts:
            if part.first is None or part.last is None:
                continue
            rhythm = rhythms[part.line]
            n = rhythm.index_from(part.first)
            assert n < (rhythm.times or 0)
            assert (part.first, part.last) == (rhythm.date_at(n), rhythm.date_at(n + 1) - timedelta(days=1))
            assert one.due == max(close, part.first)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=5), st.lists(st.integers(1, 99), min_size=1, max_size=5))
def test_case_13_a_split_bills_every_line_whole_and_none_beyond_its_net(nets: list[int], weights: list[int]) -> None:
    lines = [(n, Money.from_minor(minor, "USD")) for n, minor in enumerate(nets)]
    amounts = allocate(sum_money((net for _, net in lines), "USD"), weights)
    parts = split_parts(lines, amounts, [date(2026, 11, 1 + n) for n in range(len(weights))])
    for n, amount in enumerate(amounts):
        mine = [part.amount for part in parts if part.due == date(2026, 11, 1 + n)]
        assert sum_money(mine, "USD") == amount
    for place, net in lines:
        mine = [part.amount for part in parts if part.line == place]
        assert sum_money(mine, "USD") == net
        assert all(not amount.is_negative for amount in mine)


def test_case_12_billing_that_starts_later_is_not_billed_now() -> None:
    line = {**PLAN_TEAM, "recurringbillingfrequency": "monthly", "hs_recurring_billing_start_date": "2026-12-01"}
    assert hold(deal(line, amount="100")).code == "billing_starts_later"
    assert billing_plan(usd(100), date(2026, 12, 1), 1, 12, on=START).now == ()
    term = {**line, "hs_recurring_billing_period": "P12M"}
    assert made(decide(sold(term, amount="1200"), "2026-11-30")) == []
    assert days_and_amounts(made(decide(sold(term, amount="1200"), "2026-12-01"))) == [("2026-12-01", "100.00")]


def test_case_12_the_document_is_dated_by_the_rule_and_by_nothing_else() -> None:
    delivered = sold(SENSOR, amount="100.01", delivered_on="2026-12-24")
    by_delivery = chosen(one_time="delivery", delivery_date="deal.delivered_on")
    assert days_and_amounts(made(decide(delivered, "2026-12-24", settings=by_delivery))) == [("2026-12-24", "100.01")]
    dates = {"close": START, "start": date(2026, 12, 1), "delivery": date(2026, 12, 24)}
    for rule, day in dates.items():
        assert invoice_date(rule, **dates) == day  # type: ignore[arg-type]
    with pytest.raises(NoInvoiceDate):
        invoice_date("delivery", close=START, start=START, delivery=None)


def test_case_13_thirds_and_stated_percentages_leave_their_cents_in_different_places() -> None:
    splits = {
        "thirds": {"shares": [1, 1, 1], "due": [0, 1, 2]},
        "stated": {"percent": ["33.33", "33.33", "33.33"], "due": [0, 1, 2]},
    }
    for plan, price, amounts in (
        ("thirds", "100", ["33.34", "33.33", "33.33"]),
        ("stated", "250000", ["83325.00", "83325.00", "83350.00"]),
    ):
        record = sold({**SENSOR, "quantity": "1", "price": price}, amount=price, payment_plan=plan)
        billed = made(decide(record, "2027-02-01", settings=chosen(split="deal.payment_plan", splits=splits)))
        assert [amount for _, amount in days_and_amounts(billed)] == amounts
    assert texts(allocate(usd(100), [1, 1, 1])) == ["33.34", "33.33", "33.33"]
    stated = stated_percentages(usd(250_000), [D("33.33")] * 3)
    assert texts(stated) == ["83325.00", "83325.00", "83350.00"]


def test_case_13_a_deposit_and_milestones_leave_the_rest_to_the_last_invoice() -> None:
    splits = {"deposit": {"amounts": ["1000.00"], "due": [0, "deal.accepted_on"]}}
    by_plan = chosen(split="deal.payment_plan", splits=splits)
    sensor = {**SENSOR, "quantity": "1", "price": "3333.33"}
    waiting = sold(sensor, amount="3333.33", payment_plan="deposit")
    assert days_and_amounts(made(decide(waiting, "2028-01-01", settings=by_plan))) == [("2026-11-03", "1000.00")]
    accepted = sold(sensor, amount="3333.33", payment_plan="deposit", accepted_on="2027-03-01")
    assert days_and_amounts(made(decide(accepted, "2028-01-01", settings=by_plan)))[1:] == [("2027-03-01", "2333.33")]
    assert texts(stated_amounts(usd("3333.33"), [usd(1000)])) == ["1000.00", "2333.33"]
    assert texts(stated_amounts(usd(100), [usd(60), usd(40)])) == ["60.00", "40.00", "0.00"]
    for amounts in ([usd(60), usd(41)], [usd(-1)]):
        with pytest.raises(ValueError, match="more than the whole"):
            stated_amounts(usd(100), amounts)


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
