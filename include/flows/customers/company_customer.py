"""Which Intacct customer a HubSpot company is.

Pure. How a company is told from others stands in ``customers.company_party``, what a new customer is created with in
``customers.new_customer``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from include.connectors.intacct.records import Customer
from include.core.decisions import Hold
from include.core.matching import (
    AmbiguousMatch,
    Candidates,
    Matched,
    NoMatch,
    SimilarOnly,
    match,
)
from include.flows.customers.company_party import (
    COMPANY_PROPERTIES,
    CONTACT_PROPERTIES,
    NewCompanies,
    PartySettings,
    candidate_of,
    subject_of,
    text_of,
)
from include.flows.customers.new_customer import (
    create_customer,
    customer_key,
    customer_reference,
    display_contact,
    mail_address,
    new_customer_id,
)
from include.flows.deals.settings import CustomerSettings, HoldGuard
from include.flows.sources import Sheets

__all__ = [
    "COMPANY_PROPERTIES",
    "CONTACT_PROPERTIES",
    "CustomerDirectory",
    "KnownCustomer",
    "NewCompanies",
    "PartySettings",
    "candidate_of",
    "create_customer",
    "customer_key",
    "customer_reference",
    "display_contact",
    "find_customer",
    "inactive",
    "mail_address",
    "new_customer_id",
    "subject_of",
    "which_customer",
]


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """The Intacct customer of a company, with the rule that found it and how strong that rule is."""

    customer: Customer
    reason: str
    score: str


class CustomerDirectory:
    """Intacct's customers, ready to be matched with many companies."""

    def __init__(self, customers: Iterable[Customer], settings: CustomerSettings) -> None:
        self.by_id = {customer.customer_id: customer for customer in customers}
        self._by_folded_id = {customer_id.casefold(): customer_id for customer_id in self.by_id}
        self.candidates = Candidates(candidate_of(customer, settings) for customer in self.by_id.values())

    def id_like(self, customer_id: str) -> str | None:
        """The customer id that this is, whatever its case."""
        return self._by_folded_id.get(customer_id.strip().casefold())


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
        name = text_of(sheets["company"], "name")
        blocked = _on_hold(found, source_id, name) if on_hold == "block" else None
        return inactive(found, source_id, name) or blocked or found
    return found


def which_customer(
    sheets: Sheets, source_id: str, directory: CustomerDirectory, known_id: str | None, settings: CustomerSettings
) -> KnownCustomer | Hold | None:
    """The company's customer whatever its state, a hold where a person must choose, or ``None`` where there is none."""
    company, by_id = sheets["company"], directory.by_id
    own_id = new_customer_id(text_of(company, "id"), settings)
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
    name = text_of(company, "name")
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


def _property(settings: CustomerSettings) -> str:
    return str(settings.external_id.source).partition(".")[2]
