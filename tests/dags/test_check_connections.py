"""The check as Airflow runs it: one task a system, and a report that comes whatever became of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def dag(airflow_db: object) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(ROOT / "dags" / "check_connections.py"), bundle_name="dags-folder").dags[
        "check_connections"
    ]


def states(done: Any) -> dict[str, str]:
    return {ti.task_id: ti.state for ti in done.get_task_instances()}


def test_all_is_well_with_the_demo_company(dag: Any, connected: Office) -> None:
    done = dag.test()
    assert set(states(done).values()) == {"success"}
    (note,) = connected.store().notes("check_connections")
    assert note.note["problems"] == 0


def test_the_report_alone_fails_and_lists_what_is_wrong_once(
    dag: Any, connected: Office, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: Any
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT_DEFAULT", '{"conn_type": "hubspot", "host": "http://127.0.0.1:9"}')
    done = dag.test()
    assert states(done) == {"hubspot": "success", "intacct": "success", "settings": "success", "report": "failed"}
    said = "".join([*capfd.readouterr(), caplog.text])
    assert "hubspot_default: its password is empty" in said
    (mail,) = connected.sandbox.control.messages("mail")
    assert "its password is empty" in " ".join(mail["text"].split())
