"""Our clock and the systems' clocks: what an answer says of the time, and what a person is told where they differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from include.core.clocks import TOLERANCE, differences, told_time

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["Mon, 16 Nov 2026 12:00:00 GMT", "Mon, 16 Nov 2026 07:00:00 -0500", "Mon, 16 Nov 2026 12:00:00 -0000"]
)
def test_an_answer_tells_the_time_in_its_date(date: str) -> None:
    assert told_time(date) == NOON


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Nov 2026 12:00:00 GMT", "1e9", "Mon, 16 Nov 99999 1"])
def test_a_date_that_cannot_be_read_tells_nothing(date: str | None) -> None:
    assert told_time(date) is None


def test_clocks_that_are_as_good_as_equal_are_not_spoken_of() -> None:
    assert list(differences(NOON, {"HubSpot": NOON + TOLERANCE, "Sage Intacct": NOON - TOLERANCE})) == []


def test_a_clock_that_is_ahead_is_told_with_figures_what_follows_and_the_remedy() -> None:
    (told,) = differences(NOON + timedelta(days=1, hours=2, minutes=3), {"HubSpot": NOON})
    assert told.startswith("This machine's clock is 1 d 2 h 3 min ahead of HubSpot's: it says 2026-11-17 14:03 UTC")
    assert "HubSpot says 2026-11-16 12:00 UTC" in told
    assert "Set it right" in told
    assert "so that nothing is missed" in told


def test_a_clock_that_is_behind_is_told_for_each_system() -> None:
    told = list(differences(NOON, {"Sage Intacct": NOON + timedelta(hours=5), "HubSpot": NOON + timedelta(hours=4)}))
    assert ["4 h behind HubSpot's" in told[0], "5 h behind Sage Intacct's" in told[1]] == [True, True]
    assert all("is read by later runs" in one for one in told)
