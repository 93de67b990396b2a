"""Find and read the HubSpot companies that are vendors: by role, and those whose vendor changed in Intacct."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import iter_search
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.vendors import iter_vendors_changed
from include.core.decisions import Json
from include.core.errors import SettingsError
from include.core.windows import Window
from include.flows.customers.company_customer import COMPANY_PROPERTIES
from include.flows.customers.customer_companies import companies_naming
from include.flows.customers.extract import CompanyRecord, primary_contacts
from include.flows.vendors.record import VENDOR_ID
from include.flows.vendors.settings import CompanyVendorSettings


def find_company_ids(
    hubspot: HubSpotClient, intacct: IntacctClient, window: Window, settings: CompanyVendorSettings
) -> Iterator[str]:
    """The companies whose role says vendor: by modification, with those whose vendor changed in Intacct; for a dated
    run all of them, of which the plan keeps those of the days."""
    if window.kind == "records":
        yield from window.ids
        return
    role = settings.role.property
    if role not in get_properties(hubspot, "companies"):
        raise SettingsError(f"role.from names {settings.role.source}, a property that HubSpot's companies do not have")
    group = [Filter.is_in(role, settings.role.vendor)]
    if window.kind == "modified":
        first, last = window.bounds
        modified = "hs_lastmodifieddate"
        group += [Filter.at_least(modified, first), Filter.less_than(modified, last)]
    for found in iter_search(hubspot, "companies", [group], ["hs_object_id"]):
        yield found.id
    if window.kind == "modified":
        changed = [vendor.vendor_id for vendor in iter_vendors_changed(intacct, first, last)]
        for companies in companies_naming(hubspot, VENDOR_ID, changed, []).values():
            yield from (company.id for company in companies)


def read_companies(hubspot: HubSpotClient, ids: Sequence[str], settings: CompanyVendorSettings) -> dict[str, Json]:
    """The companies that still exist, with their primary contact."""
    role = settings.role.property
    names = sorted({*COMPANY_PROPERTIES, VENDOR_ID, *settings.properties("company")})
    companies = batch_read(hubspot, "companies", ids, names, with_history=[role]).by_id()
    contacts = primary_contacts(hubspot, list(companies), settings.properties("contact"))
    records = (
        CompanyRecord({**company.properties, "id": one}, contacts.get(one, {}), _became(company, settings))
        for one, company in companies.items()
    )
    return {record.company_id: record.to_json() for record in records}


def _became(company: CrmRecord, settings: CompanyVendorSettings) -> datetime:
    """When its role first said vendor; where HubSpot does not tell, when the company was made."""
    rows = company.history.get(settings.role.property, ())
    return min((row.at for row in rows if row.value in settings.role.vendor), default=company.created_at)
