"""
### What becomes of an invoice in Intacct shows on its HubSpot deal and company

**What moves.** Payments, part payments, overpayments, advances, credit memos, write-offs, reversals (a bounced cheque)
and voids. For every invoice that one of them touched, the deal shows status, total, paid, credited, written off,
balance, due date, days overdue, the last payment and the last reversal; the customer's company shows the open and the
overdue balance and the unapplied credit, per currency. All of it is computed anew from the books, never added up, so
that a reversal sets a paid deal back to open.

**When.** Hourly, by what changed in Intacct (payments, their details, credit memos and invoices) and by the deals and
companies that changed in HubSpot; after each entity's midnight also all overdue invoices, because their age grows by
itself, and whatever shows something open, because Intacct does not tell what was deleted. A **backfill** goes by the
date of receipt of payments and the posting date of credit memos, in the entity's calendar, and shows the books as they
are now; so does a manual run with *From* and *To*.

**Which deal.** The one whose key Tieout wrote into the invoice, or into the sales order it came from, and every deal
whose `intacct_invoice_number` names the invoice: write a number there, or several joined by `;`, to link invoices
entered by hand. An invoice without a deal counts for its company alone.

**Held, not guessed.** A deal whose invoices are in several currencies shows no amounts; one that names an invoice which
Intacct does not have (any more) shows the others.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; companies with `intacct_customer_id`;
the accounts of bad debt in books.yaml (`bad_debt_accounts`); settings in
`include/settings/intacct_payment_to_hubspot_deal.yaml`.

**Never touched.** Anything in Intacct; deals' and companies' own fields, their stages among them.

**Undo.** Switch the DAG off and clear the `intacct_` properties; nothing else was changed.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.intacct_payment_to_hubspot_deal import FLOW
from include.flows.payments.finding import ID_PATTERN
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("intacct_payment_to_hubspot_deal", "30 * * * *"),
    params=flow_params(
        dated="Date of receipt of payments, posting date of credit memos, in the entity's calendar",
        records="Intacct invoices (RECORDNO) or customers (customer:C-100)",
        id_pattern=ID_PATTERN,
    ),
    doc_md=__doc__,
    tags=["intacct", "hubspot", "payments"],
    **FLOW_DAG,
)
def intacct_payment_to_hubspot_deal() -> None:
    flow_tasks(FLOW, slices_in=IN_INTACCT, extract_in=IN_INTACCT, map_in=IN_HUBSPOT, load_in=IN_HUBSPOT)


intacct_payment_to_hubspot_deal()
