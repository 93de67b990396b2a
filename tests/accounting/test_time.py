"""Cases 51 to 57 and 60: days, terms, windows, fiscal periods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.books import Entity, Fiscal
from include.core.calendar import add_months, day_bounds, last_day_of_month, local_date, term_end
from include.core.calendar_business import BusinessCalendar, last_day_of_grace
from include.core.calendar_terms import Term, due_date
from include.core.fiscal import period_of, periods_of, quarter_of
from include.core.recurrence import Recurrence
from include.core.windows import Window
from include.flows.overdue.stages import days_overdue
from include.flows.renewals.days import DueDays
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import deal, invoice

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("days", "due_from", "invoice_date", "due"),
    [
        (30, "", "2027-01-31", "2027-03-02"),
        (30, "", "2028-01-31", "2028-03-01"),
        (0, "after end of month of invoice/bill date", "2027-01-31", "2027-01-31"),
        (10, "after end of month of invoice/bill date", "2027-01-15", "2027-02-10"),
        (10, "of next month from invoice/bill date", "2027-01-31", "2027-02-10"),
        (31, "of next month from invoice/bill date", "2027-01-15", "2027-02-28"),
        (25, "of the month of invoice/bill date", "2027-01-15", "2027-01-25"),
    ],
)
def test_case_51_due_dates_by_term(days: int, due_from: str, invoice_date: str, due: str) -> None:
    assert due_date(Term("T", days, due_from), date.fromisoformat(invoice_date)) == date.fromisoformat(due)


def test_case_52_31_march_23_30_in_new_york_is_march_and_the_first_quarter() -> None:
    won = datetime(2026, 4, 1, 3, 30, tzinfo=UTC)
    day = local_date(won, NEW_YORK)
    assert day == date(2026, 3, 31)
    assert quarter_of(Fiscal(), day) == (date(2026, 1, 1), date(2026, 3, 31))
    assert invoice(deal(closedate="2026-11-01T03:30:00.000Z"))["datecreated"] == "2026-10-31"


def test_case_53_days_are_counted_by_the_calendar_across_both_changes_of_the_clock() -> None:
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    lengths = [day_bounds(day, day, NEW_YORK) for day in (spring, autumn)]
    assert [(end - start).total_seconds() / 3600 for start, end in lengths] == [23, 25]
    zone = ZoneInfo(NEW_YORK)
    midnight = datetime(2026, 3, 8, tzinfo=zone).astimezone(UTC)
    assert (midnight + timedelta(hours=24)).astimezone(zone).hour == 1
    in_october = datetime(2026, 10, 15, tzinfo=zone).astimezone(UTC)
    thirty_days_of_hours = (in_october + timedelta(hours=30 * 24)).astimezone(zone)
    assert (thirty_days_of_hours.date(), thirty_days_of_hours.hour) == (date(2026, 11, 13), 23)
    assert due_date(Term("N30", 30), date(2026, 10, 15)) == date(2026, 11, 14)


@pytest.mark.parametrize(
    ("today", "grace", "days"),
    [
        (date(2026, 11, 15), 0, 0),
        (date(2026, 11, 16), 0, 1),
        (date(2026, 11, 18), 3, 0),
        (date(2026, 11, 19), 3, 1),
        (date(2026, 11, 1), 0, 0),
    ],
)
def test_case_54_overdue_is_past_the_due_date_and_the_grace(today: date, grace: int, days: int) -> None:
    """Due on Sunday, 15 November 2026: the weekend counts as days do, the grace is what is given for it."""
    assert days_overdue(date(2026, 11, 15), today, grace) == days


@pytest.mark.parametrize(
    ("due", "grace", "last"),
    [
        (date(2026, 11, 13), 0, date(2026, 11, 13)),  # a Friday
        (date(2026, 11, 14), 0, date(2026, 11, 16)),  # a Saturday: Monday will do
        (date(2026, 11, 13), 3, date(2026, 11, 19)),  # Monday, Wednesday, Thursday; the 17th is a holiday
        (date(2026, 11, 17), 1, date(2026, 11, 19)),
    ],
)
def test_case_54_where_business_days_count_a_payment_may_come_on_the_next_one(
    due: date, grace: int, last: date
) -> None:
    calendar = BusinessCalendar(frozenset({5, 6}), frozenset({date(2026, 11, 17)}))
    assert last_day_of_grace(due, grace, calendar) == last
    assert last_day_of_grace(due, grace) == due + timedelta(days=grace)


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 40),
    st.frozensets(st.integers(0, 6), max_size=6),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 2, 20)), max_size=20),
)
def test_case_54_business_days_never_make_a_payment_late_sooner_and_end_on_one(
    due: date, grace: int, weekend: frozenset[int], holidays: frozenset[date]
) -> None:
    calendar = BusinessCalendar(weekend, holidays)
    last = last_day_of_grace(due, grace, calendar)
    assert last >= last_day_of_grace(due, grace)
    assert calendar.is_business_day(last)
    first = calendar.from_day(due)
    between = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    assert sum(calendar.is_business_day(day) for day in between) == grace


def test_case_55_today_and_the_sixtieth_day_are_in_and_missed_days_are_caught_up() -> None:
    now = datetime(2026, 11, 16, 3, tzinfo=UTC)
    beginning = now - timedelta(days=90)
    zone = ZoneInfo(NEW_YORK)  # where it is still the 15th
    usual = DueDays.of(Window("modified", now - timedelta(hours=1), now), now, 60, beginning)
    assert usual.bounds(zone) == (date(2026, 11, 15), date(2027, 1, 14))
    missed = DueDays.of(Window("modified", now - timedelta(days=3), now), now, 60, beginning)
    assert missed.bounds(zone) == (date(2026, 11, 12), date(2027, 1, 14))


def test_case_56_a_leap_day_renews_on_the_28th_and_comes_back() -> None:
    chain = [add_months(date(2028, 2, 29), 12 * n) for n in range(5)]
    assert [day.isoformat() for day in chain] == [
        "2028-02-29",
        "2029-02-28",
        "2030-02-28",
        "2031-02-28",
        "2032-02-29",
    ]
    assert term_end(date(2028, 2, 29), 12) == date(2029, 2, 27)


def test_case_57_month_ends_are_counted_from_the_anchor_for_twelve_months() -> None:
    months = Recurrence(date(2027, 1, 31), "Months")
    assert [months.date_at(n).day for n in range(13)] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]


def test_case_60_a_year_from_1_february() -> None:
    fiscal = Fiscal(first_month=2)
    one = period_of(fiscal, date(2026, 1, 31))
    assert (one.year, one.number, one.quarter, one.name) == (2026, 12, 4, "FY2026 P12")
    assert period_of(fiscal, date(2026, 2, 1)).name == "FY2027 P01"
    assert quarter_of(fiscal, date(2026, 5, 1)) == (date(2026, 5, 1), date(2026, 7, 31))


@pytest.mark.parametrize(
    ("calendar", "weeks"),
    [
        ("4-4-5", [4, 4, 5] * 3 + [4, 4, 6]),
        ("4-5-4", [4, 5, 4] * 3 + [4, 5, 5]),
        ("5-4-4", [5, 4, 4] * 3 + [5, 4, 5]),
        ("13_periods", [4] * 12 + [5]),
    ],
)
def test_case_60_the_53rd_week_is_in_the_last_period(calendar: Any, weeks: list[int]) -> None:
    """Weeks end on Saturday, the year on January's last one: 31 January 2026 closes a year of 53 weeks."""
    fiscal = Fiscal(calendar=calendar, first_month=2)
    table = periods_of(fiscal, 2026)
    assert (table[0].first, table[-1].last) == (date(2025, 1, 26), date(2026, 1, 31))
    assert [((one.last - one.first).days + 1) / 7 for one in table] == weeks
    usual = periods_of(fiscal, 2027)
    assert sum((one.last - one.first).days + 1 for one in usual) == 52 * 7
    assert (usual[0].first, period_of(fiscal, date(2026, 1, 31)).quarter) == (date(2026, 2, 1), 4)


def test_case_60_a_year_may_end_on_the_day_nearest_to_the_months_end() -> None:
    """Saturday nearest to 31 January: 3 February 2024 ends a year of 53 weeks."""
    fiscal = Fiscal(calendar="4-5-4", first_month=2, year_ends="nearest")
    table = periods_of(fiscal, 2024)
    assert (table[0].first, table[-1].last) == (date(2023, 1, 29), date(2024, 2, 3))
    assert period_of(fiscal, date(2024, 2, 3)).year == 2024


def test_case_60_thirteen_periods_have_quarters_of_three_three_three_and_four() -> None:
    table = periods_of(Fiscal(calendar="13_periods"), 2026)
    assert [one.quarter for one in table] == [1] * 3 + [2] * 3 + [3] * 3 + [4] * 4


def test_case_60_an_entity_has_its_own_calendar_and_by_default_the_plain_one() -> None:
    entity = {"name": "E", "base_currency": "USD", "time_zone": "UTC", "currencies": ["USD"]}
    assert Entity.model_validate(entity).fiscal == Fiscal(calendar="months", first_month=1)
    assert Entity.model_validate({**entity, "fiscal": {"calendar": "4-4-5"}}).fiscal.calendar == "4-4-5"


fiscals = st.builds(
    Fiscal,
    calendar=st.sampled_from(["months", "4-4-5", "4-5-4", "5-4-4", "13_periods"]),
    first_month=st.integers(1, 12),
    week_ends=st.sampled_from(["monday", "friday", "saturday", "sunday"]),
    year_ends=st.sampled_from(["last", "nearest"]),
)


@given(fiscals, st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_case_60_every_day_lies_in_exactly_one_period_and_years_join(fiscal: Fiscal, day: date) -> None:
    one = period_of(fiscal, day)
    table = periods_of(fiscal, one.year)
    assert [each for each in table if each.first <= day <= each.last] == [one]
    for before, after in pairwise([*table, periods_of(fiscal, one.year + 1)[0]]):
        assert before.last + timedelta(days=1) == after.first
    first, last = quarter_of(fiscal, day)
    assert first <= one.first <= one.last <= last
    days = (table[-1].last - table[0].first).days + 1
    assert days in ((365, 366) if fiscal.calendar == "months" else (364, 371))
    if fiscal.calendar == "months":
        assert one.last == last_day_of_month(day)
