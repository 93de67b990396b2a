"""The close pack as Airflow runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office

ROOT = Path(__file__).resolve().parents[2]


def test_a_run_makes_a_pack_that_says_what_it_does_not_know_and_a_word_that_accepts_nothing_stops_it(
    airflow_db: object, connected: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    dag: Any = DagBag(dag_folder=str(ROOT / "dags" / "close_pack.py"), bundle_name="dags-folder").dags["close_pack"]
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    assert dag.test(run_conf={"period": "2026-10-31", "entity": "100"}).state == "success"
    folder = tmp_path / "reports" / "close_pack" / "100-FY2026-P10-001"
    summary = json.loads((folder / "summary.json").read_text())
    assert not summary["green"]
    assert {one["name"] for one in summary["checks"] if one["state"] == "red"} >= {"tie_out", "revenue_report"}
    (note,) = connected.store().notes("close_pack")
    assert (note.note["packs"], note.note["red"], list(note.note["folders"])) == (1, 1, [folder.name])
    assert dag.test(run_conf={"accept": ["100:FY2026-P10:unapplied:000000000000"]}).state == "failed"
    assert connected.sandbox.control.counts()["calls"] == 0
