"""Recurring dates and the terms they renew, counted from the anchor."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.recurrence import DAYS, MONTHS, Recurrence, Term, months_in, renewals

FAR = date(2100, 1, 1)


def chain(recurrence: Recurrence, length: int) -> list[date]:
    return [recurrence.date_at(n) for n in range(length)]


def test_a_leap_day_comes_back_every_four_years() -> None:
    yearly = Recurrence(date(2028, 2, 29), "Years")
    assert chain(yearly, 5) == [
        date(2028, 2, 29),
        date(2029, 2, 28),
        date(2030, 2, 28),
        date(2031, 2, 28),
        date(2032, 2, 29),
    ]


def test_terms_from_a_leap_day_end_the_day_before_the_next_one() -> None:
    terms = renewals(Recurrence(date(2028, 2, 29), "Years"), 12, date(2028, 1, 1), date(2032, 12, 31))
    assert [(term.start, term.end) for term in terms] == [
        (date(2029, 2, 28), date(2030, 2, 27)),
        (date(2030, 2, 28), date(2031, 2, 27)),
        (date(2031, 2, 28), date(2032, 2, 28)),
        (date(2032, 2, 29), date(2033, 2, 27)),
    ]


def test_month_ends_are_counted_from_the_anchor_for_twelve_months() -> None:
    dates = chain(Recurrence(date(2026, 1, 31), "Months"), 13)
    assert dates[:4] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert dates[12] == date(2027, 1, 31)
    assert [day.day for day in dates] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]


def test_the_last_day_of_the_month_stays_the_last_day() -> None:
    dates = chain(Recurrence(date(2026, 2, 28), "Months", month_end=True), 3)
    assert dates == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_without_an_end_it_renews_on_the_anniversary_not_on_every_invoice() -> None:
    quarterly = Recurrence(date(2026, 1, 15), "Quarters")
    assert renewals(quarterly, 12, date(2026, 2, 1), date(2027, 12, 31)) == [
        Term(date(2027, 1, 15), date(2028, 1, 14), 4)
    ]


def test_a_term_is_a_whole_number_of_intervals() -> None:
    every_five = Recurrence(date(2026, 1, 1), "Months", 5)
    (first, *_) = renewals(every_five, 12, date(2026, 1, 2), FAR)
    assert first == Term(date(2027, 4, 1), date(2028, 6, 30), 3)
    (two_years, *_) = renewals(Recurrence(date(2026, 1, 1), "Years", 2), 12, date(2026, 1, 2), FAR)
    assert two_years == Term(date(2028, 1, 1), date(2029, 12, 31), 1)


@pytest.mark.parametrize("end", [date(2027, 4, 1), date(2027, 4, 30)])
def test_with_an_end_it_renews_when_the_next_invoice_would_have_come(end: date) -> None:
    monthly = Recurrence(date(2026, 5, 1), "Months", end=end)
    assert renewals(monthly, 12, date(2026, 1, 1), FAR) == [Term(date(2027, 5, 1), date(2028, 4, 30), 12)]


def test_a_number_of_times_is_an_end_too_and_the_nearer_one_counts() -> None:
    six_times = Recurrence(date(2026, 5, 1), "Months", count=6, end=date(2027, 4, 30))
    assert renewals(six_times, 12, date(2026, 1, 1), FAR) == [Term(date(2026, 11, 1), date(2027, 4, 30), 6)]


def test_weeks_renew_on_the_anniversary() -> None:
    weekly = Recurrence(date(2026, 1, 5), "Weeks")
    (term,) = renewals(weekly, 12, date(2026, 2, 1), date(2027, 12, 31))
    assert (term.start, term.end, term.times) == (date(2027, 1, 5), date(2028, 1, 4), 52)
    assert months_in(weekly, term) == 12


def test_both_bounds_belong_to_the_window() -> None:
    yearly = Recurrence(date(2026, 1, 15), "Years")
    day = date(2027, 1, 15)
    assert renewals(yearly, 12, day, day)
    assert not renewals(yearly, 12, day + timedelta(days=1), day + timedelta(days=60))
    assert not renewals(yearly, 12, day - timedelta(days=60), day - timedelta(days=1))


@pytest.mark.parametrize(
    ("unit", "interval", "end", "says"),
    [
        ("Fortnights", 1, None, "Fortnights"),
        ("Months", 0, None, "less than once"),
        ("Months", 1, "2025-12-31", "before"),
    ],
)
def test_what_cannot_recur_says_why(unit: str, interval: int, end: str | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Recurrence(date(2026, 1, 1), unit, interval, end=date.fromisoformat(end) if end else None)


recurrences = st.builds(
    Recurrence,
    st.dates(date(2000, 1, 1), date(2050, 12, 31)),
    st.sampled_from([*MONTHS, *DAYS]),
    st.integers(1, 9),
    st.booleans(),
)


@given(recurrences, st.integers(0, 400))
def test_dates_rise_and_keep_the_anchors_day_or_the_months_last(recurrence: Recurrence, n: int) -> None:
    day, following = recurrence.date_at(n), recurrence.date_at(n + 1)
    assert day < following
    if recurrence.months and not recurrence.month_end:
        last_of_month = (day + timedelta(days=1)).day == 1
        assert day.day == recurrence.anchor.day or (last_of_month and day.day < recurrence.anchor.day)


@given(recurrences, st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_the_index_of_a_day_is_the_first_date_not_before_it(recurrence: Recurrence, day: date) -> None:
    n = recurrence.index_from(day)
    assert recurrence.date_at(n) >= day
    assert n == 0 or recurrence.date_at(n - 1) < day


@given(recurrences, st.integers(1, 36))
def test_terms_follow_each_other_without_gap_or_overlap(recurrence: Recurrence, term_months: int) -> None:
    terms = renewals(recurrence, term_months, recurrence.anchor, recurrence.anchor + timedelta(days=365 * 12))
    for term, following in pairwise(terms):
        assert term.end + timedelta(days=1) == following.start
    assert all(term.start > recurrence.anchor for term in terms)


@given(recurrences, st.integers(1, 24), st.dates(date(2001, 1, 1), date(2060, 1, 1)), st.integers(0, 90))
def test_windows_cut_anywhere_find_each_term_once(
    recurrence: Recurrence, term_months: int, cut: date, days: int
) -> None:
    first, last = cut - timedelta(days=days), cut + timedelta(days=days)
    whole = renewals(recurrence, term_months, first, last)
    before = renewals(recurrence, term_months, first, cut)
    after = renewals(recurrence, term_months, cut + timedelta(days=1), last)
    assert before + after == whole


@given(recurrences, st.integers(1, 60))
def test_a_count_renews_once_after_exactly_so_many_dates(recurrence: Recurrence, count: int) -> None:
    ended = Recurrence(recurrence.anchor, recurrence.unit, recurrence.interval, recurrence.month_end, count=count)
    (term,) = renewals(ended, 12, date.min, date.max)
    assert term.start == ended.date_at(count)
    assert term.times == count
    assert sum(term.start <= ended.date_at(n) <= term.end for n in range(3 * count)) == count
