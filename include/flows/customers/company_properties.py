"""The properties that Tieout's flows write on HubSpot companies beside its figures, defined once."""

from __future__ import annotations

from include.connectors.hubspot.properties import PropertyDefinition

COMPANY_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    PropertyDefinition(
        "intacct_customer_id", "Intacct customer id", "string", "text", "The customer's id in Sage Intacct"
    ),
    PropertyDefinition("tieout_key", "Tieout key", "string", "text", "Marks what Tieout wrote; do not edit"),
)
STATE_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    PropertyDefinition("tieout_state", "Tieout state", "string", "text", "held, or nothing"),
    PropertyDefinition(
        "tieout_message", "Tieout message", "string", "textarea", "Why the company is held, and the remedy"
    ),
)


def company_key(company_id: str) -> str:
    """The mark of a company that is linked to a customer."""
    return f"hs-company-{company_id}"


def linked_values(company_id: str, customer_id: str) -> dict[str, str]:
    """What a company shows that is linked to a customer and not held."""
    return {
        "intacct_customer_id": customer_id,
        "tieout_key": company_key(company_id),
        "tieout_state": "",
        "tieout_message": "",
    }


def held_values(message: str) -> dict[str, str]:
    return {"tieout_state": "held", "tieout_message": message}


RELEASED_VALUES = {"tieout_state": "", "tieout_message": ""}
