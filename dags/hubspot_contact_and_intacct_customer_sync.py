"""
### Customers and their people look alike in HubSpot and Intacct

**What moves.** Both ways, new and updated. The fields listed in the settings are kept alike between an Intacct
customer and its HubSpot company, and between Intacct contacts and HubSpot contacts; each has an owner (`hubspot`,
`intacct`, or `newest`: whichever was changed last), and what is changed on the wrong side is put back. A new Intacct
customer becomes a HubSpot company with its contacts; a new HubSpot contact of a customer becomes an Intacct contact,
and the customer's primary one where it has none. Before anything is created it is looked for: by customer id, tax id,
mail domain, name and address; people by e-mail. Merged HubSpot records are followed.

**When.** Hourly, by last modification on both sides. A **backfill** goes by the day on which customer or company was
made, in UTC; so does a manual run with *From* and *To*. A sync of a sync writes nothing. The first run looks at every
customer: look at a dry run before it.

**Held, not guessed.** A customer that could be several companies, or a company that could be several customers; the
same name at another address; a field that both sides changed where nothing says which change came last; a value that
a lookup table lacks. Where the customer has a company, the reason stands there (`tieout_message`).

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; the section `customer` of the main
job's settings, and `include/settings/hubspot_contact_and_intacct_customer_sync.yaml`.

**Never touched.** Credit limits, credit holds, bank and account fields in Intacct; the brand in HubSpot. Nothing is
deleted or made inactive: what is archived, deleted or inactive on one side stays on the other, and is not made anew.

**Undo.** Enter the former value on the owner's side; the next run carries it over. Records that were made are deleted
or archived by hand; they are not made a second time.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.hubspot_contact_and_intacct_customer_sync import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("hubspot_contact_and_intacct_customer_sync", "20 * * * *"),
    params=flow_params(
        dated="The day on which the customer or its company was made, in UTC",
        records="Intacct customers",
        id_pattern="^[^\\s].{0,99}$",
    ),
    doc_md=__doc__,
    tags=["hubspot", "intacct", "customers", "contacts"],
    **FLOW_DAG,
)
def hubspot_contact_and_intacct_customer_sync() -> None:
    flow_tasks(
        FLOW,
        slices_in=IN_INTACCT,
        extract_in=IN_INTACCT,
        map_in=IN_INTACCT,
        load_in=IN_INTACCT,
        write_back_in=IN_HUBSPOT,
    )


hubspot_contact_and_intacct_customer_sync()
