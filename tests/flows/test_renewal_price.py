"""What a renewal is worth, and when a recurring invoice comes: the pure parts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.money import Money, sum_money
from include.core.recurrence import Recurrence, renewals
from include.core.windows import BusinessDates, Window
from include.flows.renewals.days import DueDays
from include.flows.renewals.price import NothingToRenew, Offer, Product, offer
from include.flows.renewals.records import ContractLine, Schedule
from include.flows.renewals.settings import RenewalSettings

START = date(2026, 1, 1)
MONTHLY = Recurrence(START, "Months")


def settings(**changes: object) -> RenewalSettings:
    return RenewalSettings.model_validate({"pipeline": "p", "stage": "s", **changes})


def line(number: int, amount: str, item: str = "", currency: str = "USD") -> ContractLine:
    return ContractLine(str(number), item, f"Line {number}", Money.of(amount, currency))


def priced(
    *lines: ContractLine,
    recurrence: Recurrence = MONTHLY,
    products: dict[str, Product] | None = None,
    quantities: dict[str, Decimal] | None = None,
    currency: str = "USD",
    **changes: object,
) -> Offer:
    (term, *_) = renewals(recurrence, 12, recurrence.anchor, date(2090, 1, 1))
    return offer(lines, recurrence, term, products or {}, quantities or {}, settings(**changes), currency)


PLAN = Product("1", "Plan", "monthly", {"USD": "49", "GBP": ""})
TRAINING = Product("2", "Training", "", {"USD": "1350"})


def test_twelve_monthly_invoices_make_the_year() -> None:
    found = priced(line(1, "100.00"))
    assert (found.total, found.frequency, found.months) == (Money.of("1200", "USD"), "monthly", 12)
    assert [one.price for one in found.lines] == ["100.00"]


def test_one_time_lines_are_left_out_by_their_product_or_by_the_settings() -> None:
    lines = (line(1, "490", "PLAN"), line(2, "1350", "TRAINING"), line(3, "75", "SETUP"))
    found = priced(*lines, products={"PLAN": PLAN, "TRAINING": TRAINING}, one_time_items=["SETUP"])
    assert found.total == Money.of("5880", "USD")


def test_only_one_time_lines_or_nothing_renew_nothing() -> None:
    with pytest.raises(NothingToRenew, match="no recurring line"):
        priced(line(1, "1350", "TRAINING"), products={"TRAINING": TRAINING})
    with pytest.raises(NothingToRenew, match=r"come to -10\.00 USD"):
        priced(line(1, "90"), line(2, "-100"))


def test_a_discount_line_is_shared_by_the_lines_it_reduces() -> None:
    found = priced(line(1, "100.00"), line(2, "50.00"), line(3, "-10.00"))
    assert [one.net.text for one in found.lines] == ["93.33", "46.67"]
    assert found.total == Money.of("1680", "USD")


def test_the_uplift_is_rounded_once_on_the_sum() -> None:
    found = priced(line(1, "33.33"), line(2, "33.33"), line(3, "33.34"), uplift_percent=3.5)
    assert sum_money((one.net for one in found.lines), "USD") == Money.of("103.50", "USD")
    assert found.total == Money.of("1242.00", "USD")


def test_the_list_price_counts_only_where_quantity_and_currency_are_known_and_it_is_higher() -> None:
    products, sold = {"PLAN": PLAN}, {"PLAN": Decimal(10)}
    for amount, quantities, total in (("400", sold, "5880"), ("500", sold, "6000"), ("400", {}, "4800")):
        found = priced(line(1, amount, "PLAN"), products=products, quantities=quantities, price="current")
        assert found.total == Money.of(total, "USD")
    pounds = priced(line(1, "400", "PLAN", "GBP"), products=products, quantities=sold, price="current", currency="GBP")
    assert pounds.total == Money.of("4800", "GBP")
    quarterly = priced(
        line(1, "1200", "PLAN"),
        recurrence=Recurrence(START, "Quarters"),
        products=products,
        quantities=sold,
        price="current",
    )
    assert [(one.quantity, one.price) for one in quarterly.lines] == [("10", "147.00")]


def test_a_span_that_hubspot_has_no_name_for_shows_the_terms_total() -> None:
    found = priced(line(1, "100"), recurrence=Recurrence(START, "Months", 5))
    assert (found.frequency, found.months, found.total) == ("", 15, Money.of("300", "USD"))
    assert [one.price for one in found.lines] == ["300.00"]


amounts = st.lists(st.integers(1, 10_000_00), min_size=1, max_size=8)


@given(amounts, st.decimals(0, 100, places=2), st.sampled_from(["USD", "JPY", "KWD"]), st.integers(1, 40))
def test_lines_add_up_to_the_term_and_never_to_less_than_the_contract(
    minors: list[int], uplift: Decimal, currency: str, quantity: int
) -> None:
    lines = [ContractLine(str(n), "PLAN", "", Money.from_minor(minor, currency)) for n, minor in enumerate(minors)]
    found = priced(*lines, quantities={"PLAN": Decimal(quantity)}, uplift_percent=str(uplift), currency=currency)
    each = sum_money((one.net for one in found.lines), currency)
    assert found.total.minor == 12 * each.minor
    assert each >= sum_money((one.amount for one in lines), currency)
    for one in found.lines:
        assert Decimal(one.quantity) * Decimal(one.price) == one.net.amount


def schedule(start: date, next_date: date | None, **changes: object) -> Schedule:
    values = {"active": True, "end": None, "last_date": None, "repeat_by": "Months", "interval": 1, "count": None}
    return Schedule(**{**values, "start": start, "next_date": next_date, "executed": 3, **changes})  # type: ignore[arg-type]


def test_the_last_day_of_the_month_is_told_by_the_dates() -> None:
    assert schedule(date(2026, 2, 28), date(2026, 11, 30)).recurrence().month_end
    assert not schedule(date(2026, 2, 28), date(2026, 11, 28)).recurrence().month_end
    assert not schedule(date(2026, 1, 31), date(2026, 11, 30)).recurrence().month_end
    assert schedule(date(2026, 2, 28), None, last_date=date(2026, 3, 31)).recurrence().month_end


def test_what_ran_to_its_end_renews_and_what_was_stopped_does_not() -> None:
    start, end = date(2025, 9, 1), date(2026, 8, 31)
    assert schedule(start, date(2026, 9, 1), active=False, end=end).goes_on
    assert schedule(start, None, active=False, count=3).goes_on
    assert not schedule(start, date(2026, 5, 1), active=False, end=end).goes_on
    assert not schedule(start, date(2026, 5, 1), active=False).goes_on


def test_a_recurring_invoice_whose_dates_say_nothing_says_so() -> None:
    with pytest.raises(ValueError, match="no start date"):
        Schedule(True, None, None, None, None, "Months", 1, None, 0).recurrence()
    with pytest.raises(ValueError, match=r"repeats by \(nothing\)"):
        schedule(START, None, repeat_by="").recurrence()


@pytest.mark.parametrize("written", ["Months", "months", "Month", "MONTH"])
def test_the_unit_is_read_however_it_is_written(written: str) -> None:
    assert schedule(START, None, repeat_by=written).recurrence().unit == "Months"


NEW_YORK, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
BEGINNING = datetime(2006, 1, 1, tzinfo=UTC)


def test_today_and_the_sixtieth_day_are_the_entitys_own() -> None:
    late = datetime(2026, 11, 16, 22, tzinfo=UTC)
    window = Window("modified", BEGINNING, late)
    due = DueDays.of(window, late, 60, BEGINNING)
    assert due.bounds(NEW_YORK) == (date(2026, 11, 16), date(2027, 1, 15))
    assert due.bounds(TOKYO) == (date(2026, 11, 17), date(2027, 1, 16))


def test_missed_days_and_held_renewals_are_within_the_days_of_the_run() -> None:
    now = datetime(2026, 11, 16, 12, tzinfo=UTC)
    due = DueDays.of(Window("modified", datetime(2026, 11, 13, 12, tzinfo=UTC), now), now, 60, BEGINNING)
    assert due.bounds(NEW_YORK) == (date(2026, 11, 13), date(2027, 1, 15))
    held = datetime(2026, 10, 1, 12, tzinfo=UTC)
    assert due.bounds(NEW_YORK, held)[0] == date(2026, 10, 1)


def test_a_dated_run_has_just_its_dates() -> None:
    window = Window("dated", datetime(2026, 3, 1), datetime(2026, 4, 1))  # noqa: DTZ001
    due = DueDays.of(window, datetime(2026, 11, 16, tzinfo=UTC), 60, BEGINNING)
    assert due.bounds(TOKYO) == (date(2026, 3, 1), date(2026, 3, 31))
    half_a_day = DueDays(due.now, None, 60, BusinessDates(datetime(2026, 3, 1, 12), datetime(2026, 3, 2)))  # noqa: DTZ001
    assert [half_a_day.hold(date(2026, 3, day)) for day in (1, 2)] == [True, False]
