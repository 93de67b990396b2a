"""Money given back: the invoice stays paid, the refund is an amount of its own (accounting case 31). Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from include.core.errors import RecordError
from include.core.money import Money, zero


class RefundTooLarge(RecordError):
    """More would be given back than was received."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came in for an invoice and what of it went back. ``paid`` never shrinks by a refund."""

    paid: Money
    refunded: Money

    @classmethod
    def of(cls, paid: Money) -> Received:
        return cls(paid, zero(paid.currency))

    @property
    def kept(self) -> Money:
        return self.paid - self.refunded

    def refund(self, amount: Money) -> Received:
        """After a refund of ``amount`` (positive). Raises ``RefundTooLarge``."""
        if amount.amount <= 0 or amount > self.kept:
            raise RefundTooLarge(f"{amount} cannot be given back of {self.paid}, {self.refunded} of which went back")
        return replace(self, refunded=self.refunded + amount)
