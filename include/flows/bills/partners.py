"""Which HubSpot company a vendor is: by the settings' table, by the vendor's id, by its tax id. Nothing is guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import Filter, iter_search
from include.core.errors import RecordError
from include.core.matching import normalised_tax_id
from include.flows.bills.records import BillRecord
from include.flows.bills.settings import BillSettings
from include.flows.sources import SourceSettings


class NoOnePartner(RecordError):
    """Several companies could be the vendor, or the one that the settings name is not there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code: str = code


@dataclass(frozen=True, slots=True)
class Partners:
    """Companies by what a vendor is found with: its own id in the table, its id as the company shows it (folded), and
    its tax id (normalised, vendors by role only). ``contacts``: company id -> e-mail address -> contact id."""

    named: Mapping[str, CrmRecord] = field(default_factory=dict)
    by_vendor_id: Mapping[str, Sequence[CrmRecord]] = field(default_factory=dict)
    by_tax_id: Mapping[str, Sequence[CrmRecord]] = field(default_factory=dict)
    contacts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def of(self, bill: BillRecord, settings: BillSettings) -> CrmRecord | None:
        """The vendor's company; ``None`` for a vendor that is no mapped partner. Raises ``NoOnePartner``."""
        vendor, listed = bill.vendor_id, settings.partners.get(bill.vendor_id)
        if listed is not None:
            if vendor not in self.named:
                raise NoOnePartner(
                    "unknown_partner",
                    f"the settings' table partners says that vendor {vendor} is HubSpot company {listed}, which does "
                    "not exist. Correct the table.",
                )
            return self.named[vendor]
        found = self.by_vendor_id.get(vendor.casefold(), ())
        if not found and bill.tax_id:
            found = self.by_tax_id.get(normalised_tax_id(bill.tax_id), ())
        if len(found) > 1:
            ids = ", ".join(company.id for company in found)
            raise NoOnePartner(
                "ambiguous_partner",
                f"HubSpot companies {ids} could all be vendor {vendor}. Merge them, or name the right one under "
                "partners in the flow's settings.",
            )
        return found[0] if found else None

    def contact(self, bill: BillRecord, company: CrmRecord) -> str | None:
        """The company's own contact that has the vendor's e-mail address."""
        return self.contacts.get(company.id, {}).get(bill.email.casefold()) if bill.email else None


def read_partners(hubspot: HubSpotClient, bills: Iterable[BillRecord], settings: BillSettings) -> Partners:
    """The companies that are vendors, one call for each 200 of them, and the contacts of those that bills come from."""
    vendors = {bill.vendor_id for bill in bills}
    listed = {vendor: company for vendor, company in settings.partners.items() if vendor in vendors}
    wanted = settings.properties()
    there = batch_read(hubspot, "companies", listed.values(), wanted).by_id() if listed else {}
    named = {vendor: there[company] for vendor, company in listed.items() if company in there}
    by_vendor_id, by_tax_id = defaultdict[str, list[CrmRecord]](list), defaultdict[str, list[CrmRecord]](list)
    for company in _vendors(hubspot, settings, wanted):
        vendor_id = _shown(settings.vendor_id, company)
        tax_id = normalised_tax_id(_shown(settings.tax_id, company))
        if vendor_id:
            by_vendor_id[vendor_id.casefold()].append(company)
        # A company that names another vendor's id is that vendor, whatever the tax ids say.
        elif tax_id and settings.role.says_vendor(company.properties):
            by_tax_id[tax_id].append(company)
    partners = Partners(named, by_vendor_id, by_tax_id)
    return Partners(named, by_vendor_id, by_tax_id, _contacts(hubspot, partners, bills, settings))


def _vendors(hubspot: HubSpotClient, settings: BillSettings, wanted: Sequence[str]) -> Iterable[CrmRecord]:
    """A property that the account does not have is nobody's: HubSpot would refuse to search by it."""
    known = get_properties(hubspot, "companies")
    groups = []
    source = (settings.vendor_id.source or "").removeprefix("company.")
    if source in known:
        groups.append([Filter.has(source)])
    if settings.role.property in known:
        groups.append([Filter.is_in(settings.role.property, settings.role.vendor)])
    return iter_search(hubspot, "companies", groups, wanted) if groups else ()


def _shown(source: SourceSettings, company: CrmRecord) -> str:
    return (source.value({"company": company.properties}) or "").strip()


def _contacts(
    hubspot: HubSpotClient, partners: Partners, bills: Iterable[BillRecord], settings: BillSettings
) -> dict[str, dict[str, str]]:
    companies = set()
    for bill in bills:
        try:
            company = partners.of(bill, settings)
        except NoOnePartner:
            continue
        if company is not None and bill.email:
            companies.add(company.id)
    if not companies:
        return {}
    tied = read_associations(hubspot, "companies", "contacts", sorted(companies))
    ids = [one.to_id for found in tied.values() for one in found]
    people = batch_read(hubspot, "contacts", ids, ["email"]).by_id() if ids else {}
    return {
        company: {
            (people[one.to_id].properties.get("email") or "").casefold(): one.to_id
            for one in found
            if one.to_id in people
        }
        for company, found in tied.items()
    }
