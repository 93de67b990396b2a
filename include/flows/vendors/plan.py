"""Which HubSpot companies become vendors. Pure.

A new vendor always waits for a person: the hold shows what would be made, and an approval counts for just that. What
was changed since is shown again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.intacct.vendors import Vendor
from include.core.books import Books
from include.core.decisions import Decision, Hold, Key, Skip, Update, Write, canonical_hash
from include.core.errors import Unmapped
from include.core.windows import BusinessDates
from include.flows.customers.company_customer import NewCompanies, subject_of
from include.flows.customers.extract import CompanyRecord
from include.flows.vendors.match import VendorDirectory, own_vendor_ids
from include.flows.vendors.record import VENDOR_ID, create_vendor, followed, in_words, vendor_key, vendor_values
from include.flows.vendors.settings import CompanyVendorSettings

REVIEW = "vendor_review"
CONTENT = "content"
"""In a review's details: the digest of what it showed."""


@dataclass(frozen=True, slots=True)
class Planner:
    """``vendor_of_company``: our cross-references. ``reviewed``: company id -> the digest that its open review shows.
    ``approved``: the companies that this run may make vendors of. ``made``: vendors that the write log knows."""

    settings: CompanyVendorSettings
    books: Books
    vendors: Sequence[Vendor] = ()
    vendor_of_company: Mapping[str, str] = field(default_factory=dict)
    reviewed: Mapping[str, str] = field(default_factory=dict)
    approved: Collection[str] = ()
    made: Collection[Key] = ()
    window: BusinessDates | None = None

    def plan(self, records: Iterable[CompanyRecord]) -> list[Decision]:
        """For every company the ``Write`` of an approved vendor, the ``Update`` that shows the vendor it is and the one
        of what follows, a ``Skip`` or a ``Hold``."""
        directory = VendorDirectory(self.vendors, self.vendor_of_company, self.settings.vendor)
        new = NewCompanies()
        return [decision for record in records for decision in self._decide(record, directory, new)]

    def _decide(self, record: CompanyRecord, directory: VendorDirectory, new: NewCompanies) -> list[Decision]:
        company_id = record.company_id
        if not self.settings.role.says_vendor(record.company):
            return [Skip(company_id, f"its {self.settings.role.source} does not say vendor")]
        day = record.became.astimezone(self.books.entities[self.settings.calendar].zone)
        if self.window is not None and company_id not in self.approved and not self.window.holds(day):
            return [Skip(company_id, f"a vendor since {day.date()}, outside the window", settles=False)]
        found = directory.which(record.sheets)
        if isinstance(found, Hold):
            return [Hold(company_id, found.code, f"{record.title}: {found.message}")]
        if found is not None:
            return self._known(record, *found)
        if vendor_key(company_id) in self.made:
            return [Skip(company_id, "its vendor was deleted in Intacct, and is not made again")]
        try:
            return [self._new(record, new)]
        except Unmapped as unmapped:
            message = f"{record.title}: {unmapped.message}. Add the value to the flow's settings."
            return [Hold(company_id, "unmapped_value", message)]

    def _known(self, record: CompanyRecord, vendor: Vendor, reason: str) -> list[Decision]:
        company_id, vendor_id = record.company_id, vendor.vendor_id
        if not vendor.active and record.company.get(VENDOR_ID) != vendor_id:
            message = (
                f"{record.title}: it is Intacct vendor {vendor_id} ({reason}), which is inactive. Reactivate it in "
                f"Intacct, or write its successor's id into the company's {VENDOR_ID}."
            )
            return [Hold(company_id, "vendor_inactive", message)]
        summary = f"company {company_id} is vendor {vendor_id} ({reason})"
        decisions: list[Decision] = [
            Update("hubspot", "companies", company_id, company_id, vendor_values(vendor), summary)
        ]
        own = vendor_id in own_vendor_ids(record.sheets, self.settings.vendor)
        values = followed(record.sheets, self.settings.follow)
        if values and vendor.active and (own or self.settings.follow.linked):
            told = f"vendor {vendor_id} follows company {company_id}: {', '.join(self.settings.follow.fields)}"
            decisions.append(Update("intacct", "VENDOR", vendor.record_no, company_id, values, told))
        return decisions

    def _new(self, record: CompanyRecord, new: NewCompanies) -> Write | Hold:
        company_id = record.company_id
        subject = subject_of(record.sheets, self.settings.vendor)
        if not subject.name:
            return Hold(company_id, "no_name", f"{record.title}: it has no name. Enter the vendor's legal name.")
        if not new.add(subject):
            message = (
                f"{record.title}: it looks like another company that becomes a vendor in this run. Merge the two in "
                "HubSpot, or give both their tax ids."
            )
            return Hold(company_id, "similar_vendor", message)
        write = create_vendor(record.sheets, self.settings.vendor)
        content = canonical_hash(write.payload)
        approved = company_id in self.approved
        if approved and self.reviewed.get(company_id) == content:
            return write
        since = " It is not what was last shown for review, so the approval does not count." if approved else ""
        message = (
            f"{record.title} says that it is a vendor, and Intacct has none like it. Would be made: "
            f"{in_words(write.payload, self.settings.vendor)}.{since} To make it, on hold, run this DAG with approve: "
            f"[{company_id}]; if it is a vendor already, write its id into the company's {VENDOR_ID}."
        )
        return Hold(company_id, REVIEW, message, {CONTENT: content, "vendor": write.payload["VENDORID"]})
