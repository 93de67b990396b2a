"""What a HubSpot deal shows of the sales order that it became, as Intacct's books show the order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from include.connectors.hubspot.properties import PropertyDefinition
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.orders import get_orders
from include.core.decisions import Json, Write
from include.core.money import Money
from include.core.sync import Result
from include.flows.deals.hold_guard import order_message

ORDER_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    PropertyDefinition("intacct_order_number", "Intacct order number", "string", "text", "The order in Sage Intacct"),
    PropertyDefinition("intacct_order_status", "Intacct order status", "string", "text", "Its state in Sage Intacct"),
    PropertyDefinition("intacct_order_total", "Intacct order total", "number", "number", "In the order's currency"),
    PropertyDefinition("intacct_order_currency", "Intacct order currency", "string", "text", "ISO 4217 code"),
)


@dataclass(frozen=True, slots=True)
class OrderedDeal:
    """A deal whose sales order stands in the books, with the figures read from there."""

    deal_id: str
    company_id: str
    customer_id: str
    document_key: str
    order_number: str
    status: str
    total: Money
    message: str = ""

    def to_json(self) -> Json:
        names = ("deal_id", "company_id", "customer_id", "document_key", "order_number", "status", "message")
        figures = {"total": self.total.text, "currency": self.total.currency}
        return {**{name: getattr(self, name) for name in names}, **figures}

    @classmethod
    def from_json(cls, data: Json) -> OrderedDeal:
        rest = {name: value for name, value in data.items() if name not in {"total", "currency"}}
        return cls(**rest, total=Money.of(data["total"], data["currency"]))

    @property
    def values(self) -> dict[str, str]:
        """Property -> value, for the deal."""
        return {
            "intacct_order_number": self.order_number,
            "intacct_order_status": self.status,
            "intacct_order_total": self.total.text,
            "intacct_order_currency": self.total.currency,
            "tieout_key": self.document_key,
            "tieout_state": "ordered",
            "tieout_message": self.message,
        }


def read_ordered(intacct: IntacctClient, planned: Iterable[Write], results: Iterable[Result]) -> list[OrderedDeal]:
    """The deals whose order now stands in Intacct, with its figures as the books show them (one query per 1,000)."""
    done = {r.key: r.target_id for r in results if r.state in {"written", "unchanged"}}
    writes = [write for write in planned if write.key in done]
    books = {order.document_id: order for order in get_orders(intacct, [done[write.key] for write in writes])}
    found = [(write, books[done[write.key]]) for write in writes if done[write.key] in books]
    return [
        OrderedDeal(
            deal_id=write.key.source_id,
            company_id=str(write.facts["company"]),
            customer_id=order.customer_id,
            document_key=write.key.document_key(),
            order_number=order.document_id,
            status=order.state,
            total=order.total,
            message=order_message(write.facts, order),
        )
        for write, order in found
    ]
