"""What Tieout writes back to HubSpot deals and companies: the invoice as the books show it, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties
from include.connectors.hubspot.writeback import update_changed
from include.core.decisions import Json
from include.core.money import Money
from include.core.target import WriteBack
from include.flows.customers.company_properties import COMPANY_DEFINITIONS, company_key
from include.flows.deals.order_writeback import ORDER_DEFINITIONS, OrderedDeal
from include.flows.figures.of_deal import FIGURE_DEFINITIONS

GROUP = ("tieout", "Tieout (Sage Intacct)")


def _text(name: str, label: str, description: str) -> PropertyDefinition:
    return PropertyDefinition(name, label, "string", "text", description)


DEAL_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    *FIGURE_DEFINITIONS,
    _text("tieout_key", "Tieout key", "Marks what Tieout wrote; do not edit"),
    _text("tieout_state", "Tieout state", "posted, draft, held, waiting, reversed, credited, or nothing yet"),
    PropertyDefinition(
        "tieout_message",
        "Tieout message",
        "string",
        "textarea",
        "Why the deal is held or its invoice a draft, and the remedy",
    ),
)


@dataclass(frozen=True, slots=True)
class InvoicedDeal:
    """A deal whose invoice stands in the books, or was ended by Tieout. ``state`` is ``posted``, ``draft``,
    ``reversed``, ``credited`` (a credit memo from the start) or, where its draft was deleted, empty. ``total`` is the
    invoice's own, ``None`` without one. ``figures`` are what the deal shows of all its invoices (property -> text;
    empty where the deal is gone)."""

    deal_id: str
    company_id: str
    customer_id: str
    document_key: str
    number: str
    state: str
    total: Money | None
    figures: Mapping[str, str]
    message: str = ""

    def to_json(self) -> Json:
        return {
            "deal_id": self.deal_id,
            "company_id": self.company_id,
            "customer_id": self.customer_id,
            "document_key": self.document_key,
            "number": self.number,
            "state": self.state,
            "total": self.total.text if self.total else None,
            "currency": self.total.currency if self.total else None,
            "figures": dict(self.figures),
            "message": self.message,
        }

    @classmethod
    def from_json(cls, data: Json) -> InvoicedDeal:
        rest = {k: v for k, v in data.items() if k not in {"currency", "total"}}
        return cls(**rest, total=Money.of(data["total"], data["currency"]) if data["total"] else None)


def ensure_deal_properties(hubspot: HubSpotClient, *, orders: bool) -> list[str]:
    """Create the property group and properties that are missing, those of ``orders`` where deals become such; the names
    of those created."""
    return [
        *ensure_properties(hubspot, "deals", GROUP, DEAL_DEFINITIONS + (ORDER_DEFINITIONS if orders else ())),
        *ensure_properties(hubspot, "companies", GROUP, COMPANY_DEFINITIONS),
    ]


def deal_values(invoiced: Iterable[InvoicedDeal], held: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Deal id -> property values. ``held`` maps a deal id to its message. A hold leaves the invoice's figures."""
    values = {
        deal.deal_id: {
            **deal.figures,
            "tieout_key": deal.document_key,
            "tieout_state": deal.state,
            "tieout_message": deal.message,
        }
        for deal in invoiced
    }
    for deal_id, message in held.items():
        values[deal_id] = {"tieout_state": "held", "tieout_message": message}
    return values


def company_values(invoiced: Iterable[InvoicedDeal | OrderedDeal]) -> dict[str, dict[str, str]]:
    return {
        deal.company_id: {
            "intacct_customer_id": deal.customer_id,
            "tieout_key": company_key(deal.company_id),
        }
        for deal in invoiced
        if deal.company_id
    }


def write_deals_back(
    hubspot: HubSpotClient,
    invoiced: Sequence[InvoicedDeal],
    ordered: Sequence[OrderedDeal],
    held: Mapping[str, str],
    released: Iterable[str],
) -> tuple[WriteBack, WriteBack]:
    """Write what differs to deals and companies; a second run with the same books sends nothing.

    ``released`` are deals that are held no more and have no invoice: their hold's message is cleared.
    """
    cleared = {deal: {"tieout_state": "", "tieout_message": ""} for deal in released}
    from_orders = {deal.deal_id: deal.values for deal in ordered}
    deals = update_changed(hubspot, "deals", cleared | from_orders | deal_values(invoiced, held))
    companies = update_changed(hubspot, "companies", company_values([*invoiced, *ordered]))
    return deals, companies
