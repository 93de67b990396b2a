"""A small long day in every test run: ``bin/faults --load`` runs the large one."""

from __future__ import annotations

import pytest

from tests.faults.load import calm_requests, day
from tests.faults.network import Call
from tests.faults.quiet import quiet
from tests.faults.tally import ALLOWED, Tally, Window


def test_hours_with_storms_and_backfills_keep_every_limit_and_hold_no_more_files() -> None:
    with quiet():
        found = day(60, hours=2)
    assert {
        name: found[name] for name in ("duplicates", "lost", "stuck", "cents_off", "refused_for_limits")
    } == dict.fromkeys(("duplicates", "lost", "stuck", "cents_off", "refused_for_limits"), 0)
    assert found["bad"] == 0, found
    assert found["runs"] == 6
    assert found["faults"] > 0
    assert 0 < found["busiest"]["hubspot"] <= ALLOWED["hubspot"][0]


def test_twice_the_deals_of_a_batch_cost_no_more_requests() -> None:
    """What asks for each deal by itself would need another 45."""
    with quiet():
        fewer, more = calm_requests(45), calm_requests(90)
    assert sum(more.values()) <= sum(fewer.values()) + 8, (fewer, more)


def test_the_busiest_seconds_are_those_that_hold_the_most_calls() -> None:
    window = Window(10.0)
    for at in (0.0, 5.0, 9.9, 10.0, 30.0, 31.0):
        window.add(at)
    assert window.most == 3


@pytest.mark.parametrize(("fault", "refused"), [("", 1), ("too_many", 0)])
def test_only_what_a_system_refuses_by_itself_counts_as_refused(fault: str, refused: int) -> None:
    tally = Tally()
    tally.append(Call(1.0, "run.load.1", "hubspot", "GET deals", fault, status=429))
    tally.append(Call(2.0, "run.load.1", "hubspot", "GET deals", "", status=200))
    tally.settle(float("inf"))
    assert (tally.refused, tally.made["hubspot"]) == (refused, 2)
