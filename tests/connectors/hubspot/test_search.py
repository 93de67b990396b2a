from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import Filter, modified_between, split_search
from include.connectors.hubspot.search import iter_search
from include.connectors.hubspot.wire import BadShape
from include.core.errors import SettingsError
from tests.connectors.hubspot.scripted import Answer, ScriptedServer, record
from tests.connectors.hubspot.twin import MORNING, Account, account, company, deal

ALL_AT_ONCE = 10_001


@pytest.fixture
def crowded() -> Iterator[Account]:
    """10,001 deals that were all modified at the same moment, one more than a query of HubSpot gives."""
    moment = MORNING.isoformat()
    rows = ({**deal(n), "created_at": moment, "updated_at": moment} for n in range(1, ALL_AT_ONCE + 1))
    with account(*rows) as found:
        yield found


def test_more_than_ten_thousand_records_of_one_timestamp_are_all_found_once(crowded: Account) -> None:
    window = modified_between("deals", MORNING, MORNING)

    found = [int(one.id) for one in iter_search(crowded.client, "deals", [[window]], ["dealname"])]

    assert found == list(range(1, ALL_AT_ONCE + 1))
    assert crowded.calls() == ["POST deals/search"] * 51
    assert set(crowded.statuses()) == {200}


def test_a_search_continues_behind_a_record(crowded: Account) -> None:
    found = [one.id for one in iter_search(crowded.client, "deals", [], [], after_id="9998")]

    assert found == ["9999", "10000", "10001"]


def test_a_full_last_page_needs_no_further_call() -> None:
    with account(*(deal(n) for n in range(1, 401))) as hubspot:
        assert len(list(iter_search(hubspot.client, "deals", [], []))) == 400
        assert len(hubspot.calls()) == 2


def test_nothing_found_is_one_call_and_no_record() -> None:
    with account() as hubspot:
        assert list(iter_search(hubspot.client, "deals", [[Filter.equals("dealname", "none")]], [])) == []
        assert len(hubspot.calls()) == 1


def test_ids_beyond_32_and_53_bits_keep_their_order() -> None:
    ids = [5, 2**31, 2**53 + 1, 2**53 + 2]
    with account(*(deal(n) for n in ids)) as hubspot:
        assert [int(one.id) for one in iter_search(hubspot.client, "deals", [], [])] == ids


def test_groups_are_alternatives_and_a_record_in_several_comes_once() -> None:
    with account(deal(1, amount="5"), deal(2, amount="50"), deal(3, amount="500")) as hubspot:
        groups = [[Filter.at_least("amount", "50")], [Filter.less_than("amount", "60")]]
        assert [one.id for one in iter_search(hubspot.client, "deals", groups, ["amount"])] == ["1", "2", "3"]
        assert len(hubspot.calls()) == 1


def test_a_long_list_of_values_is_cut_into_searches_that_fit_and_merged_in_order() -> None:
    names = [f"deal with a rather long name number {n:04d}" for n in range(1, 701)]
    rows = [deal(1000 - n, dealname=name) for n, name in enumerate(names)]
    with account(*rows) as hubspot:
        filters = [[Filter.is_in("dealname", names), Filter.equals("pipeline", "default")]]
        found = [one.id for one in iter_search(hubspot.client, "deals", filters, ["dealname"])]

        assert found == sorted((row["id"] for row in rows), key=int)
        bodies = [call["request_body"] for call in hubspot.sandbox.control.calls()]
        assert len(bodies) > 10
        assert all(len(body) <= 3000 for body in bodies)


def test_more_groups_than_hubspot_takes_become_several_searches_without_double_records() -> None:
    with account(*(deal(n, amount=str(n)) for n in range(1, 31))) as hubspot:
        groups = [[Filter.at_least("amount", str(n))] for n in range(1, 13)]
        found = [int(one.id) for one in iter_search(hubspot.client, "deals", groups, ["amount"])]

        assert found == list(range(1, 31))
        assert set(hubspot.statuses()) == {200}


def test_more_properties_than_a_search_holds_are_read_by_batch() -> None:
    properties = [f"a_property_with_a_long_name_{n:03d}" for n in range(100)]
    definitions = [
        {
            "type": "_property",
            "object_type": "companies",
            "name": name,
            "label": name,
            "groupName": "companyinformation",
            "fieldType": "text",
            "property_type": "string",
        }
        for name in properties
    ]
    rows = [company(n, **{properties[99]: f"value {n}"}) for n in range(1, 251)]
    with account(*definitions, *rows) as hubspot:
        found = list(iter_search(hubspot.client, "companies", [], properties))

        assert [one.properties[properties[99]] for one in found] == [f"value {n}" for n in range(1, 251)]
        assert [label.split(" x")[0] for label in hubspot.calls()].count("POST companies/batch/read") == 3


def test_the_window_is_on_the_property_that_the_type_keeps_up_to_date() -> None:
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, 0, 0, 0, 1999, tzinfo=UTC)

    for name in ("contacts", "contact", "0-1"):
        assert modified_between(name, start, end).property == "lastmodifieddate"
    assert modified_between("deals", start, end) == Filter(
        "hs_lastmodifieddate", "BETWEEN", "1793491200000", "1793577600001"
    )


def test_contacts_are_found_by_their_own_last_modified_property() -> None:
    rows = [
        {"type": "contacts", "id": str(n), "properties": {"email": f"c{n}@customer.example"}, "updated_at": when}
        for n, when in ((1, "2026-11-01T00:00:00Z"), (2, "2026-11-10T00:00:00Z"))
    ]
    with account(*rows) as hubspot:
        window = modified_between("contacts", MORNING - timedelta(days=10), MORNING)
        assert [one.id for one in iter_search(hubspot.client, "contacts", [[window]], [])] == ["2"]


# Against answers that are not right


def test_rows_out_of_order_are_not_believed(server: ScriptedServer, client: HubSpotClient) -> None:
    for ids in ([3, 2], [1, 1], [0]):
        server.answers(Answer(200, {"total": 2, "results": [record(one) for one in ids]}))
        with pytest.raises(BadShape, match="ascending"):
            list(iter_search(client, "deals", [], []))


def test_a_server_that_repeats_a_page_does_not_hold_us_for_ever(server: ScriptedServer, client: HubSpotClient) -> None:
    page = {"total": 900, "results": [record(n) for n in range(1, 201)], "paging": {"next": {"after": "200"}}}
    server.answers(Answer(200, page))

    with pytest.raises(BadShape):
        list(iter_search(client, "deals", [], []))
    assert len(server.seen) == 2


def test_a_short_page_that_says_there_is_more_is_followed(server: ScriptedServer, client: HubSpotClient) -> None:
    server.answers(
        Answer(200, {"total": 2, "results": [record(1)], "paging": {"next": {"after": "1"}}}),
        Answer(200, {"total": 1, "results": [record(2)]}),
    )

    assert [one.id for one in iter_search(client, "deals", [], [])] == ["1", "2"]


# Filters


def test_a_group_that_cannot_be_cut_is_a_settings_error() -> None:
    too_many = [Filter.has(f"p{n}") for n in range(6)]
    too_long = [Filter("dealname", "NOT_IN", values=tuple(f"name {n}" for n in range(500)))]
    for group in (too_many, too_long, [Filter.equals("dealname", "x" * 4000)]):
        with pytest.raises(SettingsError):
            split_search([group], 2000)


def test_eighteen_filters_in_all_include_our_own() -> None:
    groups = [[Filter.has(f"p{n}") for n in range(4)] for _ in range(5)]

    searches = split_search(groups, 3000)

    assert [len(search) for search in searches] == [3, 2]


@pytest.mark.parametrize(
    "wire",
    [
        {"propertyName": "amount", "operator": "GT", "value": "5"},
        {"propertyName": "amount", "operator": "BETWEEN", "value": "5", "highValue": "7"},
        {"propertyName": "dealname", "operator": "IN", "values": ["a", "b"]},
        {"propertyName": "dealname", "operator": "HAS_PROPERTY"},
    ],
)
def test_filters_in_hubspots_words_come_out_as_they_went_in(wire: dict[str, object]) -> None:
    assert Filter.from_wire(wire).to_wire() == wire
    assert json.loads(json.dumps(wire)) == wire


@pytest.mark.parametrize(
    "wire",
    [
        {},
        {"propertyName": "amount"},
        {"propertyName": "amount", "operator": "GT"},
        {"propertyName": "amount", "operator": "LIKE", "value": "5"},
        {"propertyName": "amount", "operator": "GT", "value": "5", "highValue": "6"},
        {"propertyName": "amount", "operator": "BETWEEN", "value": "5"},
        {"propertyName": "amount", "operator": "IN", "value": "5"},
        {"propertyName": "amount", "operator": "IN", "values": []},
        {"propertyName": "amount", "operator": "HAS_PROPERTY", "value": "5"},
        {"propertyName": "amount", "operator": "GT", "value": "5", "negate": True},
    ],
)
def test_a_filter_that_says_too_little_or_too_much_is_a_settings_error(wire: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        Filter.from_wire(wire)
