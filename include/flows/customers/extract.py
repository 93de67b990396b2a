"""Read HubSpot companies that may become customers, with their primary contact and the day they became customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from include.connectors.hubspot.associations import Association, read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import iter_search
from include.core.decisions import Json
from include.core.windows import Window
from include.flows.customers.company_customer import COMPANY_PROPERTIES, CONTACT_PROPERTIES
from include.flows.customers.settings import CompanyCustomerSettings
from include.flows.deals.records import Sheet
from include.flows.deals.settings import WonDealSettings

_ZONE_SPREAD = timedelta(hours=14)
"""No civil time zone is further from UTC; a date is found within this and filtered exactly by the plan."""


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """``company`` and ``contact`` are property sheets with ``id``; ``contact`` is empty where there is none.
    ``became``: since when the company is a customer, aware UTC."""

    company: Sheet
    contact: Sheet
    became: datetime

    @property
    def company_id(self) -> str:
        return str(self.company["id"])

    @property
    def title(self) -> str:
        return f"Company “{self.company.get('name') or '(no name)'}” ({self.company_id})"

    @property
    def merged(self) -> tuple[str, ...]:
        """Ids of the companies that were merged into this one."""
        listed = (self.company.get("hs_merged_object_ids") or "").split(";")
        return tuple(one.strip() for one in listed if one.strip())

    @property
    def sheets(self) -> dict[str, Sheet]:
        return {"company": self.company, "contact": self.contact}

    def to_json(self) -> Json:
        return {"company": dict(self.company), "contact": dict(self.contact), "became": self.became.isoformat()}

    @classmethod
    def from_json(cls, data: Json) -> CompanyRecord:
        return cls(data["company"], data["contact"], datetime.fromisoformat(data["became"]))


def find_company_ids(hubspot: HubSpotClient, window: Window, settings: CompanyCustomerSettings) -> Iterator[str]:
    """The companies in a customer's stage: by modification, or by the day on which they became customers."""
    if window.kind == "records":
        yield from window.ids
        return
    first, last = window.bounds
    stage = Filter.is_in("lifecyclestage", settings.lifecycle_stages)
    if window.kind == "modified":
        modified = "hs_lastmodifieddate"
        groups = [[stage, Filter.at_least(modified, first), Filter.less_than(modified, last)]]
    elif settings.became in get_properties(hubspot, "companies"):
        start, end = first.replace(tzinfo=UTC) - _ZONE_SPREAD, last.replace(tzinfo=UTC) + _ZONE_SPREAD
        became = [Filter.at_least(settings.became, start), Filter.less_than(settings.became, end)]
        groups = [[stage, *became], [stage, Filter.lacks(settings.became)]]
    else:
        groups = [[stage]]
    for found in iter_search(hubspot, "companies", groups, ["hs_object_id"]):
        yield found.id


def read_companies(
    hubspot: HubSpotClient, ids: Sequence[str], settings: CompanyCustomerSettings, main: WonDealSettings
) -> list[CompanyRecord]:
    """The companies with their primary contact. Companies that no longer exist are left out."""
    names = {*COMPANY_PROPERTIES, *main.properties("company"), *settings.properties(), "createdate", "lifecyclestage"}
    companies = batch_read(hubspot, "companies", ids, sorted(names), with_history=["lifecyclestage"]).by_id()
    contacts = primary_contacts(hubspot, list(companies), main.properties("contact"))
    return [
        CompanyRecord(
            company={**company.properties, "id": company_id},
            contact=contacts.get(company_id, {}),
            became=became_customer(company, settings),
        )
        for company_id, company in companies.items()
    ]


def primary_contacts(hubspot: HubSpotClient, companies: Sequence[str], properties: Iterable[str]) -> dict[str, Sheet]:
    """Company id -> its primary contact's sheet: the oldest of those who work for it first of all. Companies without
    a contact are left out."""
    people = read_associations(hubspot, "companies", "contacts", companies)
    first = {company: _primary_contact(found) for company, found in people.items()}
    wanted = sorted({contact for contact in first.values() if contact})
    contacts = batch_read(hubspot, "contacts", wanted, sorted({*CONTACT_PROPERTIES, *properties})).by_id()
    return {
        company: {**contacts[contact].properties, "id": contact}
        for company, contact in first.items()
        if contact in contacts
    }


def became_customer(company: CrmRecord, settings: CompanyCustomerSettings) -> datetime:
    """When the company entered a customer's stage: by HubSpot's own property, else by the stage's history (the first
    time), else by when the company was made."""
    told = company.properties.get(settings.became)
    if told:
        moment = datetime.fromisoformat(told)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    entered = [row.at for row in company.history.get("lifecyclestage", ()) if row.value in settings.lifecycle_stages]
    return min(entered, default=company.created_at)


def _primary_contact(found: Sequence[Association]) -> str | None:
    """Those whose primary company this is come before those who only work for it too."""
    return min(found, key=lambda one: (not one.primary, int(one.to_id))).to_id if found else None
