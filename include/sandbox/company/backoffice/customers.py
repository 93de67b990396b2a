"""The back office's customers, their companies in HubSpot, and the companies of two vendors."""

from __future__ import annotations

from include.sandbox.company.backoffice.records import Record, record
from include.sandbox.company.catalogue import OWNERS
from include.sandbox.company.model import Address, Company, Customer, Person
from include.sandbox.company.people import domain_of
from include.sandbox.company.places import GERMANY, UNITED_KINGDOM, UNITED_STATES, Country

# Below the ids that the story and the sales floor hand out.
_FIRST_COMPANY, _FIRST_PERSON, _STRIDE = 20_415_100_117, 60_118_000_239, 17

# (customer id, name in HubSpot, legal form, country, city, currency, term, tax id, given name, family name)
_PEOPLE = (
    ("C-9001", "Pell Hydroponics", "Inc", UNITED_STATES, 0, "USD", "N30", "58-2210934", "Noor", "Castellan"),
    ("C-9002", "Ravensworth Cold Stores", "LLC", UNITED_STATES, 1, "USD", "N15", "31-7754120", "Liam", "Fujimori"),
    ("C-9003", "Tolliver Fermentation", "Corp", UNITED_STATES, 2, "USD", "N30", "86-1043377", "Grace", "Adeyemi"),
    ("C-9004", "Hadley Greenhouses", "Inc", UNITED_STATES, 3, "USD", "N30", "56-4471208", "Mateo", "Kowal"),
    ("C-9005", "Skelby Creamery", "Ltd", UNITED_KINGDOM, 0, "GBP", "N30", "GB417730552", "Maeve", "Hoang"),
    ("C-9006", "Dunsford Seed Bank", "Limited", UNITED_KINGDOM, 1, "GBP", "N15", "GB660218437", "Jasper", "Osei"),
    ("C-9007", "Whitlow Museums Trust", "Ltd", UNITED_KINGDOM, 4, "GBP", "N30", "GB285504916", "Priya", "Moreau"),
    ("C-9008", "Ostermoor Molkerei", "GmbH", GERMANY, 0, "EUR", "N30", "DE301577264", "Hanna", "Grunwald"),
    ("C-9009", "Kranichfeld Labortechnik", "GmbH", GERMANY, 1, "EUR", "N15", "DE288140093", "Benedikt", "Zeman"),
    ("C-9010", "Weidenau Archive", "AG", GERMANY, 2, "EUR", "N30", "DE266391705", "Lea", "Schiller"),
)
_ON_HOLD = {"C-9002", "C-9006", "C-9009"}
_CREDIT_LIMIT = {"C-9003": "10000.00", "C-9004": "25000.00", "C-9007": "4000.00", "C-9010": "15000.00"}
_STREETS = ("14 Quay Street", "3 Mill Road", "88 Canal Street", "27 Station Road", "5 Kiln Yard")


def _address(country: Country, city: int, number: int) -> Address:
    name, state, postal_code = country.cities[city]
    return Address(_STREETS[number % len(_STREETS)], name, state, postal_code, country)


def _customer(number: int) -> Customer:
    customer_id, name, form, country, city, currency, term, tax_id, given, family = _PEOPLE[number]
    return Customer(
        customer_id,
        f"{name} {form}",
        _address(country, city, number),
        term,
        currency,
        f"ap@{domain_of(name)}",
        tax_id,
        on_hold=customer_id in _ON_HOLD,
        credit_limit=_CREDIT_LIMIT.get(customer_id, ""),
        contact=f"{given} {family} ({customer_id})",
    )


def _company(number: int) -> Company:
    customer_id, name, _form, country, city, _currency, term, tax_id, given, family = _PEOPLE[number]
    domain = domain_of(name)
    person = Person(
        str(_FIRST_PERSON + number * _STRIDE),
        given,
        family,
        f"{given}.{family}@{domain}".lower(),
        country.dialling.replace("##", f"{10 + number}"),
        "Accounts Payable",
    )
    return Company(
        id=str(_FIRST_COMPANY + number * _STRIDE),
        name=name,
        domain=domain,
        address=_address(country, city, number),
        phone=person.phone,
        owner_id=OWNERS[number % 4][0],
        tax_id=tax_id,
        customer_id=customer_id,
        term=term,
        people=(person,),
        role="both" if customer_id == "C-9001" else "",
    )


def _supplier(number: int, name: str, country: Country, city: int, tax_id: str) -> Company:
    """A company that HubSpot knows and Intacct has as a vendor only."""
    return Company(
        id=str(_FIRST_COMPANY + number * _STRIDE),
        name=name,
        domain=domain_of(name),
        address=_address(country, city, number),
        phone=country.dialling.replace("##", f"{10 + number}"),
        owner_id=OWNERS[number % 4][0],
        tax_id=tax_id,
        lifecycle="other",
        role="vendor",
    )


CUSTOMERS = tuple(_customer(number) for number in range(len(_PEOPLE)))
COMPANIES = (
    *(_company(number) for number in range(len(_PEOPLE))),
    _supplier(10, "Ferrers Circuit Works", UNITED_KINGDOM, 1, "GB733091824"),
    _supplier(11, "Lowmoor Haulage", UNITED_STATES, 4, ""),
)
CONTACTS: tuple[Record, ...] = tuple(
    record(
        "CONTACT",
        **{
            "CONTACTNAME": f"{given} {family} ({customer_id})",
            "PRINTAS": f"{given} {family}",
            "FIRSTNAME": given,
            "LASTNAME": family,
            "COMPANYNAME": f"{name} {form}",
            "EMAIL1": f"{given}.{family}@{domain_of(name)}".lower(),
            "MAILADDRESS.CITY": country.cities[city][0],
            "MAILADDRESS.COUNTRY": country.name,
            "STATUS": "active",
        },
    )
    for customer_id, name, form, country, city, _currency, _term, _tax_id, given, family in _PEOPLE
)
