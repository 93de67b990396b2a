"""Which records a run looks at: by modification, by business date, or by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from include.core.errors import SettingsError
from include.core.windows import OVERLAP, SETTLE, BusinessDates, Window, after_reading, choose_window

NOW = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
BEGINNING = datetime(2006, 1, 1, tzinfo=UTC)
CURSOR = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


def window(run_type: str = "scheduled", *, cursor: datetime | None = CURSOR, **params: Any) -> Window:
    return choose_window(
        run_type=run_type,
        interval_start=datetime(2026, 11, 16, 8, tzinfo=UTC),
        interval_end=datetime(2026, 11, 16, 9, tzinfo=UTC),
        params=params,
        cursor=cursor,
        beginning=BEGINNING,
        now=NOW,
    )


def test_a_scheduled_run_looks_from_the_cursor_less_an_overlap_to_its_interval_end() -> None:
    assert window() == Window("modified", CURSOR - OVERLAP, datetime(2026, 11, 16, 9, tzinfo=UTC), moves_cursor=True)


def test_the_first_run_looks_at_everything() -> None:
    assert window(cursor=None).start == BEGINNING


def test_a_manual_run_looks_up_to_now_less_the_settling_time() -> None:
    assert window("manual").end == NOW - SETTLE


def test_a_scheduled_run_that_starts_early_leaves_the_settling_time_to_the_next() -> None:
    early = choose_window(
        run_type="scheduled",
        interval_start=NOW - timedelta(hours=1),
        interval_end=NOW,
        params={},
        cursor=CURSOR,
        beginning=BEGINNING,
        now=NOW,
    )
    assert early.end == NOW - SETTLE


def test_a_backfill_goes_by_wall_clock_business_time_and_never_moves_the_cursor() -> None:
    assert window("backfill") == Window("dated", datetime(2026, 11, 16, 8), datetime(2026, 11, 16, 9))  # noqa: DTZ001


def test_dates_given_by_hand_are_inclusive() -> None:
    found = window("manual", date_from="2026-03-01", date_to="2026-03-31")
    assert (found.start, found.end) == (datetime(2026, 3, 1), datetime(2026, 4, 1))  # noqa: DTZ001
    assert not found.moves_cursor


@pytest.mark.parametrize("first_minute", [0, 30])
def test_a_backfill_by_the_hour_finds_every_date_of_its_range_and_no_other(first_minute: int) -> None:
    start = datetime(2026, 11, 9, 0, first_minute)  # noqa: DTZ001
    hours = [BusinessDates(start + timedelta(hours=n), start + timedelta(hours=n + 1)) for n in range(23)]
    assert any(hour.holds(date(2026, 11, 9)) for hour in hours)
    assert not any(hour.holds(day) for hour in hours for day in (date(2026, 11, 8), date(2026, 11, 10)))


def test_one_date_alone_means_that_day() -> None:
    assert window("manual", date_from="2026-03-01") == window("manual", date_from="2026-03-01", date_to="2026-03-01")


@pytest.mark.parametrize("params", [{"limit": 5}, {"post_mode": "dry_run"}])
def test_limited_and_dry_runs_never_move_the_cursor(params: dict[str, Any]) -> None:
    assert not window("manual", **params).moves_cursor


def test_named_records_are_looked_at_whatever_their_dates() -> None:
    assert window("manual", record_ids=["7", "8"]) == Window("records", ids=("7", "8"))


@pytest.mark.parametrize(
    "params",
    [{"date_from": "2026-04-01", "date_to": "2026-03-01"}, {"date_from": "31.3.2026"}, {"date_to": "2026-03-01"}],
)
def test_contradicting_or_unreadable_dates_are_told_with_the_remedy(params: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"exchange them|write a date like|needs a date_from"):
        window("manual", **params)


@pytest.mark.parametrize("run_type", ["scheduled", "manual", "backfill"])
def test_a_window_survives_its_way_through_the_state(run_type: str) -> None:
    assert Window.from_json(window(run_type).to_json()) == window(run_type)


@pytest.mark.parametrize("hours", [-24, -5, -1, 0, 1, 5, 24])
def test_the_cursor_goes_to_the_window_s_end_and_never_past_the_clock_of_a_system_that_was_read(hours: int) -> None:
    theirs = NOW + timedelta(hours=hours)
    read = after_reading(window("manual"), [theirs, NOW + timedelta(days=2)])
    assert read.cursor == min(NOW, theirs) - SETTLE
    assert (read.start, read.end) == (window("manual").start, window("manual").end)


def test_without_a_word_of_theirs_on_the_time_the_cursor_goes_to_the_window_s_end() -> None:
    assert after_reading(window(), []).cursor == window().end


@pytest.mark.parametrize("chosen", [window("backfill"), window("manual", limit=5), window("manual", record_ids=["7"])])
def test_what_never_moves_the_cursor_does_not_do_so_by_anyone_s_clock(chosen: Window) -> None:
    assert after_reading(chosen, [NOW]) == chosen


def test_a_window_that_nobody_has_read_moves_no_cursor() -> None:
    assert window().cursor is None


def test_a_window_that_was_read_survives_its_way_through_the_state() -> None:
    read = after_reading(window(), [NOW - timedelta(days=1)])
    assert Window.from_json(read.to_json()) == read


def test_a_window_that_an_older_version_stored_moves_no_cursor() -> None:
    stored = {name: value for name, value in window().to_json().items() if name != "cursor"}
    assert Window.from_json(stored).cursor is None


def test_consecutive_scheduled_windows_leave_no_gap() -> None:
    first = window()
    assert first.end is not None
    second = choose_window(
        run_type="scheduled",
        interval_start=first.end,
        interval_end=first.end + timedelta(hours=1),
        params={},
        cursor=first.end,
        beginning=BEGINNING,
        now=first.end + timedelta(hours=1, minutes=5),
    )
    assert second.start is not None
    assert second.start <= first.end
