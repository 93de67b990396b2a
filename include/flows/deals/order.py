"""The sales order that a priced deal becomes, where its pipeline is billed from orders: the words of Intacct's
``create_sotransaction``. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from include.core.decisions import Json
from include.core.money import round_half_up
from include.flows.deals.bill import HoldThis
from include.flows.deals.invoice_lines import PricedLine, number_in
from include.flows.deals.order_fields import on_order, on_order_line

_UNIT_PRICE_DIGITS = Decimal("1E-10")


def order_payload(invoice: Json, lines: Sequence[PricedLine], definition: str) -> Json:
    """The order with the same customer, dates, terms and lines as ``invoice`` (a ``create_invoice`` payload without
    its action). ``definition`` is the name of the order's transaction definition in Intacct.

    Raises ``HoldThis`` where a line has no item: an order's lines are items, not accounts.
    """
    order: Json = {"transactiontype": definition}
    for name, value in invoice.items():
        if (renamed := on_order(name)) is not None:
            order[renamed] = value
    order["sotransitems"] = [_line(item, line) for item, line in zip(invoice["invoiceitems"], lines, strict=True)]
    return order


def _line(item: Json, line: PricedLine) -> Json:
    if not item.get("itemid"):
        raise HoldThis(
            "unmapped_product",
            f"line “{line.name}” has no item, and the lines of a sales order are items. Give its product an item in "
            "the settings.",
        )
    quantity, price = _quantity_and_price(line)
    kept = {name: value for name, value in item.items() if on_order_line(name)}
    return {**kept, "quantity": quantity, "price": price}


def _quantity_and_price(line: PricedLine) -> tuple[str, str]:
    """The quantity sold at its net unit price, where that multiplies back to the line's net to the cent; else one piece
    at the net."""
    quantity = number_in(line.sheet.get("quantity"), "the quantity", default="1")
    if quantity > 0:
        price = (line.net.amount / quantity).quantize(_UNIT_PRICE_DIGITS)
        if round_half_up(price * quantity, line.net.currency) == line.net:
            return _plain(quantity), _plain(price)
    return "1", line.net.text


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
