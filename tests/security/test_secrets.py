"""No credential stands anywhere after every DAG has run: logs at DEBUG, XComs, rendered templates, either database,
reports, notices, object storage."""

from __future__ import annotations

import pytest

from include.sandbox.access import Access
from tests.security.canaries import Sweep
from tests.security.company import SECRETS
from tests.security.conftest import Evidence
from tests.security.places import files_in, tables_of


def everywhere(evidence: Evidence, sweep: Sweep) -> Sweep:
    sweep.look_at_all(evidence.logs.items())
    sweep.look_at_all(tables_of(evidence.home / "airflow.db", "Airflow's database"))
    sweep.look_at_all(tables_of(evidence.folder / "tieout.db", "state"))
    sweep.look_at_all(files_in(evidence.home / "xcom", "object storage"))
    sweep.look_at_all(files_in(evidence.reports, "report"))
    for message in evidence.office.sandbox.control.messages():
        sweep.look(f"{message['system']} notice {message['seq']}", str(message))
    return sweep


def test_every_dag_ran(evidence: Evidence) -> None:
    assert evidence.states == dict.fromkeys(evidence.states, "success")
    systems = {message["system"] for message in evidence.office.sandbox.control.messages()}
    assert systems == {"mail", "slack"}


def test_no_secret_stands_in_any_of_the_places_that_a_run_leaves_something(evidence: Evidence) -> None:
    sweep = everywhere(evidence, Sweep(SECRETS))
    assert len(sweep.places) > 300
    for kind in ("log of", "Airflow's database: rendered", "state: writes", "object storage", "report", "slack notice"):
        assert any(place.startswith(kind) for place in sweep.places), kind
    assert sweep.hits == []


def test_connections_that_airflow_stores_are_encrypted(evidence: Evidence) -> None:
    """The home of the tests holds the demo's own connections, as a person would have typed them in."""
    access = Access.at("http://127.0.0.1:8765")
    stored = {
        "user password": access.intacct.user_password,
        "sender password": access.intacct.sender_password,
        "token": access.hubspot.token,
    }
    sweep = Sweep(stored)
    sweep.look_at_all(tables_of(evidence.home / "airflow.db", "Airflow's database"))
    assert any(place.endswith(": connection.password") for place in sweep.places)
    assert sweep.hits == []


@pytest.mark.parametrize("name", ["secrets.json", "passwords.json"])
def test_keys_on_disk_are_for_their_owner_alone(evidence: Evidence, name: str) -> None:
    assert (evidence.home / name).stat().st_mode & 0o077 == 0
    assert evidence.home.stat().st_mode & 0o077 == 0
