"""The whole write path into HubSpot with a real state database: each planned record exactly once, judged by the twin's
own books."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.connectors.hubspot.associations import read_associations
from include.core import crash
from include.core.errors import OutcomeUnknown, TransientError
from include.core.sync import Limits
from tests.connectors.hubspot.planned import Bench, bench, deal, kinds, line_item, note, sends, task


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as one:
        yield one


def states(results: Any) -> list[str]:
    return [result.state for result in results]


def names(here: Bench) -> list[str]:
    return sorted(row["dealname"] for row in here.books("deals").values())


def test_a_second_run_writes_nothing(here: Bench) -> None:
    planned = [*(deal(n) for n in range(150)), task(1), note(1)]
    assert states(here.apply(*planned)) == ["written"] * 152
    here.hubspot.sandbox.control.forget_calls()
    assert states(here.apply(*planned)) == ["unchanged"] * 152
    assert here.hubspot.calls() == []


def test_a_run_with_a_lost_state_database_finds_everything_and_writes_nothing(here: Bench) -> None:
    planned = [replace(deal(n), expect={"amount": "10.00"}) for n in range(3)]
    planned = [
        replace(one, payload={**one.payload, "properties": {**one.payload["properties"], "amount": "10"}})
        for one in planned
    ]
    first = here.apply(*planned)
    here.hubspot.sandbox.control.forget_calls()
    again = here.apply(*planned, state="restored")
    assert states(again) == ["unchanged"] * 3
    assert [one.target_id for one in again] == [one.target_id for one in first]
    assert here.creates() == []


def test_a_record_that_shows_something_else_than_planned_is_held(here: Bench) -> None:
    planned = replace(deal(1, amount="10"), expect={"amount": "10"})
    (made,) = here.apply(planned)
    client = here.hubspot.client
    client.request("PATCH", client.paths.objects("deals", made.target_id), body={"properties": {"amount": "11"}})
    (result,) = here.apply(planned, state="restored")
    assert (result.state, result.code) == ("held", "changed_after_posting")
    assert "amount is 11, planned 10" in result.message


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("lost_before", {}),
        ("lost_after", {}),
        ("cut_at", {"at": 0}),
        ("cut_at", {"at": 300}),
        ("garbage", {}),
        ("html_200", {}),
        ("html_200", {"executed": True}),
        ("status", {"status": 500}),
        ("status", {"status": 502, "executed": True}),
        ("status", {"status": 504, "executed": True}),
        ("status", {"status": 524, "executed": True}),
        ("status", {"status": 429, "retry_after": "2"}),
        ("status", {"status": 423}),
        ("status", {"status": 503}),
    ],
)
def test_one_fault_of_a_create_costs_no_record_and_makes_none_twice(
    here: Bench, kind: str, rule: dict[str, Any]
) -> None:
    here.fault(kind, label="deals/batch/create", nth=1, **rule)
    planned = [deal(n) for n in range(20)]
    assert states(here.apply(*planned)) == ["written"] * 20
    assert names(here) == sorted(f"Renewal {n}" for n in range(20))


def test_faults_at_every_third_call_cost_no_record_and_make_none_twice(here: Bench) -> None:
    here.fault("lost_after", every=3)
    here.fault("cut_at", every=4, at=100)
    deals = [deal(n) for n in range(120)]
    lines = [line_item(n, of) for of in deals[:60] for n in (1, 2)]
    results = []
    for attempt in range(1, 10):
        try:
            results = here.apply(*deals, *lines, attempt=attempt)
            break
        except (OutcomeUnknown, TransientError) as error:
            here.hubspot.clock.advance(getattr(error, "retry_after", None) or 60.0)
    assert states(results) == ["written"] * 240 or set(states(results)) <= {"written", "unchanged"}
    assert len(results) == 240
    assert (len(names(here)), len(set(names(here)))) == (120, 120)
    assert len(here.books("line_items")) == 120


def test_line_items_are_made_after_their_deal_and_hang_on_it(here: Bench) -> None:
    won, other = deal(1), deal(2)
    lines = [line_item(n, of) for of in (won, other) for n in (1, 2, 3)]
    results = here.apply(*lines, won, other)
    assert states(results) == ["written"] * 8
    ids = {result.key: result.target_id for result in results}
    ties = read_associations(here.hubspot.client, "deals", "line_items", [ids[won.key], ids[other.key]])
    for of, some in ((won, lines[:3]), (other, lines[3:])):
        assert sorted(tie.to_id for tie in ties[ids[of.key]]) == sorted(ids[one.key] for one in some)
    assert here.creates() == ["POST deals/batch/create x2", "POST line_items/batch/create x6"]


def test_line_items_of_a_deal_that_is_refused_are_held(here: Bench) -> None:
    bad = deal(1, amount="a lot")
    refused, held = here.apply(bad, line_item(1, bad))
    assert (refused.state, held.state, held.code) == ("rejected", "held", "reference_not_written")
    assert here.books("line_items") == {}


def test_one_poison_record_of_a_hundred_is_a_dead_letter_and_the_others_are_made(here: Bench) -> None:
    planned = [deal(n, **({"amount": "a lot"} if n == 37 else {})) for n in range(100)]
    results = here.apply(*planned)
    assert [n for n, result in enumerate(results) if result.state != "written"] == [37]
    assert results[37].state == "rejected"
    assert len(names(here)) == 99


@pytest.mark.parametrize("databases", [("shared", "shared"), ("left", "right")])
def test_two_runs_at_once_make_each_record_once(here: Bench, databases: tuple[str, str]) -> None:
    """Also without a state database between them, when only HubSpot's unique values keep them apart."""
    planned = [deal(n) for n in range(100)]
    done: list[list[str]] = []
    for name in databases:
        here.store(name)
    together = threading.Barrier(2)

    def run(number: int, state: str) -> None:
        together.wait()
        for attempt in range(1, 50):
            try:
                done.append(states(here.apply(*planned, state=state, run=f"run-{number}", attempt=attempt, wait=soon)))
                return
            except TransientError:
                soon(1.0)

    threads = [threading.Thread(target=run, args=(n, state)) for n, state in enumerate(databases)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [set(one) <= {"written", "unchanged"} for one in done] == [True, True]
    assert names(here) == sorted(f"Renewal {n}" for n in range(100))


def soon(seconds: float) -> None:
    """A real wait, as the other run needs real time."""
    time.sleep(min(seconds, 0.05))


class Killed(BaseException):
    """The end of the process, at that very place."""


@pytest.mark.parametrize("place", crash.SYNC_POINTS)
@pytest.mark.parametrize("kind", ["lost_before", "lost_after", ""])
def test_a_task_that_is_killed_anywhere_is_finished_by_its_next_try(here: Bench, kind: str, place: str) -> None:
    if kind:
        here.fault(kind, label="deals/batch/create", nth=1)
    crash.install(killing(place))
    try:
        with suppress(Killed):  # not every point is passed on every way
            here.apply(deal(1), deal(2))
    finally:
        crash.install(None)
    assert set(states(here.apply(deal(1), deal(2), attempt=2))) <= {"written", "unchanged"}
    assert names(here) == ["Renewal 1", "Renewal 2"]


def killing(place: str) -> crash.Hook:
    def hook(name: str) -> None:
        if name == place:
            raise Killed

    return hook


def test_a_task_without_any_answer_says_so_and_its_next_try_goes_on(here: Bench) -> None:
    here.fault("lost_before", label="deals/batch/create")
    with pytest.raises(OutcomeUnknown):
        here.apply(deal(1), deal(2))
    here.hubspot.sandbox.control.lift()
    assert states(here.apply(deal(1), deal(2), attempt=2)) == ["written", "written"]
    assert names(here) == ["Renewal 1", "Renewal 2"]


def test_a_create_that_arrives_after_it_was_given_up_is_kept_out_by_its_key(here: Bench) -> None:
    """The first request is worked on only after the second one was sent: HubSpot itself refuses it then."""
    late = here.target()
    here.apply(deal(1))
    assert kinds(late.send(sends([deal(1)]))) == ["Refused"]
    assert names(here) == ["Renewal 1"]


def test_nothing_is_lost_when_hubspot_asks_for_more_patience_than_there_is(here: Bench) -> None:
    here.fault("status", status=429, policy="DAILY", label="deals/batch/create")
    with pytest.raises(TransientError):
        here.apply(deal(1), limits=Limits(not_sent=0.0))
    here.hubspot.sandbox.control.lift()
    assert states(here.apply(deal(1), attempt=2)) == ["written"]
