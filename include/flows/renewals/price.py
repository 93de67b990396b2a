"""What a renewal is worth: the recurring lines of its contract at today's price, with the uplift. Pure and exact.

Accounting case 58: one-time lines are left out, the price is at least what the contract bills now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from include.connectors.hubspot.line_items import BILLING_MONTHS
from include.core.errors import RecordError
from include.core.money import EXACT, Money, round_half_up, sum_money
from include.core.recurrence import Recurrence, Term, months_in
from include.core.rounding import allocate
from include.flows.renewals.records import ContractLine
from include.flows.renewals.settings import RenewalSettings

_NAMES = {months: name for name, months in BILLING_MONTHS.items()}
_WEEKS = {("Weeks", 1): "weekly", ("Weeks", 2): "biweekly", ("Days", 7): "weekly", ("Days", 14): "biweekly"}


class NothingToRenew(RecordError):
    """No recurring line, or they come to nothing."""


@dataclass(frozen=True, slots=True)
class Product:
    """A HubSpot product. ``prices``: currency -> list price of one unit for one ``frequency``, as HubSpot has it."""

    product_id: str
    name: str
    frequency: str
    prices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A line of the renewal: ``net`` is ``quantity`` times ``price`` for one billing."""

    line_id: str
    sku: str
    name: str
    product_id: str
    quantity: str
    price: str
    net: Money


@dataclass(frozen=True, slots=True)
class Offer:
    """``total`` is what the whole term comes to. ``frequency`` is HubSpot's name of how often the lines are billed;
    empty where it has none, then they show the term's total at once. ``months``: of the term, 0 if not whole."""

    lines: Sequence[OfferLine]
    total: Money
    frequency: str
    months: int


def offer(
    lines: Sequence[ContractLine],
    recurrence: Recurrence,
    term: Term,
    products: Mapping[str, Product],
    quantities: Mapping[str, Decimal],
    settings: RenewalSettings,
    currency: str,
) -> Offer:
    """The renewal for ``term``. ``products`` by SKU; ``quantities``: SKU -> how many the old deal sold.

    Raises ``NothingToRenew``.
    """
    kept = [line for line in lines if not _is_one_time(line, products, settings)]
    if not kept:
        raise NothingToRenew("it has no recurring line")
    nets = [_at_price(line, recurrence, products, quantities, settings) for line in kept]
    each = _uplifted(sum_money(nets, currency), settings.uplift_percent)
    if each.amount <= 0:
        raise NothingToRenew(f"its recurring lines come to {each}")
    total = Money.from_minor(each.minor * max(1, term.times), currency)
    months = months_in(recurrence, term)
    frequency = _NAMES.get(recurrence.months) or _WEEKS.get((recurrence.unit, recurrence.interval), "")
    # A discount line has no price that HubSpot would take: the lines that it reduces share it.
    sold = [(line, net) for line, net in zip(kept, nets, strict=True) if net.amount > 0]
    shares = allocate(each if frequency else total, [net.amount for _, net in sold])
    offered = [
        _line(line, share, products.get(line.item_id), quantities.get(line.item_id))
        for (line, _), share in zip(sold, shares, strict=True)
    ]
    return Offer(offered, total, frequency, months)


def _is_one_time(line: ContractLine, products: Mapping[str, Product], settings: RenewalSettings) -> bool:
    product = products.get(line.item_id)
    return line.item_id in settings.one_time_items or (product is not None and not product.frequency)


def _at_price(
    line: ContractLine,
    recurrence: Recurrence,
    products: Mapping[str, Product],
    quantities: Mapping[str, Decimal],
    settings: RenewalSettings,
) -> Money:
    product, quantity = products.get(line.item_id), quantities.get(line.item_id)
    if settings.price == "contract" or product is None or quantity is None:
        return line.amount
    price, months = product.prices.get(line.amount.currency), BILLING_MONTHS.get(product.frequency)
    if not price or not months or not recurrence.months:
        return line.amount
    whole = EXACT.multiply(EXACT.multiply(quantity, Decimal(price)), Decimal(recurrence.months))
    return max(line.amount, round_half_up(EXACT.divide(whole, Decimal(months)), line.amount.currency))


def _uplifted(amount: Money, percent: Decimal) -> Money:
    """Rounded once, on the sum."""
    factor = EXACT.add(Decimal(100), percent).scaleb(-2, context=EXACT)
    return round_half_up(EXACT.multiply(amount.amount, factor), amount.currency)


def _line(line: ContractLine, net: Money, product: Product | None, quantity: Decimal | None) -> OfferLine:
    units = quantity if quantity is not None and _price_of_one(net, quantity) is not None else Decimal(1)
    price = _price_of_one(net, units)
    return OfferLine(
        line.line_id,
        line.item_id,
        (product.name if product else "") or line.name or line.item_id or "Recurring charge",
        product.product_id if product else "",
        f"{units.normalize():f}",
        f"{price:f}",
        net,
    )


def _price_of_one(net: Money, quantity: Decimal) -> Decimal | None:
    """The exact unit price at the currency's precision, ``None`` where there is none."""
    if quantity <= 0:
        return None
    price = round_half_up(EXACT.divide(net.amount, quantity), net.currency).amount
    return price if EXACT.multiply(price, quantity) == net.amount else None
