from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tieout.local.following import StepCount, failures, step_counts


def _task(task_id: str, state: str | None, started: str | None = None, map_index: int = -1) -> dict[str, Any]:
    return {"task_id": task_id, "state": state, "start_date": started, "map_index": map_index, "try_number": 2}


def test_steps_are_counted_over_all_slices_in_the_order_in_which_they_began() -> None:
    tasks = [
        _task("cursor", None),
        _task("slice.load", None, map_index=1),
        _task("slice.load", "success", "2026-11-16T10:00:03Z", map_index=0),
        _task("slices", "success", "2026-11-16T10:00:01Z"),
    ]
    assert step_counts(tasks) == [
        StepCount("slices", done=1, known=1, begun=1),
        StepCount("load", done=1, known=2, begun=1),
        StepCount("cursor", done=0, known=1, begun=0),
    ]


def test_a_skipped_task_is_done() -> None:
    assert step_counts([_task("slice.load", "skipped")])[0].finished


def test_a_failed_task_is_told_with_the_last_error_of_its_last_try(tmp_path: Path) -> None:
    folder = tmp_path / "dag_id=d" / "run_id=r" / "task_id=slice.load" / "map_index=3"
    folder.mkdir(parents=True)
    lines = [
        {"level": "error", "event": "an earlier one"},
        {"level": "info", "event": "fine"},
        {
            "level": "error",
            "event": "Task failed with exception",
            "error_detail": [{"exc_type": "AuthError", "exc_value": "The password of tieout_ws is wrong."}],
        },
    ]
    text = "not JSON\n" + "\n".join(json.dumps(line) for line in lines)
    (folder / "attempt=2.log").write_text(text)
    told = failures([_task("slice.load", "failed", map_index=3), _task("slices", "success")], "d", "r", tmp_path)
    assert len(told) == 1
    assert told[0].startswith("slice.load: AuthError: The password of tieout_ws is wrong.")


def test_a_failed_task_without_a_log_is_still_told(tmp_path: Path) -> None:
    assert "left no reason" in failures([_task("slices", "failed")], "d", "r", tmp_path)[0]
