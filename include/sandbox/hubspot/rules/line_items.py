"""Line items: amounts follow from quantity, price and discount; a product's values are copied once, at creation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from include.sandbox.hubspot.account import minor_digits
from include.sandbox.hubspot.body import record_id
from include.sandbox.hubspot.errors import Violation
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.values import InvalidValue, decimal, plain
from include.sandbox.hubspot.world import World

_MONTHS = {
    "weekly": Decimal(12) / 52, "biweekly": Decimal(12) / 26, "monthly": Decimal(1), "quarterly": Decimal(3),
    "per_six_months": Decimal(6), "annually": Decimal(12), "per_two_years": Decimal(24),
    "per_three_years": Decimal(36), "per_four_years": Decimal(48), "per_five_years": Decimal(60),
}  # fmt: skip
_COPIED = (
    "name", "description", "price", "hs_sku", "hs_cost_of_goods_sold", "hs_recurring_billing_period",
    "recurringbillingfrequency", "hs_url", "hs_images", "hs_product_type",
)  # fmt: skip
_PERIOD = re.compile(r"^P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?$")
_TIERED = frozenset({"volume", "graduated", "stairstep"})


def apply(world: World, draft: Draft) -> None:
    """Raises ``InvalidValue`` for a negative price and for two kinds of discount at once."""
    if draft.is_new and not draft.loading:
        _copy_product(world, draft)
    if decimal(draft.value("price")) < 0:
        raise InvalidValue(Violation("price", "INVALID_PRICE", "price may not be negative"))
    if decimal(draft.value("discount")) and decimal(draft.value("hs_discount_percentage")):
        message = "discount and hs_discount_percentage may not both be set"
        raise InvalidValue(Violation("discount", "INVALID_DISCOUNT", message))
    if draft.value("hs_pricing_model") not in _TIERED:
        try:
            _amounts(world, draft)
        except ArithmeticError:
            message = "the amount of this line item is out of range"
            raise InvalidValue(Violation("quantity", "INVALID_INTEGER", message)) from None


def _copy_product(world: World, draft: Draft) -> None:
    """Values of the product that the caller did not give."""
    product_id = record_id(draft.value("hs_product_id") or None)
    if product_id is None:
        return
    row = world.records.get("0-7", product_id)
    if row is None:
        message = f"Product {product_id} does not exist"
        raise InvalidValue(Violation("hs_product_id", "INVALID_PRODUCT_ID", message))
    currency = draft.value("hs_line_item_currency_code").lower()
    for name in _COPIED:
        if name not in draft.given:
            own = row.props.get(f"hs_price_{currency}") if name == "price" and currency else None
            draft.set(name, own or row.props.get(name, ""))


def _amounts(world: World, draft: Draft) -> None:
    currency = draft.value("hs_line_item_currency_code") or world.account.currency
    unit = Decimal(1).scaleb(-minor_digits(currency))
    if not draft.value("price") and not draft.value("quantity"):
        return
    quantity = decimal(draft.value("quantity") or "1")
    gross = quantity * decimal(draft.value("price"))
    percent = decimal(draft.value("hs_discount_percentage"))
    if percent:
        exact = gross * (1 - percent / 100)
    else:
        exact = quantity * (decimal(draft.value("price")) - decimal(draft.value("discount")))
    net = exact.quantize(unit, ROUND_HALF_UP)
    draft.set("amount", plain(net))
    draft.set("hs_pre_discount_amount", plain(gross.quantize(unit, ROUND_HALF_UP)))
    draft.set("hs_total_discount", plain((gross - exact).quantize(unit, ROUND_HALF_UP)))
    tax = (net * _tax_percent(world, draft) / 100).quantize(unit, ROUND_HALF_UP)
    draft.set("hs_tax_amount", plain(tax))
    draft.set("hs_post_tax_amount", plain(net + tax))
    cost = quantity * decimal(draft.value("hs_cost_of_goods_sold"))
    draft.set("hs_margin", plain((net - cost).quantize(unit, ROUND_HALF_UP)))
    _recurring(draft, net, unit)


def _tax_percent(world: World, draft: Draft) -> Decimal:
    group = draft.value("hs_tax_rate_group_id")
    rate: Mapping[str, object] | None = world.db.document("tax_rate", group) if group else None
    return Decimal(str(rate["percentageRate"])) if rate else Decimal(0)


def _recurring(draft: Draft, net: Decimal, unit: Decimal) -> None:
    """Monthly and annual revenue and contract values; a one-time line has its amount as contract value."""
    months = _MONTHS.get(draft.value("recurringbillingfrequency"))
    if months is None:
        values = {"hs_mrr": Decimal(0), "hs_arr": Decimal(0), "hs_acv": net, "hs_tcv": net}
    else:
        monthly = net / months
        term = _term(draft)
        values = {
            "hs_mrr": monthly,
            "hs_arr": monthly * 12,
            "hs_acv": monthly * min(term or 12, 12),
            "hs_tcv": monthly * (term or 12),
        }
    for name, value in values.items():
        draft.set(name, plain(value.quantize(unit, ROUND_HALF_UP)))


def _term(draft: Draft) -> int:
    """Months of the term, 0 when there is none."""
    found = _PERIOD.match(draft.value("hs_recurring_billing_period"))
    if found:
        return int(found.group(1) or 0) * 12 + int(found.group(2) or 0)
    return min(int(decimal(draft.value("hs_term_in_months"))), 1200)
