"""What a HubSpot company shows of how its customer stands in the books. Pure."""

from __future__ import annotations

from include.connectors.hubspot.properties import PropertyDefinition
from include.core.books import Entity
from include.flows.figures.customer_standing import Standing

OPEN_BALANCE, UNAPPLIED_CREDIT = "intacct_open_balance", "intacct_unapplied_credit"

COMPANY_FIGURE_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    PropertyDefinition(
        OPEN_BALANCE, "Intacct open balance", "number", "number", "Open invoices, in the balance currency"
    ),
    PropertyDefinition(
        "intacct_overdue_balance", "Intacct overdue balance", "number", "number", "The part of it that is overdue"
    ),
    PropertyDefinition(
        UNAPPLIED_CREDIT,
        "Intacct unapplied credit",
        "number",
        "number",
        "Payments, advances and credit memos that settle nothing yet",
    ),
    PropertyDefinition(
        "intacct_refunded", "Intacct refunded", "number", "number", "Given back so far, in the balance currency"
    ),
    PropertyDefinition(
        "intacct_balance_currency", "Intacct balance currency", "string", "text", "ISO 4217 code of the amounts"
    ),
    PropertyDefinition("intacct_balances", "Intacct balances", "string", "text", "The same in every currency"),
    PropertyDefinition(
        "intacct_oldest_overdue_days",
        "Intacct oldest overdue days",
        "number",
        "number",
        "Calendar days since the due date of the oldest overdue invoice",
    ),
)


def company_values(standing: Standing, currency: str, refunded: str = "0") -> dict[str, str]:
    """Property -> text. The amounts are those in ``currency``, the texts tell all; nothing is converted. ``refunded``:
    what was given back in that currency."""
    shown = standing.in_currency(currency) if currency else None
    return {
        OPEN_BALANCE: shown.open.text if shown else "0",
        "intacct_overdue_balance": shown.overdue.text if shown else "0",
        UNAPPLIED_CREDIT: shown.unapplied.text if shown else "0",
        "intacct_refunded": refunded,
        "intacct_balance_currency": currency,
        "intacct_balances": str(standing),
        "intacct_oldest_overdue_days": str(standing.oldest_overdue_days),
    }


NO_FIGURES = {one.name: "" for one in COMPANY_FIGURE_DEFINITIONS}
"""What a company shows that is no customer's."""


def main_currency(standing: Standing, own_currency: str, entity: Entity | None) -> str:
    """The currency in which a company's amounts are shown: the customer's own, else the only one in which anything is
    open or unapplied, else its entity's, else the first of those by code; ``""`` where nothing tells."""
    found = [one.currency for one in standing.balances]
    if own_currency or len(found) == 1:
        return own_currency or found[0]
    return entity.base_currency if entity else "".join(found[:1])
