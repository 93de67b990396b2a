"""Cases 14 to 19: when revenue is earned."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.calendar import last_day_of_month
from include.core.decisions import Hold, Skip
from include.core.intacct_proration import compared, intacct_prorated
from include.core.money import Money, sum_money
from include.core.revenue_schedule import (
    Method,
    Portion,
    Term,
    TermBackwards,
    cancellation_text,
    earned_through,
    last_day_of_service,
    revised,
    schedule,
)
from include.flows.schedules.compare import check
from include.flows.schedules.records import Entry, Schedule, ScheduledInvoice
from tests.accounting.amounts import currencies, minors, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import PLAN_TEAM, deal, invoice

Y2026, Y2028 = (Term(date(y, 1, 1), date(y, 12, 31)) for y in (2026, 2028))

terms = st.builds(
    lambda start, days: Term(start, start + timedelta(days=days)),
    st.dates(date(2023, 1, 1), date(2032, 1, 1)),
    st.integers(0, 1500),
)
methods = st.sampled_from(["daily", "straight_line"])


def in_month(portions: tuple[Portion, ...], year: int, month: int) -> str:
    return next(one.amount.text for one in portions if (one.first.year, one.first.month) == (year, month))


def test_case_14_a_term_ends_the_day_before_it_would_start_again() -> None:
    assert Term.of_months(date(2026, 1, 31), 1).end == date(2026, 2, 27)
    assert Term.of_months(date(2028, 2, 29), 12).end == date(2029, 2, 27)
    assert Term(date(2026, 1, 1), date(2026, 1, 1)).days == 1
    with pytest.raises(TermBackwards):
        Term(date(2026, 1, 2), date(2026, 1, 1))
    (line,) = invoice(deal({**PLAN_TEAM, "recurringbillingfrequency": "annually"}, amount="100"))["invoiceitems"]
    assert (line["revrecstartdate"], line["revrecenddate"]) == ("2026-11-03", "2027-11-02")


def in_intacct(
    term: Term, total: Money, by: Method, rate_decimals: int | None = None, *, sage: bool = False
) -> Schedule:
    """A schedule as Intacct shows it: as it is earned, or by Sage's own arithmetic."""
    portions = schedule(total, term, by)
    amounts = [
        intacct_prorated(total, (one.last - one.first).days + 1, rate_decimals=rate_decimals) if sage else one.amount
        for one in portions
    ]
    entries = tuple(Entry(one.last, amount, False) for one, amount in zip(portions, amounts, strict=True))
    return Schedule("7", "Daily", "Not started", "PLAN", total, term.start, term.end, entries)


def told(one: Schedule, by: Method = "daily") -> str:
    """What the check of Intacct's schedules says of an invoice with this one."""
    invoice = ScheduledInvoice("3", "INV-3", "open", one.amount, one.amount - one.amount, (one,))
    (decision,) = check([invoice], {"Daily": by}, 1)
    assert isinstance(decision, Hold | Skip)
    return decision.message if isinstance(decision, Hold) else decision.why


def test_case_15_february_of_1200_a_year_is_92_05_95_08_or_100_00() -> None:
    for term, method in ((Y2026, "daily"), (Y2028, "daily"), (Y2026, "straight_line")):
        assert told(in_intacct(term, usd(1200), method), method) == "Invoice INV-3: recognised as it was sold"
    wrong = told(in_intacct(Y2026, usd(1200), "daily"), "straight_line")
    assert "recognises 101.92 USD in 2026-01, and 100.00 USD is earned then (straight line)" in wrong
    assert in_month(schedule(usd(1200), Y2026, "daily"), 2026, 2) == "92.05"
    assert in_month(schedule(usd(1200), Y2028, "daily"), 2028, 2) == "95.08"
    assert {one.amount.text for one in schedule(usd(1200), Y2028, "straight_line")} == {"100.00"}


@pytest.mark.parametrize(
    ("start", "first", "last"), [(date(2026, 1, 15), "54.84", "45.16"), (date(2027, 2, 15), "50.88", "49.12")]
)
def test_case_15_a_straight_line_that_starts_mid_month_has_two_parts_by_days(
    start: date, first: str, last: str
) -> None:
    portions = schedule(usd(1200), Term.of_months(start, 12), "straight_line")
    assert [one.amount.text for one in portions] == [first, *["100.00"] * 11, last]


@given(minors, currencies, terms, methods)
def test_case_15_a_schedule_sums_to_its_contract_and_stays_within_the_term(
    minor: int, currency: str, term: Term, method: Method
) -> None:
    total = Money.from_minor(minor, currency)
    portions = schedule(total, term, method)
    assert sum_money((one.amount for one in portions), currency) == total
    assert (portions[0].first, portions[-1].last) == (term.start, term.end)
    for one, following in pairwise(portions):
        assert one.last + timedelta(days=1) == following.first
    assert all(one.amount.minor * minor >= 0 for one in portions)


@given(minors, terms)
def test_case_15_by_days_no_month_is_off_by_more_than_a_cent(minor: int, term: Term) -> None:
    for one in schedule(Money.from_minor(minor, "USD"), term, "daily"):
        exact = Fraction(minor * ((one.last - one.first).days + 1), term.days)
        assert abs(one.amount.minor - exact) <= 1


@given(minors, terms)
def test_case_15_whole_months_of_a_straight_line_differ_by_one_cent_at_most(minor: int, term: Term) -> None:
    whole = [
        one.amount.minor
        for one in schedule(Money.from_minor(minor, "USD"), term, "straight_line")
        if one.first.day == 1 and one.last == last_day_of_month(one.first)
    ]
    assert not whole or max(whole) - min(whole) <= 1


def test_case_16_sages_order_of_rounding_makes_334_24_of_what_is_334_25() -> None:
    told_of_it = told(in_intacct(Y2026, usd(1000), "daily", 4, sage=True))
    assert "999.98 USD in all, 0.02 USD less than the line" in told_of_it
    assert intacct_prorated(usd(1000), 122) == usd("334.24")
    assert intacct_prorated(usd(1000), 122, rate_decimals=None) == usd("334.25")
    both = compared(usd(1000), 122, of_days=365)
    assert (both.ours, both.intacct, both.difference) == (usd("334.25"), usd("334.24"), usd("-0.01"))


def test_case_17_sage_divides_by_365_in_leap_years_too_which_our_schedules_never_do() -> None:
    told_of_it = told(in_intacct(Y2028, usd(1200), "daily", sage=True))
    assert "for a term of 366: 101.92 USD in 2028-01 where 101.64 USD is earned, 1203.30 USD in all" in told_of_it
    february = compared(usd(1200), 29, of_days=366)
    assert (february.ours, february.intacct, february.difference) == (usd("95.08"), usd("95.34"), usd("0.26"))
    year = compared(usd(1200), 366, of_days=366, rate_decimals=None)
    assert (year.ours, year.intacct) == (usd(1200), usd("1203.29"))
    assert sum_money((one.amount for one in schedule(usd(1200), Y2028, "daily")), "USD") == usd(1200)


def posted_through(total: Money, term: Term, method: Method, day: date) -> tuple[Portion, ...]:
    return tuple(one for one in schedule(total, term, method) if one.last <= day)


def test_case_18_an_upgrade_spreads_what_is_left_over_the_rest_of_the_term() -> None:
    posted = posted_through(usd(1200), Y2026, "straight_line", date(2026, 6, 30))
    found = revised(posted, usd(1800), Y2026, "straight_line", date(2026, 7, 1))
    assert found.posted == posted
    assert [one.amount.text for one in found.planned] == ["200.00"] * 6
    assert not found.needs_approval


def test_case_18_a_total_below_what_is_recognised_is_one_entry_in_the_open_period_shown_for_approval() -> None:
    posted = posted_through(usd(1200), Y2026, "straight_line", date(2026, 6, 30))
    found = revised(posted, usd(450), Y2026, "straight_line", date(2026, 7, 1))
    assert found.planned == ()
    assert found.correction == Portion(date(2026, 7, 1), date(2026, 7, 1), usd(-150))
    assert found.needs_approval


@given(minors, minors, terms, terms, methods, st.integers(0, 50))
def test_case_18_after_any_change_the_schedule_sums_to_the_new_total_and_posted_months_stay(
    before: int, after: int, old: Term, new: Term, method: Method, months: int
) -> None:
    term = Term(old.start, max(old.start, new.end))
    posted = schedule(Money.from_minor(before, "USD"), old, method)[:months]
    open_from = posted[-1].last + timedelta(days=1) if posted else old.start
    found = revised(posted, Money.from_minor(after, "USD"), term, method, open_from)
    assert found.total("USD").minor == after
    assert found.posted == posted
    assert all(open_from <= one.first and one.last <= term.end for one in found.planned)


def test_case_19_what_falls_on_the_cancellation_date_is_cancelled() -> None:
    assert last_day_of_service(date(2026, 6, 15)) == date(2026, 6, 14)
    assert cancellation_text(date(2026, 6, 15)).endswith("is 2026-06-14")
    assert cancellation_text(date(2026, 6, 16)).endswith("is 2026-06-15")
    by_14th, by_15th = (
        earned_through(usd(3000), Term(date(2026, 6, 1), date(2026, 6, 30)), "daily", last_day_of_service(day))
        for day in (date(2026, 6, 15), date(2026, 6, 16))
    )
    assert (by_14th, by_15th) == (usd(1400), usd(1500))


@given(minors, terms, methods, st.integers(0, 1500))
def test_case_19_a_cancelled_contract_keeps_what_was_earned_and_nothing_after(
    minor: int, term: Term, method: Method, days: int
) -> None:
    on = term.start + timedelta(days=1 + days % term.days)
    end = last_day_of_service(on)
    total = Money.from_minor(minor, "USD")
    kept = earned_through(total, term, method, end)
    portions = schedule(kept, Term(term.start, end), method)
    assert sum_money((one.amount for one in portions), "USD") == kept
    assert abs(kept.minor) <= abs(total.minor)
    assert Decimal(kept.minor) * minor >= 0
