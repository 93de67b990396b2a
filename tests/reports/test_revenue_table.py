"""The revenue table: its columns bridge into each other whatever the facts, and every row has its records."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.core.books import Books, Fiscal
from include.core.money import Money, sum_money
from include.reports.revenue_ageing import bucket_of
from include.reports.revenue_closed import compare_closed
from include.reports.revenue_dso import dso
from include.reports.revenue_facts import MEASURES, Deal, Fact, Measure
from include.reports.revenue_table import UNMATCHED, Span, bridge_breaks, period_names, revenue

WHOLE = Span(date(2025, 1, 1), date(2026, 12, 31))
ENTERED = datetime(2026, 11, 3, tzinfo=UTC)


def fact(measure: Measure, minor: int, **other: object) -> Fact:
    values: dict[str, object] = {
        "base": Money.from_minor(minor, "USD"), "day": date(2026, 10, 5), "entered_at": ENTERED, "entity": "100",
        "system": "intacct", "object": "ARINVOICE", "record_no": "1", "deal_id": "7",
    }  # fmt: skip
    return Fact(measure=measure, amount=Money.from_minor(minor, "USD"), **{**values, **other})  # type: ignore[arg-type]


def deal(deal_id: str = "7", state: str = "won", owner: str = "Ann") -> Deal:
    amount = Money.of(100, "USD")
    return Deal(deal_id, "Refit", "Pell", owner, "Sales", "Won", state, None, "100", amount, amount, "")


facts = st.lists(
    st.builds(
        fact,
        st.sampled_from(MEASURES),
        st.integers(-(10**12), 10**12),
        day=st.dates(date(2024, 11, 1), date(2026, 12, 31)),
        deal_id=st.sampled_from(["", "7", "8"]),
        product=st.sampled_from(["", "PLAN", "BOX"]),
        record_no=st.integers(1, 9).map(str),
    ),
    max_size=200,
)


@settings(max_examples=12, deadline=None)
@given(
    facts, st.sampled_from([Fiscal(), Fiscal(first_month=2), Fiscal(calendar="4-4-5"), Fiscal(calendar="13_periods")])
)
def test_the_columns_of_every_row_bridge_and_no_fact_is_lost(found: list[Fact], fiscal: Fiscal) -> None:
    made = revenue(found, [deal(), deal("8")], {"100": fiscal}, WHOLE)
    assert bridge_breaks(made.rows) == []
    for measure in MEASURES:
        place = made.rows.position(f"{measure}_minor")
        told = sum_money((Money.from_minor(row[place], "USD") for row in made.rows.rows), "USD")
        assert told == sum_money((one.amount for one in found if one.measure == measure), "USD")


@settings(max_examples=12, deadline=None)
@given(facts)
def test_deals_and_periods_come_to_the_same_totals(found: list[Fact]) -> None:
    made = revenue(found, [deal(), deal("8")], {}, WHOLE)
    for name in ("booked", "unbilled", UNMATCHED, "billed_net", "open", "deferred"):
        by_period = sum(row[made.rows.position(f"{name}_minor")] for row in made.rows.rows)
        assert by_period == sum(row[made.deals.position(f"{name}_minor")] for row in made.deals.rows)


def test_a_broken_bridge_is_told() -> None:
    made = revenue([fact("booked", 500), fact("billed", 300)], [deal()], {}, WHOLE)
    (row,) = made.rows.rows
    place = made.rows.position("unbilled_minor")
    wrong = (*row[:place], row[place] + 1, *row[place + 1 :])
    assert bridge_breaks(type(made.rows)(made.rows.name, made.rows.columns, [wrong])) == [row[0]]


def test_what_happened_after_the_day_is_left_out_and_what_lies_ahead_is_not() -> None:
    later = date(2026, 12, 24)
    found = [fact("billed", 300), fact("billed", 50, day=later), fact("scheduled", 70, day=later)]
    made = revenue(found, [deal()], {}, Span(date(2026, 1, 1), date(2026, 11, 16)))
    assert sorted((row[1], row[12]) for row in made.facts.rows) == [("billed", 300), ("scheduled", 70)]


@pytest.mark.parametrize(
    ("fiscal", "day", "names"),
    [
        (Fiscal(), date(2026, 11, 16), ("FY2026 P11", "FY2026 Q4")),
        (Fiscal(first_month=2), date(2026, 11, 16), ("FY2027 P10", "FY2027 Q4")),
        (Fiscal(first_month=2), date(2026, 1, 31), ("FY2026 P12", "FY2026 Q4")),
        (Fiscal(calendar="13_periods"), date(2026, 12, 20), ("FY2026 P13", "FY2026 Q4")),
        (Fiscal(), date(2024, 12, 31), ("before", "before")),
    ],
)
def test_case_60_periods_and_quarters_are_those_of_the_entitys_calendar(
    fiscal: Fiscal, day: date, names: tuple[str, str]
) -> None:
    assert period_names(fiscal, day, WHOLE.first) == names


@pytest.mark.parametrize(
    ("state", "measures", "finding"),
    [
        ("won", ("booked",), "won, and not billed"),
        ("won", ("booked", "billed"), ""),
        ("lost", ("billed",), "invoiced, and not won"),
        ("open", ("pipeline",), ""),
    ],
)
def test_cases_64_and_65_what_a_person_should_look_at_is_said(
    state: str, measures: tuple[Measure, ...], finding: str
) -> None:
    made = revenue([fact(one, 500) for one in measures], [deal(state=state)], {}, WHOLE)
    assert [row[made.deals.position("finding")] for row in made.deals.rows] == [finding]
    gone = revenue([fact("billed", 500)], [], {}, WHOLE)
    assert [row[-2] for row in gone.deals.rows] == ["invoiced, and the deal is gone from HubSpot"]


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-5, "not due"),
        (0, "not due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "over 90"),
    ],
)
def test_an_invoice_is_in_the_bucket_of_its_days(days: int, bucket: str) -> None:
    assert bucket_of(days) == bucket


def test_a_kept_period_is_never_kept_again_and_what_is_gone_from_it_is_told(tmp_path: object) -> None:
    books = Books.model_validate({
        "company": "Brightwater", "document_key": {"kind": "number"},
        "entities": {"100": {
            "name": "Inc", "base_currency": "USD", "time_zone": "America/New_York", "currencies": ["USD"],
            "periods": {"AR": {"closed_through": "2026-10-31"}},
        }},
    })  # fmt: skip

    def compared(*found: Fact) -> list[tuple[object, ...]]:
        table = revenue(found, [deal()], {}, Span(date.min, date.max)).facts
        told = compare_closed(tmp_path, table, books, datetime(2026, 11, 9, tzinfo=UTC), 10)  # type: ignore[arg-type]
        return sorted(row[2:8] for row in told.changes.rows)

    first, second = fact("billed", 500), fact("billed", 300, record_no="2")
    assert compared(first, second) == []
    edited = fact("billed", 450)
    assert compared(edited, fact("credited", 20, record_no="3")) == [
        ("changed", "billed", "USD", 500, 450, -50),
        ("gone", "billed", "USD", 300, 0, -300),
        ("new", "credited", "USD", 0, 20, 20),
    ]
    assert compared(first, second) == []


def test_days_sales_outstanding_are_the_balance_in_days_of_the_last_three_periods() -> None:
    books = Books.model_validate({
        "company": "Brightwater", "document_key": {"kind": "number"},
        "entities": {"100": {"name": "Inc", "base_currency": "USD", "time_zone": "UTC", "currencies": ["USD"]}},
    })  # fmt: skip
    span = Span(date(2026, 1, 1), date(2026, 4, 15))
    found = [
        fact("billed", 5_000, day=date(2025, 12, 1)),
        fact("billed", 90_000, day=date(2026, 1, 15)),
        fact("collected", 50_000, day=date(2026, 3, 2)),
    ]
    (made,) = dso(revenue(found, [deal()], {}, span), books, span)
    assert made.periods == ("FY2026 P01", "FY2026 P02", "FY2026 P03", "FY2026 P04")
    # 950 open over 900 billed in 31 days; in 59; then 450 in 90; and nothing was billed in the last three periods.
    assert made.tenths == (327, 623, 450, None)
