"""Which kills there are, and what counts as a bad one. Pure: nothing is killed here."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pkgutil import iter_modules

import pytest

from include import flows
from include.core.crash import POINTS, STATE_POINTS
from tests.faults.kill_books import Picture, difference
from tests.faults.kill_scenes import BY_NAME, SCENES
from tests.faults.kill_work import summed
from tests.faults.kills import IN_COMMIT, OF_AIRFLOW, POSTGRESQL, SQLITE, Kill, Outcome, chosen, enumerated

TIMES = {name: 3 + n % 4 for n, name in enumerate(POINTS)}
PASSINGS = {(scene, company): Counter(TIMES) for company in (1, 2) for scene in ("won deals", "payments", "vendors")}
ALL = sum(TIMES.values()) * len(PASSINGS)


def test_every_passing_of_every_point_is_enumerated_once() -> None:
    listed = enumerated(PASSINGS, seed=7)
    assert len(listed) == len(set(listed)) == ALL
    places = {f"{name}:{n}" for name, times in TIMES.items() for n in range(1, times + 1)}
    for scene, company in PASSINGS:
        assert {kill.place for kill in listed if (kill.scene, kill.company) == (scene, company)} == places


def test_the_same_seed_lists_the_same_kills_and_another_one_others() -> None:
    engines = (SQLITE, POSTGRESQL)
    assert chosen(PASSINGS, 40, 1, engines) == chosen(PASSINGS, 40, 1, engines)
    assert chosen(PASSINGS, 40, 1, engines) != chosen(PASSINGS, 40, 2, engines)


@pytest.mark.parametrize("number", [len(POINTS), 40, ALL])
def test_every_point_has_a_kill_however_few_there_are(number: int) -> None:
    kills = chosen(PASSINGS, number, 1)
    assert len(kills) == number
    assert {kill.point for kill in kills} == set(POINTS)


def test_a_company_is_exhausted_before_the_next_and_all_scenes_have_their_turn() -> None:
    kills = enumerated(PASSINGS, seed=1)
    assert [kill.company for kill in kills] == [1] * (ALL // 2) + [2] * (ALL // 2)
    assert Counter(kill.scene for kill in kills[:30]) == {"won deals": 10, "payments": 10, "vendors": 10}


def test_commits_are_killed_before_and_after_on_either_engine_and_inside_on_postgresql() -> None:
    kills = chosen(PASSINGS, ALL, 1, (SQLITE, POSTGRESQL))
    seen = {(kill.point, kill.where) for kill in kills if kill.point.startswith("state.")}
    around = {(point, engine) for point in STATE_POINTS for engine in (SQLITE, POSTGRESQL)}
    assert seen == {*around, (IN_COMMIT, POSTGRESQL)}
    assert 0.2 < sum(kill.where == POSTGRESQL for kill in kills) / ALL < 0.4


def test_a_kill_that_never_happened_is_bad() -> None:
    done, missed = Outcome(Kill("payments", "sync.after_send:1"), killed=True), Outcome(Kill("payments", "a:99"))
    figures = summed([done, missed])
    assert (figures["schedules"], figures["killed"], figures["bad"]) == (2, 1, 1)
    assert "was not reached" in str(missed)
    assert summed([done, Outcome(done.kill, True, ["it stayed"])])["stuck"] == 1


def test_scenes_are_told_apart_and_airflows_kills_are_of_scenes_with_the_shipped_settings() -> None:
    assert len(BY_NAME) == len(SCENES)
    assert not any(BY_NAME[kill.scene].settings or BY_NAME[kill.scene].trouble for kill in OF_AIRFLOW)
    assert {kill.point for kill in OF_AIRFLOW} <= set(POINTS)


def test_every_flow_that_writes_to_a_system_is_killed() -> None:
    modules = [import_module(f"include.flows.{one.name}") for one in iter_modules(flows.__path__) if not one.ispkg]
    all_flows = {module.FLOW.name for module in modules if hasattr(module, "FLOW")}
    readers = {"check_connections", "close_pack", "revenue_report", "tie_out"}
    assert {scene.flow.name for scene in SCENES} == all_flows - readers


def picture(*records: dict[str, str], told: frozenset[tuple[str, ...]] = frozenset()) -> Picture:
    return Picture({("intacct", "ARINVOICE"): {one["RECORDNO"]: one for one in records}}, told)


def test_a_duplicate_a_loss_and_a_wrong_amount_are_seen_in_the_books() -> None:
    bill = {"RECORDNO": "1", "CUSTOMERID": "C-1", "CURRENCY": "USD", "TRX_TOTALENTERED": "10.00"}
    again, less = bill | {"RECORDNO": "2"}, bill | {"TRX_TOTALENTERED": "9.99"}
    assert difference(picture(bill), picture(bill)).said == ()
    twice = difference(picture(bill, again), picture(bill))
    assert (twice.duplicates, twice.lost, twice.cents_off) == (1, 0, 1000)
    gone = difference(picture(), picture(bill))
    assert (gone.duplicates, gone.lost, gone.cents_off) == (0, 1, 1000)
    off = difference(picture(less), picture(bill))
    assert (off.duplicates, off.lost, off.cents_off) == (0, 0, 1)
    assert off.said == ("intacct ARINVOICE 1: TRX_TOTALENTERED is 9.99, not 10.00",)
    assert difference(picture(told=frozenset({("mail", "a")})), picture()).said == (
        "a message is one too many: mail a",
    )
