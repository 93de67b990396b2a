"""A HubSpot company as an Intacct vendor: which one it is. Pure but for ``vendors_near``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.vendors import Vendor, find_vendors
from include.core.decisions import Hold
from include.core.matching import (
    PUBLIC_MAIL_DOMAINS,
    AmbiguousMatch,
    Candidates,
    Matched,
    NoMatch,
    Party,
    SimilarOnly,
    business_domains,
    match,
)
from include.flows.customers.company_customer import subject_of
from include.flows.customers.lookup import merged_companies, needles
from include.flows.sources import Sheets
from include.flows.vendors.settings import VendorSettings


def new_vendor_id(company_id: str, settings: VendorSettings) -> str:
    """``HSV-5156001``: deterministic, so that one company never becomes two vendors."""
    return f"{settings.id_prefix}{company_id}"


def own_vendor_ids(sheets: Sheets, settings: VendorSettings) -> set[str]:
    """The ids of the vendors that Tieout may have made of this company, and of those merged into it."""
    return {new_vendor_id(one, settings) for one in (str(sheets["company"]["id"]), *merged_companies(sheets))}


def vendors_near(
    intacct: IntacctClient, companies: Iterable[Sheets], known: Mapping[str, str], settings: VendorSettings
) -> list[Vendor]:
    """Everybody whom ``which_vendor`` could name for these companies. ``known``: company id -> vendor id, merged
    companies included."""
    listed = list(companies)
    wanted = needles(listed, known, settings, lambda company: new_vendor_id(company, settings))
    ids = set(wanted.ids)
    for sheets in listed:
        ids |= own_vendor_ids(sheets, settings) | {known[old] for old in merged_companies(sheets) if old in known}
    return find_vendors(
        intacct, ids=sorted(ids), tax_ids=wanted.tax_ids, email_domains=wanted.domains, names=wanted.names
    )


class VendorDirectory:
    """Intacct's vendors, ready to be matched with many companies. ``known``: company id -> vendor id."""

    def __init__(self, vendors: Sequence[Vendor], known: Mapping[str, str], settings: VendorSettings) -> None:
        self._by_id = {vendor.vendor_id: vendor for vendor in vendors}
        self._by_folded_id = {vendor_id.casefold(): vendor_id for vendor_id in self._by_id}
        self._known = known
        self._settings = settings
        self._candidates = Candidates(_candidate(vendor, settings) for vendor in self._by_id.values())

    def which(self, sheets: Sheets) -> tuple[Vendor, str] | Hold | None:
        """The company's vendor with the rule that found it, a hold where a person must choose, or ``None``."""
        company_id = str(sheets["company"]["id"])
        subject = subject_of(sheets, self._settings)
        if subject.external_id:
            # What a person wrote on the company outranks what we remember.
            known_id = self._by_folded_id.get(subject.external_id.casefold())
            if known_id is None:
                return Hold(
                    company_id,
                    "unknown_vendor_id",
                    f"Company “{subject.name}” names Intacct vendor {subject.external_id}, which does not exist. "
                    f"Correct or clear the company's property {self._property}.",
                )
        else:
            remembered = self._remembered(sheets)
            if len(remembered) > 1:
                return self._ambiguous(subject, remembered, "company, merged")
            known_id = next(iter(remembered), None)
        found = match(subject, self._candidates.near(subject, known_id), known_id=known_id)
        match found:
            case Matched(candidate, score, reason):
                return self._by_id[candidate.id], f"{reason}, score {score}"
            case AmbiguousMatch(choices, reason):
                return self._ambiguous(subject, [one.id for one in choices], reason)
            case SimilarOnly(choices):
                ids = ", ".join(one.id for one in choices)
                return Hold(
                    company_id,
                    "similar_vendor",
                    f"Company “{subject.name}” has the same name as Intacct vendor {ids}, but another address. If they "
                    f"are one, write the vendor id into the company's property {self._property}; if not, give both "
                    "their tax ids.",
                )
            case NoMatch():
                return None

    def _remembered(self, sheets: Sheets) -> list[str]:
        """The vendors that the company, or those merged into it, are known to be."""
        ids = (str(sheets["company"]["id"]), *merged_companies(sheets))
        known = {self._known[one] for one in ids if one in self._known} | own_vendor_ids(sheets, self._settings)
        return sorted(known & self._by_id.keys())

    def _ambiguous(self, subject: Party, ids: Sequence[str], reason: str) -> Hold:
        return Hold(
            subject.id,
            "ambiguous_vendor",
            f"Company “{subject.name}” could be any of the Intacct vendors {', '.join(ids)} (same {reason}). Write the "
            f"right vendor id into the company's property {self._property}, or merge the vendors.",
        )

    @property
    def _property(self) -> str:
        return str(self._settings.external_id.source).partition(".")[2]


def _candidate(vendor: Vendor, settings: VendorSettings) -> Party:
    return Party(
        id=vendor.vendor_id,
        name=vendor.name,
        tax_id=vendor.tax_id,
        domains=business_domains([vendor.email], PUBLIC_MAIL_DOMAINS | set(settings.public_mail_domains)),
        country=vendor.country,
        city=vendor.city,
        postcode=vendor.postcode,
    )
