from __future__ import annotations

from typing import Any

import pytest

from include.connectors.hubspot.associations import Association, associate_default, read_associations
from include.connectors.hubspot.client import HubSpotClient
from include.core.errors import Unavailable
from tests.connectors.hubspot.scripted import Answer, ScriptedServer, Seen, refusal
from tests.connectors.hubspot.twin import account, company, deal

NONE = refusal(
    "No company is associated with deal 2.",
    "OBJECT_NOT_FOUND",
    subCategory="crm.associations.NO_ASSOCIATIONS_FOUND",
    context={"fromObjectId": ["2"]},
)


def to(record_id: int | str, *types: tuple[int, str | None]) -> dict[str, Any]:
    kinds = [{"category": "HUBSPOT_DEFINED", "typeId": one, "label": label} for one, label in types]
    return {"toObjectId": record_id, "associationTypes": kinds}


@pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
def test_associations_are_read_with_the_primary_one_marked_and_none_is_an_empty_list(version: str) -> None:
    linked = {**deal(1), "associations": [{"to_type": "companies", "to_id": "8", "type_id": 5}]}
    with account(company(8), company(9), linked, deal(2), api_version=version) as hubspot:
        associate_default(hubspot.client, "deals", "companies", [("1", "9")])

        found = read_associations(hubspot.client, "deals", "companies", ["1", "2"])

        assert set(found) == {"1", "2"}
        assert found["2"] == []
        assert {one.to_id: one.primary for one in found["1"]} == {"8": True, "9": False}


def test_a_thousand_records_are_one_call() -> None:
    rows = [
        {**deal(n), "associations": [{"to_type": "companies", "to_id": "5000", "type_id": 341}]} for n in range(1, 1002)
    ]
    with account(company(5000), *rows) as hubspot:
        found = read_associations(hubspot.client, "deals", "companies", [str(n) for n in range(1, 1002)])

        assert all([one.to_id for one in linked] == ["5000"] for linked in found.values())
        assert len(found) == 1001
        assert len(hubspot.calls()) == 2


def test_an_id_may_come_as_a_number_or_as_text(server: ScriptedServer, client: HubSpotClient) -> None:
    server.answers(
        Answer(
            200,
            {"results": [{"from": {"id": 1}, "to": [to(8801, (5, "Primary"), (341, None)), to("8802", (341, None))]}]},
        )
    )

    found = read_associations(client, "deals", "companies", ["1"])

    assert found == {
        "1": [
            Association("8801", frozenset({5, 341}), ("Primary",), True),
            Association("8802", frozenset({341}), (), False),
        ]
    }


def test_the_primary_one_is_known_by_its_type_where_the_label_is_in_another_language(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    own_label = {"category": "USER_DEFINED", "typeId": 5, "label": "Primary"}
    answer = {"from": {"id": "1"}, "to": [to(1, (5, "Primär")), {"toObjectId": 2, "associationTypes": [own_label]}]}
    server.answers(Answer(200, {"results": [answer]}))

    found = read_associations(client, "deals", "companies", ["1"])

    assert [one.primary for one in found["1"]] == [True, False]


def test_further_pages_of_one_record_are_read_and_results_need_no_order(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    pages: dict[tuple[str, Any], dict[str, Any]] = {
        ("1", None): {"to": [to(11, (3, None))], "paging": {"next": {"after": "A"}}},
        ("1", "A"): {"to": [to(12, (3, None)), to(11, (3, None))], "paging": {"next": {"after": "B"}}},
        ("1", "B"): {"to": [to(13, (3, None))]},
        ("3", None): {"to": [to(31, (3, None))]},
    }

    def script(request: Seen) -> Answer:
        keys = [(one["id"], one.get("after")) for one in request.body["inputs"]]
        rows = [{"from": {"id": key[0]}, **pages[key]} for key in reversed(keys) if key in pages]
        missing = [NONE] if any(key not in pages for key in keys) else []
        return Answer(207 if missing else 200, {"results": rows, "errors": missing, "numErrors": len(missing)})

    server.script = script
    found = read_associations(client, "deals", "contacts", ["1", "2", "3"])

    assert {key: [one.to_id for one in value] for key, value in found.items()} == {
        "1": ["11", "12", "13"],
        "2": [],
        "3": ["31"],
    }
    assert len(server.seen) == 3


def test_pages_that_turn_in_a_circle_are_left(server: ScriptedServer, client: HubSpotClient) -> None:
    server.answers(Answer(200, {"results": [{"from": {"id": "1"}, "to": [], "paging": {"next": {"after": "A"}}}]}))

    with pytest.raises(Unavailable):
        read_associations(client, "deals", "contacts", ["1"])
    assert len(server.seen) == 2


def test_a_batch_that_is_not_found_as_a_whole_is_asked_in_parts(server: ScriptedServer, client: HubSpotClient) -> None:
    def script(request: Seen) -> Answer:
        ids = [one["id"] for one in request.body["inputs"]]
        if "13" in ids:
            return Answer(404, refusal(category="OBJECT_NOT_FOUND"))
        return Answer(200, {"results": [{"from": {"id": one}, "to": [to(1, (3, None))]} for one in ids]})

    server.script = script
    found = read_associations(client, "deals", "contacts", [str(n) for n in range(1, 65)])

    assert [key for key, value in found.items() if not value] == ["13"]
    assert len(server.seen) <= 13


@pytest.mark.parametrize(
    "answer",
    [
        {"results": [{"from": {"id": "999"}, "to": []}]},
        {"results": [{"from": {"id": "1"}, "to": [{"toObjectId": "x", "associationTypes": []}]}]},
        {"results": [{"from": {"id": "1"}}]},
        {"results": [], "errors": [refusal(category="INTERNAL_ERROR")]},
    ],
)
def test_what_is_not_understood_does_not_pass_for_no_association(
    server: ScriptedServer, client: HubSpotClient, answer: dict[str, Any]
) -> None:
    server.answers(Answer(207, answer))

    with pytest.raises(Unavailable):
        read_associations(client, "deals", "companies", ["1"])


def test_associating_twice_is_the_same_as_once_and_bad_pairs_are_told_apart() -> None:
    with account(*(company(n) for n in (7, 8)), *(deal(n) for n in (1, 2))) as hubspot:
        pairs = [("1", "7"), ("2", "8"), ("1", "7"), ("2", "404")]

        first = associate_default(hubspot.client, "deals", "companies", pairs)
        second = associate_default(hubspot.client, "deals", "companies", pairs[:2])

        assert set(first) == {("2", "404")}
        assert second == {}
        found = read_associations(hubspot.client, "deals", "companies", ["1", "2"])
        assert {key: [one.to_id for one in value] for key, value in found.items()} == {"1": ["7"], "2": ["8"]}
