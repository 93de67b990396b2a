"""What an invoice amounts to, in whole minor units (cents; yen), computed with exact fractions.

The manifest's amounts come from here and from nowhere else: this file shares no line with the product whose
arithmetic it checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

DIGITS = {"USD": 2, "EUR": 2, "GBP": 2, "CHF": 2, "JPY": 0}


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes away from zero."""
    numerator, denominator = value.numerator, value.denominator
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


# The same line is asked for by its deal's amount, its own record and the manifest.
@lru_cache(maxsize=4096)
def line_net(quantity: str, price: str, currency: str, *, discount: str = "", discount_percent: str = "") -> int:
    """quantity x (price - discount) x (1 - percent/100), rounded once, in minor units."""
    net = Fraction(quantity) * (Fraction(price) - Fraction(discount or 0))
    net *= 1 - Fraction(discount_percent or 0) / 100
    return half_up(net * 10 ** DIGITS[currency])


def discounted(nets: Sequence[int], percent: str) -> list[int]:
    """The line nets after a discount on their total: the total is rounded, then shared by largest
    remainder in proportion to the nets; of equal remainders the earlier line is served first."""
    whole = sum(nets)
    if not percent or whole == 0:
        return list(nets)
    total = half_up(whole * (1 - Fraction(percent) / 100))
    shares = [Fraction(total * net, whole) for net in nets]
    given = [share.numerator // share.denominator for share in shares]
    by_remainder = sorted(range(len(nets)), key=lambda i: (given[i] - shares[i], i))
    for index in by_remainder[: total - sum(given)]:
        given[index] += 1
    return given


def decimal_text(minor: int, currency: str) -> str:
    """Minor units as decimal text with the currency's digits: 4629 USD is ``46.29``, 3752 JPY is ``3752``."""
    digits = DIGITS[currency]
    if digits == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}"


def due_date(invoice_date: date, term: str) -> date:
    """N15 and N30 count days from the invoice date, EOM30 thirty days from the end of its month."""
    if term == "EOM30":
        first = date(invoice_date.year + invoice_date.month // 12, invoice_date.month % 12 + 1, 1)
        return first - timedelta(days=1) + timedelta(days=30)
    return invoice_date + timedelta(days={"N15": 15, "N30": 30}[term])
