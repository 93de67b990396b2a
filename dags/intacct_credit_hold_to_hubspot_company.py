"""
### A customer's credit trouble in Intacct is flagged on its HubSpot companies and open deals

**What moves.** Three things are looked at: the customer is on hold, it owes more than its credit limit, or something is
overdue beyond a limit (setting `overdue`: days, and amounts by currency). They stand as `intacct_credit_status` (`ok`,
or `on_hold`, `over_limit`, `overdue`, several at once) with `intacct_credit_reason` and `intacct_credit_since` on every
company that names the customer and on the open deals whose primary or only company it is. The owners of the companies
get one mail when the status changes, finance and Slack too where the settings say so.

**What is owed** is what is open less what is unapplied, in each currency; other currencies are added to the limit's at
the rates of the settings. Credit in one currency does not lower what is owed in another. Orders that are not invoiced
yet do not count.

**Cleared by itself.** All is recomputed from the books. When the cause is gone the status is `ok` and the reason empty,
also on deals that were closed meanwhile, and the owner is told.

**When.** Hourly: customers, receivables and companies that changed, everything that is flagged, and what became too
late by the mere passing of days, also on days without a run. The first run looks at every customer. A **backfill** goes
by the day on which an open invoice began to be overdue or too late; what is written is how the customer stands now.

**Held, not guessed.** `exposure_unknown`: the customer has a limit and owes in a currency without a rate into the
limit's, so that nobody can say whether it is over the limit. The other flags are set all the same.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; `smtp_default` for the mails and
`slack_default` for Slack, where wanted; settings in `include/settings/intacct_credit_hold_to_hubspot_company.yaml`. In
Intacct: read customers, invoices, payments, advances and adjustments. In HubSpot: read owners and pipelines, write
companies and deals, and define properties of both.

**Never touched.** Anything in Intacct; deals' stages, deals of other companies; deals that are closed and show no flag.
What the main job does with a won deal of a customer on hold is its own setting, `customer.on_hold`. A company that
names a customer no longer, and a deal that has moved to another company, keep their flags until a person clears them.

**Undo.** Pause the DAG and clear the three properties in HubSpot.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.intacct_credit_hold_to_hubspot_company import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("intacct_credit_hold_to_hubspot_company", "50 * * * *"),
    params=flow_params(
        dated="Day on which an open invoice began to be overdue or too late, in the billing entity's calendar",
        records="customers, by Intacct customer id",
        id_pattern=r"^\S.*$",
    ),
    doc_md=__doc__,
    tags=["intacct", "hubspot", "receivables"],
    **FLOW_DAG,
)
def intacct_credit_hold_to_hubspot_company() -> None:
    flow_tasks(FLOW, slices_in=IN_INTACCT, extract_in=IN_INTACCT, map_in=IN_HUBSPOT, load_in=IN_HUBSPOT)


intacct_credit_hold_to_hubspot_company()
