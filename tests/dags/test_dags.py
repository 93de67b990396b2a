"""The DAGs as Airflow sees them: they parse, are documented, and run against the demo company through connections."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office

ROOT = Path(__file__).resolve().parents[2]
STEMS = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))


@pytest.fixture(scope="module")
def bag(airflow_db: object) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(ROOT / "dags"), bundle_name="dags-folder")


@pytest.fixture(scope="module")
def examples(airflow_db: object) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(ROOT / "example_dags"), bundle_name="examples")


def run(dag: Any, **conf: Any) -> Any:
    return dag.test(run_conf={"post_mode": "auto", **conf})


def updates_of(asset: str) -> int:
    """How often the asset was updated so far."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    with create_session() as session:
        events = select(func.count()).select_from(AssetEvent).join(AssetModel, AssetModel.id == AssetEvent.asset_id)
        return int(session.scalar(events.where(AssetModel.name == asset)) or 0)


def test_every_dag_parses(bag: Any) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_a_flow_is_four_files_with_one_stem_which_is_its_dag_id(bag: Any, stem: str) -> None:
    assert (ROOT / "include" / "flows" / f"{stem}.py").exists()
    assert (ROOT / "include" / "settings" / f"{stem}.yaml").exists()
    assert (ROOT / "tests" / "flows" / f"test_{stem}.py").exists()
    assert stem in bag.dags


@pytest.mark.parametrize("stem", STEMS)
def test_a_dag_says_what_moves_when_what_it_needs_and_how_to_undo(bag: Any, stem: str) -> None:
    doc = bag.dags[stem].doc_md
    assert all(f"**{word}" in doc for word in ("What moves", "When", "Needs", "Never touched", "Undo", "backfill"))


@pytest.mark.parametrize("stem", STEMS)
def test_a_dag_can_be_backfilled_and_never_runs_twice_at_once(bag: Any, stem: str) -> None:
    dag = bag.dags[stem]
    by_time = getattr(dag.timetable, "timetable", dag.timetable)  # of what assets start as well
    assert type(by_time).__name__ == "CronDataIntervalTimetable"
    assert dag.max_active_runs == 1
    assert not dag.catchup


@pytest.mark.parametrize("stem", STEMS)
def test_every_task_that_calls_a_system_is_in_its_pool_and_retries_by_the_kind_of_error(bag: Any, stem: str) -> None:
    from tieout.retry import RetryByError

    for task in bag.dags[stem].tasks:
        assert task.pool in {"hubspot", "intacct"} or task.task_id in {"cursor", "report", "pack"}
        assert isinstance(task.retry_policy, RetryByError)
        assert task.retries >= 2


def test_what_assets_start_keeps_the_data_intervals_of_its_schedule_for_backfills(bag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization
    from pendulum import datetime

    dag = DagSerialization.from_dict(DagSerialization.to_dict(bag.dags["revenue_report"]))
    found = [one.data_interval for one in dag.iter_dagrun_infos_between(datetime(2026, 10, 1), datetime(2026, 10, 4))]
    assert [(str(one.start)[:16], str(one.end)[:16]) for one in found] == [
        ("2026-10-01 05:20", "2026-10-02 05:20"),
        ("2026-10-02 05:20", "2026-10-03 05:20"),
        ("2026-10-03 05:20", "2026-10-04 05:20"),
    ]
    feeding = {asset.name for _, asset in dag.timetable.asset_condition.iter_assets()}
    assert feeding < set(STEMS)
    for name in feeding:
        (outlet,) = bag.dags[name].get_task("cursor").outlets
        assert outlet.name == f"{name}_changed"


def test_a_company_may_run_a_flow_on_another_schedule_without_touching_code(monkeypatch: pytest.MonkeyPatch) -> None:
    from tieout.flow_dag import scheduled

    assert scheduled("check_connections", "10 4 * * *").expression == "10 4 * * *"
    monkeypatch.setenv("TIEOUT_SCHEDULE_CHECK_CONNECTIONS", "0 6 * * 1-5")
    assert scheduled("check_connections", "10 4 * * *").expression == "0 6 * * 1-5"


def test_until_a_company_goes_live_every_run_is_a_dry_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from tieout.flow_dag import flow_params

    def mode() -> str:
        return str(flow_params("Day", "records", modes={"draft": "make drafts."})["post_mode"].value)

    assert mode() == "auto"
    for named, meant in (("dry_run", "dry_run"), ("draft", "draft"), ("a typing mistake", "dry_run")):
        monkeypatch.setenv("TIEOUT_MODE", named)
        assert mode() == meant


def test_the_readmes_table_lists_just_the_dags() -> None:
    listed = re.findall(r"^\| \[`(\w+)`\]\(dags/\1\.py\)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == STEMS


def test_the_example_dags_parse(examples: Any) -> None:
    assert examples.import_errors == {}
    assert sorted(examples.dags) == sorted(path.stem for path in (ROOT / "example_dags").glob("*.py"))


def test_the_main_job_run_by_airflow_leaves_the_books_that_the_manifest_says(bag: Any, connected: Office) -> None:
    done = run(bag.dags["hubspot_closed_won_to_intacct_invoice"])
    assert done.state == "success"
    verdict = connected.verdict()
    assert verdict.problems == ()
    (note,) = connected.store().notes("hubspot_closed_won_to_intacct_invoice")
    assert note.note["invoices_created"] == verdict.invoices_posted
    told = updates_of("hubspot_closed_won_to_intacct_invoice")
    assert told
    again = run(bag.dags["hubspot_closed_won_to_intacct_invoice"])
    assert again.state == "success"
    assert connected.verdict().problems == ()
    # A run that changed nothing refreshes no report.
    assert updates_of("hubspot_closed_won_to_intacct_invoice") == told


def test_a_misspelt_parameter_in_the_conf_stops_the_run_before_anything_is_sent(bag: Any, connected: Office) -> None:
    assert run(bag.dags["hubspot_closed_won_to_intacct_invoice"], post_mod="dry_run").state == "failed"
    assert connected.sandbox.control.counts()["calls"] == 0


def test_a_dry_run_by_parameter_sends_nothing(bag: Any, connected: Office) -> None:
    assert run(bag.dags["hubspot_closed_won_to_intacct_invoice"], post_mode="dry_run").state == "success"
    assert connected.sent("intacct", "create") == connected.sent("hubspot", "update") == 0


def test_a_run_in_which_there_is_nothing_to_do_succeeds(bag: Any, connected: Office) -> None:
    done = run(bag.dags["hubspot_closed_won_to_intacct_invoice"], date_from="2026-01-01", date_to="2026-01-02")
    assert done.state == "success"


def test_bad_settings_fail_the_first_task_at_once_with_all_problems(
    bag: Any, connected: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "books.yaml").write_text("company: 7\nentities: {}\n")
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(folder))
    done = run(bag.dags["hubspot_closed_won_to_intacct_invoice"])
    assert done.state == "failed"
    first = next(ti for ti in done.get_task_instances() if ti.task_id == "slices")
    assert (first.state, first.try_number) == ("failed", 1)
    assert connected.sandbox.control.counts()["calls"] == 0


def test_the_example_dag_writes_open_balances_and_nothing_the_second_time(
    airflow_db: object, connected: Office
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    connected.invoice_won_deals()
    dag = DagBag(dag_folder=str(ROOT / "example_dags"), bundle_name="examples").dags["open_balance_to_hubspot_company"]
    assert dag.test().state == "success"
    companies = [b for b in connected.sandbox.control.books("hubspot") if b["type"] == "companies"]
    assert any("Open balance" in (c["properties"].get("description") or "") for c in companies)
    connected.sandbox.control.forget_calls()
    assert dag.test().state == "success"
    assert connected.sent("hubspot", "update") == 0


def test_a_vendor_is_made_when_the_conf_of_a_run_approves_it(bag: Any, connected: Office) -> None:
    def made() -> list[str]:
        books = connected.sandbox.control.books("intacct")
        return [b["record"]["VENDORID"] for b in books if b["record"].get("VENDORID", "").startswith("HSV-")]

    dag = bag.dags["hubspot_company_to_intacct_vendor"]
    assert run(dag).state == "success"
    assert made() == []
    assert run(dag, approve=["20415200684"]).state == "success"
    assert made() == ["HSV-20415200684"]
    assert run(dag, approved=["20415200592"]).state == "failed"
    assert made() == ["HSV-20415200684"]
