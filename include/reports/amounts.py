"""Minor units as people read them."""

from __future__ import annotations

from include.core.money import Money


def amount_text(minor: int, currency: str) -> str:
    """``1,200.00``; the bare number where no currency says what it means."""
    return f"{Money.from_minor(minor, currency).amount:,}" if currency else str(minor)


def with_currency(minor: int, currency: str) -> str:
    """``1,200.00 USD``."""
    return f"{amount_text(minor, currency)} {currency}"
