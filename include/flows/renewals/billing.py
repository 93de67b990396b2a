"""Who bills a won renewal: the recurring invoice in Intacct that it renews, or the deal itself. Pure."""

from __future__ import annotations

from include.flows.deals.bill import HoldThis
from include.flows.deals.records import Sheet

RENEWAL_BILLING = "intacct_renewal_billing"
CONTINUES, ENDS = "continues", "ends"
BILLING_PROPERTIES = (RENEWAL_BILLING, "intacct_contract")


def billed_in_intacct(deal: Sheet) -> str | None:
    """Why a won deal needs no invoice of its own: the recurring invoice that it renews goes on. ``None``: it needs one.

    Raises ``HoldThis`` where that recurring invoice ends, so that a person must say who bills the new term.
    """
    billing, number = (deal.get(RENEWAL_BILLING) or "").strip().lower(), deal.get("intacct_contract")
    if billing == CONTINUES:
        return f"recurring invoice {number} goes on in Intacct and bills the renewal"
    if billing == ENDS:
        raise HoldThis(
            "renewal_without_billing",
            f"it renews recurring invoice {number}, which ends. Extend that in Intacct and write “{CONTINUES}” into "
            f"the deal's {RENEWAL_BILLING}, or clear that property to invoice the deal.",
        )
    return None
