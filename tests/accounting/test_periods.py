"""Cases 39 to 43: periods that close, and entities that each keep their own books."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct.credentials import Credentials
from include.core.as_of import Entry, as_closed_and_as_now
from include.core.books import Books, Entity, Fiscal
from include.core.calendar import PeriodClosed
from include.core.decisions import Hold, Write
from include.core.fiscal import period_of
from include.core.journal import JournalLine, NoDueAccount, Unbalanced, balances, check_balance, line, with_due_lines
from include.core.money import Money
from include.core.periods import AskBeforePosting, Dates, PlanIsStale, closed_through, dates_for, still_open
from include.flows.customers.new_customer import create_customer
from include.flows.deals.plan import plan
from include.flows.deals.settings import WonDealSettings
from include.reports.close_checks import Evidence, checks
from include.reports.close_tables import Question, table
from tests.accounting.amounts import eur, minors, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import (
    BOOKS,
    KNOWN,
    NOW,
    PLAN_TEAM,
    SENSOR,
    SETTINGS,
    deal,
)

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 1)


def entity(**periods: Any) -> Entity:
    return Entity.model_validate(
        {"name": "E", "base_currency": "USD", "time_zone": "UTC", "currencies": ["USD"], "periods": periods}
    )


def closed(policy: str = "hold", through: date = SEPTEMBER) -> dict[str, Any]:
    return {"closed_through": through, "when_closed": policy}


def test_case_39_a_closed_period_moves_the_posting_date_holds_or_asks_and_keeps_the_documents_date() -> None:
    moved = dates_for(entity(AR=closed("first_open_day")), "AR", SEPTEMBER)
    assert (moved, moved.moved) == (Dates(SEPTEMBER, OCTOBER), True)
    with pytest.raises(PeriodClosed):
        dates_for(entity(AR=closed("hold")), "AR", SEPTEMBER)
    with pytest.raises(AskBeforePosting) as asked:
        dates_for(entity(AR=closed("ask")), "AR", SEPTEMBER)
    assert asked.value.proposal == OCTOBER
    assert dates_for(entity(AR=closed()), "AR", OCTOBER) == Dates(OCTOBER, OCTOBER)


def test_case_39_modules_and_entities_close_apart_and_the_general_ledger_closes_all() -> None:
    a, b = entity(AR=closed()), entity()
    assert dates_for(a, "AP", SEPTEMBER).posting == SEPTEMBER
    assert dates_for(b, "AR", SEPTEMBER).posting == SEPTEMBER
    both = entity(AR=closed("first_open_day"), GL=closed(through=date(2026, 10, 31)))
    assert closed_through(both, "AR") == date(2026, 10, 31)
    assert dates_for(both, "AR", SEPTEMBER).posting == date(2026, 11, 1)


def books_with(periods: dict[str, Any]) -> Books:
    changed = Entity.model_validate({**BOOKS.entities["100"].model_dump(), "periods": periods})
    return BOOKS.model_copy(update={"entities": {**BOOKS.entities, "100": changed}})


@pytest.mark.parametrize(("policy", "code"), [("hold", "closed_period"), ("ask", "ask_posting_date")])
def test_case_39_a_held_deal_goes_by_itself_when_its_period_is_opened_again(policy: str, code: str) -> None:
    record = deal(closedate="2026-09-15T15:00:00Z")
    (held,) = plan([record], KNOWN, SETTINGS, books_with({"AR": closed(policy)}), now=NOW)
    (freed,) = plan([record], KNOWN, SETTINGS, books_with({"AR": closed(policy, date(2026, 8, 31))}), now=NOW)
    assert isinstance(held, Hold)
    assert held.code == code
    assert isinstance(freed, Write)
    assert freed.payload["dateposted"] == "2026-09-15"


def test_case_39_a_closed_general_ledger_moves_an_invoice_too() -> None:
    periods = {"AR": closed("first_open_day", date(2026, 8, 31)), "GL": closed()}
    (planned,) = plan([deal(closedate="2026-09-15T15:00:00Z")], KNOWN, SETTINGS, books_with(periods), now=NOW)
    assert isinstance(planned, Write)
    assert (planned.payload["datecreated"], planned.payload["dateposted"]) == ("2026-09-15", "2026-10-01")


def test_case_40_a_period_that_closes_after_the_plan_makes_it_stale() -> None:
    planned = dates_for(entity(AR=closed()), "AR", OCTOBER)
    still_open(entity(AR=closed()), "AR", planned)
    with pytest.raises(PlanIsStale):
        still_open(entity(AR=closed(through=OCTOBER)), "AR", planned)


@given(
    st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.dates(date(2026, 1, 1), date(2027, 1, 1)) | st.none(),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)) | st.none(), st.sampled_from(["first_open_day", "hold", "ask"]),
)  # fmt: skip
def test_case_40_what_is_planned_passes_the_check_against_the_same_books(
    day: date, ar: date | None, gl: date | None, policy: str
) -> None:
    one = entity(AR={"closed_through": ar, "when_closed": policy}, GL={"closed_through": gl})
    try:
        planned = dates_for(one, "AR", day)
    except AskBeforePosting as asked:
        planned = Dates(day, asked.proposal)
    except PeriodClosed:
        assert day <= max(d for d in (ar, gl) if d)
        return
    still_open(one, "AR", planned)
    assert planned.document == day <= planned.posting


@pytest.mark.rule_only
def test_case_41_a_payment_posted_back_into_a_closed_month_is_shown_as_drift() -> None:
    closed_at = datetime(2026, 10, 5, tzinfo=UTC)
    books = [
        Entry(date(2026, 9, 1), closed_at - timedelta(days=30), usd(100)),
        Entry(date(2026, 9, 29), closed_at + timedelta(days=7), usd(-40)),
    ]
    both = as_closed_and_as_now(books, SEPTEMBER, closed_at, "USD")
    assert (both.closed, both.now, both.drift) == (usd(100), usd(60), usd(-40))


@pytest.mark.rule_only
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), minors), max_size=8))
def test_case_41_the_drift_is_what_was_entered_after_the_close(found: list[tuple[int, int, int]]) -> None:
    closed_at = datetime(2026, 10, 5, tzinfo=UTC)
    books = [
        Entry(SEPTEMBER + timedelta(days=on), closed_at + timedelta(days=at), Money.from_minor(minor, "USD"))
        for on, at, minor in found
    ]
    drift = as_closed_and_as_now(books, SEPTEMBER, closed_at, "USD").drift
    assert drift.minor == sum(minor for on, at, minor in found if on <= 0 and at > 0)


def test_case_41_a_period_that_changed_after_its_close_is_red_and_names_the_record_whatever_is_closed_again() -> None:
    changed = (
        "100",
        "FY2026 P09",
        "new",
        "collected",
        "USD",
        0,
        10_000,
        10_000,
        date(2026, 9, 29),
        NOW,
        "ARPYMTDETAIL",
    )
    changes = table("changes_after_close", [(*changed, "7", "", "P-7", "501", "C-1", "applied to INV-1", "")])
    for through in (date(2026, 9, 30), date(2026, 8, 31)):
        asked = Question("100", "US", "USD", ZoneInfo("UTC"), period_of(Fiscal(), SEPTEMBER), through, None, NOW)
        (red, *more) = [
            one for one in checks(asked, Evidence({changes.name: changes}, {}, kept=True)) if one.state == "red"
        ]
        assert (red.name, red.count) == ("changes_after_close", 1)
        assert [one.name for one in more] == ([] if through >= SEPTEMBER else ["reopened"])


def test_case_42_a_session_belongs_to_one_entity() -> None:
    who = Credentials("co", "user", "x", "sender", "y")
    keys = {who.session_key("https://gateway.example", one) for one in (None, "100", "200")}
    assert len(keys) == 3


def test_case_42_a_customer_may_be_visible_to_its_entity_alone() -> None:
    settings = SETTINGS.customer.model_copy(update={"visibility": "entity"})
    made = create_customer(deal().sheets, "100", BOOKS.entities["100"], "USD", settings)
    assert (made.payload["OBJECTRESTRICTION"], made.payload["RESTRICTEDLOCATIONS"]) == ("Restricted", "100")


DUE = {("100", "200"): "1200", ("200", "100"): "2200"}
TWO_ENTITIES = [line("100", "1100", usd(100)), line("100", "4000", usd(-60)), line("200", "4000", usd(-40))]


@pytest.mark.rule_only
def test_case_43_an_invoice_with_lines_of_two_entities_balances_in_each_by_what_they_owe_each_other() -> None:
    with pytest.raises(Unbalanced):
        check_balance(TWO_ENTITIES)
    lines = with_due_lines(TWO_ENTITIES, "100", DUE)
    check_balance(lines)
    assert [(one.entity_id, one.account, one.amount.text) for one in lines[3:]] == [
        ("200", "2200", "40.00"),
        ("100", "1200", "-40.00"),
    ]


def test_case_43_lines_of_another_entity_are_held_or_go_with_their_own_entity() -> None:
    lines = (PLAN_TEAM, {**SENSOR, "entity": "West"})
    west = BOOKS.entities["100"].model_copy(update={"name": "West"})
    closed_west = Entity.model_validate({**west.model_dump(), "periods": {"AR": closed(through=NOW.date())}})
    source = {"from": "line.entity", "values": {"West": "110", "GmbH": "300"}}

    def planned(rule: str, other: Entity = west, *sold: dict[str, str]) -> Write | Hold:
        books = BOOKS.model_copy(update={"entities": {**BOOKS.entities, "110": other}})
        chosen = {"line_entity": source, "lines_of_other_entities": rule}
        settings = WonDealSettings.model_validate(SETTINGS.model_dump(by_alias=True) | chosen)
        (decision,) = plan([deal(*(sold or lines))], KNOWN, settings, books, now=NOW)
        assert isinstance(decision, Write | Hold)
        return decision

    bridged = planned("inter_entity")
    assert isinstance(bridged, Write)
    assert [one["locationid"] for one in bridged.payload["invoiceitems"]] == ["100", "110"]
    held = [planned("hold"), planned("inter_entity", west, PLAN_TEAM, {**SENSOR, "entity": "GmbH"})]
    assert [one.code for one in held if isinstance(one, Hold)] == ["lines_of_two_entities"] * 2
    late = planned("inter_entity", closed_west)
    assert isinstance(late, Hold)
    assert late.code == "closed_period"


@pytest.mark.rule_only
def test_case_43_without_accounts_or_in_two_base_currencies_it_is_held() -> None:
    with pytest.raises(NoDueAccount, match="Name the accounts"):
        with_due_lines(TWO_ENTITIES, "100", {})
    abroad = [*TWO_ENTITIES[:2], JournalLine("300", "4000", usd(-40), eur(-37))]
    with pytest.raises(NoDueAccount, match="two base currencies"):
        with_due_lines(abroad, "100", DUE)


@pytest.mark.rule_only
@given(st.lists(st.tuples(st.sampled_from(["100", "200"]), minors), min_size=1, max_size=8))
def test_case_43_every_bridged_document_balances_in_each_entity(parts: list[tuple[str, int]]) -> None:
    lines = [line(owner, "4000", Money.from_minor(minor, "USD")) for owner, minor in parts if minor]
    rest = sum(minor for _, minor in parts)
    lines.append(line("100", "1100", Money.from_minor(-rest, "USD")))
    assert all(one.is_zero for one in balances(with_due_lines(lines, "100", DUE)).values())


def test_case_42_the_billing_entity_is_the_lines_location() -> None:
    (planned,) = plan([replace(deal())], KNOWN, SETTINGS, BOOKS, now=NOW)
    assert isinstance(planned, Write)
    assert {one["locationid"] for one in planned.payload["invoiceitems"]} == {"100"}
