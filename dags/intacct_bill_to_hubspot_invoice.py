"""
### AP bills of partners as marked drafts among HubSpot's invoices (off by default)

**Read this first.** A bill is money that we owe, a HubSpot invoice is money owed to us. Copied naively, bills inflate
revenue in HubSpot and may be mailed to the partner. So the flow is **off** until `enabled: true` stands in its
settings; until then a run says so and ends.

**What moves.** Each posted AP bill of a vendor that is a mapped partner becomes one HubSpot invoice with a line item
for each line of the bill: a **draft** that is not billable (HubSpot neither renders nor sends nor collects it), titled
`[AP bill] ...`, with `intacct_source_type` = `APBILL` on the invoice and on its line items, and the bill's number,
vendor, state, total, paid and balance. It is tied to the company, and to the company's contact who has the vendor's
e-mail address; never to a deal. When the bill changes, the draft is recomputed from the books; when it is reversed, the
draft says so and adds up to zero.

**Kept out of revenue.** Nothing of ours counts these drafts. In HubSpot reports on invoices or line items, leave out
those whose `intacct_source_type` is known.

**Who is a mapped partner.** The table `partners` in the settings; else the company whose `intacct_vendor_id` is the
vendor's; else the one with its tax id whose role says vendor. Bills of other vendors are skipped.

**When.** Hourly, by last modification. A **backfill** goes by the bill date, so does a manual run with *From* and *To*:
run one after you mapped a new partner. There is one draft for each bill, however often it is looked at.

**Held, not guessed.** Several companies that could be the vendor; a draft that somebody opened; a bill below zero; a
currency that HubSpot lacks.

**Needs.** Connections `sage_intacct_default`, `hubspot_default`, `tieout_state`. In Intacct: read bills and vendors. In
HubSpot: read companies and contacts, write invoices and line items, define properties of companies, invoices and line
items. Settings in `include/settings/intacct_bill_to_hubspot_invoice.yaml`.

**Never touched.** Anything in Intacct; deals; invoices that Tieout did not make; drafts that were opened or voided.

**Undo.** Set `enabled` to false and delete the drafts in HubSpot (`intacct_source_type` = `APBILL`); they are not made
again.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.intacct_bill_to_hubspot_invoice import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("intacct_bill_to_hubspot_invoice", "40 * * * *"),
    params=flow_params(dated="Bill date", records="AP bills, by Intacct record number"),
    doc_md=__doc__,
    tags=["intacct", "hubspot", "bills"],
    **FLOW_DAG,
)
def intacct_bill_to_hubspot_invoice() -> None:
    flow_tasks(FLOW, slices_in=IN_INTACCT, extract_in=IN_INTACCT, map_in=IN_HUBSPOT, load_in=IN_HUBSPOT)


intacct_bill_to_hubspot_invoice()
