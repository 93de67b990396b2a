"""Assets: what tells other DAGs that a flow changed something.

Every flow's asset is ``tieout://<flow>``. It is updated by runs that changed something, not by every run: what a flow
does hourly would otherwise refresh hourly whatever rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk import Asset, AssetAlias, AssetAny, AssetOrTimeSchedule, CronDataIntervalTimetable


def asset_of(name: str) -> Asset:
    """The asset of a flow or report."""
    return Asset(name=name, uri=f"tieout://{name}")


def may_change(name: str) -> AssetAlias:
    """The outlet of a task that may update the flow's asset, or not: see ``tell_of``."""
    return AssetAlias(f"{name}_changed")


def tell_of(name: str, context: Mapping[str, Any]) -> None:
    """Called in a task with the outlet ``may_change(name)``: the flow's asset is updated when the task succeeds."""
    context["outlet_events"][may_change(name)].add(asset_of(name))


def fed_by(timetable: CronDataIntervalTimetable, flows: Iterable[str]) -> AssetOrTimeSchedule:
    """By time, and whenever one of these flows changed something.

    Scheduled runs and backfills keep the timetable's data intervals. While a run is at work (``max_active_runs=1``)
    Airflow gathers what changes meanwhile and starts one run for all of it.
    """
    return AssetOrTimeSchedule(timetable=timetable, assets=AssetAny(*(asset_of(name) for name in flows)))
