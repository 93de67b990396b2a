"""
### Intacct contracts that come up for renewal become HubSpot deals

**What moves.** Every recurring invoice, and every invoice whose lines have a revenue term of at least six months
(setting `invoice_term_months`), whose term ends, or whose anniversary comes, within 60 days (setting `days_ahead`,
today and the last day included, in the calendar of the entity that bills) gets one renewal deal in HubSpot: name,
pipeline and stage, close date, amount and currency, the company's owner, one line item for each recurring line, the
company, and the won deal that it follows. While the deal is open it follows the contract: its amount, close date and
line prices change with the recurring invoice as long as no rep changed them. Owners get one mail a day about new
ones.

**The renewal date** is the first day of the new term. A recurring invoice with an end date or a number of times
renews on the day on which the next invoice would have come, for as long again. One without an end renews on each
anniversary of its start: after `term_months` months, or the next longer whole number of its own intervals, so a
monthly invoice renews once a year and not every month. Dates are counted from the start date, so 31 January stays the
last of the month and 29 February comes back in leap years. An invoice renews on the day after its lines' term, unless
another invoice to that customer bills one of its items from about that day on. Neither renews where somebody entered a
recurring invoice for the next term: to that customer, with one of its items, starting about that day.

**Amount.** What one invoice bills for its recurring lines, times the invoices of the new term, with the uplift. Lines
whose item is a HubSpot product without billing frequency are one-time and left out. With `price: current` a line
costs HubSpot's list price where that is higher and the old deal says how many were sold.

**A rep comes first.** An open renewal that a rep made for the same company, term and product is linked: it gets the
`intacct_` figures, its own fields stay. One that a rep won or lost is left, and nothing new is made; so is a deal of
ours that was won, lost or deleted.

**Billing.** The deal of a recurring invoice says in `intacct_renewal_billing` whether that goes on. A won renewal of
one that `continues` is never invoiced a second time by `hubspot_closed_won_to_intacct_invoice`; of one that `ends`
that flow holds the deal until a person decides who bills the new term. The deal that renews an invoice is invoiced
when it is won.

**When.** Daily. What fell due on days without a run is still found by the next one. A **backfill** goes by the
renewal date in the entity's calendar, so does a manual run with *From* and *To*. There is one deal for each contract
and term.

**Held, not guessed.** A customer that no HubSpot company names in `intacct_customer_id`, or several do and no won
deal tells which one renews; an entity that `books.yaml` lacks; dates that make no recurrence.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; `smtp_default` for the mails;
settings in `include/settings/intacct_renewal_to_hubspot_deal.yaml`. In Intacct: read recurring invoices, invoices,
locations and entities. In HubSpot: read companies, products and owners, write deals and line items, and define
properties of both.

**Never touched.** Anything in Intacct: a won renewal changes no recurring invoice, extend it there. Deals' own fields
once a rep changed them; a deal's stage and owner; closed deals. Recurring invoices that were made inactive before
their end are cancelled, and renew nothing. Contracts of Intacct's Contracts module are not read.

**Undo.** Delete the deal in HubSpot; Tieout does not make it again.
"""

from __future__ import annotations

from airflow.sdk import dag

from include.flows.intacct_renewal_to_hubspot_deal import FLOW
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, flow_params, flow_tasks, scheduled


@dag(
    schedule=scheduled("intacct_renewal_to_hubspot_deal", "25 5 * * *"),
    params=flow_params(
        dated="Renewal date, in the billing entity's calendar",
        records="contracts: a recurring invoice's record number, or invoice-<record number>-<last day>",
        id_pattern="^([0-9]+|invoice-[0-9]+-[0-9]{4}-[0-9]{2}-[0-9]{2})$",
    ),
    doc_md=__doc__,
    tags=["intacct", "hubspot", "renewals"],
    **FLOW_DAG,
)
def intacct_renewal_to_hubspot_deal() -> None:
    flow_tasks(
        FLOW,
        slices_in=IN_INTACCT,
        extract_in=IN_INTACCT,
        map_in=IN_HUBSPOT,
        load_in=IN_HUBSPOT,
        write_back_in=IN_HUBSPOT,
    )


intacct_renewal_to_hubspot_deal()
