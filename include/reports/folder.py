"""Where reports are put: a folder for each report, in it one for each time it was made."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ABANDONED = 7 * 24 * 3600
"""Seconds after which nobody goes on with a run's working folder."""


def reports_dir() -> Path:
    """``TIEOUT_REPORTS_DIR``, else ``.airflow/reports`` beside the project."""
    named = os.environ.get("TIEOUT_REPORTS_DIR")
    return Path(named).expanduser() if named else ROOT / ".airflow" / "reports"


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
