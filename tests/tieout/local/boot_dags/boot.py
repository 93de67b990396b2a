"""One task that does nothing: what the boot check triggers."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import dag, task


@dag(schedule=None, start_date=datetime(2026, 1, 1))  # noqa: DTZ001  (Airflow reads it as UTC)
def boot() -> None:
    @task
    def nothing() -> str:
        return "done"

    nothing()


boot()
