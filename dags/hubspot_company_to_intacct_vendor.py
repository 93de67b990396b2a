"""
### HubSpot companies that are vendors get their Intacct vendor record, after a person's review

**What moves.** A company whose role (setting; the demo's property is `partner_role`) says *vendor* or *both* is looked
for among Intacct's vendors: by id, tax id, mail domain, name and address. One that is found is linked. One that is not
becomes a vendor with address, primary contact, payment term, tax id, currency and the mapped fields, **but only after a
person approved it, and on hold** (`ONHOLD`): Intacct pays nothing to it until somebody there releases it. Back to the
company go the vendor's id and its status (`intacct_vendor_id`, `intacct_vendor_status`). Address and phone of vendors
that Tieout made go on following the company (where you pay by cheque, take `address` out of `follow.fields`).

**Review.** A new vendor is held as `vendor_review`; the hold says what would be made. Trigger this DAG with *Approve* =
the company's id: just those are made. An approval counts for what the review showed: a company that was edited since is
shown again.

**When.** Hourly, by last modification of the company or, for its status, of the vendor. A **backfill** goes by the day
on which the role first said vendor, in the calendar of the entity that the settings name.

**Held, not guessed.** Every new vendor; two vendors that it could be; one of the same name at another address; an
inactive one; a term or currency that the tables lack. The reason stands on the company (`tieout_vendor_message`).

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; settings in
`include/settings/hubspot_company_to_intacct_vendor.yaml`. In Intacct: read, add and edit vendors. In HubSpot: read
companies and contacts, write companies, define their properties.

**Never touched.** Bank details, in either direction: settings that name one are refused. How a vendor is paid, and
whether: hold, payment method, pay-to contact. Vendors that were there before, unless `follow.linked` says so. A vendor
whose company's role changes stays.

**Undo.** Make the vendor inactive, or delete it, in Intacct, and clear `intacct_vendor_id` on the company. The same
company is not made a vendor a second time.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from include.flows.hubspot_company_to_intacct_vendor import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled

APPROVE = Param(
    None,
    type=["null", "array"],
    items={"type": "string", "pattern": "^[0-9]+$"},
    title="Approve",
    description="HubSpot companies whose review you read and that may become vendors, one id a line.",
)


@dag(
    schedule=scheduled("hubspot_company_to_intacct_vendor", "35 * * * *"),
    params={
        **flow_params(
            dated="The day on which the company's role first said vendor, in the calendar that the settings name",
            records="HubSpot companies",
        ),
        "approve": APPROVE,
    },
    doc_md=__doc__,
    tags=["hubspot", "intacct", "vendors"],
    **FLOW_DAG,
)
def hubspot_company_to_intacct_vendor() -> None:
    flow_tasks(
        FLOW,
        slices_in=IN_INTACCT,
        extract_in=IN_HUBSPOT,
        map_in=IN_INTACCT,
        load_in=IN_INTACCT,
        write_back_in=IN_HUBSPOT,
    )


hubspot_company_to_intacct_vendor()
