"""Carries kills out on some processes side by side, and sums up what came of them."""

from __future__ import annotations

import multiprocessing
import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from multiprocessing.util import Finalize
from typing import Any

from tests.engines import NoPostgres, PostgresServer
from tests.faults.kill_airflow import carried_out_in_airflow
from tests.faults.kill_place import Place, Prepared
from tests.faults.kill_scenes import SCENES
from tests.faults.kills import AIRFLOW, OF_AIRFLOW, POSTGRESQL, SQLITE, Kill, Outcome, chosen

FEW = 50
"""So few kills are of the first scenes alone: preparing a scene costs as much as a kill."""
_FIRST = 3
_FORK = multiprocessing.get_context("fork")
_place: Place | None = None
_prepared: dict[tuple[str, int], Prepared] = {}


def carried_out(number: int, in_airflow: int, processes: int, seed: int = 0) -> Iterator[Outcome]:
    """So many kills, ``in_airflow`` of them of an Airflow task's process. Where PostgreSQL can be had, the state is on
    it in a part of them."""
    with ExitStack() as stack:
        databases = _databases(stack, processes)
        # The executors fork their processes at the first submit, so they have what is prepared by then.
        _prepare(number - in_airflow)
        passings = {key: one.passed for key, one in _prepared.items()}
        engines = (SQLITE, POSTGRESQL) if databases else (SQLITE,)
        todo = chosen(passings, number - in_airflow, seed, engines)
        airflow = stack.enter_context(ProcessPoolExecutor(1, _FORK))
        pool = stack.enter_context(
            ProcessPoolExecutor(processes, _FORK, initializer=_open, initargs=(_urls(databases),))
        )
        of_airflow = airflow.submit(carried_out_in_airflow, OF_AIRFLOW[:in_airflow]) if in_airflow else None
        done: list[Future[Outcome]] = [pool.submit(_carry_out, kill) for kill in todo]
        yield from (one.result() for one in as_completed(done))
        if of_airflow:
            yield from of_airflow.result()


def _databases(stack: ExitStack, number: int) -> list[str]:
    """URLs of empty PostgreSQL databases; none where there is no server."""
    try:
        server = PostgresServer()
    except NoPostgres:
        return []
    stack.callback(server.stop)
    return [server.new_database() for _ in range(number)]


def _prepare(number: int) -> None:
    """All scenes, company after company, until they have so many places."""
    place = Place()
    try:
        for company in range(1, number + 1):
            for scene in SCENES[: _FIRST if number < FEW else None]:
                _prepared[scene.name, company] = place.prepare(scene, company)
            if sum(sum(one.passed.values()) for one in _prepared.values()) >= number:
                break
    finally:
        place.close()


def _urls(databases: Sequence[str]) -> Any:
    urls = _FORK.SimpleQueue()
    for url in databases:
        urls.put(url)
    return urls


def _open(urls: Any) -> None:
    global _place
    _place = Place(None if urls.empty() else urls.get())
    Finalize(None, _place.close, exitpriority=10)


def _carry_out(kill: Kill) -> Outcome:
    assert _place is not None
    return _place.carry_out(kill, _prepared[kill.scene, kill.company])


def summed(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The figures of the kills. ``recovery``: seconds from the kill to the end of the try that completed the run;
    ``in_airflow``'s include the half minute that Airflow waits before a retry."""
    forked = [one for one in outcomes if one.kill.where != AIRFLOW]
    tasks = [one for one in outcomes if one.kill.where == AIRFLOW]
    return {
        "schedules": len(outcomes),
        **{name: sum(getattr(one, name) for one in outcomes) for name in ("duplicates", "lost", "cents_off")},
        "stuck": sum(bool(one.wrong) for one in outcomes),
        "bad": sum(one.bad for one in outcomes),
        "killed": sum(one.killed for one in outcomes),
        "in_airflow": len(tasks),
        "on_postgresql": sum(one.kill.where == POSTGRESQL for one in outcomes),
        "by_next_run": sum(one.kill.next_run for one in outcomes),
        "scenes": len({one.kill.scene for one in outcomes}),
        "points": len({one.kill.point for one in outcomes}),
        "places": len({(one.kill.scene, one.kill.place) for one in outcomes}),
        "recovery": _recovery(forked),
        "recovery_in_airflow": _recovery(tasks),
    }


def _recovery(outcomes: Sequence[Outcome]) -> Mapping[str, float]:
    seconds = sorted(one.seconds for one in outcomes) or [0.0]
    return {
        "median": round(statistics.median(seconds), 2),
        "p95": round(seconds[round(0.95 * (len(seconds) - 1))], 2),
        "most": round(seconds[-1], 2),
    }
