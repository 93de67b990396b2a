"""The settings of ``intacct_renewal_to_hubspot_deal.yaml``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from include.core.books import Strict
from include.core.money import decimal_of


def _exact(value: Any) -> Any:
    """YAML reads 3.5 as a float; its shortest text is what the person wrote."""
    return decimal_of(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else value


class RenewalSettings(Strict):
    """``days_ahead`` counts calendar days in the entity's calendar, today and the last one included. ``term_months`` is
    the term of a recurring invoice without an end. Invoices whose lines have a revenue term renew too where it lasts at
    least ``invoice_term_months``; 0: none does. ``pipeline`` and ``stage`` are HubSpot's ids."""

    days_ahead: int = Field(default=60, ge=0, le=366)
    term_months: int = Field(default=12, ge=1, le=60)
    invoice_term_months: int = Field(default=6, ge=0, le=60)
    pipeline: str = Field(min_length=1)
    stage: str = Field(min_length=1)
    close_days_before: int = Field(default=0, ge=0, le=366)
    price: Literal["contract", "current"] = "contract"
    uplift_percent: Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=100)] = Decimal(0)
    one_time_items: tuple[str, ...] = ()
    fallback_owner: str = ""
    tell_owner: bool = True
