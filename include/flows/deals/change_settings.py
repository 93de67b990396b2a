"""The settings of what happens to a deal that changes after it was invoiced (``changes`` of the main job's file)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from include.core.books import Currency, Strict
from include.core.changed_deal_table import Choices
from include.core.money import Money, decimal_of


def _amount(text: str) -> str:
    if decimal_of(text) < 0:
        raise ValueError('an amount of zero or more in quotes, like "500.00"')
    return text


class ChangeSettings(Strict):
    """``approve_above``: currency -> the amount up to which a change is carried out without asking; a currency that is
    not there is always asked about. ``apply_credits_through``: the undeposited-funds account that the application of a
    credit memo names (nothing is booked on it); empty: credit memos stay unapplied, for a person to apply.
    ``finance_owner``: who gets the tasks of refunds and reclassifications, a HubSpot owner id or e-mail address."""

    approve_above: dict[Currency, Annotated[str, AfterValidator(_amount)]] = Field(default_factory=dict)
    unpaid_open_period: Literal["reverse", "adjust"] = "reverse"
    paid_decrease: Literal["unapplied", "refund"] = "unapplied"
    apply_credits_through: str = ""
    finance_owner: str = ""

    @property
    def thresholds(self) -> dict[str, Money]:
        return {currency: Money.of(amount, currency) for currency, amount in self.approve_above.items()}

    @property
    def choices(self) -> Choices:
        return Choices(self.unpaid_open_period, self.paid_decrease)
