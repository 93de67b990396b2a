"""Enrolling contacts in sequences, where that is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.connectors.hubspot.target import HubSpotTarget
from include.core.decisions import Json, Ref, Write
from include.core.errors import AuthError
from include.core.target import Lost, NotSent, Refused, Written
from tests.connectors.hubspot.planned import CONTACT, Bench, bench, key, kinds, sends, write

SEQUENCE = {"type": "_sequence", "id": "55", "name": "Dunning", "userId": 77}
OTHER_SEQUENCE = {"type": "_sequence", "id": "56", "name": "Welcome", "userId": 77}
USER = {"type": "_token", "token": "CJuser-token", "app_id": 1, "kind": "user_oauth", "user_id": 77}


def enrolment(n: int, contact: Any = CONTACT, **more: Any) -> Write:
    properties: Json = {
        "contactId": contact,
        "sequenceId": "55",
        "userId": "77",
        "senderEmail": "ann@sales.example",
        **more,
    }
    return Write(key("sequence_enrolment", n), {"properties": properties}, {"invoice": n})


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path, SEQUENCE, OTHER_SEQUENCE, USER, objects=["contact"], sequences_need_user_token=False) as one:
        yield one


def enrolled(here: Bench) -> list[str]:
    return [label for label in here.hubspot.calls() if label.startswith("POST sequences")]


def test_a_contact_is_enrolled_once_and_found_enrolled(here: Bench) -> None:
    target, planned = here.target(), enrolment(1)
    assert target.find([planned]) == {}
    (outcome,) = target.send(sends([planned]))
    assert isinstance(outcome, Written)
    hit = target.find([planned])[planned.key]
    assert (hit.target_id, hit.natural_id, hit.actual) == (outcome.target_id, outcome.target_id, {})
    (result,) = here.apply(planned)
    assert result.state == "unchanged"


def test_an_enrolment_before_the_instant_named_does_not_count(here: Bench) -> None:
    target = here.target()
    target.send(sends([enrolment(1)]))
    assert target.find([enrolment(2, since="2026-11-16T09:00:01Z")]) == {}
    assert len(target.find([enrolment(2, since="2026-11-16T09:00:00Z")])) == 1


def test_a_contact_in_another_sequence_is_refused_and_stays_there(here: Bench) -> None:
    here.target().send(sends([enrolment(1, sequenceId="56")]))
    (result,) = here.apply(enrolment(2))
    assert (result.state, "enrolled already" in result.message) == ("rejected", True)


@pytest.mark.parametrize(("kind", "rule"), [("lost_before", {}), ("lost_after", {}), ("cut_at", {"at": 10})])
def test_an_enrolment_whose_answer_is_lost_is_looked_up(here: Bench, kind: str, rule: dict[str, Any]) -> None:
    here.fault(kind, method="POST", path="enrollments", nth=1, **rule)
    assert kinds(here.target().send(sends([enrolment(1)]))) == ["Lost"]
    here.hubspot.sandbox.control.lift()
    (result,) = here.apply(enrolment(1))
    assert result.state in ("written", "unchanged")
    assert len(here.target().find([enrolment(1)])) == 1


def test_an_answer_without_a_number_is_lost(here: Bench) -> None:
    here.fault("html_200", method="POST", path="enrollments")
    (outcome,) = here.target().send(sends([enrolment(1)]))
    assert isinstance(outcome, Lost)


def test_a_token_that_may_not_enrol_is_a_refusal_that_a_flow_can_recognise(tmp_path: Path) -> None:
    """The other records of the same send are made all the same."""
    with bench(tmp_path, SEQUENCE, objects=["contact"]) as here:
        person = write("contact", 7, email="bo@birch.example")
        made, refused = here.target().send(sends([person, enrolment(1)]))
        assert isinstance(made, Written)
        assert isinstance(refused, Refused)
        assert (refused.code, refused.duplicate) == ("sequences_not_allowed", False)


def test_an_account_whose_enrolments_cannot_even_be_read_is_not_written_to(here: Bench) -> None:
    here.fault("status", status=403, method="GET", path="enrollments")
    (result,) = here.apply(enrolment(1))
    assert (result.state, result.code) == ("rejected", "sequences_not_allowed")
    assert not [label for label in here.hubspot.calls() if label.startswith("POST")]


def test_a_contact_that_is_made_in_the_same_batch_is_enrolled_after_it(here: Bench) -> None:
    person = write("contact", 7, email="bo@birch.example")
    planned = enrolment(1, Ref(person.key).to_json())
    assert here.target().find([planned]) == {}
    first = here.apply(planned, person)
    again = here.apply(planned, person, state="lost")
    assert [one.state for one in first] == ["written", "written"]
    assert [one.state for one in again] == ["unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"senderEmail": ""}, "payload"),
        ({"userId": 77}, "payload"),
        ({"since": "tomorrow"}, "payload"),
        ({"contactId": "424242"}, "OBJECT_NOT_FOUND"),
        ({"sequenceId": "424242"}, "OBJECT_NOT_FOUND"),
    ],
)
def test_an_enrolment_that_cannot_be_is_refused_by_itself(here: Bench, change: Json, code: str) -> None:
    bad = enrolment(1, **change)
    assert here.target().find([bad]) == {}
    refused, made = here.target().send(sends([bad, enrolment(2)]))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.duplicate) == (code, False)
    assert "sales.example" not in refused.message
    assert isinstance(made, Written)


def test_where_hubspot_asks_for_patience_the_rest_is_not_sent(here: Bench) -> None:
    here.hubspot.load({"type": "contacts", "id": "9002", "properties": {"email": "bo@alder.example"}})
    here.fault("status", status=429, method="POST", path="enrollments", retry_after="9")
    outcomes = HubSpotTarget(here.hubspot.another_client(request_deadline=20.0)).send(
        sends([enrolment(1), enrolment(2, "9002")])
    )
    assert kinds(outcomes) == ["NotSent", "NotSent"]
    assert all(isinstance(one, NotSent) and one.retry_after == 9.0 for one in outcomes)


def test_a_token_that_is_not_accepted_is_raised(here: Bench) -> None:
    here.fault("status", status=401, method="POST", path="enrollments")
    with pytest.raises(AuthError):
        here.target().send(sends([enrolment(1)]))


def test_a_payload_of_another_shape_is_refused(here: Bench) -> None:
    bad = replace(enrolment(1), payload={"properties": ["contactId"]})
    assert here.target().find([bad]) == {}
    (refused,) = here.target().send(sends([bad]))
    assert isinstance(refused, Refused)
    assert refused.code == "payload"
