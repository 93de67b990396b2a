"""The settings of ``intacct_credit_hold_to_hubspot_company.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from include.core.books import Currency, Strict
from include.core.errors import Unmapped
from include.core.money import Money, decimal_of
from include.notices.plain import mail_address


def _above_zero(text: str) -> str:
    if decimal_of(text) <= 0:
        raise ValueError("write a number above zero, in quotes")
    return text


def _address(text: str) -> str:
    try:
        return mail_address(text) if text else ""
    except Unmapped as error:
        raise ValueError("write an e-mail address, or leave it empty") from error


Number = Annotated[str, AfterValidator(_above_zero)]


class OverdueRule(Strict):
    """More than ``days`` late, and at least ``amounts`` overdue in that currency (any amount where it has none)."""

    days: int = Field(ge=0, le=3650)
    amounts: dict[Currency, Number] = Field(default_factory=dict)

    def least(self, currency: str) -> Money | None:
        text = self.amounts.get(currency)
        return Money.of(text, currency) if text else None


class CreditSettings(Strict):
    grace_days: int = Field(default=0, ge=0, le=365)
    overdue: tuple[OverdueRule, ...] = ()
    zero_limit_is_none: bool = True
    limit_currency: Annotated[str, AfterValidator(lambda code: code and Money.of("0", code).currency)] = ""
    open_orders: tuple[str, ...] = ()
    rates: dict[Currency, dict[Currency, Number]] = Field(default_factory=dict)
    fallback_owner: str = ""
    tell_owner: bool = True
    tell_finance: Annotated[str, AfterValidator(_address)] = ""
    slack: bool = False

    @model_validator(mode="after")
    def _currencies_fit(self) -> Self:
        for rule in self.overdue:
            for currency in rule.amounts:
                rule.least(currency)
        for of, into in self.rates.items():
            if of in into:
                raise ValueError(f"rates: {of} has no rate into itself; it would not be used")
        return self

    def rate(self, of: str, into: str) -> Decimal | None:
        """What one unit of ``of`` is in ``into``; ``None`` where the settings do not say."""
        text: Mapping[str, str] = self.rates.get(of, {})
        return Decimal(1) if of == into else (decimal_of(text[into]) if into in text else None)
