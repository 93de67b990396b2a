"""A HubSpot company as an Intacct customer: which one it is, or what a new one is created with. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from include.connectors.intacct.records import Customer
from include.core.books import Entity
from include.core.decisions import Hold, Json, Key, Ref, Write
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
from include.flows.sources import Sheets, SourceSettings
from include.flows.won_deal_settings import CustomerSettings, HoldGuard

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


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """The Intacct customer of a company, with the rule that found it and how strong that rule is."""

    customer: Customer
    reason: str
    score: str


def customer_key(company_id: str) -> Key:
    return Key("intacct", "customer", "hubspot", "company", company_id, "customer")


LONGEST_CUSTOMER_ID = 20
"""Characters of CUSTOMERID, by Intacct's object definition."""


def new_customer_id(company_id: str, settings: CustomerSettings) -> str:
    """``HS-5156001``: deterministic, so that two deals of one new company make one customer.

    Where that is too long for Intacct, a digest of the company's id stands in its place.
    """
    plain = f"{settings.id_prefix}{company_id}"
    if len(plain) <= LONGEST_CUSTOMER_ID:
        return plain
    digest = hashlib.sha256(company_id.encode()).hexdigest().upper()
    return f"{settings.id_prefix}{digest}"[:LONGEST_CUSTOMER_ID]


def subject_of(sheets: Sheets, settings: PartySettings) -> Party:
    """The company as matching sees it."""
    company = sheets["company"]
    public = PUBLIC_MAIL_DOMAINS | set(settings.public_mail_domains)
    return Party(
        id=_text(company, "id"),
        name=_text(company, "name"),
        tax_id=settings.tax_id.value(sheets) or "",
        domains=business_domains([_text(company, "domain"), _text(company, "website")], public),
        external_id=settings.external_id.value(sheets) or "",
        country=_text(company, "country"),
        city=_text(company, "city"),
        postcode=_text(company, "zip"),
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


class CustomerDirectory:
    """Intacct's customers, ready to be matched with many companies."""

    def __init__(self, customers: Iterable[Customer], settings: CustomerSettings) -> None:
        self.by_id = {customer.customer_id: customer for customer in customers}
        self._by_folded_id = {customer_id.casefold(): customer_id for customer_id in self.by_id}
        self.candidates = Candidates(candidate_of(customer, settings) for customer in self.by_id.values())

    def id_like(self, customer_id: str) -> str | None:
        """The customer id that this is, whatever its case."""
        return self._by_folded_id.get(customer_id.strip().casefold())


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


def find_customer(
    sheets: Sheets,
    source_id: str,
    directory: CustomerDirectory,
    known_id: str | None,
    settings: CustomerSettings,
    *,
    on_hold: HoldGuard = "block",
) -> KnownCustomer | Hold | None:
    """The company's customer that may be billed, a hold where a person must act, or ``None`` where there is none.

    A customer on credit hold may be billed unless ``on_hold`` is ``block``: what to make of it is the caller's."""
    found = which_customer(sheets, source_id, directory, known_id, settings)
    if isinstance(found, KnownCustomer):
        name = _text(sheets["company"], "name")
        blocked = _on_hold(found, source_id, name) if on_hold == "block" else None
        return inactive(found, source_id, name) or blocked or found
    return found


def which_customer(
    sheets: Sheets, source_id: str, directory: CustomerDirectory, known_id: str | None, settings: CustomerSettings
) -> KnownCustomer | Hold | None:
    """The company's customer whatever its state, a hold where a person must choose, or ``None`` where there is none."""
    company, by_id = sheets["company"], directory.by_id
    own_id = new_customer_id(_text(company, "id"), settings)
    known_id = known_id or (own_id if own_id in by_id else None)
    subject = subject_of(sheets, settings)
    if subject.external_id:
        # What a person wrote on the company outranks what we remember.
        known_id = directory.id_like(subject.external_id)
        if known_id is None:
            return Hold(
                source_id,
                "unknown_customer_id",
                f"Company “{subject.name}” names Intacct customer {subject.external_id}, which does not exist. Correct "
                f"or clear the company's property {_property(settings)}.",
                {"customer": subject.external_id},
            )
    found = match(subject, directory.candidates.near(subject, known_id), known_id=known_id)
    name = _text(company, "name")
    match found:
        case Matched(candidate, score, reason):
            return KnownCustomer(by_id[candidate.id], reason, str(score))
        case AmbiguousMatch(choices, reason):
            ids = ", ".join(c.id for c in choices)
            return Hold(
                source_id,
                "ambiguous_customer",
                f"Company “{name}” could be any of the Intacct customers {ids} (same {reason}). Write the right "
                f"customer id into the company's property {_property(settings)}, or merge the customers.",
                {"candidates": [c.id for c in choices], "reason": reason},
            )
        case SimilarOnly(choices):
            ids = ", ".join(c.id for c in choices)
            return Hold(
                source_id,
                "similar_customer",
                f"Company “{name}” has the same name as Intacct customer {ids}, but another address. If they are one, "
                f"write the customer id into the company's property {_property(settings)}; if not, give both "
                "their tax ids.",
                {"candidates": [c.id for c in choices]},
            )
        case NoMatch():
            return None


def inactive(known: KnownCustomer, source_id: str, name: str) -> Hold | None:
    customer = known.customer
    if customer.active:
        return None
    return Hold(
        source_id,
        "customer_inactive",
        f"Company “{name}” is Intacct customer {customer.customer_id}, which is inactive. Reactivate the customer, "
        "or point the company at its successor.",
        {"customer": customer.customer_id},
    )


def _on_hold(known: KnownCustomer, source_id: str, name: str) -> Hold | None:
    customer = known.customer
    if not customer.on_hold:
        return None
    return Hold(
        source_id,
        "customer_on_hold",
        f"Company “{name}” is Intacct customer {customer.customer_id}, which is on credit hold. Release the hold "
        "in Intacct when the customer may be billed again.",
        {"customer": customer.customer_id},
    )


def create_customer(sheets: Sheets, entity_id: str, entity: Entity, currency: str, settings: CustomerSettings) -> Write:
    """The customer that this company becomes: billing address, primary contact, terms, currency and visibility.

    Raises ``Unmapped`` where a customer field's lookup table lacks the value.
    """
    company, contact = sheets["company"], sheets.get("contact", {})
    company_id, name = _text(company, "id"), _text(company, "name")
    payload: Json = {
        "CUSTOMERID": new_customer_id(company_id, settings),
        "NAME": name,
        "DISPLAYCONTACT": display_contact(sheets),
        "TERMNAME": settings.term.value(sheets),
        "TAXID": settings.tax_id.value(sheets),
        "DELIVERY_OPTIONS": settings.delivery_options if _text(contact, "email") else "Print",
        "CURRENCY": currency,
        "STATUS": "active",
    }
    if settings.visibility == "entity":
        payload |= {"OBJECTRESTRICTION": "Restricted", "RESTRICTEDLOCATIONS": entity_id}
    payload |= {field: source.value(sheets) for field, source in settings.fields.items()}
    return Write(
        customer_key(company_id),
        {field: value for field, value in payload.items() if value not in (None, {})},
        {"company": company_id},
        summary=f"customer {payload['CUSTOMERID']} in {entity.name}",
    )


def display_contact(sheets: Sheets) -> Json:
    """The DISPLAYCONTACT of the company's record in Intacct: its name and address, and its contact."""
    company, contact = sheets["company"], sheets.get("contact", {})
    name = _text(company, "name")
    display = {
        "PRINTAS": name,
        "COMPANYNAME": name,
        "TAXABLE": "true",
        "FIRSTNAME": _text(contact, "firstname"),
        "LASTNAME": _text(contact, "lastname"),
        "PHONE1": _text(contact, "phone") or _text(company, "phone"),
        "EMAIL1": _text(contact, "email"),
    }
    return _present(display) | {"MAILADDRESS": _present(mail_address(company))}


def mail_address(company: Mapping[str, str | None]) -> dict[str, str]:
    """The company's address in the words of Intacct's MAILADDRESS; empty lines are empty texts."""
    return {
        "ADDRESS1": _text(company, "address"),
        "ADDRESS2": _text(company, "address2"),
        "CITY": _text(company, "city"),
        "STATE": _text(company, "state"),
        "ZIP": _text(company, "zip"),
        "COUNTRY": _text(company, "country"),
    }


def customer_reference(company_id: str) -> Json:
    return Ref(customer_key(company_id)).to_json()


def _text(sheet: Mapping[str, str | None], name: str) -> str:
    return (sheet.get(name) or "").strip()


def _present(fields: dict[str, str]) -> Json:
    return {name: value for name, value in fields.items() if value}


def _property(settings: CustomerSettings) -> str:
    return str(settings.external_id.source).partition(".")[2]
