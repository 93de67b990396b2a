"""The settings of sales tax (``tax`` of the main job's file)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from include.core.books import Books, Strict
from include.core.money import decimal_of
from include.core.tax import Prices, TaxBy
from include.flows.sources import Source, SourceSettings


def _percent(text: str) -> str:
    if not Decimal(0) <= decimal_of(text) <= Decimal(100):
        raise ValueError('a percentage from 0 to 100 in quotes, like "19" or "8.875"')
    return text


class TaxCode(Strict):
    """``detail`` is the id of the tax detail in Intacct; empty: nothing is sent for such lines. ``proof``: a line
    bears it only with a valid exemption (exempt, reverse charge)."""

    percent: Annotated[str, AfterValidator(_percent)]
    detail: str = ""
    proof: bool = False


class EntityTax(Strict):
    """``code`` is that of lines that name none; ``exempt`` that of all lines of an exempt customer; ``solution`` the
    name of the tax solution in Intacct, needed where the company has several."""

    code: str = ""
    exempt: str = ""
    solution: str = ""


class Exemption(Strict):
    """``when``: says that a customer is exempt (``true``, ``yes``, ``1``). It counts with ``number``, up to and with
    ``valid_to``."""

    when: Source = SourceSettings()
    number: Source = SourceSettings()
    valid_to: Source = SourceSettings()


class TaxSettings(Strict):
    """``by``: Intacct computes (nothing but the tax detail is sent), or Tieout does, line by line or once for the total
    of each rate. An entity that is not listed taxes only lines that name a code."""

    by: TaxBy = "intacct"
    prices: Prices = "exclusive"
    code: Source | None = None
    codes: dict[str, TaxCode] = Field(default_factory=dict)
    entities: dict[str, EntityTax] = Field(default_factory=dict)
    exemption: Exemption = Exemption()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.by == "intacct" and self.prices == "inclusive":
            raise ValueError("prices: inclusive needs by: line or total, as Intacct adds tax to what an invoice says")
        named = {entity.code for entity in self.entities.values()} | {one.exempt for one in self.entities.values()}
        unknown = sorted(named - self.codes.keys() - {""})
        if unknown:
            raise ValueError(f"entities name {', '.join(unknown)}, which codes lacks")
        if self.by != "intacct":
            for name, code in self.codes.items():
                if not code.detail and decimal_of(code.percent):
                    raise ValueError(f"codes.{name} needs its detail in Intacct, as its tax is sent")
        if any(one.exempt for one in self.entities.values()) and self.exemption.when.source is None:
            raise ValueError("entities name an exempt code, and exemption.when says of nobody that they are exempt")
        return self

    @property
    def percents(self) -> dict[str, Decimal]:
        return {name: decimal_of(code.percent) for name, code in self.codes.items()}

    @property
    def rates(self) -> dict[str, Decimal]:
        """The percentage of each tax detail."""
        return {code.detail: decimal_of(code.percent) for code in self.codes.values() if code.detail}

    def sources(self) -> list[SourceSettings]:
        listed = [self.exemption.when, self.exemption.number, self.exemption.valid_to]
        return [*listed, self.code] if self.code else listed

    def problems(self, books: Books) -> list[tuple[str, str, str]]:
        known = ", ".join(sorted(books.entities))
        return [
            (f"tax.entities.{one}", one, f"an entity of books.yaml ({known})")
            for one in self.entities
            if one not in books.entities
        ]
