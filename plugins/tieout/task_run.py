"""A ``FlowRun`` from Airflow's task context: its run, its parameters, its connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from airflow.sdk import get_current_context

from include.core.errors import SettingsError
from include.core.sync import Owner
from include.flows.flow import Flow
from include.flows.run import FlowRun
from tieout.hooks.hubspot import HubSpotHook
from tieout.hooks.intacct import IntacctHook
from tieout.hooks.intacct_sessions import state_session_cache
from tieout.hooks.mail import MailHook
from tieout.hooks.slack import SlackHook
from tieout.hooks.state import StateHook
from tieout.limits import HUBSPOT_SLOTS


def current_run(flow: Flow) -> FlowRun:
    """The run that the running task belongs to."""
    context: Mapping[str, Any] = get_current_context()
    ti, dag_run = context["ti"], context["dag_run"]
    _check_conf(dag_run.conf or {}, list(context["dag"].params))
    return FlowRun(
        flow=flow,
        run_id=str(context["run_id"]),
        owner=Owner(f"{ti.dag_id}/{context['run_id']}", ti.task_id, ti.map_index, ti.try_number),
        open_store=lambda: StateHook().get_store(),
        open_hubspot=lambda: HubSpotHook().get_client(slots=HUBSPOT_SLOTS),
        open_intacct=lambda store: IntacctHook().get_client(sessions=state_session_cache(store)),
        open_mail=lambda: MailHook().get_target_or_none(),
        open_slack=lambda: SlackHook().get_target_or_none(),
        run_type=str(getattr(dag_run.run_type, "value", dag_run.run_type)),
        started_by=dag_run.triggering_user_name or "",
        interval=(context.get("data_interval_start"), context.get("data_interval_end")),
        params=context["params"],
    )


def _check_conf(conf: Mapping[str, Any], params: Sequence[str]) -> None:
    """Airflow accepts a run conf with any keys; a misspelt ``post_mode`` would post what was to be a dry run."""
    for key in conf:
        if key not in params:
            meant = get_close_matches(key, params, n=1)
            hint = f"; did you mean {meant[0]}?" if meant else ""
            raise SettingsError(
                f"{key} in the run's conf is no parameter of this DAG ({', '.join(params)}){hint} Nothing was sent."
            )


def batch_from(task_id: str) -> Any:
    """What ``task_id`` returned for the slice that the running task works on.

    Pulled here rather than handed over as the task's argument: Airflow keeps arguments in its database and shows them
    in its UI (Rendered Templates), where customers' and contacts' data must not stand. XComs are files of mode 0700.
    """
    ti = get_current_context()["ti"]
    return ti.xcom_pull(task_ids=task_id, map_indexes=ti.map_index)


def slices_cut() -> int:
    """Into how many slices the run was cut."""
    return len(get_current_context()["ti"].xcom_pull(task_ids="slices") or [])
