"""The settings of ``intacct_invoice_to_hubspot_deal``. Which deals count, the cut-over date and what a customer is
stand in the main job's file alone."""

from __future__ import annotations

from pydantic import Field

from include.core.books import Strict


class GoLiveSettings(Strict):
    """``days``: how far the won date and the invoice date of one sale may be apart. ``days_back``: how long before the
    cut-over a deal may have been won to be looked at."""

    days: int = Field(default=5, ge=0, le=60)
    days_back: int = Field(default=400, ge=1, le=3650)
