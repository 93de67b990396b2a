"""The settings of what a won deal bills later (``instalments`` of the main job's file)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from include.core.billing_plan import InvoiceDateRule
from include.core.books import Strict
from include.core.decisions import Json
from include.core.money import decimal_of
from include.flows.sources import Source, SourceSettings

Rest = Literal["by_hand", "invoice_when_due", "recurring_invoice"]
"""What becomes of the billings that are not due yet: a person bills them, each is invoiced on its day, or one recurring
invoice in Intacct bills them all."""

Due = int | Annotated[str, Field(pattern=r"^deal\.[a-z0-9_]+$")]
"""When a part is due: so many months after the first part's day, or on the day in a deal property."""


def _percentage(text: str) -> str:
    if not Decimal(0) <= decimal_of(text) <= Decimal(100):
        raise ValueError('a percentage from 0 to 100 in quotes, like "33.33"')
    return text


def _positive(text: str) -> str:
    if decimal_of(text) <= 0:
        raise ValueError('an amount above zero in quotes, like "1000.00"')
    return text


class SplitSettings(Strict):
    """How the one-time lines of a deal are split. One of ``shares`` (weights; cents by largest remainder), ``percent``
    (each rounded, the last takes what is left) and ``amounts`` (in the deal's currency; the last part, which is not
    among them, takes what is left). ``due`` says for each part when."""

    shares: tuple[Annotated[int, Field(ge=1)], ...] = ()
    percent: tuple[Annotated[str, AfterValidator(_percentage)], ...] = ()
    amounts: tuple[Annotated[str, AfterValidator(_positive)], ...] = ()
    due: tuple[Due, ...] = Field(min_length=1)

    @property
    def parts(self) -> int:
        return len(self.shares) or len(self.percent) or len(self.amounts) + 1

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(bool(one) for one in (self.shares, self.percent, self.amounts)) != 1:
            raise ValueError("give one of shares, percent and amounts")
        if len(self.due) != self.parts:
            raise ValueError(f"it has {self.parts} parts, and due says when {len(self.due)} of them are due")
        if any(isinstance(day, int) and day < 0 for day in self.due):
            raise ValueError("a part is due so many months after the first, never before")
        return self

    @property
    def properties(self) -> list[str]:
        return [day for day in self.due if isinstance(day, str)]


class InstalmentSettings(Strict):
    """``rest``: for all pipelines that ``pipelines`` (id -> its own choice) does not name. ``deal_amount``: what the
    deal's amount states: the whole ``contract``, or the ``first_billing`` of every line. ``one_time``: the day on which
    lines that do not recur are due: the won date (``close``), when the first recurring line starts (``start``), or the
    day in ``delivery_date`` (``delivery``). ``split`` names one of ``splits`` for the one-time lines of a deal."""

    rest: Rest = "by_hand"
    pipelines: dict[str, Rest] = Field(default_factory=dict)
    deal_amount: Literal["contract", "first_billing"] = "contract"
    one_time: InvoiceDateRule = "close"
    delivery_date: Source | None = None
    split: Source | None = None
    splits: dict[str, SplitSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.one_time == "delivery" and self.delivery_date is None:
            raise ValueError("one_time: delivery needs delivery_date, the deal property with that day")
        return self

    def rest_of(self, pipeline: str | None) -> Rest:
        return self.pipelines.get(pipeline or "", self.rest)

    def of_deal(self, split: str | None) -> Json:
        """What of these settings the plan of a deal rests on whose one-time lines are split as ``split``: kept among
        its facts."""
        followed = self.model_copy(update={"splits": {split: self.splits[split]} if split else {}})
        kept = followed.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"rest", "pipelines"})
        return {**kept, "one_time": self.one_time, "deal_amount": self.deal_amount}

    def going_on(self, kept: Json) -> InstalmentSettings:
        """The settings of a deal that was planned by ``kept``: those, and of these just the splits that somebody may
        name on it since."""
        its = InstalmentSettings.model_validate(kept)
        return its.model_copy(update={"splits": {**self.splits, **its.splits}})

    @property
    def anywhere(self) -> bool:
        """Whether anything at all is billed later by Tieout."""
        return any(rest != "by_hand" for rest in (self.rest, *self.pipelines.values()))

    def sources(self) -> list[SourceSettings]:
        days = [SourceSettings.reading(path) for one in self.splits.values() for path in one.properties]
        return [*(one for one in (self.split, self.delivery_date) if one), *days]
