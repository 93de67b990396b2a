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

**Changed after posting.** A deal whose amount, lines, company or currency changes, or that is no longer won, goes by a
table of what stands in Intacct now: reverse and bill anew, supplementary invoice, credit memo, edited or deleted draft,
or a task for finance. The deal is held with the plan in words (documents, debits and credits, what is owed before and
after); a manual run with *Approve* carries it out. Smaller ones than `changes.approve_above` need no approval.

**Invoiced by hand meanwhile.** Before a deal is billed, its customer's invoices of those days are looked through. One
over the same amount that no deal has holds it: *Approve* links the two, or bills the deal all the same.

**Never touched.** Deals' own fields, anything won before `go_live`. Posted documents are reversed or credited, never
edited or deleted.

**Undo.** Set the deal back and approve what follows; or reverse the invoice in Intacct: Tieout bills that deal again
only when it changes, and with your approval.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled

APPROVE = Param(
    None,
    type=["null", "array"],
    items={"type": "string", "pattern": "^[0-9]+:([0-9a-f]+|link-[0-9]+|bill)$"},
    title="Approve",
    description="What holds ask for, as they name it, one a line: changes of invoiced deals, invoices entered by hand. "
    "What is not the plan that was approved any more is shown again.",
)


@dag(
    schedule=scheduled("hubspot_closed_won_to_intacct_invoice", "0 * * * *"),
    params=flow_params(
        dated="Won date, in the billing entity's calendar",
        records="HubSpot deals",
        modes={"draft": "create drafts in Intacct."},
    )
    | {"approve": APPROVE},
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
