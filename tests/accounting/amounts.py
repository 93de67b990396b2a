"""Money, written short."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from include.core.money import Money

D = Decimal


def usd(amount: str | int) -> Money:
    return Money.of(amount, "USD")


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def texts(amounts: list[Money] | tuple[Money, ...]) -> list[str]:
    return [amount.text for amount in amounts]


currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD"])
minors = st.integers(-(10**11), 10**11)
positive = st.integers(1, 10**11)
"""Minor units of an amount."""
