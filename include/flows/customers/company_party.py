"""A HubSpot company, and an Intacct customer, as matching sees them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from include.connectors.intacct.records import Customer
from include.core.matching import PUBLIC_MAIL_DOMAINS, NoMatch, Party, business_domains, match
from include.flows.deals.settings import CustomerSettings
from include.flows.sources import Sheets, SourceSettings

COMPANY_PROPERTIES = (
    "name",
    "domain",
    "website",
    "phone",
    "address",
    "address2",
    "city",
    "state",
    "zip",
    "country",
    "lifecyclestage",
    "hs_merged_object_ids",
    "tieout_key",
)
CONTACT_PROPERTIES = ("email", "firstname", "lastname", "phone")


class PartySettings(Protocol):
    """The settings by which a company is recognised among the parties of the other system."""

    @property
    def external_id(self) -> SourceSettings: ...
    @property
    def tax_id(self) -> SourceSettings: ...
    @property
    def public_mail_domains(self) -> tuple[str, ...]: ...


def subject_of(sheets: Sheets, settings: PartySettings) -> Party:
    """The company as matching sees it."""
    company = sheets["company"]
    public = PUBLIC_MAIL_DOMAINS | set(settings.public_mail_domains)
    return Party(
        id=text_of(company, "id"),
        name=text_of(company, "name"),
        tax_id=settings.tax_id.value(sheets) or "",
        domains=business_domains([text_of(company, "domain"), text_of(company, "website")], public),
        external_id=settings.external_id.value(sheets) or "",
        country=text_of(company, "country"),
        city=text_of(company, "city"),
        postcode=text_of(company, "zip"),
    )


def candidate_of(customer: Customer, settings: CustomerSettings) -> Party:
    public = PUBLIC_MAIL_DOMAINS | set(settings.public_mail_domains)
    return Party(
        id=customer.customer_id,
        name=customer.name,
        tax_id=customer.tax_id,
        domains=business_domains([customer.email], public),
        country=customer.country,
        city=customer.city,
        postcode=customer.postcode,
    )


class NewCompanies:
    """The companies that become customers in one run: two that are one legal person must not become two customers."""

    def __init__(self) -> None:
        self._parties: dict[str, Party] = {}

    def add(self, subject: Party) -> bool:
        """Whether it looks like none of the others; if so, it is one of them from now on."""
        others = [party for company, party in self._parties.items() if company != subject.id]
        if not isinstance(match(subject, others), NoMatch):
            return False
        self._parties[subject.id] = subject
        return True


def text_of(sheet: Mapping[str, str | None], name: str) -> str:
    return (sheet.get(name) or "").strip()
