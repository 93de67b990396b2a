"""Tasks and notes in an account that refuses them a unique property: found by a line in their body."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include.connectors.hubspot.body_marker import marked
from include.connectors.hubspot.source_key import SOURCE_KEY, ensure_source_keys
from include.connectors.hubspot.target import MARKER_PAUSE
from include.core.decisions import Ref
from include.core.errors import InvariantError
from include.core.target import Refused, Written
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

ON_DEAL = {"to": "deals", "id": Ref(deal(1).key).to_json()}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path, objects=["deal"]) as one:
        one.fault("status", status=400, label="POST properties/(tasks|notes)$")
        assert ensure_source_keys(one.hubspot.client, ["deal", "task", "note"]) == {
            "deal": "property",
            "task": "marker",
            "note": "marker",
        }
        one.hubspot.sandbox.control.forget_calls()
        yield one


def bodies(here: Bench) -> list[str]:
    return [row["hs_task_body"] for row in here.books("tasks").values()]


def test_the_marker_stands_readable_at_the_end_of_the_body(here: Bench) -> None:
    (outcome,) = here.target().send(sends([task(1, hs_task_body="<p>Call them.</p>")]))
    assert isinstance(outcome, Written)
    assert bodies(here) == ["<p>Call them.</p><p><small>Tieout: intacct-ARINVOICE-1-task</small></p>"]
    assert SOURCE_KEY not in here.books("tasks")[outcome.target_id]


def test_a_marked_record_is_found_among_its_parents_records(here: Bench) -> None:
    target = here.target()
    writes = [task(1), task(2), task(10, {"to": "contacts", "id": CONTACT}), note(1)]
    assert target.find(writes) == {}
    made = {one.key: one.target_id for one in target.send(sends(writes)) if isinstance(one, Written)}
    assert len(made) == 4
    assert {key: hit.target_id for key, hit in target.find([*writes, task(3), task(100)]).items()} == made


@pytest.mark.parametrize(
    "body",
    [
        "Tieout: intacct-ARINVOICE-1-task",
        "<p>Called.</p>Tieout:&nbsp;intacct-ARINVOICE-1-task<br>and again",
        "Tieout:  intacct-ARINVOICE-1-task.",
    ],
)
def test_a_marker_survives_what_an_editor_does_to_it(here: Bench, body: str) -> None:
    properties = {"hs_timestamp": "0", "hs_task_body": body}
    here.hubspot.load({"type": "tasks", "id": "501", "properties": properties})
    client = here.hubspot.client
    client.request(
        "POST",
        client.paths.associations("tasks", "companies", "batch", "associate", "default"),
        body={"inputs": [{"from": {"id": "501"}, "to": {"id": COMPANY}}]},
    )
    assert here.target().find([task(1)])[task(1).key].target_id == "501"
    assert here.target().find([task("1-t"), task(11)]) == {}


def test_two_records_with_one_marker_stop_everything(here: Bench) -> None:
    target = here.target()
    target.send(sends([task(1)]))
    target.send(sends([task(1)]))
    with pytest.raises(InvariantError, match="Tieout: intacct-ARINVOICE-1-task"):
        target.find([task(1)])


def test_a_record_without_a_parent_is_refused_as_it_could_not_be_found_again(here: Bench) -> None:
    orphan = write("task", 1, hs_timestamp="2026-11-20T08:00:00Z")
    refused, made = here.target().send(sends([orphan, task(2)]))
    assert isinstance(refused, Refused)
    assert refused.code == "payload"
    assert isinstance(made, Written)
    assert here.target().find([orphan]) == {}


def test_a_parent_that_is_named_by_reference_is_found_by_its_own_key(here: Bench) -> None:
    planned = task(1, ON_DEAL)
    assert here.target().find([planned]) == {}
    first = here.apply(deal(1), planned)
    again = here.apply(deal(1), planned, state="lost")
    assert [one.state for one in first] == ["written", "written"]
    assert [(one.state, one.target_id) for one in again] == [("unchanged", one.target_id) for one in first]
    assert len(here.books("tasks")) == 1


@pytest.mark.parametrize(("kind", "rule"), [("lost_before", {}), ("lost_after", {}), ("cut_at", {"at": 40})])
def test_a_task_whose_answer_is_lost_is_waited_for_and_made_once(here: Bench, kind: str, rule: dict[str, Any]) -> None:
    here.fault(kind, label="tasks/batch/create", nth=1, **rule)
    before = here.hubspot.clock.now()
    (result,) = here.apply(task(1))
    assert result.state == "written"
    assert (here.hubspot.clock.now() - before).total_seconds() >= MARKER_PAUSE
    assert len(bodies(here)) == 1


def test_a_refused_definition_keeps_nothing_else_out(here: Bench) -> None:
    assert kinds(here.target().send(sends([deal(1), task(1), note(1)]))) == ["Written"] * 3


def test_a_scope_that_is_missing_for_the_definition_means_the_marker_too(tmp_path: Path) -> None:
    with bench(tmp_path, objects=["deal"]) as here:
        here.fault("status", status=403, label="POST properties/tasks$")
        assert ensure_source_keys(here.hubspot.client, ["task"]) == {"task": "marker"}


def test_the_marker_is_added_to_what_a_note_says() -> None:
    planned = note(1)
    properties = marked(planned.key, planned.payload["properties"], {"associations": [AT_COMPANY]})
    assert properties["hs_note_body"] == "Paid 1<p><small>Tieout: intacct-ARINVOICE-1-note</small></p>"
