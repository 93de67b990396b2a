"""Revenue schedules that a person must correct are held, the others are not: the rules, and once through the twins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from include.core.decisions import Decision, Hold, Skip
from include.core.intacct_proration import intacct_prorated
from include.core.money import Money, sum_money
from include.core.revenue_schedule import Term, schedule
from include.flows.intacct_revenue_schedule_check import FLOW
from include.flows.schedules.compare import after_change, check
from include.flows.schedules.records import Entry, Schedule, ScheduledInvoice
from include.sandbox.people import BookKeeper, Coding
from tests.flows.office import office

YEAR = Term(date(2026, 11, 16), date(2027, 11, 15))
LEAP = Term(date(2028, 1, 1), date(2028, 12, 31))


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def scheduled(total: str, term: Term, *, posted: int = 0, by: str = "straight_line") -> Schedule:
    """As it is earned, with the first months posted."""
    portions = schedule(usd(total), term, by)  # type: ignore[arg-type]
    entries = tuple(Entry(one.last, one.amount, n < posted) for n, one in enumerate(portions))
    return Schedule("7", "12M straight", "In progress", "PLAN-TEAM", usd(total), term.start, term.end, entries)


def invoice(
    *schedules: Schedule, status: str = "open", credited: str = "0", total: str = "1200.00"
) -> ScheduledInvoice:
    return ScheduledInvoice("3", "INV-3", status, usd(total), usd(credited), schedules)


def checked(one: ScheduledInvoice, **methods: str) -> Decision:
    travelled = ScheduledInvoice.from_json(one.to_json())
    assert travelled == one
    (decision,) = check([travelled], methods, 1)  # type: ignore[arg-type]
    return decision


def held(one: ScheduledInvoice, **methods: str) -> tuple[str, str]:
    decision = checked(one, **methods)
    assert isinstance(decision, Hold), decision
    return decision.code, decision.message


@given(st.integers(1, 10**8), st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(1, 36), st.integers(0, 37))
def test_what_is_recognised_as_it_was_sold_is_never_held(minor: int, start: date, months: int, posted: int) -> None:
    amount = Money.from_minor(minor, "USD")
    one = scheduled(amount.text, Term.of_months(start, months), posted=posted)
    assert isinstance(checked(invoice(one, total=amount.text)), Skip)


def test_cents_that_intacct_leaves_to_the_last_month_are_its_own_business() -> None:
    one = scheduled("100.00", Term(date(2026, 1, 1), date(2026, 12, 31)))
    down = [replace(entry, amount=usd("8.33")) for entry in one.entries[:-1]]
    theirs = replace(one, entries=(*down, replace(one.entries[-1], amount=usd("8.37"))))
    assert isinstance(checked(invoice(theirs, total="100.00")), Skip)
    moved = (replace(one.entries[-2], amount=usd("8.23")), replace(one.entries[-1], amount=usd("8.44")))
    code, message = held(invoice(replace(one, entries=(*one.entries[:-2], *moved)), total="100.00"))
    assert code == "revenue_differs"
    assert "8.23 USD in 2026-11, and 8.34 USD is earned then (straight line)" in message


def test_a_schedule_that_goes_by_days_needs_its_template_named() -> None:
    daily = scheduled("1200.00", LEAP, by="daily")
    assert held(invoice(daily))[0] == "revenue_differs"
    assert isinstance(checked(invoice(daily), **{"12M straight": "daily"}), Skip)


def test_a_year_of_365_days_in_a_leap_year_is_shown_and_held_where_it_makes_more_than_the_line() -> None:
    slices = schedule(usd("1200.00"), LEAP, "daily")
    sage = tuple(
        Entry(one.last, intacct_prorated(usd("1200.00"), (one.last - one.first).days + 1, rate_decimals=None), False)
        for one in slices
    )
    assert sage[1].amount == usd("95.34")
    code, message = held(invoice(replace(scheduled("1200.00", LEAP), entries=sage)))
    assert code == "revenue_not_the_amount"
    assert "Intacct divides 1200.00 USD by 365 days for a term of 366: 101.92 USD in 2028-01 where 101.64" in message


def test_what_does_not_add_up_or_lies_outside_its_term_is_held() -> None:
    one = scheduled("1200.00", YEAR)
    assert held(invoice(replace(one, entries=one.entries[1:])))[0] == "revenue_not_the_amount"
    late = replace(one.entries[-1], day=date(2027, 12, 31))
    code, message = held(invoice(replace(one, entries=(*one.entries[:-1], late))))
    assert (code, "2027-12-31, outside its term from 2026-11-16 to 2027-11-15" in message) == (
        "revenue_outside_term",
        True,
    )


def test_a_reversed_invoice_earns_nothing_more() -> None:
    one = scheduled("1200.00", YEAR, posted=2)
    assert held(invoice(one, status="reversed"))[0] == "revenue_goes_on"
    ended = replace(one, status="Terminated", entries=one.entries[:2])
    assert isinstance(checked(invoice(ended, status="reversed")), Skip)


def test_after_a_credit_posted_months_stay_and_the_rest_follows_the_new_total() -> None:
    one = scheduled("1200.00", Term(date(2026, 1, 1), date(2026, 12, 31)), posted=3)
    code, message = held(invoice(one, credited="300.00"))
    assert code == "revenue_after_credit"
    assert "recognises 1200.00 USD, not 900.00 USD. 300.00 USD is posted and stays" in message
    assert "66.67 USD for 2026-04-01 to 2026-04-30, 66.66 USD for 2026-05-01" in message
    gone = held(invoice(one, credited="1200.00"))[1]
    assert "-300.00 USD for 2026-04-01. It reverses what was recognised too much, so finance decides" in gone


def test_a_credit_is_shared_with_lines_that_have_no_schedule() -> None:
    one = scheduled("1200.00", YEAR)
    assert "recognises 1200.00 USD, not 900.00 USD" in held(invoice(one, total="1600.00", credited="400.00"))[1]


@given(st.integers(0, 12), st.integers(0, 200_000))
def test_the_schedule_after_any_change_adds_up_to_the_new_total(posted: int, minor: int) -> None:
    one = scheduled("1200.00", Term(date(2026, 1, 1), date(2026, 12, 31)), posted=posted)
    total = Money.from_minor(minor, "USD")
    plan = after_change(one, total, {})
    assert plan.total("USD") == total
    assert sum_money((portion.amount for portion in plan.posted), "USD") == one.recognised


def test_intaccts_own_schedules_agree_until_somebody_credits_an_invoice_and_forgets_its_revenue(tmp_path: Path) -> None:
    with office(tmp_path, deals=12, at=datetime(2026, 11, 16, 9, tzinfo=UTC)) as demo:
        demo.invoice_won_deals()
        note = demo.run_flow(FLOW)
        assert (note["read"] > 0, demo.hold_codes(FLOW)) == (True, {})
        books = [b["record"] for b in demo.sandbox.control.books("intacct") if b["object"] == "REVRECSCHEDULE"]
        scheduled_ = {record["RECORDKEY"] for record in books}
        with_revenue = sorted(
            (r for r in demo.invoices() if r["RECORDNO"] in scheduled_), key=lambda r: r["CURRENCY"] != "USD"
        )
        first, second, *_ = with_revenue
        keeper = BookKeeper(demo.sandbox)  # type: ignore[arg-type]
        day = date(2026, 11, 16)
        memo = keeper.credit(first, Decimal("10.00"), day, coding=Coding("4000", "100", "SAAS"))
        keeper.apply(first, memo, Decimal("10.00"), day, account="1090")
        keeper.reverse_invoice(second["RECORDNO"], day, "Billed by mistake")
        demo.sandbox.control.advance(600)
        demo.run_flow(FLOW)
        assert demo.hold_codes(FLOW) == {first["RECORDNO"]: "revenue_after_credit"}
        (hold,) = demo.store().open_holds(FLOW.name)
        assert "10.00 USD of its" in hold.message
        assert demo.run_flow(FLOW, date_from="2026-08-01", date_to="2026-11-16")["read"] == note["read"]
