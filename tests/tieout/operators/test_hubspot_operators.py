from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.core.errors import Rejected, SettingsError, Unavailable
from tests.connectors.hubspot.scripted import Answer, record, scripted_server
from tests.connectors.hubspot.twin import MORNING, TOKEN, UNIQUE_KEY, account, company, deal
from tieout.operators.hubspot import (
    HubSpotBatchUpdateOperator,
    HubSpotBatchUpsertOperator,
    HubSpotSearchOperator,
)


@pytest.fixture(autouse=True)
def _environment(airflow_db: object) -> None:
    return


def connected(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    connection = {"conn_type": "hubspot", "host": url, "password": TOKEN, "extra": {"request_deadline": 5}}
    monkeypatch.setenv("AIRFLOW_CONN_SALES", json.dumps(connection))


def search(**more: Any) -> HubSpotSearchOperator:
    return HubSpotSearchOperator(
        task_id="search", object_type="deals", properties=["dealname"], hubspot_conn_id="sales", **more
    )


def test_search_returns_records_that_travel_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    with account(deal(1, amount="5"), deal(2, amount="50")) as hubspot:
        connected(monkeypatch, hubspot.sandbox.url)

        found = search(filters=[{"propertyName": "amount", "operator": "GT", "value": 10}]).execute({})

        assert isinstance(found, list)
        assert [(one["id"], one["properties"]["dealname"]) for one in found] == [("2", "Deal 2")]
        assert json.loads(json.dumps(found)) == found


def test_lists_of_filters_are_alternatives_and_a_window_narrows_each(monkeypatch: pytest.MonkeyPatch) -> None:
    early = {**deal(3, amount="7"), "updated_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z"}
    with account(deal(1, amount="5"), deal(2, amount="50"), early) as hubspot:
        connected(monkeypatch, hubspot.sandbox.url)
        groups = [
            [{"propertyName": "amount", "operator": "LT", "value": "10"}],
            [{"propertyName": "amount", "operator": "GT", "value": "40"}],
        ]

        both = search(filters=groups).execute({})
        recent = search(filters=groups, modified_from="2026-11-01", modified_to=MORNING.isoformat()).execute({})
        all_recent = search(modified_from="2026-11-01T00:00:00+00:00").execute({})

        assert [one["id"] for one in both] == ["1", "2", "3"]
        assert [one["id"] for one in recent] == ["1", "2"]
        assert [one["id"] for one in all_recent] == ["1", "2"]


def test_search_writes_lines_to_a_file_that_only_its_owner_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with account(*(deal(n, dealname=f"Größe {n}") for n in range(1, 301))) as hubspot:
        connected(monkeypatch, hubspot.sandbox.url)
        path = tmp_path / "out" / "deals.jsonl"

        result = search(output_path=str(path)).execute({})

        assert result == {"path": str(path), "records": 300}
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [one["properties"]["dealname"] for one in lines] == [f"Größe {n}" for n in range(1, 301)]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(path.parent.iterdir()) == [path]


def test_a_search_that_fails_midway_leaves_the_earlier_file_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with scripted_server() as server:
        connected(monkeypatch, server.url)
        rows = {"total": 2, "results": [record(1)], "paging": {"next": {"after": "1"}}}
        server.answers(Answer(200, rows), Answer(200, {"results": "x"}))
        path = tmp_path / "deals.jsonl"
        path.write_text("from before")

        with pytest.raises(Unavailable):
            search(output_path=str(path)).execute({})

        assert path.read_text() == "from before"
        assert list(tmp_path.iterdir()) == [path]


def test_mixed_or_unknown_filters_are_settings_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server() as server:
        connected(monkeypatch, server.url)
        one = {"propertyName": "amount", "operator": "HAS_PROPERTY"}
        for filters in ([one, [one]], [{"property": "amount"}], [{**one, "operator": "LIKE"}]):
            with pytest.raises(SettingsError):
                search(filters=filters).execute({})
        assert server.seen == []


def test_fields_are_templated(monkeypatch: pytest.MonkeyPatch) -> None:
    with account(deal(1), deal(2)) as hubspot:
        connected(monkeypatch, hubspot.sandbox.url)
        operator = HubSpotSearchOperator(
            task_id="search",
            object_type="{{ what }}",
            properties=["{{ name }}"],
            filters=[{"propertyName": "{{ name }}", "operator": "EQ", "value": "{{ wanted }}"}],
            hubspot_conn_id="{{ where }}",
        )

        operator.render_template_fields({"what": "deals", "name": "dealname", "wanted": "Deal 2", "where": "sales"})

        assert [one["id"] for one in operator.execute({})] == ["2"]
    assert set(HubSpotBatchUpsertOperator.template_fields) >= {"object_type", "id_property", "records"}
    assert set(HubSpotBatchUpdateOperator.template_fields) >= {"object_type", "updates"}


def upsert(records: list[dict[str, Any]], **more: Any) -> HubSpotBatchUpsertOperator:
    return HubSpotBatchUpsertOperator(
        task_id="upsert",
        object_type="companies",
        id_property="erp_key",
        records=records,
        hubspot_conn_id="sales",
        **more,
    )


def test_upsert_run_twice_makes_each_record_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with account(UNIQUE_KEY) as hubspot:
        connected(monkeypatch, hubspot.sandbox.url)
        records = [{"erp_key": "A", "name": "One"}, {"erp_key": "B", "name": "Two"}, {"erp_key": "A", "city": "York"}]

        first = upsert(records).execute({})
        second = upsert(records).execute({})

        assert first["created"] == ["A", "B"]
        assert (second["created"], second["refused"]) == ([], {})
        assert first["written"] == second["written"]
        assert set(first["written"].values()) == set(hubspot.books("companies"))


def test_a_refused_record_fails_the_task_after_the_others_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with account(UNIQUE_KEY) as hubspot:
        connected(monkeypatch, hubspot.sandbox.url)
        records = [
            {"erp_key": "A", "name": "One"},
            {"erp_key": "B", "name": "Two", "numberofemployees": "a secret number"},
        ]

        with pytest.raises(Rejected, match="refused 1 of these companies") as caught:
            upsert(records).execute({})
        reported = upsert(records, fail_on_refused=False).execute({})

        assert "numberofemployees" in caught.value.message
        assert set(reported["refused"]) == {"B"}
        assert "secret" not in str(caught.value) + json.dumps(reported)
        assert len(hubspot.books("companies")) == 1


def test_update_sends_only_what_differs_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with account(company(1), company(2)) as hubspot:
        connected(monkeypatch, hubspot.sandbox.url)

        def update(**more: Any) -> dict[str, Any]:
            updates = {1: {"annualrevenue": Decimal("1250.00")}, "2": {"annualrevenue": 7, "city": None}}
            return HubSpotBatchUpdateOperator(
                task_id="update", object_type="companies", updates=updates, hubspot_conn_id="sales", **more
            ).execute({})

        first, second, third = update(), update(only_changed=True), update()

        assert (first["written"], first["unchanged"]) == (["1", "2"], [])
        assert (second["written"], second["unchanged"]) == ([], ["1", "2"])
        assert third["written"] == ["1", "2"]
        assert hubspot.books("companies")["1"]["annualrevenue"] == "1250.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        (True, "true"),
        (10**20, "100000000000000000000"),
        (0.1, "0.1"),
        (1e22, "10000000000000000000000"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 11, 16), "2026-11-16"),
        (datetime(2025, 10, 2, 9, 30, tzinfo=UTC), "1759397400000"),
        (None, ""),
    ],
)
def test_values_are_written_as_hubspot_reads_them(monkeypatch: pytest.MonkeyPatch, value: Any, text: str) -> None:
    with scripted_server() as server:
        connected(monkeypatch, server.url)
        server.answers(Answer(200, {"results": [record(1)]}))

        HubSpotBatchUpdateOperator(
            task_id="update", object_type="deals", updates={"1": {"p": value}}, hubspot_conn_id="sales"
        ).execute({})

        assert server.seen[0].body["inputs"][0]["properties"] == {"p": text}


def test_a_value_that_hubspot_cannot_hold_is_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server() as server:
        connected(monkeypatch, server.url)
        for value in ([1], {"a": 1}, b"x"):
            with pytest.raises(SettingsError, match="value of p"):
                HubSpotBatchUpdateOperator(
                    task_id="update", object_type="deals", updates={"1": {"p": value}}, hubspot_conn_id="sales"
                ).execute({})
        assert server.seen == []
