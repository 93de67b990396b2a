"""Cases 58, 59 and 61 to 63: renewals, and the figures that no report may mix."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.money import Money, sum_money
from include.core.recurrence import Term
from include.core.revenue_columns import Columns, WonEvent, booking, worth
from include.flows.renewals.lookup import DealSeen
from include.flows.renewals.match import made_by_hand, own_deal
from include.flows.renewals.plan import renewal_key
from tests.accounting.amounts import minors, usd
from tests.flows.test_renewal_price import PLAN, TRAINING, line, priced

RENEWED = Term(date(2027, 1, 15), date(2028, 1, 14), 12)


def seen(deal_id: str, state: str = "open", **properties: str) -> DealSeen:
    return DealSeen(deal_id, ("70",), {"dealtype": "existingbusiness", "closedate": "2027-01-10", **properties}, state)


def test_case_58_a_renewal_is_the_recurring_lines_with_the_uplift_and_no_one_time_line() -> None:
    lines = (line(1, "100.00", "PLAN"), line(2, "1350", "TRAINING"))
    found = priced(*lines, products={"PLAN": PLAN, "TRAINING": TRAINING}, uplift_percent=3.5)
    assert found.total == usd("1242.00")
    sold = {"PLAN": Decimal(10)}
    assert priced(line(1, "400", "PLAN"), products={"PLAN": PLAN}, quantities=sold, price="current").total == usd(5880)


def test_case_59_contract_and_term_make_the_key_so_a_renewal_has_one_deal() -> None:
    assert renewal_key("4711", RENEWED.start) == renewal_key("4711", RENEWED.start)
    assert renewal_key("4711", RENEWED.start) != renewal_key("4711", date(2028, 1, 15))
    ours = seen(
        "9", tieout_renewal="4711/2027-01-15", tieout_source_key=renewal_key("4711", RENEWED.start).document_key()
    )
    assert own_deal([seen("8"), ours], ours.key, "4711", RENEWED.start) == ours


@pytest.mark.parametrize("state", ["open", "won", "lost"])
def test_case_59_a_reps_own_renewal_is_found_whether_open_won_or_lost(state: str) -> None:
    by_hand = seen("8", state, pipeline="renewals")
    assert made_by_hand([by_hand], "4711", RENEWED, set(), "renewals") == by_hand
    open_one = seen("9")
    assert made_by_hand([by_hand, open_one], "4711", RENEWED, set(), "renewals") == (
        by_hand if state == "open" else open_one
    )


def test_case_61_the_weighted_amount_is_a_figure_beside_the_amount() -> None:
    deal = worth(usd(36_000), Decimal("0.2"), 36)
    assert (deal.amount, deal.weighted) == (usd(36_000), usd(7_200))


@pytest.mark.rule_only
def test_case_61_the_annual_value_is_a_third_figure() -> None:
    assert worth(usd(36_000), Decimal("0.2"), 36).annual == usd(12_000)
    assert worth(usd(600), Decimal(1), 6).annual == usd(600)


def test_case_62_booked_1200_billed_300_collected_100_and_recognised_100() -> None:
    one = Columns(
        pipeline=usd(500),
        booked=usd(1200),
        billed=usd(300),
        collected=usd(100),
        recognised=usd(100),
        credited=usd(20),
        written_off=usd(0),
    )
    assert (one.unbilled, one.open, one.deferred) == (usd(900), usd(180), usd(180))


@given(st.lists(minors, min_size=7, max_size=7))
def test_case_62_the_bridge_from_booked_to_collected_adds_up(found: list[int]) -> None:
    one = Columns(*(Money.from_minor(minor, "USD") for minor in found))
    assert one.booked == one.unbilled + one.credited + one.written_off + one.collected + one.open
    assert one.billed == one.credited + one.recognised + one.deferred


def test_case_63_a_deal_is_booked_when_it_was_first_won_and_later_edits_are_adjustments() -> None:
    events = [
        WonEvent(date(2026, 3, 31), usd(1000)),
        WonEvent(date(2026, 4, 2), usd(1000)),  # the close date was moved back: no money moves
        WonEvent(date(2026, 4, 9), usd(1200)),
    ]
    one = booking(events)
    assert (one.booked_on, one.first) == (date(2026, 3, 31), usd(1000))
    assert one.adjustments == ((date(2026, 4, 9), usd(200)),)


@given(st.lists(minors, min_size=1, max_size=6))
def test_case_63_booking_and_adjustments_come_to_the_deals_amount_now(found: list[int]) -> None:
    amounts = [Money.from_minor(minor, "USD") for minor in found]
    one = booking([WonEvent(date(2026, 3, 1 + n), amount) for n, amount in enumerate(amounts)])
    assert one.total == amounts[-1]
    assert one.first + sum_money((amount for _, amount in one.adjustments), "USD") == amounts[-1]
