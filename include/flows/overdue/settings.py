"""The settings of ``intacct_overdue_to_hubspot_task.yaml``."""

from __future__ import annotations

from itertools import pairwise
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from include.core.books import Currency, Strict
from include.core.money import Money, decimal_of

PLACEHOLDERS = ("number", "company")
Priority = Literal["LOW", "MEDIUM", "HIGH"]


def _subject(text: str) -> str:
    """Raises ``ValueError`` for a placeholder that is none, or a brace that stands alone."""
    named = [(name, form or conversion) for _, name, form, conversion in Formatter().parse(text) if name is not None]
    if wrong := [name for name, how in named if how or name not in PLACEHOLDERS]:
        raise ValueError(f"{{{wrong[0]}}} is no plain placeholder; write {{number}} or {{company}}")
    return text


def _amount(text: str) -> str:
    if decimal_of(text) <= 0:
        raise ValueError("write an amount above zero")
    return text


class Stage(Strict):
    """One dunning stage. ``after_days`` counts from the end of the grace: 1 is the first overdue day."""

    after_days: int = Field(ge=1, le=3650)
    priority: Priority
    subject: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_subject)]


class OverdueSettings(Strict):
    grace_days: int = Field(default=0, ge=0, le=365)
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=9)
    large_balance: dict[Currency, Annotated[str, AfterValidator(_amount)]] = Field(default_factory=dict)
    task_due_in_days: int = Field(default=0, ge=0, le=90)
    fallback_owner: str = ""
    digest: bool = True
    slack: bool = False

    @model_validator(mode="after")
    def _each_stage_is_later(self) -> Self:
        for earlier, later in pairwise(self.stages):
            if later.after_days <= earlier.after_days:
                raise ValueError("stages: each must come after more days than the one before it")
        for currency, text in self.large_balance.items():
            Money.of(text, currency)
        return self

    def large(self, currency: str) -> Money | None:
        """The balance from which the priority rises; ``None`` where the currency has none."""
        text = self.large_balance.get(currency)
        return Money.of(text, currency) if text else None
