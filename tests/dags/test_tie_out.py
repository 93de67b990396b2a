from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.reports.tie_out_gate import period_gate
from tests.flows.office import Office

ROOT = Path(__file__).resolve().parents[2]


def test_airflow_ties_out_and_leaves_the_files_the_note_and_the_gate(
    airflow_db: object, connected: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    dag: Any = DagBag(dag_folder=str(ROOT / "dags" / "tie_out.py"), bundle_name="dags-folder").dags["tie_out"]
    assert dag.test().state == "success"
    (note,) = connected.store().notes("tie_out")
    folder = tmp_path / "reports" / "tie_out" / note.note["folder"]
    assert json.loads((folder / "summary.json").read_text())["breaks"] == note.note["breaks"] > 0  # no flow ran yet
    gate = period_gate(connected.store(), date(2026, 9, 30))
    assert (gate.green, gate.run_id) == (False, note.run_id)
    assert "breaks" in gate.why
