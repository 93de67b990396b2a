"""``Money``: an exact amount in one currency, at that currency's precision."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

from include.core.currencies import minor_units
from include.core.errors import InvariantError, RecordError

# Wide enough that quantity x price x percentage of the largest amounts is exact before it is rounded once.
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*", re.ASCII)
_LARGEST_MINOR = 2**63 - 1  # the state stores minor units as 64-bit integers


class BadAmount(RecordError, ValueError):
    """A text that is no amount in its currency: not a number, too many decimals, or too large.

    Also a ``ValueError``, so that a settings model reports it as a problem of its key.
    """


class CurrenciesDiffer(InvariantError):
    """Amounts in two currencies were added or compared."""


def decimal_of(value: str | int | Decimal) -> Decimal:
    """``value`` as a finite ``Decimal``. A float is a ``TypeError``; text that is no number is ``BadAmount``."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError(f"an amount is made of str, int or Decimal, never of {type(value).__name__}")
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise BadAmount(f"{value[:40]!r} is not a number")
        return Decimal(value.strip())
    number = Decimal(value)
    if not number.is_finite():
        raise BadAmount(f"{number} is not an amount")
    return number


@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` always carries exactly the currency's decimals (``Decimal("12.50")`` USD, ``Decimal("12")`` JPY).

    Adding or ordering two currencies raises ``CurrenciesDiffer``; they are simply not equal. There is no
    multiplication: a product needs a rounding rule, see ``include.core.rounding``.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money needs a Decimal, not {type(self.amount).__name__}; use Money.of")
        unit = _unit(self.currency)
        number = _of_sane_size(decimal_of(self.amount))
        exact = number.quantize(unit, context=EXACT)
        if exact != number:
            raise BadAmount(f"{number} has more decimals than {self.currency} has ({-int(unit.adjusted())})")
        if abs(exact.scaleb(-unit.adjusted(), context=EXACT)) > _LARGEST_MINOR:
            raise BadAmount("an amount has at most 19 digits")
        object.__setattr__(self, "amount", exact if exact else abs(exact))

    @classmethod
    def of(cls, value: str | int | Decimal, currency: str) -> Money:
        """``Money.of("12.50", "USD")``. Raises ``BadAmount``, ``UnknownCurrency``; ``TypeError`` for a float."""
        return cls(decimal_of(value), currency)

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        """From integer minor units: 1250 USD is 12.50, 1250 JPY is 1250."""
        return cls(Decimal(minor).scaleb(-minor_units(currency), context=EXACT), currency)

    @property
    def minor(self) -> int:
        """The amount in integer minor units."""
        return int(self.amount.scaleb(minor_units(self.currency), context=EXACT))

    @property
    def text(self) -> str:
        """The amount alone, as payloads carry it: ``12.50``, never with an exponent."""
        return f"{self.amount:f}"

    @property
    def is_zero(self) -> bool:
        return not self.amount

    @property
    def is_negative(self) -> bool:
        return self.amount < 0

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(EXACT.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> Money:
        return Money(self.amount.copy_negate(), self.currency)

    def __abs__(self) -> Money:
        return Money(self.amount.copy_abs(), self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __str__(self) -> str:
        return f"{self.text} {self.currency}"

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrenciesDiffer(f"{self} and {other} are in two currencies")


def zero(currency: str) -> Money:
    return Money(Decimal(0), currency)


def sum_money(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, which is zero of ``currency`` for no amounts. Raises ``CurrenciesDiffer``."""
    total = Decimal(0)
    for amount in amounts:
        if amount.currency != currency:
            raise CurrenciesDiffer(f"{amount} does not belong to a sum in {currency}")
        total = EXACT.add(total, amount.amount)
    return Money(total, currency)


def round_half_up(value: Decimal, currency: str) -> Money:
    """``value`` at the currency's precision, halves away from zero: 0.005 -> 0.01, -0.005 -> -0.01."""
    number = _of_sane_size(decimal_of(value))
    unit = _unit(currency)
    return Money(number.quantize(unit, rounding=ROUND_HALF_UP, context=EXACT), currency)


@cache
def _unit(currency: str) -> Decimal:
    """``Decimal("0.01")`` of USD. Raises ``UnknownCurrency``."""
    return Decimal(1).scaleb(-minor_units(currency))


def _of_sane_size(number: Decimal) -> Decimal:
    # adjusted() is the power of ten of the first digit: refuses 1E+999 before quantize would have to build
    # it.
    if number and number.adjusted() > 20:
        raise BadAmount("an amount has at most 19 digits")
    return number
