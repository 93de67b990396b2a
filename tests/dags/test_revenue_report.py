"""The revenue report as Airflow runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def dag(airflow_db: object) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(ROOT / "dags" / "revenue_report.py"), bundle_name="dags-folder").dags["revenue_report"]


def test_a_run_makes_the_folder_and_leaves_the_note(
    dag: Any, connected: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    assert dag.test(run_conf={"date_from": "2026-01-01", "date_to": "2026-11-16"}).state == "success"
    (folder,) = (tmp_path / "reports" / "revenue_report").glob("2026-11-16-*")
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["from"], summary["as_of"]) == ("2026-01-01", "2026-11-16")
    (note,) = connected.store().notes("revenue_report")
    assert note.note["deals"] == summary["deals"] > 60
    assert not [one for one in folder.parent.iterdir() if one.name.startswith(".work")]


def test_a_first_day_after_the_last_stops_the_run_before_anything_is_read(dag: Any, connected: Office) -> None:
    assert dag.test(run_conf={"date_from": "2026-11-16", "date_to": "2026-01-01"}).state == "failed"
    assert connected.sandbox.control.counts()["calls"] == 0
