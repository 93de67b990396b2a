"""Seeds, exports, restarts, threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from include.sandbox.clock import Clock
from include.sandbox.hubspot.twin import HubSpotTwin

A = "5156001"


def test_the_books_show_every_record_with_its_associations(api: Any) -> None:
    books = {(row["type"], row["id"]): row for row in api.books() if not row["type"].startswith("_")}
    assert set(books) == {("contacts", "9001"), ("companies", "8801"), ("companies", "8802"), ("deals", A),
                          ("deals", "5156002")}  # fmt: skip
    deal = books["deals", A]
    assert deal["associations"] == {"companies": ["8801"], "contacts": ["9001"]}
    assert (deal["archived"], deal["properties"]["hs_is_closed_won"]) == (False, "true")
    assert deal["properties"]["hs_lastmodifieddate"] == "2026-10-01T08:00:00.000Z"


def test_the_books_come_in_the_same_order_from_the_same_seeds(make: Callable[..., Any]) -> None:
    assert make().books() == make().books()


def test_a_seed_s_history_gives_the_stage_dates(make: Callable[..., Any]) -> None:
    rows = [
        {"value": "closedwon", "timestamp": "2026-03-05T10:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:77",
         "updatedByUserId": 77},
        {"value": "contractsent", "timestamp": "2026-03-01T10:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:77"},
    ]  # fmt: skip
    api = make({"type": "deals", "id": "1", "properties": {"dealname": "d", "dealstage": "closedwon"},
                "created_at": "2026-03-01T10:00:00Z", "history": {"dealstage": rows}})  # fmt: skip
    names = ("hs_v2_date_entered_contractsent", "hs_v2_date_exited_contractsent", "hs_v2_date_entered_closedwon")
    found = api.props("deals", "1", *names)
    assert [found[name] for name in names] == [
        "2026-03-01T10:00:00.000Z", "2026-03-05T10:00:00.000Z", "2026-03-05T10:00:00.000Z"]  # fmt: skip
    shown = api.get("/crm/v3/objects/deals/1", propertiesWithHistory="dealstage").json["propertiesWithHistory"]
    assert [row["value"] for row in shown["dealstage"]] == ["closedwon", "contractsent"]
    assert shown["dealstage"][0]["updatedByUserId"] == 77


def test_seeded_invoices_add_up_whatever_the_order(make: Callable[..., Any]) -> None:
    api = make(
        {"type": "invoices", "id": "70", "properties": {"hs_currency": "EUR", "hs_invoice_status": "open"}},
        {"type": "line_items", "id": "71", "properties": {"price": "5", "quantity": "2"},
         "associations": [{"to_type": "invoices", "to_id": "70", "type_id": 410}]},
    )  # fmt: skip
    assert api.props("invoices", "70", "hs_amount_billed")["hs_amount_billed"] == "10"


@pytest.mark.parametrize("record", [
    {"type": "gadgets", "id": "1"}, {"type": "deals", "id": "x"}, {"type": "_magic"}, {"type": "_token"},
    {"type": "deals", "id": "1", "properties": {"nosuch": "1"}},
    {"type": "deals", "id": "1", "properties": {"amount": "abc"}},
    {"type": "deals", "id": "1", "created_at": "yesterday"},
    {"type": "deals", "id": "1", "associations": [{"to_type": "companies", "to_id": "1", "type_id": 20}]},
    {"type": "companies", "id": "1", "properties": {"erp_key": "A-1"}},
])  # fmt: skip
def test_a_seed_that_does_not_fit_loads_nothing(api: Any, record: dict[str, Any]) -> None:
    before = api.books()
    good = {"type": "companies", "id": "99", "properties": {"name": "good"}}
    with pytest.raises(ValueError, match=r".") as caught:
        api.twin.load([good, record])
    assert not isinstance(caught.value, UnicodeError)
    assert api.books() == before


def test_a_load_streams_its_records(make: Callable[..., Any]) -> None:
    """The generator is never further ahead than one chunk of what is stored."""
    api = make()
    taken = 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal taken
        for n in range(5_000):
            taken += 1
            yield {"type": "companies", "id": str(100_000 + n), "properties": {"name": f"c{n}"}}

    api.twin.load(records())
    assert taken == 5_000
    assert api.search("companies").json["total"] == 5_002


def test_new_ids_lie_above_loaded_ones(make: Callable[..., Any]) -> None:
    api = make({"type": "companies", "id": "123456789012345", "properties": {"name": "big"}})
    assert int(api.new("companies", name="next")) == 123456789012346


def test_data_survives_a_restart(make: Callable[..., Any], clock: Clock, tmp_path: Any) -> None:
    path = str(tmp_path / "hubspot.sqlite")
    api = make(path=path)
    made = api.new("companies", name="Elm")
    api.patch(f"/crm/v3/objects/deals/{A}", {"properties": {"amount": "3"}})
    before = api.books()
    api.twin.close()
    twin = HubSpotTwin(path, clock, limits=False)
    again = type(api)(twin)
    assert again.books() == before
    assert again.new("companies", name="Fir") > made
    twin.close()


def test_a_reset_forgets_everything(api: Any) -> None:
    api.twin.reset()
    assert api.get("/crm/v3/objects/deals").status == 401
    assert [row for row in api.books() if not row["type"].startswith("_")] == []
    api.twin.load([{"type": "_token", "token": api.token, "app_id": 1, "scopes": "*"}])
    assert api.get("/crm/v3/pipelines/deals").json["results"][0]["id"] == "default"


def test_several_threads_at_once_lose_nothing(make: Callable[..., Any], tmp_path: Any) -> None:
    api = make(path=str(tmp_path / "hubspot.sqlite"))
    failures: list[str] = []

    def work(number: int) -> None:
        for n in range(25):
            row = {"id": f"K-{n}", "idProperty": "erp_key", "properties": {"name": f"{number}"}}
            answer = api.post("/crm/v3/objects/companies/batch/upsert", {"inputs": [row]})
            if answer.status != 200 or api.search("companies").status != 200:
                failures.append(answer.text)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert api.search("companies").json["total"] == 2 + 25


def test_the_books_hold_no_secrets(api: Any) -> None:
    text = str(api.books())
    assert "hush" not in text
    assert api.token not in text
    assert "4711" in text


def test_every_switch_is_explained_in_the_coverage_page() -> None:
    from dataclasses import fields
    from pathlib import Path

    from include.sandbox.hubspot import twin
    from include.sandbox.hubspot.switches import Switches

    page = (Path(twin.__file__).parent / "COVERAGE.md").read_text(encoding="utf-8")
    assert [field.name for field in fields(Switches) if f"`{field.name}`" not in page] == []
