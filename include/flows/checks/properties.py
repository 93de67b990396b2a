"""The HubSpot properties that flows define: are those that exist as they must be?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.properties import PropertyDefinition, get_properties
from include.connectors.hubspot.source_key import BODIES, OBJECTS, source_key_property
from include.core.errors import TieoutError, TransientError
from include.flows.bills import invoice as bill_invoice
from include.flows.checks.finding import Finding
from include.flows.credit.plan import CHANGE_DEFINITION, FLAG_DEFINITIONS
from include.flows.customers.company_properties import COMPANY_DEFINITIONS, STATE_DEFINITIONS
from include.flows.deals.order_writeback import ORDER_DEFINITIONS
from include.flows.deals.writeback import DEAL_DEFINITIONS
from include.flows.figures.of_company import COMPANY_FIGURE_DEFINITIONS
from include.flows.figures.of_deal import FIGURE_DEFINITIONS
from include.flows.renewals import deal as renewal_deal

Definitions = Mapping[str, Sequence[PropertyDefinition]]

_LINKED = (*COMPANY_DEFINITIONS, *STATE_DEFINITIONS)
DEFINED: Mapping[str, Definitions] = {
    "hubspot_closed_won_to_intacct_invoice": {
        "deals": (*DEAL_DEFINITIONS, *ORDER_DEFINITIONS),
        "companies": COMPANY_DEFINITIONS,
    },
    "hubspot_company_to_intacct_customer": {"companies": _LINKED},
    "hubspot_contact_and_intacct_customer_sync": {"companies": _LINKED},
    "hubspot_won_deal_onboarding": {"companies": _LINKED},
    "intacct_credit_hold_to_hubspot_company": {
        "deals": FLAG_DEFINITIONS,
        "companies": (*FLAG_DEFINITIONS, CHANGE_DEFINITION),
    },
    "intacct_payment_to_hubspot_deal": {"deals": FIGURE_DEFINITIONS, "companies": COMPANY_FIGURE_DEFINITIONS},
    "intacct_renewal_to_hubspot_deal": {
        "deals": renewal_deal.DEAL_DEFINITIONS,
        "line_items": renewal_deal.LINE_DEFINITIONS,
    },
    "intacct_bill_to_hubspot_invoice": {
        "companies": bill_invoice.COMPANY_DEFINITIONS,
        "invoices": bill_invoice.INVOICE_DEFINITIONS,
        "line_items": bill_invoice.LINE_DEFINITIONS,
    },
}
"""Flow -> object -> what the flow defines there when it first runs."""
MADE: Mapping[str, Sequence[str]] = {
    "hubspot_closed_won_to_intacct_invoice": ("task",),
    "hubspot_contact_and_intacct_customer_sync": ("company", "contact"),
    "hubspot_won_deal_onboarding": ("task",),
    "intacct_overdue_to_hubspot_task": ("task",),
    "intacct_renewal_to_hubspot_deal": ("deal", "line_item"),
    "intacct_bill_to_hubspot_invoice": ("invoice", "line_item"),
}
"""Flow -> what it makes in HubSpot, which needs the unique property ``tieout_source_key``."""


def wanted_by(flows: Iterable[str]) -> dict[str, list[PropertyDefinition]]:
    """Object -> the definitions of these flows, each name once."""
    wanted = defaultdict[str, dict[str, PropertyDefinition]](dict)
    for flow in flows:
        for kind, definitions in DEFINED.get(flow, {}).items():
            wanted[kind] |= {one.name: one for one in definitions}
        for name in MADE.get(flow, ()):
            if (
                name not in BODIES
            ):  # tasks and notes are found by a line of their text where HubSpot has no such property
                one = source_key_property()
                wanted[OBJECTS[name]][one.name] = one
    return {kind: list(definitions.values()) for kind, definitions in wanted.items()}


def check_properties(hubspot: HubSpotClient, flows: Iterable[str]) -> list[Finding]:
    """One call for each object. A missing property is none to worry about: the flow makes it when it first runs.

    Raises ``TransientError``.
    """
    findings = []
    for kind, definitions in wanted_by(flows).items():
        try:
            there = get_properties(hubspot, kind)
        except TransientError:
            raise
        except TieoutError as error:
            findings.append(Finding("hubspot", f"properties of {kind}", "problem", error.message))
            continue
        findings += _compared(kind, definitions, there)
    return findings


def _compared(
    kind: str, definitions: Sequence[PropertyDefinition], there: Mapping[str, PropertyDefinition]
) -> list[Finding]:
    subject = f"properties of {kind}"
    wrong = []
    for one in definitions:
        found = there.get(one.name)
        if found is not None and found.type != one.type:
            wrong.append(f"{one.name} is of type {found.type}, not {one.type}: rename or archive it in HubSpot")
        elif found is not None and one.unique and not found.unique:
            wrong.append(
                f"{one.name} does not have unique values, which cannot be changed: archive it and delete it for good"
            )
    missing = [one.name for one in definitions if one.name not in there]
    findings = [Finding("hubspot", subject, "problem", f"HubSpot's {kind}: {why}.") for why in wrong]
    if missing:
        told = f"HubSpot's {kind} lack {', '.join(missing)}; the flow that needs them makes them when it first runs."
        findings.append(Finding("hubspot", subject, "ok", told))
    elif not wrong:
        told = f"All {len(definitions)} properties of Tieout on HubSpot's {kind} are as needed."
        findings.append(Finding("hubspot", subject, "ok", told))
    return findings
