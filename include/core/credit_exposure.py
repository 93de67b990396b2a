"""What a customer owes against its credit limit, over all entities and currencies. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from include.core.money import EXACT, Money, round_half_up, zero


@dataclass(frozen=True, slots=True)
class Exposure:
    """``known`` is in the limit's currency. ``unknown``: the currencies in which something is owed and for which no
    rate is stated; ``known`` leaves them out, so the limit is exceeded or nobody can say."""

    known: Money
    unknown: tuple[str, ...] = ()


def exposure(
    owed: Iterable[Money],
    currency: str,
    rate: Callable[[str, str], Decimal | None],
    orders: Iterable[Money] = (),
) -> Exposure:
    """``owed``: open less unapplied, one amount for each entity and currency; ``orders``: open orders, where the
    settings count them. Each is converted at the stated rate and rounded once (accounting case 69).

    What is owed to one entity is not lowered by credit with another, nor in another currency: it cannot be applied
    there.
    """
    known, unknown = zero(currency), set[str]()
    for amount in (*owed, *orders):
        if amount.amount <= 0:
            continue
        worth = rate(amount.currency, currency)
        if worth is None:
            unknown.add(amount.currency)
        else:
            known = known + round_half_up(EXACT.multiply(amount.amount, worth), currency)
    return Exposure(known, tuple(sorted(unknown)))
