from __future__ import annotations

import logging
from typing import Any

import pytest

from include.connectors.hubspot.batch import Link, NewRecord, batch_create, batch_read, batch_update, batch_upsert
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.errors import NotFound, Refusal
from include.core.errors import OutcomeUnknown, SettingsError, Unavailable
from tests.connectors.hubspot.scripted import Answer, ScriptedServer, Seen, record, refusal
from tests.connectors.hubspot.twin import UNIQUE_KEY, account, company, deal

# Reading


def test_records_are_read_a_hundred_at_a_time_in_the_order_asked_for_and_once_each() -> None:
    with account(*(deal(n) for n in range(1, 251))) as hubspot:
        ids = [str(n) for n in range(250, 0, -1)]

        read = batch_read(hubspot.client, "deals", [*ids, "7", "8"], ["dealname"])

        assert [one.id for one in read.records] == ids
        assert read.by_id()["7"].properties["dealname"] == "Deal 7"
        assert hubspot.calls() == ["POST deals/batch/read x100"] * 2 + ["POST deals/batch/read x50"]


def test_reading_with_history_is_fifty_at_a_time_and_tells_every_change() -> None:
    with account(*(deal(n) for n in range(1, 61))) as hubspot:
        batch_update(hubspot.client, "deals", {"1": {"dealname": "Renamed"}})

        read = batch_read(
            hubspot.client, "deals", [str(n) for n in range(1, 61)], ["dealname"], with_history=["dealname"]
        )

        assert hubspot.calls()[1:] == ["POST deals/batch/read x50", "POST deals/batch/read x10"]
        history = read.by_id()["1"].history["dealname"]
        assert [change.value for change in history] == ["Renamed", "Deal 1"]
        assert (history[0].source, history[0].source_id) == ("INTEGRATION", "9900")


@pytest.mark.parametrize("answer", ["207", "404"])
def test_missing_records_are_told_apart_from_found_ones_however_hubspot_says_it(answer: str) -> None:
    with account(deal(1), deal(2), missing_batch_read=answer) as hubspot:
        some = batch_read(hubspot.client, "deals", ["1", "99", "2"], ["dealname"])
        none = batch_read(hubspot.client, "deals", ["98", "99"], ["dealname"])

        assert ([one.id for one in some.records], some.missing) == (["1", "2"], ("99",))
        assert (none.records, none.missing) == ((), ("98", "99"))
        assert 500 not in hubspot.statuses()


def test_an_error_that_is_not_about_missing_records_does_not_pass_for_one(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    server.answers(Answer(207, {"results": [record(1)], "errors": [refusal(category="SOMETHING_NEW")]}))

    with pytest.raises(Unavailable):
        batch_read(client, "deals", ["1", "2"], [])


# Updating


def test_updates_are_written_a_hundred_at_a_time() -> None:
    with account(*(deal(n) for n in range(1, 251))) as hubspot:
        result = batch_update(
            hubspot.client, "deals", {str(n): {"dealname": f"New {n}", "amount": None} for n in range(1, 251)}
        )

        assert sorted(result.updated, key=int) == [str(n) for n in range(1, 251)]
        assert result.failed == {}
        assert len(hubspot.calls()) == 3
        assert hubspot.books("deals")["250"]["dealname"] == "New 250"


def test_one_bad_record_does_not_keep_the_others_from_being_written() -> None:
    with account(*(deal(n) for n in range(1, 101))) as hubspot:
        updates = {str(n): {"amount": "10"} for n in range(1, 101)}
        updates["37"] = {"amount": "ten pounds from ada@customer.example"}
        updates["98"] = {"dealstage": "no_such_stage"}
        updates["1000"] = {"amount": "10"}

        result = batch_update(hubspot.client, "deals", updates)

        assert set(result.failed) == {"37", "98", "1000"}
        assert isinstance(result.failed["1000"], NotFound)
        refused = result.failed["37"]
        assert isinstance(refused, Refusal)
        assert refused.properties == ("amount",)
        assert "ada" not in f"{refused} {vars(refused)}"
        books = hubspot.books("deals")
        assert [books[str(n)]["amount"] for n in (1, 36, 38, 97, 99, 100)] == ["10"] * 6
        assert len(result.updated) == 98


def whole_batch_refused(*poison: str, **error: Any) -> Any:
    """A server that refuses a batch outright when one of its records is poison, as without trace ids."""

    def script(request: Seen) -> Answer:
        ids = [one["id"] for one in request.body["inputs"]]
        if set(ids) & set(poison):
            return Answer(400, refusal(**error))
        rows = [{**record(n, **one["properties"])} for n, one in zip(ids, request.body["inputs"], strict=True)]
        return Answer(200, {"status": "COMPLETE", "results": list(reversed(rows))})

    return script


@pytest.mark.parametrize("poison", [[], ["1"], ["100"], ["50", "51"], ["1", "33", "77", "100"]])
def test_poison_in_a_batch_that_is_refused_whole_is_found_by_halving(
    server: ScriptedServer, client: HubSpotClient, poison: list[str]
) -> None:
    server.script = whole_batch_refused(*poison)
    updates = {str(n): {"amount": "10"} for n in range(1, 101)}

    result = batch_update(client, "deals", updates)

    assert set(result.failed) == set(poison)
    assert set(result.updated) == set(updates) - set(poison)
    assert len(server.seen) <= 1 + 2 * 7 * len(poison)


def test_a_property_that_does_not_exist_takes_out_its_records_in_one_more_call(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    carrying = [str(n) for n in range(1, 101, 2)]
    error = {"errors": [{"code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": ["colour"]}}]}
    server.script = whole_batch_refused(*carrying, **error)
    updates = {str(n): {"colour" if str(n) in carrying else "amount": "1"} for n in range(1, 101)}

    result = batch_update(client, "deals", updates)

    assert set(result.failed) == set(carrying)
    assert len(result.updated) == 50
    assert len(server.seen) == 2


def test_a_record_is_not_blamed_for_a_property_that_is_wrong_only_in_another_one(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    def script(request: Seen) -> Answer:
        inputs = request.body["inputs"]
        faults = [
            {"code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": ["colour"]}}
            for one in inputs
            if "colour" in one["properties"]
        ] + [
            {"code": "INVALID_OPTION", "context": {"propertyName": ["industry"]}}
            for one in inputs
            if one["properties"].get("industry") == "wrong"
        ]
        if faults:
            return Answer(400, refusal(errors=faults))
        return Answer(200, {"results": [record(one["id"]) for one in inputs]})

    server.script = script
    updates = {"1": {"colour": "red"}, "2": {"industry": "wrong"}, "3": {"industry": "right"}, "4": {"amount": "1"}}

    result = batch_update(client, "companies", updates)

    assert set(result.failed) == {"1", "2"}
    assert set(result.updated) == {"3", "4"}


def test_a_batch_whose_records_are_all_refused_ends(server: ScriptedServer, client: HubSpotClient) -> None:
    ids = [str(n) for n in range(1, 9)]
    server.script = whole_batch_refused(*ids)

    result = batch_update(client, "deals", {one: {"amount": "1"} for one in ids})

    assert set(result.failed) == set(ids)
    assert len(server.seen) == 15


def test_every_written_record_carries_a_trace_id_of_its_own() -> None:
    with account(*(deal(n) for n in (1, 2, 3)), UNIQUE_KEY) as hubspot:
        batch_update(hubspot.client, "deals", {"1": {"amount": "1"}, "2": {"amount": "2"}})
        batch_upsert(hubspot.client, "companies", "erp_key", [{"erp_key": "A"}, {"erp_key": "B"}])
        batch_create(hubspot.client, "deals", {"row-0": NewRecord({"dealname": "N", "dealstage": "closedwon"})})

        for call in hubspot.sandbox.control.calls():
            assert call["request_body"].count('"objectWriteTraceId"') == call["request_body"].count('"properties"')


def test_inputs_about_which_the_answer_is_silent_are_asked_again(server: ScriptedServer, client: HubSpotClient) -> None:
    def script(request: Seen) -> Answer:
        inputs = request.body["inputs"]
        told = inputs[:1]
        return Answer(200, {"results": [record(one["id"]) for one in told]})

    server.script = script
    result = batch_update(client, "deals", {str(n): {"amount": "1"} for n in range(1, 6)})

    assert set(result.updated) == {"1", "2", "3", "4", "5"}


def test_an_answer_that_says_nothing_about_a_single_record_is_not_taken_for_a_success(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    server.answers(Answer(200, {"results": []}))

    with pytest.raises(Unavailable):
        batch_update(client, "deals", {"1": {"amount": "1"}})


@pytest.mark.parametrize("kind", ["lost_before", "lost_after", "html_200", "garbage", "cut_at"])
def test_an_update_whose_answer_is_lost_is_sent_again(kind: str) -> None:
    with account(deal(1)) as hubspot:
        hubspot.sandbox.control.fault(kind, system="hubspot", nth=1)

        result = batch_update(hubspot.client, "deals", {"1": {"amount": "12.50"}})

        assert set(result.updated) == {"1"}
        assert hubspot.books("deals")["1"]["amount"] == "12.50"
        assert len(hubspot.calls()) == 2


# Upserting


def test_upsert_creates_once_and_updates_after_that() -> None:
    with account(UNIQUE_KEY) as hubspot:
        first = batch_upsert(
            hubspot.client, "companies", "erp_key", [{"erp_key": "A", "name": "One"}, {"erp_key": "B", "name": "Two"}]
        )
        second = batch_upsert(
            hubspot.client,
            "companies",
            "erp_key",
            [{"erp_key": "B", "name": "Three"}, {"erp_key": "C", "name": "Four"}],
        )

        assert first.created == {"A", "B"}
        assert second.created == {"C"}
        assert second.updated["B"].id == first.updated["B"].id
        assert sorted(one.get("name", "") for one in hubspot.books("companies").values()) == ["Four", "One", "Three"]


def test_the_same_unique_value_twice_in_one_upsert_is_one_record_and_the_later_value_wins() -> None:
    with account(UNIQUE_KEY) as hubspot:
        result = batch_upsert(
            hubspot.client,
            "companies",
            "erp_key",
            [{"erp_key": "A", "name": "One", "city": "York"}, {"erp_key": " A ", "name": "Two"}],
        )

        assert set(result.updated) == {"A"}
        (kept,) = hubspot.books("companies").values()
        assert (kept["name"], kept["city"]) == ("Two", "York")
        assert hubspot.calls() == ["POST companies/batch/upsert x1"]


@pytest.mark.parametrize("kind", ["lost_before", "lost_after", "html_200", "garbage", "cut_at"])
def test_an_upsert_whose_answer_is_lost_makes_one_record(kind: str) -> None:
    with account(UNIQUE_KEY) as hubspot:
        hubspot.sandbox.control.fault(kind, system="hubspot", nth=1)

        batch_upsert(hubspot.client, "companies", "erp_key", [{"erp_key": "A", "name": "One"}])

        assert len(hubspot.books("companies")) == 1


def test_an_upsert_by_a_property_that_is_not_unique_is_a_settings_error() -> None:
    with account(company(1, domain="a.example")) as hubspot:
        for id_property in ("hs_object_id", "domain"):
            with pytest.raises(SettingsError, match=id_property):
                batch_upsert(hubspot.client, "companies", id_property, [{id_property: "1", "name": "x"}])


def test_a_record_without_its_unique_value_is_a_settings_error_before_anything_is_sent(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    for value in ("", "  ", None):
        with pytest.raises(SettingsError, match="erp_key"):
            batch_upsert(client, "companies", "erp_key", [{"erp_key": "A"}, {"erp_key": value}])
    assert server.seen == []


def test_one_bad_record_of_an_upsert_is_told_by_its_unique_value() -> None:
    with account(UNIQUE_KEY) as hubspot:
        records = [{"erp_key": f"K{n}", "name": "x", "numberofemployees": "many" if n == 5 else "3"} for n in range(10)]

        result = batch_upsert(hubspot.client, "companies", "erp_key", records)

        assert set(result.failed) == {"K5"}
        assert len(result.updated) == len(hubspot.books("companies")) == 9


# Creating


def new(name: str, **more: str) -> NewRecord:
    return NewRecord({"dealname": name, "dealstage": "closedwon", "pipeline": "default", **more})


def test_created_records_are_told_by_the_callers_trace_ids_and_bad_ones_apart() -> None:
    with account(company(8)) as hubspot:
        records = {
            "a": new("First"),
            "b": new("Second", amount="much"),
            "c": NewRecord(new("Third").properties, associations=(Link("8", 5),)),
        }

        result = batch_create(hubspot.client, "deals", records)

        assert set(result.created) == {"a", "c"}
        assert set(result.failed) == {"b"}
        assert result.unknown == frozenset()
        assert {one["dealname"] for one in hubspot.books("deals").values()} == {"First", "Third"}
        exported = {row["id"]: row["associations"] for row in hubspot.twin.export() if row["type"] == "deals"}
        assert exported[result.created["c"].id]["companies"] == ["8"]


@pytest.mark.parametrize(
    ("kind", "made"), [("lost_before", 0), ("lost_after", 1), ("html_200", 0), ("garbage", 1), ("cut_at", 1)]
)
def test_a_create_whose_answer_is_lost_is_of_unknown_outcome_and_sent_once(kind: str, made: int) -> None:
    with account() as hubspot:
        hubspot.sandbox.control.fault(kind, system="hubspot", nth=1)

        with pytest.raises(OutcomeUnknown):
            batch_create(hubspot.client, "deals", {"a": new("Only")})

        assert len(hubspot.calls()) == 1
        assert len(hubspot.books("deals")) == made


@pytest.mark.parametrize("status", [429, 503, 423, 477])
def test_a_create_refused_for_a_moment_is_sent_again_and_made_once(status: int) -> None:
    with account() as hubspot:
        hubspot.sandbox.control.fault("status", system="hubspot", nth=1, status=status, retry_after="1")

        result = batch_create(hubspot.client, "deals", {"a": new("Only")})

        assert set(result.created) == {"a"}
        assert len(hubspot.books("deals")) == 1
        assert len(hubspot.calls()) == 2


def test_a_created_record_of_which_the_answer_says_nothing_is_unknown_and_not_failed(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    server.answers(Answer(201, {"results": [{**record(1), "objectWriteTraceId": "a"}]}))

    result = batch_create(client, "deals", {"a": new("First"), "b": new("Second")})

    assert (set(result.created), result.unknown) == ({"a"}, frozenset({"b"}))


def test_a_record_that_the_answer_returns_and_blames_at_once_counts_as_made(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    errors = [refusal(context={"objectWriteTraceId": ["a"]})]
    server.answers(Answer(207, {"results": [{**record(1), "objectWriteTraceId": "a"}], "errors": errors}))

    result = batch_create(client, "deals", {"a": new("First")})

    assert (set(result.created), result.failed) == ({"a"}, {})


def test_a_create_that_is_answered_in_another_shape_is_of_unknown_outcome(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    for body in ({}, {"results": {}}, {"results": [{}]}, {"results": [], "errors": [1]}):
        server.answers(Answer(201, body))
        with pytest.raises(OutcomeUnknown):
            batch_create(client, "deals", {"a": new("First")})


def test_more_than_one_calls_worth_of_creates_is_refused(server: ScriptedServer, client: HubSpotClient) -> None:
    with pytest.raises(SettingsError):
        batch_create(client, "deals", {str(n): new("x") for n in range(101)})
    assert server.seen == []


def test_nothing_to_do_is_no_call(server: ScriptedServer, client: HubSpotClient) -> None:
    assert batch_read(client, "deals", [], []).records == ()
    assert batch_update(client, "deals", {}).updated == {}
    assert batch_upsert(client, "deals", "erp_key", []).updated == {}
    assert batch_create(client, "deals", {}).created == {}
    assert server.seen == []


def test_no_value_of_a_record_is_in_a_repr_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "include")
    with account(UNIQUE_KEY) as hubspot:
        records = [{"erp_key": "A", "name": "Secretive Ltd"}, {"erp_key": "B", "numberofemployees": "Secretive"}]
        result = batch_upsert(hubspot.client, "companies", "erp_key", records)

        assert "Secretive" not in repr(result) + caplog.text
