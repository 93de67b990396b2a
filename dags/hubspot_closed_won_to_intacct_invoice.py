"""
### Won HubSpot deals become Intacct invoices, exactly once

**What moves.** Every deal in a won stage (as its pipeline's own metadata says) becomes one posted Intacct invoice: its
line items become invoice lines with account, item and dimensions, its company becomes the customer (found, or created),
and the invoice's number, status, total, due date, balance and link are written back to the deal.

**When.** Hourly, by last modification. A **backfill** goes by the won date in the billing entity's calendar, whatever
was edited since; so does a manual run with *From* and *To*. Nothing is ever posted twice: not by a retry, a
cleared task, a backfill over the same days or two runs at once.

**Held, not guessed.** A deal that cannot be invoiced whole (no company, an unmapped product, an amount that differs
from the lines, a closed period ...) is held with its reason, which stands on the deal in HubSpot; the rest of the batch
goes on. Repair the cause, in the deal or in the settings, and the next run posts it.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; a text field on AR invoices for
Tieout's key (books.yaml, `document_key`); settings in `include/settings/hubspot_closed_won_to_intacct_invoice.yaml`.

**Never touched.** Deals' own fields, posted invoices, anything won before `go_live`.

**Undo.** Reverse the invoice in Intacct; Tieout does not post that deal again.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("hubspot_closed_won_to_intacct_invoice", "0 * * * *"),
    params=flow_params(
        dated="Won date, in the billing entity's calendar",
        records="HubSpot deals",
        modes={"draft": "create drafts in Intacct."},
    ),
    doc_md=__doc__,
    tags=["hubspot", "intacct", "invoices"],
    **FLOW_DAG,
)
def hubspot_closed_won_to_intacct_invoice() -> None:
    flow_tasks(
        FLOW,
        slices_in=IN_HUBSPOT,
        extract_in=IN_HUBSPOT,
        map_in=IN_INTACCT,
        load_in=IN_INTACCT,
        write_back_in=IN_HUBSPOT,
    )


hubspot_closed_won_to_intacct_invoice()
