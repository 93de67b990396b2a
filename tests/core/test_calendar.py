"""Days are calendar days of the entity, terms are counted as accountants count them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.calendar import (
    PeriodClosed,
    add_months,
    day_bounds,
    last_day_of_month,
    local_date,
    posting_date,
    term_end,
)
from include.core.errors import SettingsError

zones = st.sampled_from(
    [
        *(
            "UTC",
            "America/New_York",
            "Europe/London",
            "Europe/Berlin",
            "Asia/Kolkata",
            "Africa/Cairo",
            "America/Havana",
        ),
        *("Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"),
    ]
)
instants = st.datetimes(datetime(2005, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))


# -- accounting cases 52 and 53: dates of instants


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-04-01T03:30:00+00:00", "America/New_York", "2026-03-31"),  # 23:30: still the first quarter
        ("2026-04-01T03:30:00+00:00", "Europe/London", "2026-04-01"),
        ("2026-10-01T03:59:59+00:00", "America/New_York", "2026-09-30"),
        ("2026-10-01T04:00:00+00:00", "America/New_York", "2026-10-01"),
        ("2026-03-08T04:59:59+00:00", "America/New_York", "2026-03-07"),
        ("2026-03-08T05:00:00+00:00", "America/New_York", "2026-03-08"),
        ("2026-03-09T04:00:00+00:00", "America/New_York", "2026-03-09"),  # summer time since the day before
        ("2026-11-02T04:59:59+00:00", "America/New_York", "2026-11-01"),
        ("2026-11-16T23:30:00+01:00", "Europe/London", "2026-11-16"),
    ],
)
def test_an_instant_falls_on_the_entitys_local_day(instant: str, zone: str, day: str) -> None:
    assert local_date(datetime.fromisoformat(instant), zone) == date.fromisoformat(day)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 1, 1), "UTC")  # noqa: DTZ001


def test_an_unknown_zone_is_a_problem_of_the_settings() -> None:
    for name in ("America/NewYork", "", "../etc/passwd"):
        with pytest.raises(SettingsError, match="IANA"):
            local_date(datetime(2026, 1, 1, tzinfo=UTC), name)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-08", "America/New_York", 23),
        ("2026-11-01", "America/New_York", 25),
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-11-16", "Asia/Kolkata", 24),
        ("2011-12-30", "Pacific/Apia", 0),  # the day that Samoa left out
    ],
)
def test_a_day_has_the_hours_it_has(day: str, zone: str, hours: int) -> None:
    start, end = day_bounds(date.fromisoformat(day), date.fromisoformat(day), zone)

    assert end - start == timedelta(hours=hours)


@given(instants, zones, days, st.integers(0, 40))
def test_an_instant_is_within_the_bounds_exactly_when_its_day_is(
    instant: datetime, zone: str, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    start, end = day_bounds(first, last, zone)

    assert (start <= instant < end) == (first <= local_date(instant, zone) <= last)


@given(zones, days)
def test_days_follow_each_other_without_gap_or_overlap(zone: str, day: date) -> None:
    following = day + timedelta(days=1)

    assert day_bounds(day, day, zone)[1] == day_bounds(following, following, zone)[0]
    assert day_bounds(day, following, zone)[0].tzinfo == UTC
    start = day_bounds(day, day, zone)[0]
    assert (start - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < day


def test_bounds_that_end_before_they_start_are_refused() -> None:
    with pytest.raises(ValueError, match="before"):
        day_bounds(date(2026, 2, 1), date(2026, 1, 31), "UTC")


# -- accounting cases 14, 56 and 57: months


def test_month_ends_are_counted_from_the_anchor() -> None:
    anchor = date(2027, 1, 31)

    assert [add_months(anchor, n).isoformat() for n in range(13)] == [
        *["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31"],
        *["2027-08-31", "2027-09-30", "2027-10-31", "2027-11-30", "2027-12-31", "2028-01-31"],
    ]


def test_a_leap_day_renews_on_the_28th_and_comes_back_after_four_years() -> None:
    anchor = date(2028, 2, 29)

    assert [add_months(anchor, 12 * n).isoformat() for n in range(1, 5)] == [
        "2029-02-28",
        "2030-02-28",
        "2031-02-28",
        "2032-02-29",
    ]
    assert term_end(anchor, 12) == date(2029, 2, 27)


@given(days, st.integers(-300, 300))
def test_months_are_added_by_the_calendar(anchor: date, months: int) -> None:
    day = add_months(anchor, months)

    assert (day.year * 12 + day.month) - (anchor.year * 12 + anchor.month) == months
    assert day.day == min(anchor.day, last_day_of_month(day).day)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-11-16", 12, "2027-11-15"),
        ("2026-01-01", 12, "2026-12-31"),
        ("2027-01-31", 1, "2027-02-27"),
        ("2026-12-15", 1, "2027-01-14"),
    ],
)
def test_a_term_ends_the_day_before_the_next_one_starts(start: str, months: int, end: str) -> None:
    assert term_end(date.fromisoformat(start), months) == date.fromisoformat(end)


def test_a_term_of_no_months_is_refused() -> None:
    for months in (0, -1):
        with pytest.raises(ValueError, match="at least one month"):
            term_end(date(2026, 1, 1), months)


# -- accounting case 39: closed periods


def test_a_document_of_an_open_period_is_posted_on_its_own_date() -> None:
    for closed in (None, date(2026, 9, 30)):
        assert posting_date(date(2026, 10, 1), closed, "hold") == date(2026, 10, 1)


def test_a_document_of_a_closed_period_is_posted_on_the_first_open_day() -> None:
    for day in (date(2026, 9, 30), date(2026, 3, 31)):
        assert posting_date(day, date(2026, 9, 30), "first_open_day") == date(2026, 10, 1)


def test_a_document_of_a_closed_period_is_held_where_the_policy_says_so() -> None:
    with pytest.raises(PeriodClosed, match="2026-09-30"):
        posting_date(date(2026, 9, 30), date(2026, 9, 30), "hold")
