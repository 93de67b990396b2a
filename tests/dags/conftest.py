from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow_connections import airflow_connections
from tests.flows.office import Office, office

# The example DAGs are a bundle of their own, as a data engineer would add one. Airflow reads this when it is imported.
_LOCAL = "airflow.dag_processing.bundles.local.LocalDagBundle"
_EXAMPLES = str(Path(__file__).resolve().parents[2] / "example_dags")
os.environ["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"] = json.dumps(
    [
        {"name": "dags-folder", "classpath": _LOCAL, "kwargs": {}},
        {"name": "examples", "classpath": _LOCAL, "kwargs": {"path": _EXAMPLES}},
    ]
)


@pytest.fixture
def connected(airflow_db: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A demo company, with Airflow's connections pointing at it and at a state database of its own. ``dag.test`` runs
    one task at a time, so each may use HubSpot's whole allowance."""
    from tieout import task_run  # imports Airflow, which reads the environment that is set above

    monkeypatch.setattr(task_run, "HUBSPOT_SLOTS", 1)
    with office(tmp_path) as demo:
        for name, connection in airflow_connections(demo).items():
            monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
        yield demo
