"""The settings of ``hubspot_company_to_intacct_customer``.

What a company's customer looks like (``customer``), which entity bills it (``entity``) and the day from which Tieout
works at all (``go_live``) stand in the main job's file alone: the two flows must never make two different customers of
one company.
"""

from __future__ import annotations

from pydantic import Field

from include.core.books import Strict
from include.core.settings import load_flow_settings
from include.flows.deals.settings import WonDealSettings
from include.flows.sources import Source, SourceSettings, properties_used

MAIN_JOB = "hubspot_closed_won_to_intacct_invoice"


class RoleSettings(Strict):
    """``from``: the company property that says what the company is to us; ``never``: its values with which a company is
    no customer, whatever its lifecycle stage."""

    source: str = Field(alias="from", pattern=r"^company\.[a-z][a-z0-9_]*$")
    never: tuple[str, ...]

    def excludes(self, company: dict[str, str | None]) -> bool:
        return company.get(self.source.removeprefix("company.")) in self.never


class CompanyCustomerSettings(Strict):
    lifecycle_stages: tuple[str, ...] = Field(min_length=1)
    became: str = "hs_lifecyclestage_customer_date"
    role: RoleSettings | None = None
    currency: Source = SourceSettings()

    def properties(self) -> set[str]:
        """The company properties that these settings read."""
        role = {self.role.source.removeprefix("company.")} if self.role else set()
        return {self.became, *role, *properties_used([self.currency], "company")}


def main_job_settings() -> WonDealSettings:
    """How a company becomes a customer, as the main job's file says. Raises ``SettingsProblems``."""
    return load_flow_settings(MAIN_JOB, WonDealSettings)[1]
