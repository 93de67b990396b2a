"""What Airflow shows to those who may look: neither secrets nor contacts' data, in any view of any run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.canaries import Sweep
from tests.security.company import SECRETS
from tests.security.conftest import Evidence

RUNS = "/api/v2/dags/~/dagRuns"
LISTS = (
    "/api/v2/dags",
    RUNS,
    f"{RUNS}/~/taskInstances",
    f"{RUNS}/~/taskInstances/~/xcomEntries",
    "/api/v2/connections",
    "/api/v2/variables",
    "/api/v2/pools",
    "/api/v2/eventLogs",
    "/api/v2/importErrors",
    "/api/v2/plugins",
    "/api/v2/dagWarnings",
)


@pytest.fixture(scope="module")
def views(api: Any, signed_in: dict[str, str], evidence: Evidence) -> dict[str, str]:
    """Path -> what it shows: the lists, and each task's details with its rendered fields, and its XCom."""

    def get(path: str) -> Any:
        return api.get(path, headers=signed_in, params={"limit": 100})

    found = {path: get(path).text for path in LISTS}
    tasks = get(f"{RUNS}/~/taskInstances").json()["task_instances"]
    for task in {(one["dag_id"], one["task_id"]): one for one in tasks}.values():
        one = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        mapped = f"/{task['map_index']}" if task["map_index"] >= 0 else ""
        entry = f"{one}/xcomEntries/return_value?map_index={task['map_index']}&deserialize=true"
        found |= {path: api.get(path, headers=signed_in).text for path in (f"{one}{mapped}", entry)}
    return found


def test_nobody_sees_anything_without_signing_in(api: Any) -> None:
    assert {api.get(path).status_code for path in (*LISTS, "/api/v2/config")} == {401}


def test_no_view_shows_a_secret_or_a_contact(views: dict[str, str], evidence: Evidence) -> None:
    assert len(views) > 80
    assert "rendered_fields" in "".join(views.values())
    assert str(evidence.home / "xcom") in "".join(views.values())  # the path is shown, not what lies there
    people = {name: text for one in evidence.people for name, text in one.canaries.items()}
    for canaries, encoded in ((SECRETS, True), (people, False)):
        sweep = Sweep(canaries, encoded)
        sweep.look_at_all(views.items())
        assert sweep.hits == []


def test_airflows_configuration_is_shown_to_nobody(api: Any, signed_in: dict[str, str]) -> None:
    assert api.get("/api/v2/config", headers=signed_in).status_code == 403
