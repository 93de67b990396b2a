"""What every flow's DAG has in common: its tasks, their pools and retries, its parameters and its defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, Param, chain, get_current_context, task, task_group

from include.flows.flow import Flow
from tieout import steps
from tieout.assets import may_change, tell_of
from tieout.retry import RetryByError
from tieout.task_run import batch_from, current_run, slices_cut

Json = dict[str, Any]

# Airflow logs what a task returns unless told otherwise, and batches hold people's data.
QUIET: Json = {"show_return_value_in_logs": False, "multiple_outputs": False}
IN_HUBSPOT: Json = {"pool": "hubspot", **QUIET}
IN_INTACCT: Json = {"pool": "intacct", **QUIET}
"""For every task that calls Intacct, whether or not it calls HubSpot too."""

FLOW_DAG: Json = {
    "start_date": datetime(2026, 1, 1),  # noqa: DTZ001  (Airflow reads it as UTC)
    "catchup": False,
    "max_active_runs": 1,
    "default_args": {
        "retries": 5,
        "retry_delay": timedelta(seconds=30),
        "retry_policy": RetryByError(),
        "execution_timeout": timedelta(hours=2),
    },
}


def scheduled(dag_id: str, cron: str) -> CronDataIntervalTimetable:
    """When the DAG runs: by ``cron`` in UTC, or as the environment variable ``TIEOUT_SCHEDULE_<DAG ID in capitals>``
    says (``TIEOUT_SCHEDULE_CHECK_CONNECTIONS="0 6 * * 1-5"``). Its runs have data intervals, which backfills need."""
    return CronDataIntervalTimetable(os.environ.get(f"TIEOUT_SCHEDULE_{dag_id.upper()}", cron), timezone="UTC")


def flow_tasks(
    flow: Flow, *, slices_in: Json, extract_in: Json, map_in: Json, load_in: Json, write_back_in: Json | None = None
) -> None:
    """``slices >> slice[extract >> map >> load >> write_back] >> cursor``, each ``.._in`` the pool of that task.

    The group is mapped over the slices, so that a failed slice stops no other. A flow without ``write_back`` has no
    such task. Tasks take their batch from XCom themselves (``batch_from``).
    """

    @task(task_id="slices", **slices_in)
    def cut() -> list[list[str]]:
        """Fix the run's window and cut the records in it, with those on hold, into slices of ids."""
        return steps.slices(current_run(flow))

    @task(**extract_in)
    def extract(ids: list[str]) -> list[Json]:
        """Read the slice's records with all that belongs to them."""
        return steps.extract(current_run(flow), ids)

    @task(task_id="map", **map_in)
    def plan() -> list[Json]:
        """Decide for each record: write, update, skip or hold."""
        return steps.plan(current_run(flow), batch_from("slice.extract"))

    @task(**load_in)
    def load() -> Json:
        """Carry the decisions out, exactly once, and read back what stands in the target."""
        return steps.load(current_run(flow), batch_from("slice.map"))

    @task(**(write_back_in or {}))
    def write_back() -> Json:
        """Write the outcome and the holds to the source records."""
        return steps.write_back(current_run(flow), batch_from("slice.load"))

    @task(trigger_rule="none_failed", outlets=[may_change(flow.name)], **QUIET)
    def cursor(done: Any) -> Json:
        """Move the cursor to the window's end and leave the run's note; tell of it by the flow's asset if the run
        changed anything."""
        note = steps.finish(current_run(flow), done, slices_cut())
        if steps.changed(note):
            tell_of(flow.name, get_current_context())
        return note

    @task_group(group_id="slice")
    def each_slice(ids: list[str]) -> Any:
        last = [load()]
        if write_back_in is not None:
            last.append(write_back())
        chain(extract(ids), plan(), *last)
        return last[-1]

    cursor(each_slice.expand(ids=cut()))


def flow_params(
    dated: str, records: str, *, id_pattern: str = "^[0-9]+$", modes: Mapping[str, str] | None = None
) -> dict[str, Param]:
    """The form of a manual run. ``dated``: the business date that *From* and *To* mean ("Won date, in the billing
    entity's calendar"); ``records``: what one may name ("HubSpot deals"). ``modes``: further modes of the run and what
    they do, beside ``auto`` and ``dry_run``.

    ``TIEOUT_MODE`` in Airflow's environment is the mode of scheduled runs, and what the form offers first: ``dry_run``
    until a company goes live. A mode that the flow does not have is a dry run too.
    """
    offered = {"auto": "do it.", **(modes or {}), "dry_run": "plan, send nothing."}
    mode = os.environ.get("TIEOUT_MODE") or "auto"
    return {
        "date_from": Param(
            None,
            type=["null", "string"],
            format="date",
            title="From",
            description=f"First day. {dated}. Empty: whatever changed since the last run.",
        ),
        "date_to": Param(
            None,
            type=["null", "string"],
            format="date",
            title="To",
            description="Last day, inclusive. Empty: that one day.",
        ),
        "record_ids": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "pattern": id_pattern},
            title="Records",
            description=f"Only these {records}, one id a line.",
        ),
        "post_mode": Param(
            mode if mode in offered else "dry_run",
            enum=list(offered),
            title="Mode",
            description=" ".join(f"{mode}: {does}" for mode, does in offered.items()),
        ),
        "limit": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="Limit",
            description="At most so many records. A limited run does not move the cursor.",
        ),
    }
