"""
### Overdue Intacct invoices become HubSpot tasks of the owner, and one mail a day

**What moves.** Every open invoice that is past its due date and the days of grace, in the calendar of the entity that
billed it, gets one HubSpot task for each dunning stage it reaches (settings `grace_days`, `stages`). The task belongs
to the customer's companies, to the contact with the billing contact's e-mail address, and to the deals that the
invoice came from. It is the contact owner's, else the company owner's, else the fallback owner's. Its priority comes
from the stage, and is a step higher for a large balance. Each business day every owner gets one mail that lists their
overdue invoices, and on a weekend if a person starts the run; Slack gets the list too where the settings say so.

**Follows the books.** A task closes itself when nothing is open any more (paid, credited, written off), or the invoice
is reversed, deleted or due later. After a part payment its line *In the books* shows what is still open. When the next
stage begins, its task takes the place of the old one. A returned payment (NSF) makes a new task of the stage that the
invoice is in. What a person completes or deletes stays so until the next stage.

**When.** Daily. Stages of days without a run are caught up: an invoice gets the task of the highest stage it has
reached, not one for each missed stage. A **backfill** goes by the day on which a stage begins; what is done about
those invoices is what the books say now. Dated and limited runs and runs of named records send no mail.

**Held, not guessed.** An overdue invoice of a customer that no HubSpot company names in `intacct_customer_id`.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; `smtp_default` for the mails and
`slack_default` for Slack, where wanted; settings in `include/settings/intacct_overdue_to_hubspot_task.yaml`. In
Intacct: read invoices, customers and contacts. In HubSpot: read companies, contacts, deals and owners, write tasks, and
define one property of tasks (where HubSpot refuses that, tasks are found by a line in their text).

**Never touched.** Anything in Intacct; tasks that Tieout did not make; subject, owner, due date and priority of a task
once it is made. Debit memos are in no dunning: Intacct keeps no due date for them.

**Undo.** Delete the tasks in HubSpot; Tieout does not make them again.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.intacct_overdue_to_hubspot_task import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("intacct_overdue_to_hubspot_task", "35 5 * * *"),
    params=flow_params(
        dated="Day on which a dunning stage begins, in the billing entity's calendar",
        records="invoices, by Intacct record number",
    ),
    doc_md=__doc__,
    tags=["intacct", "hubspot", "receivables"],
    **FLOW_DAG,
)
def intacct_overdue_to_hubspot_task() -> None:
    flow_tasks(
        FLOW,
        slices_in=IN_INTACCT,
        extract_in=IN_INTACCT,
        map_in=IN_HUBSPOT,
        load_in=IN_HUBSPOT,
        write_back_in=IN_HUBSPOT,
    )


intacct_overdue_to_hubspot_task()
