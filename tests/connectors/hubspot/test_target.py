"""HubSpot as a target: what is found, what is made, and what is said about each record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.paths import VERSIONS
from include.connectors.hubspot.source_key import OBJECTS, SOURCE_KEY, ensure_source_keys, source_key_property
from include.connectors.hubspot.target import HubSpotTarget
from include.core.errors import AuthError, SettingsError
from include.core.target import Lost, NotSent, Refused, Target, Written
from tests.connectors.hubspot.planned import (
    AT_COMPANY,
    COMPANY,
    CONTACT,
    Bench,
    bench,
    deal,
    kinds,
    note,
    sends,
    task,
    write,
)
from tests.connectors.hubspot.scripted import Answer, ScriptedServer, Seen, record, refusal


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as one:
        yield one


def test_it_is_a_target(here: Bench) -> None:
    target: Target = here.target()
    assert (target.system, target.chunk_size) == ("hubspot", 100)
    assert (target.request_deadline, target.settle_seconds) == (120.0, 60.0)


def test_a_hundred_records_are_found_in_one_call_and_made_in_one_call(here: Bench) -> None:
    target = here.target()
    writes = [deal(n) for n in range(100)]
    assert target.find(writes) == {}
    outcomes = target.send(sends(writes))
    assert kinds(outcomes) == ["Written"] * 100
    assert [outcome.key for outcome in outcomes] == [one.key for one in writes]
    found = target.find(writes)
    assert here.hubspot.calls() == [
        "GET properties/deals/{id}",
        "POST deals/batch/read x100",
        "POST deals/batch/create x100",
        "POST deals/batch/read x100",
    ]
    assert {one: hit.target_id for one, hit in found.items()} == {o.key: o.target_id for o in outcomes}  # type: ignore[union-attr]
    books = here.books("deals")
    for one in writes:
        hit = found[one.key]
        assert hit.natural_id == hit.target_id
        assert books[hit.target_id][SOURCE_KEY] == one.key.document_key()
        assert books[hit.target_id]["dealname"] == one.payload["properties"]["dealname"]


def test_records_of_several_types_are_made_in_one_send_and_answered_in_order(here: Bench) -> None:
    target = here.target()
    writes = [task(1), deal(1), note(1), task(2), deal(2)]
    outcomes = target.send(sends(writes))
    assert [outcome.key for outcome in outcomes] == [one.key for one in writes]
    assert here.creates() == ["POST tasks/batch/create x2", "POST deals/batch/create x2", "POST notes/batch/create x1"]
    assert set(target.find(writes)) == {one.key for one in writes}


@pytest.mark.parametrize(
    ("name", "properties", "associations"),
    [
        ("deal", {"dealname": "D", "dealstage": "qualifiedtobuy", "pipeline": "default"}, [AT_COMPANY]),
        ("task", {"hs_timestamp": "2026-11-20T08:00:00Z"}, [AT_COMPANY, {"to": "contacts", "id": CONTACT}]),
        ("note", {"hs_timestamp": "2026-11-20T08:00:00Z"}, [AT_COMPANY]),
        ("company", {"name": "Birch", "domain": "birch.example"}, []),
        ("contact", {"email": "bo@birch.example"}, [AT_COMPANY]),
        ("invoice", {"hs_currency": "USD"}, [AT_COMPANY, {"to": "contacts", "id": CONTACT}]),
        ("line_item", {"name": "Panel", "quantity": "1", "price": "5"}, []),
    ],
)
def test_every_object_is_made_once_with_its_associations(
    tmp_path: Path, name: str, properties: dict[str, str], associations: list[Any]
) -> None:
    with bench(tmp_path, objects=[name]) as here:
        planned = write(name, 1, *associations, **properties)
        target = here.target()
        (outcome,) = target.send(sends([planned]))
        assert isinstance(outcome, Written)
        assert target.find([planned])[planned.key].target_id == outcome.target_id
        for one in associations:
            tied = read_associations(here.hubspot.client, OBJECTS[name], one["to"], [outcome.target_id])
            assert [other.to_id for other in tied[outcome.target_id]] == [one["id"]]


def test_an_invoice_is_made_as_a_draft(tmp_path: Path) -> None:
    with bench(tmp_path, objects=["invoice"]) as here:
        here.target().send(sends([write("invoice", 1, AT_COMPANY, hs_currency="USD")]))
        (made,) = here.books("invoices").values()
        assert made["hs_invoice_status"] == "draft"


def test_what_the_record_shows_is_told_in_the_terms_of_what_was_expected(here: Bench) -> None:
    target, planned = here.target(), deal(1, amount="250.00", closedate="2026-11-20T00:00:00Z")
    target.send(sends([planned]))

    def actual(**expect: str) -> dict[str, str]:
        return dict(target.find([replace(planned, expect=expect)])[planned.key].actual)

    assert actual(amount="250.00") == {"amount": "250.00"}
    assert actual(amount="250") == {"amount": "250"}
    assert actual(amount="251.00") == {"amount": here.books("deals").popitem()[1]["amount"]}
    assert actual(closedate="1795132800000") == {"closedate": "1795132800000"}
    assert actual(dealname="Renewal 1", description="") == {"dealname": "Renewal 1", "description": ""}
    assert actual(dealname="Other") == {"dealname": "Renewal 1"}
    assert actual(no_such_property="x") == {"no_such_property": ""}


@pytest.mark.parametrize("missing", ["207", "404"])
def test_nothing_there_reads_as_nothing_found_however_hubspot_says_it(tmp_path: Path, missing: str) -> None:
    with bench(tmp_path, missing_batch_read=missing) as here:
        assert here.target().find([deal(1), task(1)]) == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_of_the_api_will_do(tmp_path: Path, version: str) -> None:
    with bench(tmp_path, api_version=version, required_on_create="all") as here:
        target = HubSpotTarget(here.hubspot.client)
        writes = [deal(1), deal(2, amount="a lot"), task(1)]
        assert kinds(target.send(sends(writes))) == ["Written", "Refused", "Written"]
        assert set(target.find(writes)) == {deal(1).key, task(1).key}


def test_a_partial_success_that_comes_with_an_ordinary_status_is_understood(tmp_path: Path) -> None:
    with bench(tmp_path, multi_status_2026_09=False) as here:
        outcomes = here.target().send(sends([deal(1), deal(2, amount="a lot")]))
        assert kinds(outcomes) == ["Written", "Refused"]


# -- outcomes


def test_one_bad_record_of_a_hundred_is_refused_alone(here: Bench) -> None:
    writes = [deal(n) for n in range(100)]
    writes[37] = deal(37, amount="a lot")
    outcomes = here.target().send(sends(writes))
    refused = outcomes[37]
    assert isinstance(refused, Refused)
    assert (refused.duplicate, "amount" in refused.message, "a lot" in refused.message) == (False, True, False)
    assert kinds(outcomes).count("Written") == 99
    assert here.creates() == ["POST deals/batch/create x100"]


def test_a_poison_record_that_takes_its_whole_batch_down_is_found_by_halving(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    """HubSpot refuses the request as a whole, and makes nothing of it, whenever that record is in it."""
    made: list[str] = []

    def script(request: Seen) -> Answer:
        if request.method == "GET":
            return Answer(200, source_key_property().to_wire("tieout"))
        inputs = request.body["inputs"]
        if any(one["properties"]["dealname"] == "Renewal 37" for one in inputs):
            return Answer(400, refusal())
        made.extend(one["properties"]["dealname"] for one in inputs)
        rows = [{**record(len(made)), "objectWriteTraceId": one["objectWriteTraceId"]} for one in inputs]
        return Answer(201, {"status": "COMPLETE", "results": rows})

    server.script = script
    outcomes = HubSpotTarget(client).send(sends([deal(n) for n in range(100)]))
    assert kinds(outcomes) == ["Written"] * 37 + ["Refused"] + ["Written"] * 62
    assert sorted(made) == sorted(f"Renewal {n}" for n in range(100) if n != 37)
    assert len(server.seen) <= 1 + 2 * 7 + 1


def test_a_record_that_an_answer_leaves_out_is_lost(server: ScriptedServer, client: HubSpotClient) -> None:
    row = {**record(7), "objectWriteTraceId": "row-1"}
    server.answers(Answer(200, source_key_property().to_wire("tieout")), Answer(201, {"results": [row]}))
    left_out, made = HubSpotTarget(client).send(sends([deal(1), deal(2)]))
    assert isinstance(left_out, Lost)
    assert made == Written(deal(2).key, "7", "7")


def test_a_key_that_is_taken_is_a_duplicate_and_makes_no_second_record(here: Bench) -> None:
    target, planned = here.target(), deal(1)
    (first,) = target.send(sends([planned]))
    other, again = target.send(sends([deal(2), planned]))
    assert isinstance(first, Written)
    assert isinstance(other, Written)
    assert isinstance(again, Refused)
    assert again.duplicate
    assert first.target_id in again.message
    assert planned.key.document_key() not in again.message
    assert len(here.books("deals")) == 2


def test_a_contact_whose_address_is_taken_is_named_by_its_number_only(tmp_path: Path) -> None:
    with bench(tmp_path, objects=["contact"]) as here:
        planned = write("contact", 1, email="ann@alder.example")
        (outcome,) = here.target().send(sends([planned]))
        assert isinstance(outcome, Refused)
        assert outcome.duplicate
        assert CONTACT in outcome.message
        assert "alder.example" not in outcome.message
        (result,) = here.apply(planned)
        assert (result.state, result.code) == ("rejected", "CONFLICT")


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("lost_before", {}),
        ("lost_after", {}),
        ("cut_at", {"at": 40}),
        ("html_200", {}),
        ("garbage", {}),
        ("status", {"status": 500}),
        ("status", {"status": 502}),
        ("status", {"status": 504}),
        ("status", {"status": 524}),
    ],
)
def test_no_readable_answer_is_lost_and_is_not_sent_again_by_itself(
    here: Bench, kind: str, rule: dict[str, Any]
) -> None:
    here.fault(kind, label="deals/batch/create", **rule)
    assert kinds(here.target().send(sends([deal(1), deal(2)]))) == ["Lost", "Lost"]
    assert here.creates() == ["POST deals/batch/create x2"]


@pytest.mark.parametrize("status", [423, 429, 477, 503])
def test_a_target_that_did_nothing_is_asked_again_and_then_left(here: Bench, status: int) -> None:
    here.fault("status", status=status, label="deals/batch/create", retry_after="7")
    (outcome,) = here.target(request_deadline=20.0).send(sends([deal(1)]))
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == 7.0
    assert len(here.creates()) == 3
    assert here.books("deals") == {}


def test_one_type_without_an_answer_does_not_keep_the_others_out(here: Bench) -> None:
    here.fault("lost_before", label="tasks/batch/create")
    lost, made = here.target().send(sends([task(1), deal(1)]))
    assert (type(lost), type(made)) == (Lost, Written)


def test_a_token_that_is_not_accepted_is_raised_before_anything_is_made(here: Bench) -> None:
    here.fault("status", status=401, label="batch/create")
    with pytest.raises(AuthError):
        here.target().send(sends([deal(1)]))
    here.hubspot.sandbox.control.lift()
    here.fault("status", status=401, label="deals/batch/create")
    made, not_sent = here.target().send(sends([task(1), deal(1)]))
    assert (type(made), type(not_sent)) == (Written, NotSent)


@pytest.mark.parametrize(
    "payload",
    [
        {"properties": {"amount": 5}},
        {"properties": [["amount", "5"]]},
        {},
        {"properties": {}, "associations": {"companies": COMPANY}},
        {"properties": {}, "associations": [{"id": COMPANY}]},
        {"properties": {}, "associations": [{"to": "companies", "id": 8801}]},
        {"properties": {}, "associations": [{"to": "companies", "id": COMPANY, "type": [5]}]},
    ],
)
def test_a_payload_of_another_shape_is_refused_by_itself(here: Bench, payload: Any) -> None:
    bad = replace(deal(1), payload=payload)
    refused, made = here.target().send(sends([bad, deal(2)]))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.duplicate) == ("payload", False)
    assert isinstance(made, Written)


def test_an_object_that_we_do_not_make_is_a_mistake_in_the_settings(here: Bench) -> None:
    with pytest.raises(SettingsError, match="not 'quote'"):
        here.target().find([write("quote", 1)])


# -- association types


def test_a_label_and_a_type_number_of_the_account_are_used(here: Bench) -> None:
    client = here.hubspot.client
    labels = client.paths.associations("deals", "contacts", "labels")
    client.request("POST", labels, body={"label": "Billing contact", "name": "billing_contact"})
    by_label = {"to": "contacts", "id": CONTACT, "type": "Billing contact"}
    primary = {"to": "companies", "id": COMPANY, "type": 5}
    writes = [replace(deal(n), payload={**deal(n).payload, "associations": [by_label, primary]}) for n in (1, 2)]
    made = [one.target_id for one in here.target().send(sends(writes)) if isinstance(one, Written)]
    for ties in read_associations(client, "deals", "contacts", made).values():
        assert "Billing contact" in ties[0].labels
    for ties in read_associations(client, "deals", "companies", made).values():
        assert ties[0].primary
    assert here.hubspot.calls().count("GET deals/contacts/labels") == 1


def test_a_label_that_the_account_lacks_is_named_before_anything_is_sent(here: Bench) -> None:
    planned = write("deal", 1, {**AT_COMPANY, "type": "Payer"}, dealname="D", dealstage="qualifiedtobuy")
    with pytest.raises(SettingsError, match="'Payer' from deals to companies"):
        here.target().send(sends([planned]))
    assert here.creates() == []


# -- the property


def test_the_property_is_made_once_and_is_unique(here: Bench) -> None:
    assert ensure_source_keys(here.hubspot.client, ["deal", "task", "sequence_enrolment"]) == {
        "deal": "property",
        "task": "property",
    }
    assert not [label for label in here.hubspot.calls() if label.startswith("POST")]


def not_unique(object_type: str) -> dict[str, Any]:
    return {
        "type": "_property",
        "object_type": object_type,
        "name": SOURCE_KEY,
        "label": "Key",
        "groupName": "dealinformation",
        "fieldType": "text",
        "property_type": "string",
        "hasUniqueValue": False,
    }


def test_a_property_that_is_not_unique_is_told_with_its_remedy(tmp_path: Path) -> None:
    with bench(tmp_path, not_unique("deals"), objects=["task"]) as here:
        for attempt in (
            lambda: ensure_source_keys(here.hubspot.client, ["deal"]),
            lambda: here.target().find([deal(1)]),
            lambda: here.target().send(sends([deal(1)])),
        ):
            with pytest.raises(SettingsError, match="cannot change that afterwards: archive it in HubSpot"):
                attempt()


def test_a_property_that_is_missing_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with bench(tmp_path, objects=["task"]) as here:
        with pytest.raises(SettingsError, match=r"lack the property .*crm\.schemas\.deals\.write"):
            here.target().find([deal(1)])
        assert here.creates() == []


def test_an_object_with_no_room_for_a_unique_property_is_told_so(tmp_path: Path) -> None:
    others = [{**not_unique("deals"), "name": f"key_{n}", "hasUniqueValue": True} for n in range(10)]
    with (
        bench(tmp_path, *others, objects=["task"]) as here,
        pytest.raises(SettingsError, match="ten unique properties at most"),
    ):
        ensure_source_keys(here.hubspot.client, ["deal"])
