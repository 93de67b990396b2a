"""What turns a close pack red, and that nothing of it is silently left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.books import Fiscal
from include.core.fiscal import period_of
from include.reports.close_checks import NOTABLE, Check, Evidence, checks, is_green
from include.reports.close_evidence import figures_of
from include.reports.close_page import part_of
from include.reports.close_tables import COLUMNS, FIGURES, HAPPENED, PARTS, Question, table

AT = datetime(2026, 11, 5, 9, tzinfo=UTC)
ASKED = Question(
    "100", "Brightwater Inc", "USD", ZoneInfo("America/New_York"), period_of(Fiscal(), date(2026, 10, 31)),
    date(2026, 9, 30), date(2026, 1, 1), AT,
)  # fmt: skip
CLOSED = replace(ASKED, closed_through=date(2026, 10, 31))
KEPT = Evidence({}, {}, kept=True)


def row_of(name: str) -> tuple[Any, ...]:
    """One row with a value in every column."""
    values = {"minor": 12_345, "int": 1, "date": date(2026, 10, 5), "instant": AT, "flag": True}
    return tuple("USD" if "currency" in one.name else values.get(one.kind, f"{one.name}-1") for one in COLUMNS[name])


def state(found: list[Check], name: str) -> str:
    return next(one.state for one in found if one.name == name)


def test_nothing_open_is_green() -> None:
    assert is_green(checks(ASKED, Evidence({}, {}, kept=False)))
    assert is_green(checks(CLOSED, KEPT))


@pytest.mark.parametrize("name", [*NOTABLE, "control", "changes_after_close"])
def test_each_open_point_alone_turns_the_pack_red_with_a_reason_and_a_next_step(name: str) -> None:
    found = checks(CLOSED, replace(KEPT, tables={name: table(name, [row_of(name)])}))
    (red,) = [one for one in found if one.state == "red"]
    assert (red.name, red.count) == (name, 1)
    assert red.why.endswith(".")
    assert red.next_step


@pytest.mark.parametrize("name", NOTABLE)
def test_what_a_company_only_notes_is_told_and_keeps_nothing_open(name: str) -> None:
    evidence = replace(KEPT, tables={name: table(name, [row_of(name)])}, only_noted=(name,))
    found = checks(CLOSED, evidence)
    assert is_green(found)
    assert state(found, name) == "note"


@pytest.mark.parametrize("name", [*NOTABLE, "control", "changes_after_close"])
def test_what_a_person_accepts_is_accepted_for_just_the_rows_that_were_there(name: str) -> None:
    one = replace(KEPT, tables={name: table(name, [row_of(name)])})
    token = next(found.token for found in checks(CLOSED, one) if found.name == name)
    assert token in next(found.next_step for found in checks(CLOSED, one) if found.name == name)
    accepted = replace(one, accepted={token: "by ada on 2026-11-05"})
    assert is_green(checks(CLOSED, accepted))
    assert "Accepted by ada on 2026-11-05." in next(f.why for f in checks(CLOSED, accepted) if f.name == name)
    more = replace(accepted, tables={name: table(name, [row_of(name), row_of(name)])})
    assert not is_green(checks(CLOSED, more))
    assert not is_green(checks(replace(CLOSED, entity_id="200"), accepted))


@pytest.mark.parametrize("report", ["tie_out", "revenue_report"])
def test_a_report_that_is_missing_or_too_old_is_red_and_nothing_that_it_tells_is_green(report: str) -> None:
    found = checks(CLOSED, replace(KEPT, trouble={report: "It is too old."}, only_noted=NOTABLE))
    assert not is_green(found)
    assert {one.state for one in found if "Not known" in one.why} == {"red"}
    told = {"tie_out": {"breaks", "control", "not_shown", "unapplied"}, "revenue_report": {"deals_without_document"}}
    assert told[report] <= {one.name for one in found if "Not known" in one.why}


def test_a_closed_period_that_nobody_kept_and_one_that_is_open_again_are_red() -> None:
    assert state(checks(CLOSED, Evidence({}, {}, kept=False)), "changes_after_close") == "red"
    assert state(checks(ASKED, Evidence({}, {}, kept=False)), "changes_after_close") == "note"
    assert state(checks(ASKED, KEPT), "reopened") == "red"
    assert "reopened" not in {one.name for one in checks(CLOSED, KEPT)}


def test_holds_of_flows_that_block_nothing_and_approvals_are_only_told() -> None:
    tables = {name: table(name, [row_of(name)]) for name in ("other_holds", "approvals")}
    found = checks(CLOSED, replace(KEPT, tables=tables))
    assert is_green(found)
    assert [one.name for one in found if one.state == "note"] == ["other_holds", "approvals"]


amounts = st.lists(
    st.tuples(st.sampled_from(HAPPENED), st.integers(-(10**12), 10**12), st.sampled_from(["USD", "EUR"])), max_size=30
)


@given(amounts)
def test_the_figures_bridge_and_are_the_sums_of_their_records(rows: list[tuple[str, int, str]]) -> None:
    at = {one.name: place for place, one in enumerate(COLUMNS["records"])}
    records = []
    for measure, minor, currency in rows:
        row: list[Any] = [""] * len(at)
        for name, value in (
            ("measure", measure), ("amount_minor", minor), ("currency", currency), ("base_minor", minor),
            ("base_currency", "USD"),
        ):  # fmt: skip
            row[at[name]] = value
        records.append(tuple(row))
    found = {row[:3]: row[3] for row in figures_of(table("records", records)).rows}

    def of(figure: str, currency: str) -> int:
        return int(found.get((figure, "as invoiced", currency), 0))

    for currency in ("USD", "EUR"):
        assert of("billed", currency) - of("credited", currency) == of("billed_net", currency)
        assert of("billed_net", currency) - of("written_off", currency) - of("collected", currency) == of(
            "open", currency
        )
        assert of("billed_net", currency) - of("tax", currency) - of("recognised", currency) == of("deferred", currency)
        booked = sum(minor for measure, minor, code in rows if (measure, code) == ("booked", currency))
        assert of("booked", currency) == booked
    whole = sum(minor for measure, minor, _ in rows if measure == "collected")
    assert found.get(("collected", "in base currency", "USD"), 0) == whole


def test_every_figure_is_made_of_what_happened() -> None:
    assert all(set(PARTS[figure]) <= set(HAPPENED) for figure in FIGURES)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_the_page_shows_each_table_with_its_links_and_amounts(name: str) -> None:
    part = part_of(table(name, [row_of(name)]))
    (row,) = part["rows"]
    assert len(row) == len(part["columns"])
    shown = [cell["text"] if isinstance(cell, dict) else cell for cell in row]
    assert not [one for one in shown if one == "url-1"]
    money = [one for one in COLUMNS[name] if one.kind == "minor"]
    if money and name != "records":
        assert "123.45" in shown
    if "url" in {one.name for one in COLUMNS[name]} and name not in ("records",):
        assert [cell for cell in row if isinstance(cell, dict) and cell["url"] == "url-1"]
