"""Where batches lie is looked at every day: they hold people's data, and Airflow's own default shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieout.batches import IN_DATABASE, IN_OBJECT_STORAGE, check_batches


def told(path: str = "s3://bucket/xcom", backend: str = IN_OBJECT_STORAGE, threshold: str = "0") -> tuple[str, str]:
    found = check_batches({"backend": backend, "threshold": threshold, "path": path})
    return found.state, found.message


def test_the_airflow_that_we_start_keeps_them_in_a_folder_of_its_own(airflow_db: object) -> None:
    assert check_batches().state == "ok"


def test_airflows_default_is_a_problem_with_its_remedy() -> None:
    from airflow.configuration import retrieve_configuration_description

    default = retrieve_configuration_description()["core"]["options"]["xcom_backend"]["default"]
    assert default == IN_DATABASE
    state, message = told(backend=default)
    assert state == "problem"
    assert IN_OBJECT_STORAGE in message


@pytest.mark.parametrize("threshold", ["-1", "1000000", ""])
def test_small_batches_in_the_database_are_a_problem_too(threshold: str) -> None:
    assert told(threshold=threshold)[0] == "problem"


def test_a_folder_that_other_users_can_enter_is_a_problem(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert told(f"file://{tmp_path}")[0] == "problem"
    tmp_path.chmod(0o700)
    assert told(f"file://{tmp_path}")[0] == "ok"


def test_a_bucket_is_fine_and_of_a_companys_own_way_nothing_is_known() -> None:
    assert told()[0] == "ok"
    assert told(backend="company.XCom")[0] == "unknown"
