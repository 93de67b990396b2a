"""Older invoices in bulk: customers of another channel, of whom HubSpot knows nothing. For measuring."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from include.sandbox.company.catalogue import TERMS
from include.sandbox.company.desk import Desk
from include.sandbox.company.model import Customer, Unit
from include.sandbox.company.past import older_invoice
from include.sandbox.company.people import address_in, domain_of
from include.sandbox.company.places import GERMANY, UNITED_KINGDOM, UNITED_STATES

PER_CUSTOMER = 8
_MARKETS = ((UNITED_STATES, "USD"), (UNITED_KINGDOM, "GBP"), (GERMANY, "EUR"))


def ledger(first: int, seed: int, invoices: int) -> Iterator[Unit]:
    """Units from number ``first`` on with exactly this many invoices, ``PER_CUSTOMER`` of each customer."""
    for number in count(first):
        if invoices <= 0:
            return
        desk = Desk(number, seed)
        country, currency = _MARKETS[number % len(_MARKETS)]
        name = desk.company_name()
        customer = Customer(
            desk.customer_id(),
            f"{name} {country.legal_forms[0]}",
            address_in(country, desk.random),
            desk.random.choice(TERMS),
            currency,
            f"ap@{domain_of(name)}",
        )
        wanted = min(PER_CUSTOMER, invoices)
        documents = tuple(older_invoice(customer, country.entity or "100", desk) for _ in range(wanted))
        invoices -= wanted
        yield Unit(customers=(customer,), documents=documents)
