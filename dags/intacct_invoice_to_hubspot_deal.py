"""
### Invoices entered by hand before the cut-over are linked to their deals

**What moves.** Deals won before `go_live` (main job's settings) are never billed. Their invoices, which people entered
in Intacct by hand, are looked for by customer, amount, currency, date and purchase order, and **proposed**. An invoice
that a person approves is named on its deal (`intacct_invoice_number`) and remembered as its own; from then on payments,
overdue, credit, renewals, the revenue report and the tie-out treat it as the deal's. Nothing is created.

**When.** For the days around the cut-over: daily while it is unpaused; every run looks at all deals of the `days_back`
days before it that have no invoice. A **backfill**, and a run with *From* and *To*, goes by the won date in the billing
entity's calendar. Pause it when no proposal is left.

**Review.** `link_proposed`: one invoice fits one deal, and nothing else does. `link_ambiguous`: an invoice that fits
two deals, a deal that fits two invoices, or another date or purchase order. Trigger this DAG with *Approve* = what the
hold names: `<deal>:link-<record number>`, or `<deal>:no-link` for a deal that has none.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; settings in
`include/settings/intacct_invoice_to_hubspot_deal.yaml` and the main job's file. In Intacct: read customers and
invoices. In HubSpot: read deals, companies, contacts and line items, write deals.

**Never touched.** Anything in Intacct. Deals that have an invoice already.

**Undo.** `python -m include.state unlink --deal <id> --invoice <number>`, and take the number off the deal.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from include.flows.intacct_invoice_to_hubspot_deal import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled

APPROVE = Param(
    None,
    type=["null", "array"],
    items={"type": "string", "pattern": "^[0-9]+:(link-[0-9]+|no-link)$"},
    title="Approve",
    description="Which invoice is which deal's, as the holds name it, one a line.",
)


@dag(
    schedule=scheduled("intacct_invoice_to_hubspot_deal", "50 3 * * *"),
    params={
        **flow_params(dated="Won date, in the billing entity's calendar", records="HubSpot deals"),
        "approve": APPROVE,
    },
    doc_md=__doc__,
    tags=["intacct", "hubspot", "invoices"],
    **FLOW_DAG,
)
def intacct_invoice_to_hubspot_deal() -> None:
    flow_tasks(FLOW, slices_in=IN_HUBSPOT, extract_in=IN_HUBSPOT, map_in=IN_INTACCT, load_in=IN_INTACCT)


intacct_invoice_to_hubspot_deal()
