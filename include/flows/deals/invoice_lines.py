"""HubSpot line items as priced invoice lines: exact nets, header discount, billing dates. Pure.

HubSpot's ``price`` is per unit and, on a recurring line, per billing period (facts: line items); an invoice bills
the first billing period, whose first and last day stand on the line. Whole-year totals are never billed by accident.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from include.connectors.hubspot.line_items import BILLING_MONTHS
from include.core import money
from include.core.calendar import add_months, term_end
from include.core.errors import RecordError
from include.core.money import BadAmount, Money
from include.core.rounding import header_discounted, line_net

_DAYS = {"weekly": 7, "biweekly": 14}

LINE_PROPERTIES = (
    "name",
    "hs_sku",
    "hs_product_id",
    "hs_product_type",
    "quantity",
    "price",
    "discount",
    "hs_discount_percentage",
    "hs_pricing_model",
    "recurringbillingfrequency",
    "hs_recurring_billing_start_date",
    "hs_recurring_billing_period",
    "hs_recurring_billing_number_of_payments",
    "hs_term_in_months",
    "hs_billing_start_delay_days",
    "hs_billing_start_delay_months",
    "hs_line_item_currency_code",
    "hs_position_on_quote",
)

Sheet = Mapping[str, str | None]


class InvalidLine(RecordError):
    """A line item's numbers or dates cannot be used; the message names the line, the property and the value."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One invoice line. ``net`` after all discounts; ``starts``/``ends`` (inclusive) on recurring lines only.

    As HubSpot states it, ``net`` includes tax where prices do; ``tax_code`` and ``entity_id`` are what the deal says
    (``None``: the settings do not ask). On a document ``tax`` stands beside the net (``None``: the line is not taxed),
    ``tax_code`` names its rate in the settings, and ``entity_id`` whose books it is in, where that is not the entity
    that bills."""

    sheet: Sheet
    sku: str
    quantity: Decimal
    net: Money
    starts: date | None
    ends: date | None
    tax: Money | None = None
    tax_code: str | None = None
    entity_id: str | None = None

    @property
    def name(self) -> str:
        return self.sheet.get("name") or self.sku or f"line item {self.sheet.get('id')}"


def priced_lines(
    line_items: Sequence[Sheet], currency: str, invoice_date: date, discount_percent: Decimal
) -> list[PricedLine]:
    """Price every line in ``currency`` and take the header discount off, allocated to the cent.

    Raises ``InvalidLine`` for unusable numbers or dates, or a line in another currency.
    """
    lines = [_priced(item, currency, invoice_date) for item in line_items]
    if discount_percent:
        try:
            nets = header_discounted([line.net for line in lines], discount_percent, currency)
        except ValueError:
            raise InvalidLine("the lines add up to zero, so a header discount cannot be shared among them") from None
        lines = [replace(line, net=net) for line, net in zip(lines, nets, strict=True)]
    return lines


def number_in(text: str | None, what: str, *, default: str | None = None) -> Decimal:
    """The exact number in a property's text. Raises ``InvalidLine`` that names the property and the value."""
    value = (text or "").strip() or default
    if value is None:
        raise InvalidLine(f"{what} is empty")
    try:
        return money.decimal_of(value)
    except BadAmount:
        raise InvalidLine(f"{what} is “{value}”, not a number") from None


def _priced(item: Sheet, currency: str, invoice_date: date) -> PricedLine:
    name = item.get("name") or item.get("hs_sku") or item.get("id")
    line_currency = item.get("hs_line_item_currency_code")
    if line_currency and line_currency != currency:
        raise InvalidLine(f"line “{name}” is in {line_currency}, the deal in {currency}")
    if item.get("hs_pricing_model") in {"volume", "graduated", "stairstep"}:
        raise InvalidLine(f"line “{name}” has tiered prices, which have no single unit price")
    quantity = number_in(item.get("quantity"), f"the quantity of line “{name}”", default="1")
    price = number_in(item.get("price"), f"the price of line “{name}”")
    percent = number_in(item.get("hs_discount_percentage"), f"the discount of line “{name}”", default="0")
    per_unit = number_in(item.get("discount"), f"the discount of line “{name}”", default="0")
    if not 0 <= percent <= 100:
        raise InvalidLine(f"line “{name}” has a discount of {percent} %")
    if percent and per_unit:
        raise InvalidLine(f"line “{name}” has a discount both in percent and in money")
    try:
        net = line_net(quantity, price, currency, discount_percent=percent, discount_each=per_unit)
    except BadAmount as e:
        raise InvalidLine(f"line “{name}”: {e.message}") from None
    starts, ends = _billing_period(item, str(name), invoice_date)
    return PricedLine(item, item.get("hs_sku") or "", quantity, net, starts, ends)


def _billing_period(item: Sheet, name: str, invoice_date: date) -> tuple[date | None, date | None]:
    frequency = item.get("recurringbillingfrequency")
    if not frequency:
        return None, None
    try:
        starts = _billing_start(item, name, invoice_date)
        if frequency in BILLING_MONTHS:
            return starts, term_end(starts, BILLING_MONTHS[frequency])
        if frequency in _DAYS:
            return starts, starts + timedelta(days=_DAYS[frequency] - 1)
    except (ValueError, OverflowError):
        raise InvalidLine(f"the billing dates of line “{name}” lie beyond the calendar") from None
    known = ", ".join([*_DAYS, *BILLING_MONTHS])
    raise InvalidLine(f"line “{name}” is billed “{frequency}”; known frequencies are {known}")


def _billing_start(item: Sheet, name: str, invoice_date: date) -> date:
    fixed = item.get("hs_recurring_billing_start_date")
    if fixed:
        found = re.match(r"\d{4}-\d{2}-\d{2}", fixed)
        try:
            return date.fromisoformat(found[0] if found else fixed)
        except ValueError:
            raise InvalidLine(f"the billing start of line “{name}” is “{fixed}”, not a date") from None
    months = number_in(item.get("hs_billing_start_delay_months"), f"the start delay of line “{name}”", default="0")
    days = number_in(item.get("hs_billing_start_delay_days"), f"the start delay of line “{name}”", default="0")
    if months % 1 or days % 1:
        raise InvalidLine(f"the start delay of line “{name}” is not a whole number")
    return add_months(invoice_date, int(months)) + timedelta(days=int(days))
