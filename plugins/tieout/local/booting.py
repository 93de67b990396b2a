"""Waits until Airflow and the twins answer, saying what is still missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import requests

from tieout.local.airflow_api import AirflowApi
from tieout.local.components import Components

_PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
BOOT_SECONDS = 240.0


class NotHealthy(Exception):
    """Something did not come up in time; the message names it."""


class Progress(Protocol):
    """Where progress is told. ``said`` is a finished sentence, ``waiting`` what is being waited for just now."""

    def said(self, sentence: str) -> None: ...

    def waiting(self, what: str) -> AbstractContextManager[Callable[[str], None]]: ...


def wait_until(
    condition: Callable[[], bool], components: Components, *, what: str, seconds: float, pause: float = 0.25
) -> None:
    """Ask again and again. Raises ``ProgramEnded`` at once where a program has ended, ``NotHealthy`` at the end."""
    deadline = time.monotonic() + seconds
    while not condition():
        components.check()
        if time.monotonic() > deadline:
            raise NotHealthy(f"{what} is not there after {seconds:.0f} seconds. The logs are in .airflow/logs.")
        time.sleep(pause)


def wait_healthy(api: AirflowApi, components: Components, tell: Callable[[str], None]) -> float:
    """Wait for all four of Airflow's health reports. Returns the seconds it took."""
    started = time.monotonic()
    missing: list[str] = list(_PARTS)

    def healthy() -> bool:
        health = api.health()
        missing[:] = [part for part in _PARTS if health.get(part) != "healthy"]
        named = ", ".join(missing).replace("_", " ") if health else "the web server"
        tell(f"waiting for {named}" if missing else "all parts are healthy")
        return not missing

    try:
        wait_until(healthy, components, what="Airflow", seconds=BOOT_SECONDS)
    except NotHealthy as late:
        raise NotHealthy(f"{late} Missing: {', '.join(missing)}.") from None
    return time.monotonic() - started


def wait_for_dag(api: AirflowApi, components: Components, dag_id: str) -> None:
    """Wait until the DAG processor has read the DAG. Raises ``NotHealthy`` with the reason if it cannot."""

    def there() -> bool:
        if api.has_dag(dag_id):
            return True
        for filename, trace in api.import_errors():
            if dag_id in filename:
                last = (trace.strip().splitlines() or ["no reason given"])[-1]
                raise NotHealthy(f"Airflow cannot read {filename}: {last}")
        return False

    wait_until(there, components, what=f"The DAG {dag_id}", seconds=90, pause=0.5)


def answers(url: str) -> bool:
    """Whether a GET is answered with success."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=5).ok
        except requests.RequestException:
            return False
