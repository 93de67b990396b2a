"""A case's company in HubSpot and the customers that Intacct has, or does not have, for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from include.sandbox.company.cases import Case, Found
from include.sandbox.company.catalogue import TERMS
from include.sandbox.company.desk import Desk
from include.sandbox.company.model import Address, Company, Customer
from include.sandbox.company.people import address_in, digits_for, domain_of, person_at


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part in a case. ``billed`` is the customer that the deal must be invoiced to; ``None``
    where that is a new one or where nobody can say."""

    company: Company | None
    others: tuple[Company, ...]
    customers: tuple[Customer, ...]
    billed: Customer | None
    term: str

    @property
    def companies(self) -> tuple[Company, ...]:
        return (self.company, *self.others) if self.company else self.others


def cast_of(case: Case, desk: Desk) -> Cast:
    term = case.term or desk.random.choice(TERMS)
    if case.found is Found.NO_COMPANY:
        return Cast(None, (), (), None, term)
    company = _company(case, desk, term)
    customers, billed = _customers(case, desk, company, term)
    if case.found is Found.EXTERNAL_ID or case.found in {Found.INACTIVE, Found.ON_HOLD}:
        company = replace(company, customer_id=customers[0].id)
    if case.found in {Found.TAX_ID, Found.TWO_BY_TAX_ID}:
        company = replace(company, tax_id=customers[0].tax_id)
    others = (_company(replace(case, people=0), desk, ""),) if case.second_company else ()
    return Cast(company, others, customers, billed, term)


def _company(case: Case, desk: Desk, term: str) -> Company:
    name = desk.company_name() + case.name_suffix
    domain = domain_of(name)
    new = case.found is Found.NEW
    says_term = case.term_in_hubspot and (new or desk.random.randrange(2) == 0)
    return Company(
        id=desk.hubspot_id("companies"),
        name=name,
        domain=domain,
        address=address_in(case.country, desk.random),
        phone=digits_for(case.country.dialling, desk.random),
        owner_id=desk.owner_id(),
        tax_id=digits_for(case.country.tax_id, desk.random) if new and desk.random.randrange(2) else "",
        term=term if says_term else "",
        people=tuple(
            person_at(domain, case.country, desk.hubspot_id("contacts"), desk.random) for _ in range(case.people)
        ),
    )


def _customers(case: Case, desk: Desk, company: Company, term: str) -> tuple[tuple[Customer, ...], Customer | None]:
    """Intacct's customers around this company, and the one to bill."""
    legal = f"{company.name} {case.country.legal_forms[0]}"
    currency = case.currency if case.currency != "CHF" else "EUR"

    def customer(name: str, email: str = "", tax_id: str = "", at: Address = company.address) -> Customer:
        return Customer(desk.customer_id(), name, at, term, currency, email, tax_id)

    here = f"ap@{company.domain}"
    # The books' own contact of a customer is often a service that handles its bills: another domain.
    elsewhere = f"bills@{domain_of(company.name, '-office')}"
    brand = f"{desk.company_name()} {case.country.legal_forms[-1]}"
    tax_id = digits_for(case.country.tax_id, desk.random)
    match case.found:
        case Found.NEW:
            return (), None
        case Found.TAX_ID:
            found = [customer(legal, elsewhere, tax_id)]
        case Found.DOMAIN:
            found = [customer(brand, here)]
        case Found.NAME_AND_ADDRESS:
            shouted = f"{company.name.upper()}, {case.country.legal_forms[0].upper()}."
            found = [customer(shouted, elsewhere)]
        case Found.TWO_BY_DOMAIN:
            return (customer(legal, here), customer(f"{company.name} Services", f"office@{company.domain}")), None
        case Found.TWO_BY_TAX_ID:
            twins = customer(legal, elsewhere, tax_id), customer(f"{company.name} Export", elsewhere, tax_id)
            return twins, None
        case Found.SAME_NAME_ELSEWHERE:
            other_town = address_in(case.country, desk.random, other_than=company.address)
            return (customer(legal, elsewhere, at=other_town),), None
        case Found.INACTIVE:
            return (replace(customer(legal, here), active=False),), None
        case Found.ON_HOLD:
            return (replace(customer(legal, here), on_hold=True),), None
        case _:
            found = [customer(legal, here)]
    if case.look_alikes:
        towns = [address_in(case.country, desk.random, other_than=company.address) for _ in range(2)]
        found.append(customer(f"{company.name} Works", at=towns[0]))
        found.append(customer(f"{company.name.replace(' ', ' & ', 1)} {case.country.legal_forms[0]}", at=towns[1]))
    return tuple(found), found[0]
