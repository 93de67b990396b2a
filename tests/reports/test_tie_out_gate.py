from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from include.reports.tie_out_gate import period_gate
from include.state.migrate import migrate
from include.state.store import StateStore, open_store

OCTOBER = date(2026, 10, 31)


@pytest.fixture
def store(tmp_path: Path) -> StateStore:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    migrate(url)
    return open_store(url)


def tied_out(
    store: StateStore,
    by_day: Mapping[str, Mapping[str, int]],
    as_of: str = "2026-11-03T02:30:00+00:00",
    run_id: str = "run",
) -> None:
    store.put_note("tie_out", run_id, {"as_of": as_of, "folder": "f", "breaks_by_day": by_day})


def test_without_any_tie_out_the_gate_is_shut(store: StateStore) -> None:
    gate = period_gate(store, OCTOBER)
    assert not gate.green
    assert "run the DAG tie_out" in gate.why


def test_a_tie_out_without_breaks_after_the_period_opens_the_gate(store: StateStore) -> None:
    tied_out(store, {})
    assert period_gate(store, OCTOBER).green


def test_a_tie_out_before_the_periods_last_day_is_over_everywhere_does_not_count(store: StateStore) -> None:
    tied_out(store, {}, "2026-11-01T11:59:00+00:00")
    assert not period_gate(store, OCTOBER).green
    tied_out(store, {}, "2026-11-01T12:00:00+00:00")
    assert period_gate(store, OCTOBER).green


def test_an_older_tie_out_whose_last_task_was_cleared_is_not_the_newest_evidence(store: StateStore) -> None:
    tied_out(store, {}, "2026-11-03T02:30:00+00:00", "older")
    tied_out(store, {"100": {"2026-10-31": 1}}, "2026-11-04T02:30:00+00:00", "newer")
    tied_out(store, {}, "2026-11-03T02:30:00+00:00", "older")  # its task ran again, and read nothing
    gate = period_gate(store, OCTOBER)
    assert (gate.green, gate.run_id) == (False, "newer")
    tied_out(store, {}, "2026-11-05T02:30:00+01:00", "newer")  # cleared from its first task: it has read again
    assert period_gate(store, OCTOBER).green


@pytest.mark.parametrize(
    ("by_day", "entity", "green"),
    [
        ({"100": {"2026-10-31": 1}}, None, False),
        ({"100": {"2026-11-01": 1}}, None, True),
        ({"100": {"2026-10-31": 1}}, "200", True),
        ({"100": {"2026-10-31": 1}}, "100", False),
        ({"": {"": 2}}, "200", False),
    ],
)
def test_a_break_counts_for_its_entity_and_from_its_day_on(
    store: StateStore, by_day: Mapping[str, Mapping[str, int]], entity: str | None, green: bool
) -> None:
    tied_out(store, by_day)
    assert period_gate(store, OCTOBER, entity).green is green
