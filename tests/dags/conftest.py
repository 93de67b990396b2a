from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.office import SENDER, Office, office

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
    """A demo company, with Airflow's connections pointing at it and at a state database of its own."""
    with office(tmp_path) as demo:
        intacct, hubspot = demo.sandbox.intacct, demo.sandbox.hubspot
        connections = {
            "SAGE_INTACCT_DEFAULT": {
                "conn_type": "sage_intacct",
                "host": intacct.url,
                "login": intacct.user_id,
                "password": intacct.user_password,
                "extra": {
                    "company_id": intacct.company_id,
                    "sender_id": intacct.sender_id,
                    "sender_password": intacct.sender_password,
                },
            },
            "HUBSPOT_DEFAULT": {"conn_type": "hubspot", "host": hubspot.url, "password": hubspot.token},
            "SMTP_DEFAULT": {
                "conn_type": "smtp",
                "host": demo.sandbox.mail.host,
                "port": demo.sandbox.mail.port,
                "extra": {"from_email": SENDER, "disable_ssl": True, "disable_tls": True},
            },
            "TIEOUT_STATE": {"conn_type": "tieout_state", "host": demo.state_url},
        }
        for name, connection in connections.items():
            monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
        yield demo
