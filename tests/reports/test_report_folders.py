"""Old reports go as the settings say; what must stay, stays."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from include.reports.folder import Keep, remove_old, run_name

DAY = 24 * 3600


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A report's folder with one run's folder for each of 0 to 9 days ago."""
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path))
    place = tmp_path / "revenue_report"
    for days in range(10):
        made = place / run_name(f"2026-11-{20 - days:02}", f"run {days}")
        made.mkdir(parents=True)
        (made / "revenue.html").write_text("figures")
        os.utime(made, (time.time() - days * DAY,) * 2)
    return place


def there(place: Path) -> int:
    return len([one for one in place.iterdir() if one.name.startswith("2026-11-")])


@pytest.mark.parametrize(
    ("newest", "days", "stay"), [(1, 4, 4), (6, 4, 6), (20, 4, 10), (3, 0, 10), (1, 1, 1), (1, 365, 10)]
)
def test_only_what_is_neither_among_the_newest_nor_young_enough_is_removed(
    place: Path, newest: int, days: int, stay: int
) -> None:
    removed = remove_old("revenue_report", Keep(newest=newest, days=days))
    assert there(place) == stay == 10 - len(removed)
    youngest_removed = max(removed, default="")
    assert not youngest_removed or all(
        one.name > youngest_removed for one in place.iterdir() if one.name.startswith("2026-11-")
    )


def test_the_latest_report_kept_periods_and_the_runs_own_are_never_removed(place: Path) -> None:
    own, latest = run_name("2026-11-12", "run 8"), run_name("2026-11-11", "run 9")
    (place / "latest").symlink_to(latest)
    for name in ("closed", ".work-0123456789abcdef", "2026-11-01", "100-FY2026-P10-001"):
        (place / name).mkdir()
        os.utime(place / name, (0, 0))
    remove_old("revenue_report", Keep(newest=1, days=1), never=(own,))
    assert {one.name for one in place.iterdir()} == {
        own, latest, "latest", "closed", ".work-0123456789abcdef", "2026-11-01", "100-FY2026-P10-001",
        run_name("2026-11-20", "run 0"),
    }  # fmt: skip


def test_what_the_newest_pack_of_a_period_rests_on_is_never_removed(place: Path) -> None:
    for name, days in (("100-FY2026-P10-999", 9), ("100-FY2026-P10-1000", 8), ("200-FY2026-P10-001", 7)):
        pack = place.parent / "close_pack" / name
        pack.mkdir(parents=True)
        rests_on = {"revenue_report": {"folder": run_name(f"2026-11-{20 - days:02}", f"run {days}")}}
        (pack / "manifest.json").write_text(json.dumps({"rests_on": rests_on}))
    (place.parent / "close_pack" / "300-FY2026-P10-001").mkdir()
    (place.parent / "close_pack" / "300-FY2026-P10-001" / "manifest.json").write_text("{")
    remove_old("revenue_report", Keep(newest=1, days=1))
    assert {one.name for one in place.iterdir()} == {
        run_name(f"2026-11-{20 - days:02}", f"run {days}") for days in (0, 7, 8)
    }
