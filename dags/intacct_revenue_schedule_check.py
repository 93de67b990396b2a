"""
### Is revenue recognised in Intacct as it was sold?

**What moves.** Nothing: every AR invoice that has revenue schedules, whoever made it, when it, a schedule, or what was
applied to it changed, is read. Intacct makes the schedules and posts them; this flow only compares:

- a schedule adds up to its line, and recognises nothing outside the line's term (both days included);
- month by month it is what is earned, by the method of its template (setting `methods`), but for the cents that Intacct
  leaves to the last month. Where Sage divides a year by 365 days, that is shown;
- after a credit memo what is posted stays, and the rest follows what is left of the line: the months are told;
- a reversed invoice earns nothing more.

**Held, not repaired.** `revenue_not_the_amount`, `revenue_outside_term`, `revenue_differs`, `revenue_after_credit`,
`revenue_goes_on`: each names the schedule, both amounts and what to change in Intacct. A hold closes by itself once the
schedule is right.

**When.** Daily. A **backfill** goes by invoice date.

**Needs.** Connections `sage_intacct_default`, `tieout_state`; settings in
`include/settings/intacct_revenue_schedule_check.yaml`. In Intacct: read invoices, their lines, payments, credit memos
and revenue schedules.

**Never touched.** Anything in either system.

**Undo.** Nothing to undo: pause the DAG.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.intacct_revenue_schedule_check import FLOW
from tieout.flow_dag import FLOW_DAG, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("intacct_revenue_schedule_check", "40 5 * * *"),
    params=flow_params(dated="Invoice date", records="invoices, by Intacct record number"),
    doc_md=__doc__,
    tags=["intacct", "revenue"],
    **FLOW_DAG,
)
def intacct_revenue_schedule_check() -> None:
    flow_tasks(FLOW, slices_in=IN_INTACCT, extract_in=IN_INTACCT, map_in=IN_INTACCT, load_in=IN_INTACCT)


intacct_revenue_schedule_check()
