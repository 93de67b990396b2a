from __future__ import annotations

import gzip
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include.core.errors import AuthError, OutcomeUnknown, Rejected, SettingsError
from tests.connectors.intacct.small_books import Books, customer, invoice_payload, small_books
from tieout.operators.intacct import IntacctCreateOperator, IntacctQueryOperator, IntacctUpdateOperator


@pytest.fixture(scope="module")
def _twin() -> Iterator[Books]:
    with small_books() as company:
        yield company


@pytest.fixture
def books(_twin: Books, monkeypatch: pytest.MonkeyPatch, airflow_db: object) -> Books:
    _twin.refill()
    a = _twin.running.intacct
    connection = {
        "conn_type": "sage_intacct",
        "host": a.url,
        "login": a.user_id,
        "password": a.user_password,
        "extra": {
            "company_id": a.company_id,
            "sender_id": a.sender_id,
            "sender_password": a.sender_password,
            "request_deadline": 10,
        },
    }
    monkeypatch.setenv("AIRFLOW_CONN_BOOKS", json.dumps(connection))
    return _twin


def query(**more: Any) -> IntacctQueryOperator:
    fields = {"object_name": "CUSTOMER", "fields": ["CUSTOMERID", "NAME"], **more}
    return IntacctQueryOperator(task_id="query", intacct_conn_id="books", **fields)


def create(records: Any, **more: Any) -> IntacctCreateOperator:
    options = {"object_name": "CUSTOMER", "idempotency_key": "run-1", **more}
    return IntacctCreateOperator(task_id="create", intacct_conn_id="books", records=records, **options)


def update(records: Any, **more: Any) -> IntacctUpdateOperator:
    options = {"object_name": "CUSTOMER", "idempotency_key": "run-1", **more}
    return IntacctUpdateOperator(task_id="update", intacct_conn_id="books", records=records, **options)


def test_a_query_returns_records_that_travel_as_json(books: Books) -> None:
    found = query(filter={"equalto": {"STATUS": "active"}}).execute({})
    assert found == [{"RECORDNO": "1", "CUSTOMERID": "C-1", "NAME": "Coralis Wind Ltd"}]
    assert json.loads(json.dumps(found)) == found


def test_a_query_without_a_filter_reads_everything_page_by_page(books: Books) -> None:
    books.load(*(customer(f"N-{n}", f"Größe {n}") for n in range(10)))
    books.forget()
    assert len(query(page_size=4).execute({})) == 12
    assert books.labels().count("query CUSTOMER") == 3


def test_a_query_writes_lines_to_a_file_that_only_its_owner_reads(books: Books, tmp_path: Path) -> None:
    books.load(*(customer(f"N-{n}", f"Größe {n}") for n in range(10)))
    path = tmp_path / "out" / "customers.jsonl"
    assert query(output_path=str(path), page_size=4).execute({}) == {"path": str(path), "records": 12}
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["CUSTOMERID"] for line in lines] == ["C-1", "C-9", *(f"N-{n}" for n in range(10))]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_query_that_fails_half_way_leaves_the_last_whole_file(books: Books, tmp_path: Path) -> None:
    books.load(*(customer(f"N-{n}", f"C {n}") for n in range(10)))
    path = tmp_path / "customers.jsonl"
    path.write_text("the last whole file\n")
    books.running.control.fault("status", label="query CUSTOMER", status=503, nth=2)
    books.running.control.fault("session_expired", label="query CUSTOMER", nth=3)
    assert query(output_path=str(path), page_size=4).execute({})["records"] == 12  # type: ignore[call-overload]
    with pytest.raises(SettingsError):
        query(output_path=str(path), fields=["NO_SUCH_FIELD"]).execute({})
    assert len(path.read_text().splitlines()) == 12
    assert [file.name for file in tmp_path.iterdir()] == ["customers.jsonl"]


@pytest.mark.parametrize("filter_json", [{"equals": {"A": "1"}}, "STATUS = 'T'", {"in": {"A": "x"}}])
def test_a_filter_that_makes_no_sense_is_told_before_anything_is_sent(books: Books, filter_json: Any) -> None:
    books.forget()
    with pytest.raises(SettingsError):
        query(filter=filter_json).execute({})
    assert books.labels() == []


def test_records_are_created_once_however_often_the_task_is_tried(books: Books) -> None:
    records = [{"CUSTOMERID": f"B-{n}", "NAME": f"Bulk {n}"} for n in range(3)]
    first = create(records).execute({})
    assert [(one["state"], one["id"]) for one in first] == [("done", f"B-{n}") for n in range(3)]
    assert [one["state"] for one in create(records).execute({})] == ["done_before"] * 3
    assert len(books.export("CUSTOMER")) == 5


def test_a_lost_answer_is_an_unknown_outcome_and_the_retry_makes_nothing_twice(books: Books) -> None:
    books.running.control.fault("lost_after", label="create_invoice", nth=1)
    operator = create([invoice_payload("5.00"), invoice_payload("6.00")], object_name="ARINVOICE")
    with pytest.raises(OutcomeUnknown, match="nothing is made twice"):
        operator.execute({})
    assert [one["state"] for one in operator.execute({})] == ["done_before"] * 2
    assert len(books.export("ARINVOICE")) == 2


def test_a_refused_record_fails_the_task_after_the_others_are_made(books: Books) -> None:
    records = [{"CUSTOMERID": "C-1", "NAME": "Taken"}, {"CUSTOMERID": "B-1", "NAME": "Good"}]
    with pytest.raises(Rejected, match="refused 1 of 2 CUSTOMER records; the others are made"):
        create(records).execute({})
    outcomes = create(records, fail_on_refused=False).execute({})
    assert [one["state"] for one in outcomes] == ["refused", "done_before"]
    assert outcomes[0]["message"]


def test_records_are_updated(books: Books) -> None:
    (outcome,) = update([{"CUSTOMERID": "C-1", "NAME": "Renamed Ltd"}]).execute({})
    assert outcome["state"] == "done"
    assert {"CUSTOMERID": "C-1", "NAME": "Renamed Ltd", "RECORDNO": "1"} in query().execute({})


def test_a_wrong_password_is_a_persons_matter(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("AIRFLOW_CONN_BOOKS", os.environ["AIRFLOW_CONN_BOOKS"].replace("demo-user-secret", "wrong-one"))
    for operator in (query(), create([{"CUSTOMERID": "B", "NAME": "B"}]), update([{"CUSTOMERID": "B", "NAME": "B"}])):
        with pytest.raises(AuthError):
            operator.execute({})


def test_what_a_dag_author_may_template_is_templated() -> None:
    assert set(IntacctQueryOperator.template_fields) == {
        "object_name",
        "fields",
        "filter",
        "output_path",
        "entity_id",
        "intacct_conn_id",
    }
    for operator in (IntacctCreateOperator, IntacctUpdateOperator):
        assert {"object_name", "records", "idempotency_key"} <= set(operator.template_fields)


DAG_FILE = """
from airflow.sdk import DAG
from tieout.operators.intacct import IntacctCreateOperator, IntacctQueryOperator

with DAG("intacct_round_trip", schedule=None, params={"id": "DAG"}):
    made = IntacctCreateOperator(
        task_id="create",
        object_name="CUSTOMER",
        records=[{"CUSTOMERID": "{{ params.id }}-1", "NAME": "From a DAG"}],
        intacct_conn_id="books",
        fail_on_refused=False,
    )
    made >> IntacctQueryOperator(
        task_id="query",
        object_name="CUSTOMER",
        fields=["CUSTOMERID"],
        filter={"like": {"CUSTOMERID": "{{ params.id }}-%"}},
        intacct_conn_id="books",
    )
"""


def test_the_operators_work_in_a_dag_and_each_run_is_work_of_its_own(books: Books, tmp_path: Path) -> None:
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

    (tmp_path / "round_trip.py").write_text(DAG_FILE)
    bag = DagBag(dag_folder=str(tmp_path), bundle_name="dags-folder")
    assert bag.import_errors == {}
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, "dags-folder", None)

    def outcome_of_a_run() -> tuple[str, str]:
        run = bag.dags["intacct_round_trip"].test()
        assert str(run.state) == "success"
        (ti, *_) = run.get_task_instances()
        (found,) = stored(ti.xcom_pull(task_ids="query"))
        (made,) = stored(ti.xcom_pull(task_ids="create"))
        return found["CUSTOMERID"], made["state"]

    assert outcome_of_a_run() == ("DAG-1", "done")
    assert outcome_of_a_run() == ("DAG-1", "refused")  # another run is other work: Intacct refuses the second DAG-1


def stored(reference: str) -> Any:
    """What a task returned: XComs are files in this environment."""
    return json.loads(gzip.decompress(Path(reference.removeprefix("file://")).read_bytes()))
