"""The document that a priced deal becomes: an invoice, a sales order, or a credit memo below zero. Pure."""

from __future__ import annotations

from include.connectors.intacct.target_objects import PLAN
from include.core.decisions import Json, Write
from include.flows.deals.bill import Bill
from include.flows.deals.credit import credit_memo
from include.flows.deals.documents import invoice_key, order_key
from include.flows.deals.order import order_payload
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.taxed import TAXED, planned_tax, tax_facts, untaxed


def document_of(
    record: DealRecord,
    bill: Bill,
    payload: Json,
    facts: Json,
    customer_id: str,
    settings: WonDealSettings,
    summary: str,
    *,
    draft: bool,
) -> Write:
    """``payload`` is the invoice's, without its action; ``facts`` are the deal's. Raises ``HoldThis`` where a line of
    an order has no item."""
    expected = {PLAN: {TAXED: planned_tax(bill)}} if bill.tax else {}
    taxed = facts | tax_facts(bill, settings.tax)
    if bill.total.is_negative:
        return credit_memo(record, bill, payload, customer_id, taxed, f"{summary}, as a credit memo")
    definition = settings.sales_orders.get(record.deal.get("pipeline") or "")
    if definition:
        order = order_payload(payload, bill.lines, definition) | {"state": "Draft" if draft else "Pending"}
        expect = {"TRX_TOTAL": untaxed(bill).text, "CURRENCY": bill.currency, "CUSTVENDID": customer_id}
        return Write(order_key(record.deal_id), order | expected, facts, expect, f"{summary}, as {definition}")
    invoice = payload | {"action": "Draft" if draft else "Submit"} | expected
    expect = {"TRX_TOTALENTERED": bill.total.text, "CURRENCY": bill.currency, "CUSTOMERID": customer_id}
    return Write(invoice_key(record.deal_id), invoice, taxed, expect, summary)
