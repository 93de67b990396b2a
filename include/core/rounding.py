"""Where cents go: lines, discounts, shares. Every function's parts add up to its whole, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from include.core.errors import Ambiguous
from include.core.money import EXACT, Money, decimal_of, round_half_up, sum_money, zero

_HUNDRED = Decimal(100)


def line_net(
    quantity: Decimal,
    price: Decimal,
    currency: str,
    *,
    discount_percent: Decimal = Decimal(0),
    discount_each: Decimal = Decimal(0),
) -> Money:
    """The net of one line: quantity x price less its discount, rounded once (accounting case 1 and 5).

    ``price`` and ``discount_each`` are per unit and keep all their decimals; ``discount_percent`` is 0 to 100 as
    HubSpot states it. A line with both kinds of discount is ``Ambiguous``: the two orders give different nets.
    """
    if discount_percent and discount_each:
        raise Ambiguous("the line has a discount amount and a discount percentage; leave one of them")
    quantity, price = decimal_of(quantity), decimal_of(price)
    each = EXACT.subtract(price, decimal_of(discount_each))
    kept = EXACT.subtract(_HUNDRED, decimal_of(discount_percent))
    return round_half_up(EXACT.multiply(EXACT.multiply(quantity, each), kept.scaleb(-2, context=EXACT)), currency)


def header_discounted(nets: Sequence[Money], percent: Decimal, currency: str) -> list[Money]:
    """The line nets after a header discount of ``percent``, in the same order.

    The total is rounded once, from the sum of the nets; the lines share it by largest remainder, so they add up to it
    (accounting case 1). Without discount the nets are returned unchanged.
    """
    if not percent:
        return list(nets)
    whole = sum_money(nets, currency)
    kept = EXACT.subtract(_HUNDRED, decimal_of(percent)).scaleb(-2, context=EXACT)
    total = round_half_up(EXACT.multiply(whole.amount, kept), currency)
    return allocate(total, [net.amount for net in nets])


def allocate(total: Money, weights: Sequence[Decimal | int]) -> list[Money]:
    """``total`` shared by ``weights``, by largest remainder, ties to the first; the parts add up to ``total``.

    100.00 by 1:1:1 is 33.34, 33.33, 33.33. A negative total gives the mirror image of the positive one. A weight of
    zero gets nothing. Weights may be negative (a credit line among others) as long as they do not cancel out: a total
    that is not zero over weights adding up to zero is a ``ValueError``.
    """
    exact = [Fraction(decimal_of(weight)) for weight in weights]
    whole = sum(exact, Fraction(0))
    if not whole:
        if not total.is_zero:
            raise ValueError(f"{total} cannot be shared: the weights add up to zero")
        return [zero(total.currency)] * len(exact)
    minor = abs(total.minor)
    shares = [minor * weight / whole for weight in exact]
    parts = [floor(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: parts[i] - shares[i])  # stable: ties to the first
    for i in by_remainder[: minor - sum(parts)]:
        parts[i] += 1
    sign = -1 if total.is_negative else 1
    return [Money.from_minor(sign * part, total.currency) for part in parts]


def stated_percentages(total: Money, percents: Sequence[Decimal]) -> list[Money]:
    """``total`` in instalments of stated percentages: each is rounded, the last takes what is left of the whole.

    33.33 % three times of 250,000 is 83,325, 83,325 and 83,350 (accounting case 13). The percentages may miss 100 only
    by what rounding them as they are written explains (99.99 for three times 33.33); otherwise ``ValueError``.
    """
    stated = [decimal_of(percent) for percent in percents]
    if not stated or any(percent < 0 for percent in stated):
        raise ValueError("instalments need at least one percentage, none of them negative")
    decimals = max(max(0, -_exponent(percent)) for percent in stated)
    explained = Decimal(len(stated)) * Decimal("0.5").scaleb(-decimals)
    if abs(sum(stated) - _HUNDRED) >= explained:
        raise ValueError(f"the percentages add up to {sum(stated)}, not to 100")
    parts = [
        round_half_up(EXACT.multiply(total.amount, percent).scaleb(-2, context=EXACT), total.currency)
        for percent in stated[:-1]
    ]
    return [*parts, total - sum_money(parts, total.currency)]


def stated_amounts(total: Money, amounts: Sequence[Money]) -> list[Money]:
    """``total`` in instalments of stated amounts (a deposit, milestones) and a last one for what is left of the whole.

    A deposit of 1,000.00 on 3,333.33 leaves 2,333.33 (accounting case 13). Amounts that are together more than the
    whole, or of the other sign, are a ``ValueError``. An amount that is the whole leaves a last instalment of zero.
    """
    rest = total - sum_money(amounts, total.currency)
    sign = -1 if total.is_negative else 1
    if any(sign * part.minor < 0 for part in (*amounts, rest)):
        raise ValueError(f"the instalments are more than the whole of {total}, or of the other sign")
    return [*amounts, rest]


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
