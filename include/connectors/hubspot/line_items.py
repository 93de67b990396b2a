"""Line items: what was sold on one deal. A line item belongs to one parent only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from include.connectors.hubspot.values import Values, record_of

LINE_ITEM_PROPERTIES = (
    "name",
    "description",
    "hs_sku",
    "hs_product_id",
    "quantity",
    "price",
    "discount",
    "hs_discount_percentage",
    "amount",
    "hs_line_item_currency_code",
    "recurringbillingfrequency",
    "hs_recurring_billing_period",
    "hs_recurring_billing_start_date",
    "hs_recurring_billing_number_of_payments",
    "hs_term_in_months",
    "hs_billing_start_delay_type",
    "hs_billing_start_delay_days",
    "hs_billing_start_delay_months",
    "hs_pricing_model",
    "hs_position_on_quote",
)
"""What ``LineItem.from_wire`` reads; ask for these and whatever should arrive in ``extra``."""

BILLING_MONTHS: Mapping[str, int] = {
    "monthly": 1,
    "quarterly": 3,
    "per_six_months": 6,
    "annually": 12,
    "per_two_years": 24,
    "per_three_years": 36,
    "per_four_years": 48,
    "per_five_years": 60,
}
"""HubSpot's names for how often a line item is billed, in months; ``weekly`` and ``biweekly`` are counted in days."""


@dataclass(frozen=True, slots=True)
class LineItem:
    """``price`` and ``discount`` are money per unit; ``discount_percent`` stands instead of ``discount``,
    never beside it. ``amount`` is HubSpot's calculated net, which may be stale: compute your own.

    ``frequency`` (``monthly``, ``annually`` ...) is empty for one-time items; then ``price`` is per such
    period. ``period`` is the whole term in ISO-8601 (``P12M``). ``pricing_model`` is set for tiered prices,
    which have no ``price``.
    """

    id: str
    name: str
    description: str | None
    sku: str | None
    product_id: str | None
    quantity: Decimal | None
    price: Decimal | None
    discount: Decimal | None
    discount_percent: Decimal | None
    amount: Decimal | None
    currency: str | None
    frequency: str | None
    period: str | None
    billing_start: date | None
    payments: int | None
    term_months: int | None
    start_delay_type: str | None
    start_delay_days: int | None
    start_delay_months: int | None
    pricing_model: str | None
    position: int | None
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, data: object) -> LineItem:
        """From a wire object or a ``CrmRecord`` read with ``LINE_ITEM_PROPERTIES``.

        Raises ``BadShape`` for something that is no record, ``RecordError`` for a value that cannot be read.
        """
        record = record_of(data)
        values = Values("line item", record)
        for name in ("quantity", "price"):
            values.sent(name)
        return cls(
            id=record.id,
            name=values.sent("name"),
            description=values.text("description"),
            sku=values.text("hs_sku"),
            product_id=values.text("hs_product_id"),
            quantity=values.decimal("quantity"),
            price=values.decimal("price"),
            discount=values.decimal("discount"),
            discount_percent=values.decimal("hs_discount_percentage"),
            amount=values.decimal("amount"),
            currency=values.text("hs_line_item_currency_code"),
            frequency=values.text("recurringbillingfrequency"),
            period=values.text("hs_recurring_billing_period"),
            billing_start=values.date("hs_recurring_billing_start_date"),
            payments=values.whole("hs_recurring_billing_number_of_payments"),
            term_months=values.whole("hs_term_in_months"),
            start_delay_type=values.text("hs_billing_start_delay_type"),
            start_delay_days=values.whole("hs_billing_start_delay_days"),
            start_delay_months=values.whole("hs_billing_start_delay_months"),
            pricing_model=values.text("hs_pricing_model"),
            position=values.whole("hs_position_on_quote"),
            extra=values.rest(),
        )
