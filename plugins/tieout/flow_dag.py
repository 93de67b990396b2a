"""What every flow's DAG has in common: its parameters, its tasks' pools and retries, and its defaults."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param

from tieout.retry import RetryByError

SLICE_SIZE = 500
"""Records in one slice: large enough to fill Intacct's requests of 100 functions, small enough to bound a task."""
MOST_SLICES = 500

DEFAULTS: dict[str, Any] = {
    "retries": 5,
    "retry_delay": timedelta(seconds=30),
    "retry_policy": RetryByError(),
    "execution_timeout": timedelta(hours=2),
}
HUBSPOT_SLOTS = 4
"""The size of the pool ``hubspot`` in airflow_settings.yaml: each task's client takes that share of the limits."""

# Airflow logs what a task returns unless told otherwise, and batches hold people's data.
QUIET: dict[str, Any] = {"show_return_value_in_logs": False, "multiple_outputs": False}
IN_HUBSPOT: dict[str, Any] = {"pool": "hubspot", **QUIET}
IN_INTACCT: dict[str, Any] = {"pool": "intacct", **QUIET}

PARAMS = {
    "won_from": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Won from",
        description="First won date, in the billing entity's calendar. Empty: whatever changed since the last run.",
    ),
    "won_to": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Won to",
        description="Last won date, inclusive. Empty: that one day.",
    ),
    "record_ids": Param(
        None,
        type=["null", "array"],
        items={"type": "string", "pattern": "^[0-9]+$"},
        title="Deal ids",
        description="Only these HubSpot deals, one id a line.",
    ),
    "post_mode": Param(
        "auto",
        enum=["auto", "draft", "dry_run"],
        title="Posting",
        description="auto: post. draft: create drafts in Intacct. dry_run: plan, send nothing.",
    ),
    "limit": Param(
        None,
        type=["null", "integer"],
        minimum=1,
        title="Limit",
        description="At most so many deals. A limited run does not move the cursor.",
    ),
}
