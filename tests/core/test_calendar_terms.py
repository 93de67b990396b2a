"""Due dates by the terms of Intacct (accounting case 51)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.calendar import last_day_of_month
from include.core.calendar_terms import Term, due_date
from include.core.errors import Unmapped

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("days", "due_from", "invoice", "due"),
    [
        (30, "from invoice/bill date", "2027-01-31", "2027-03-02"),
        (30, "", "2027-01-31", "2027-03-02"),
        (0, "from invoice/bill date", "2026-11-16", "2026-11-16"),
        (30, "from invoice/bill date", "2026-10-20", "2026-11-19"),  # across the end of summer time
        (15, "From invoice or bill date", "2026-02-20", "2026-03-07"),
        (30, "after end of month of invoice/bill date", "2026-11-16", "2026-12-30"),
        (30, "from end of month of invoice", "2026-11-30", "2026-12-30"),
        (0, "after end of month of invoice/bill date", "2028-02-01", "2028-02-29"),
        (20, "of the month of invoice/bill date", "2026-11-16", "2026-11-20"),
        (10, "of this month", "2026-11-16", "2026-11-10"),
        (31, "of next month from invoice/bill date", "2027-01-31", "2027-02-28"),
        (10, "of next month from invoice/bill date", "2026-12-31", "2027-01-10"),
        (15, "of 2nd month from invoice/bill date", "2026-11-30", "2027-01-15"),
        (1, "of 6th month from invoice/bill date", "2026-08-31", "2027-02-01"),
        (30, "from invoice/bill date extending to end of month", "2026-11-16", "2026-12-31"),
    ],
)
def test_due_dates_by_term(days: int, due_from: str, invoice: str, due: str) -> None:
    assert due_date(Term("T", days, due_from), date.fromisoformat(invoice)) == date.fromisoformat(due)


@pytest.mark.parametrize("due_from", ["whenever", "of 7th month from invoice/bill date", "from delivery date"])
def test_a_term_that_cannot_be_counted_is_unmapped_and_named(due_from: str) -> None:
    with pytest.raises(Unmapped, match=r"'Net 30'.*" + due_from):
        due_date(Term("Net 30", 30, due_from), date(2026, 11, 16))


def test_the_day_zero_of_a_month_is_no_day() -> None:
    with pytest.raises(Unmapped, match="day 0"):
        due_date(Term("T", 0, "of next month from invoice/bill date"), date(2026, 11, 16))


@given(days, st.integers(0, 400))
def test_net_days_are_calendar_days(invoice: date, net: int) -> None:
    assert due_date(Term("T", net), invoice) - invoice == timedelta(days=net)


@given(days, days, st.integers(0, 90))
def test_end_of_month_terms_are_due_together_for_a_whole_month(one: date, other: date, net: int) -> None:
    term = Term("EOM", net, "after end of month of invoice/bill date")
    same_month = last_day_of_month(one) == last_day_of_month(other)

    assert (due_date(term, one) == due_date(term, other)) == same_month
