"""What a won deal shows whose customer was on credit hold when it was invoiced (setting ``customer.on_hold``). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.connectors.intacct.orders import SalesOrder
from include.connectors.intacct.records import Invoice
from include.core.decisions import Json

GUARD = "customer_on_hold"
"""Among the facts of an invoice's write: what the guard decided, so that a later run tells the same."""


def guarded(facts: Mapping[str, Any]) -> Json:
    """The guard's part of the facts that the write log keeps of an invoice; empty where the customer was not on hold.

    No change of the deal, the customer or the setting alters what was decided then.
    """
    return {GUARD: facts[GUARD]} if GUARD in facts else {}


def guard_message(facts: Mapping[str, Any], invoice: Invoice) -> str:
    """What the deal says about the hold, while it matters: a draft until it is posted, a posted one until it is paid.
    Empty where the customer was not on hold."""
    if GUARD not in facts:
        return ""
    was = f"Customer {invoice.customer_id} was on credit hold when this deal was invoiced"
    if invoice.state.lower() == "draft":
        return f"{was}, so invoice {invoice.number} is a draft: post it in Intacct when the customer may be billed."
    if invoice.balance.is_zero or not invoice.is_live or facts[GUARD] == "draft":
        return ""
    return f"{was}; invoice {invoice.number} was posted all the same."


def order_message(facts: Mapping[str, Any], order: SalesOrder) -> str:
    """The same of a deal that became a sales order, until the order is converted or closed."""
    if GUARD not in facts:
        return ""
    was = f"Customer {order.customer_id} was on credit hold when this deal was ordered"
    match order.state.lower():
        case "draft":
            return f"{was}, so {order.document_id} is a draft: submit it in Intacct when the customer may be billed."
        case "pending" if facts[GUARD] != "draft":
            return f"{was}; {order.document_id} was made all the same."
    return ""
