"""One company whose credentials and contacts are canaries, and one run of every DAG on it at log level DEBUG."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office, office
from tests.security.canaries import shapes
from tests.security.company import (
    SECRETS,
    Person,
    connections,
    everything_switched_on,
    mark_people,
    with_our_secrets,
)
from tests.security.hearing import heard
from tests.security.places import tables_of
from tieout.local.environment import USER, Home

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
OF_INTACCT = ("user password", "sender password")
REFUSED, NEW_CUSTOMERS = "hubspot_company_to_intacct_customer", "create"


@dataclass
class Evidence:
    """What the runs left behind. ``logs``: place -> what was logged there at DEBUG, before Airflow's own masking, or
    printed. ``states``: DAG -> how its run ended. ``state_after_a_refusal``: the state's tables when Intacct had
    refused every new customer, with its secrets and a contact in its words; after that they were taken."""

    office: Office
    home: Path
    folder: Path
    people: list[Person]
    logs: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    state_after_a_refusal: dict[str, str | bytes] = field(default_factory=dict)

    @property
    def reports(self) -> Path:
        return self.folder / "reports"


@pytest.fixture(scope="session")
def evidence(airflow_db: Any, airflow_home: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    from airflow.dag_processing.dagbag import DagBag

    from tieout import task_run

    pause = time.sleep
    folder = tmp_path_factory.mktemp("canaries")
    with office(folder, deals=8, at=AT) as demo, pytest.MonkeyPatch.context() as patch:
        opened = with_our_secrets(demo)
        found = Evidence(opened, airflow_home.folder, folder, mark_people(demo))
        patch.setenv("TIEOUT_REPORTS_DIR", str(found.reports))
        patch.setenv("TIEOUT_SETTINGS_DIR", str(everything_switched_on(folder / "settings")))
        patch.setattr(task_run, "HUBSPOT_SLOTS", 1)  # one task at a time may use the whole allowance
        patch.setattr(time, "sleep", lambda seconds: pause(min(seconds, 0.02)))  # dag.test waits seconds for nothing
        for name, connection in connections(opened).items():
            patch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
        dags = DagBag(dag_folder=str(ROOT / "dags"), bundle_name="dags-folder").dags
        with opened.sandbox.control.faulty("refusal", system="intacct", label=NEW_CUSTOMERS, message=refusal(found)):
            run(found, dags[REFUSED])
        found.state_after_a_refusal = dict(tables_of(folder / "tieout.db", "state"))
        for _, dag in sorted(dags.items()):
            run(found, dag)
        yield found


def run(evidence: Evidence, dag: Any) -> None:
    with heard(evidence.folder / "printed") as said:
        done = dag.test(run_conf={"post_mode": "auto"} if "post_mode" in dag.params else {})
    name = f"{dag.dag_id} ({len(evidence.states)})"
    evidence.states[name] = str(done.state)
    evidence.logs |= {f"log of {name} by {logger}": text for logger, text in said.texts()}


def refusal(evidence: Evidence) -> str:
    """What a careless gateway might answer."""
    spelt = " ".join(
        shape.decode("utf-8", "replace") for name in OF_INTACCT for shape in shapes(SECRETS[name]).values()
    )
    someone = evidence.people[0]
    told = f"Contact '{someone.first} {someone.last}' <{someone.mailbox}@person.example> is wrong"
    return f"{told}; {''.join(one for one in spelt if one.isprintable())}"


@pytest.fixture(scope="module")
def small_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A company of its own, for tests that only ask."""
    with office(tmp_path_factory.mktemp("small"), deals=1, at=AT) as opened:
        yield opened


@pytest.fixture(scope="session")
def api(evidence: Evidence) -> Any:
    """Airflow's own API over the database of those runs, nobody signed in."""
    from airflow.api_fastapi.app import create_app
    from starlette.testclient import TestClient

    return TestClient(create_app(apps="core"), base_url="http://127.0.0.1:8080")


@pytest.fixture(scope="session")
def signed_in(api: Any, airflow_home: Home) -> dict[str, str]:
    """The headers of the administrator of the tests' Airflow."""
    answer = api.post("/auth/token", json={"username": USER, "password": airflow_home.password})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
