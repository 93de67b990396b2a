"""The settings of ``intacct_bill_to_hubspot_invoice.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from include.core.books import Strict
from include.flows.sources import Source, SourceSettings, properties_used


class PartnerRole(Strict):
    """``from``: the company property that says what the company is to us; ``vendor``: its values that say vendor."""

    source: str = Field(alias="from", pattern=r"^company\.[a-z][a-z0-9_]*$")
    vendor: tuple[str, ...] = Field(min_length=1)

    @property
    def property(self) -> str:
        return self.source.removeprefix("company.")

    def says_vendor(self, company: Mapping[str, str | None]) -> bool:
        return company.get(self.property) in self.vendor


class BillSettings(Strict):
    """``go_live``: bills dated before are left alone. ``partners``: vendor id -> HubSpot company id, before any other
    rule. A company with the vendor's tax id is its partner only where ``role`` says vendor."""

    enabled: bool = False
    go_live: date
    vendor_id: Source = SourceSettings.reading("company.intacct_vendor_id")
    tax_id: Source = SourceSettings.reading("company.tax_id")
    role: PartnerRole
    partners: dict[str, str] = Field(default_factory=dict)

    def properties(self) -> list[str]:
        """The company properties that these settings read."""
        return sorted({"name", self.role.property, *properties_used([self.vendor_id, self.tax_id], "company")})
