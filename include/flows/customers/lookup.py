"""Which customers HubSpot companies could be: one query per hundred things to look for; and which ones they are known
to be, by themselves or by a company that was merged into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.customers import find_customers, get_customers
from include.connectors.intacct.records import Customer
from include.flows.customers.company_customer import PartySettings, new_customer_id, subject_of
from include.flows.deals.bill import HoldThis
from include.flows.deals.settings import CustomerSettings
from include.flows.sources import Sheets


def customers_near(
    intacct: IntacctClient, companies: Iterable[Sheets], known: Mapping[str, str], settings: CustomerSettings
) -> list[Customer]:
    """Everybody whom ``find_customer`` could name for these companies. ``known``: company id -> customer id."""
    wanted = needles(companies, known, settings, lambda company: new_customer_id(company, settings))
    return find_customers(
        intacct, ids=wanted.ids, tax_ids=wanted.tax_ids, email_domains=wanted.domains, names=wanted.names
    )


@dataclass(frozen=True, slots=True)
class Needles:
    """What parties of Intacct are looked for by; each sorted, none empty."""

    ids: Sequence[str]
    tax_ids: Sequence[str]
    domains: Sequence[str]
    names: Sequence[str]


def needles(
    companies: Iterable[Sheets], known: Mapping[str, str], settings: PartySettings, own_id: Callable[[str], str]
) -> Needles:
    """``known``: company id -> id in Intacct, which is all that is asked for then. ``own_id``: the id that Tieout gives
    to the party of a company."""
    ids, names, tax_ids, domains = set[str](), set[str](), set[str](), set[str]()
    for sheets in companies:
        subject = subject_of(sheets, settings)
        if subject.id in known:
            ids |= {known[subject.id], subject.external_id}
            continue
        ids |= {own_id(subject.id), subject.external_id}
        names.add(subject.name)
        tax_ids.add(subject.tax_id)
        domains |= set(subject.domains)
    return Needles(*(sorted(filter(None, one)) for one in (ids, tax_ids, domains, names)))


def customers_of_companies(
    intacct: IntacctClient, companies: Iterable[Sheets], known: Mapping[str, str], settings: CustomerSettings
) -> list[Customer]:
    """As ``customers_near``, with the customers of the companies that were merged into these."""
    listed = list(companies)
    customers = customers_near(intacct, listed, known, settings)
    seen = {customer.customer_id for customer in customers}
    merged = {old for sheets in listed for old in merged_companies(sheets)}
    wanted = {known.get(old, new_customer_id(old, settings)) for old in merged} - seen
    return [*customers, *get_customers(intacct, sorted(wanted))] if wanted else customers


def known_customer(
    sheets: Sheets, customers: Sequence[Customer], known: Mapping[str, str], settings: CustomerSettings
) -> str | None:
    """The customer id that our cross-references (``known``) hold for the company. A merged company's customer stays the
    customer of the one that it became part of. Raises ``HoldThis`` where several companies with customers were, and no
    person has written on the company which of them it is."""
    company_id = str(sheets["company"]["id"])
    if company_id in known:
        return known[company_id]
    if settings.external_id.value(sheets):
        return None  # what a person wrote outranks what we know, and answers the question below
    ids = {customer.customer_id for customer in customers}
    old_ids = merged_companies(sheets)
    merged = {new_customer_id(old, settings) for old in old_ids} & ids
    merged |= {known[old] for old in old_ids if old in known}
    if len(merged) > 1:
        listed = ", ".join(sorted(merged))
        raise HoldThis(
            "ambiguous_customer",
            f"the companies that were merged into it are the Intacct customers {listed}. Write the right customer id "
            "into its property intacct_customer_id.",
        )
    return next(iter(merged), None)


def merged_companies(sheets: Sheets) -> tuple[str, ...]:
    """Ids of the companies that were merged into this one."""
    listed = (sheets["company"].get("hs_merged_object_ids") or "").split(";")
    return tuple(one.strip() for one in listed if one.strip())
