"""A flow that is switched off in its settings, as Airflow runs it."""

from __future__ import annotations

from pathlib import Path

from tests.flows.office import Office

ROOT = Path(__file__).resolve().parents[2]


def test_a_flow_that_is_switched_off_says_so_and_succeeds_without_a_call(airflow_db: object, connected: Office) -> None:
    from airflow.dag_processing.dagbag import DagBag

    name = "intacct_bill_to_hubspot_invoice"
    dag = DagBag(dag_folder=str(ROOT / "dags" / f"{name}.py"), bundle_name="dags-folder").dags[name]
    assert dag.test(run_conf={"post_mode": "auto"}).state == "success"
    (note,) = connected.store().notes(name)
    assert note.note == {"off": 1}
    assert connected.sandbox.control.counts()["calls"] == 0
