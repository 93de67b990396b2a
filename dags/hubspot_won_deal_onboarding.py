"""
### The first won deal of a new customer starts its onboarding

**What moves.** For the first won deal of a company that has bought nothing before: its customer record in Intacct,
found or created with the billing entity, as the main job would make it; the enrolment of the primary contact in the
onboarding sequence; and the tasks of the welcome checklist for the deal's owner, on the deal, the company and the
contact. Where HubSpot does not let the connection enrol anybody (sequences need a Sales or Service Hub Professional
seat, and the OAuth token of that user), the owner gets a task to do it by hand, in the same run. Every step stands on
the deal: `tieout_onboarding` says which are done and why others are open, `tieout_onboarding_open` how many are.

**A new customer** has no other deal that was won before (in any pipeline; of two at one moment the older record
counts), was not onboarded with another deal, and its Intacct customer, if there is one, has no invoice dated before the
won day. Other deals are passed by; the log says why.

**When.** Hourly, by last modification. A **backfill** goes by the won date in the billing entity's calendar, so does a
manual run with *From* and *To*. Each step is done once, whatever is run again; a task that was deleted is not made
again. What one step lacks keeps no other back, and every run does what is left.

**Held, not guessed.** A customer that cannot be decided (the main job's reasons), no billing entity, a contact that is
missing or has no e-mail address, what a system refuses. The tasks go ahead meanwhile.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; the main job's settings and
`include/settings/hubspot_won_deal_onboarding.yaml`. In HubSpot: read deals, companies, contacts, line items and owners,
write tasks and companies, and for sequences `automation.sequences.enrollments.write`.

**Never touched.** Deals won before `go_live`; existing customers; tasks once they are made; an enrolment that is there.

**Undo.** Delete the tasks and unenrol the contact in HubSpot (its API cannot), make the customer inactive in Intacct.
Nothing is made a second time.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.hubspot_won_deal_onboarding import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("hubspot_won_deal_onboarding", "15 * * * *"),
    params=flow_params(dated="Won date, in the billing entity's calendar", records="HubSpot deals"),
    doc_md=__doc__,
    tags=["hubspot", "intacct", "customers", "tasks"],
    **FLOW_DAG,
)
def hubspot_won_deal_onboarding() -> None:
    flow_tasks(
        FLOW,
        slices_in=IN_HUBSPOT,
        extract_in=IN_HUBSPOT,
        map_in=IN_INTACCT,
        load_in=IN_INTACCT,
        write_back_in=IN_HUBSPOT,
    )


hubspot_won_deal_onboarding()
