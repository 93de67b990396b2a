"""
### HubSpot companies that become customers get their Intacct customer record

**What moves.** A company whose lifecycle stage becomes *customer* (setting) and that has no Intacct customer yet: its
name, billing address, primary contact, payment term, tax id, delivery options, currency and billing entity become its
customer record. Before that, Intacct is searched by id, tax id, mail domain, name and address; a customer
that is there already is linked. The customer's id stands on the company then (`intacct_customer_id`).

**When.** Hourly, by last modification. A **backfill** goes by the day on which the company became a customer, in its
billing entity's calendar; so does a manual run with *From* and *To*.

**Held, not guessed.** Two customers that could be it, a customer of the same name at another address, an inactive one,
no billing entity, an unknown term or currency. The reason stands on the company (`tieout_state`, `tieout_message`).

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; the sections `customer`, `entity` and
`go_live` of the main job's settings, and `include/settings/hubspot_company_to_intacct_customer.yaml`.

**Never touched.** Existing customers: this flow links them and changes nothing. Bank and credit data. Companies that
became customers before `go_live` are linked where their customer is found, and never created.

**Undo.** Make the customer inactive, or delete it, in Intacct, and clear `intacct_customer_id` on the company. The same
company is not made a customer a second time.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.hubspot_company_to_intacct_customer import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("hubspot_company_to_intacct_customer", "10 * * * *"),
    params=flow_params(
        dated="The day on which the company became a customer, in the billing entity's calendar",
        records="HubSpot companies",
    ),
    doc_md=__doc__,
    tags=["hubspot", "intacct", "customers"],
    **FLOW_DAG,
)
def hubspot_company_to_intacct_customer() -> None:
    flow_tasks(
        FLOW,
        slices_in=IN_HUBSPOT,
        extract_in=IN_HUBSPOT,
        map_in=IN_INTACCT,
        load_in=IN_INTACCT,
        write_back_in=IN_HUBSPOT,
    )


hubspot_company_to_intacct_customer()
