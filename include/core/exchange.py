"""Two currencies in one document: what a payment gains or loses, where the last cent goes. Pure.

Which rate counts Intacct says: a document names a day and a type, and the books keep the rate that they found. The
transaction currency is the deal's, the base currency the entity's. Amounts in both are carried side by side; no rate is
ever computed back from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from include.core.errors import RecordError
from include.core.money import EXACT, Money, round_half_up, zero


class Overapplied(RecordError):
    """More is applied to an invoice than is open on it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of ``of`` is worth ``value`` units of ``into``; ``day`` is the day the rate is of. Stored on the
    document whose amounts it made."""

    kind: str
    of: str
    into: str
    day: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """Money applied to one invoice: what the customer ``paid`` in the payment's currency, what of the invoice it
    ``settled`` in the invoice's, and what it was worth in the ``base`` currency (accounting case 38)."""

    paid: Money
    settled: Money
    base: Money


@dataclass(frozen=True, slots=True)
class Balance:
    """What is open of an invoice: ``open`` in its own currency, ``base`` in the entity's, and the ``rate`` it was
    booked at."""

    open: Money
    base: Money
    rate: Rate


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a payment does in the base currency. ``relieved`` leaves receivables at the invoice's rate;
    ``gain`` is realised (negative: a loss); ``residue`` is what rounding left on the invoice and the last application
    books to the rounding account. ``after`` is what stays open."""

    payment: Payment
    relieved: Money
    gain: Money
    residue: Money
    after: Balance


def converted(amount: Money, rate: Rate) -> Money:
    """``amount`` at this rate, rounded once. Raises ``ValueError`` for a rate of another currency."""
    if amount.currency != rate.of:
        raise ValueError(f"{amount} cannot be converted by a rate of {rate.of}")
    return round_half_up(EXACT.multiply(amount.amount, rate.value), rate.into)


def booked(total: Money, rate: Rate) -> Balance:
    """An invoice of ``total`` as it is posted."""
    return Balance(total, converted(total, rate), rate)


def applied(balance: Balance, payment: Payment) -> Applied:
    """The payment on this invoice (accounting cases 36, 37).

    1,000 EUR at 1.10, paid at 1.08, lose 20.00 USD, a first 400 of them 8.00. The application that settles the rest
    clears the base balance too. Raises ``Overapplied``.
    """
    rest = balance.open - payment.settled
    if rest.is_negative != balance.open.is_negative and not rest.is_zero:
        raise Overapplied(f"{payment.settled} is applied to an invoice with {balance.open} open")
    relieved = converted(payment.settled, balance.rate)
    left = balance.base - relieved
    nothing = zero(balance.base.currency)
    residue, base = (left, nothing) if rest.is_zero else (nothing, left)
    after = replace(balance, open=rest, base=base)
    return Applied(payment, relieved, payment.base - relieved, residue, after)


def paid_at(settled: Money, rate: Rate) -> Payment:
    """A payment in the invoice's own currency, worth ``rate`` on its day."""
    return Payment(settled, settled, converted(settled, rate))
