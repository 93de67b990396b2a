"""Where reports are put: a folder for each report, in it one for each time it was made."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote

from pydantic import Field

from include.core.books import Strict

ROOT = Path(__file__).resolve().parents[2]
ABANDONED = 7 * 24 * 3600
"""Seconds after which nobody goes on with a run's working folder."""
_MADE_BY_A_RUN = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{8}")


class Keep(Strict):
    """Which folders of a report stay: the ``newest`` so many, and all of the last so many ``days``. ``days: 0`` keeps
    every one for good."""

    newest: int = Field(default=30, ge=1, le=100_000)
    days: int = Field(default=30, ge=0, le=36_500)


def reports_dir() -> Path:
    """``TIEOUT_REPORTS_DIR``, else ``.airflow/reports`` beside the project."""
    named = os.environ.get("TIEOUT_REPORTS_DIR")
    return Path(named).expanduser() if named else ROOT / ".airflow" / "reports"


def as_file_name(text: str) -> str:
    """The text as one part of a path, whatever it holds: no separator, no ``..``, no pattern."""
    return quote(text, safe="").replace(".", "%2E")


def run_name(day: str, run_id: str) -> str:
    """The name of what a run makes: its day, and what tells it from the day's other runs. The same for a retry."""
    return f"{day}-{hashlib.sha256(run_id.encode()).hexdigest()[:8]}"


def working_folder(report: str, run_id: str) -> Path:
    """Where the tasks of a run put together what it makes, readable by the owner alone."""
    folder = reports_dir() / report / f".work-{hashlib.sha256(run_id.encode()).hexdigest()[:16]}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def remove_abandoned(report: str) -> None:
    """Remove the working folders of runs that never ended, a week after their last change."""
    for folder in (reports_dir() / report).glob(".work-*"):
        if time.time() - folder.stat().st_mtime > ABANDONED:
            shutil.rmtree(folder, ignore_errors=True)


def publish(working: Path, report: str, name: str) -> Path:
    """Make the working folder the report's folder ``name``, in place of one that a former try of the run left."""
    target = reports_dir() / report / name
    shutil.rmtree(target, ignore_errors=True)
    working.rename(target)
    return target


def remove_old(report: str, keep: Keep, never: Collection[str] = ()) -> list[str]:
    """Remove the folders of runs that ``keep`` does not name, by when they were made; their names.

    Nothing but such folders is ever removed: not what ``latest`` leads to, not ``never``, no kept period, no pack, and
    not what the newest pack of a period rests on.
    """
    if not keep.days:
        return []
    place = reports_dir() / report
    made = [one for one in place.iterdir() if _MADE_BY_A_RUN.fullmatch(one.name) and not one.is_symlink()]
    newest_first = sorted(made, key=lambda one: (one.stat().st_mtime, one.name), reverse=True)
    led_to = {one.resolve() for one in place.iterdir() if one.is_symlink()}
    stays = {*never, *_evidence(report)}
    before = time.time() - keep.days * 24 * 3600
    old = [
        one
        for one in newest_first[keep.newest :]
        if one.stat().st_mtime < before and one.resolve() not in led_to and one.name not in stays
    ]
    for one in old:
        shutil.rmtree(one, ignore_errors=True)
    return [one.name for one in old]


def _evidence(report: str) -> set[str]:
    """The folders of the report that the newest close pack of each entity and period names in its manifest."""
    newest: dict[str, Path] = {}
    for file in sorted((reports_dir() / "close_pack").glob("*-*/manifest.json"), key=_number):
        newest[file.parent.name.rpartition("-")[0]] = file
    found = set()
    for file in newest.values():
        try:
            found.add(str(json.loads(file.read_text(encoding="utf-8"))["rests_on"][report]["folder"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _number(file: Path) -> int:
    number = file.parent.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0
