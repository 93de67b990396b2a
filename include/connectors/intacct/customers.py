"""Customers: finding those that a company could be, reading them, and creating one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from lxml import etree

from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.lines import read_by
from include.connectors.intacct.parties import build_create_party, find_parties, name_pattern, tax_id_pattern
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.records import Customer

__all__ = [
    "build_create_customer",
    "find_customers",
    "get_customers",
    "iter_customers",
    "iter_customers_changed",
    "name_pattern",
    "tax_id_pattern",
]


def find_customers(
    client: IntacctClient,
    *,
    ids: Iterable[str] = (),
    tax_ids: Iterable[str] = (),
    email_domains: Iterable[str] = (),
    names: Iterable[str] = (),
) -> list[Customer]:
    """Everybody who could be one of these companies, each customer once; ``ids`` are CUSTOMERIDs. See
    ``parties.find_parties``."""
    records = find_parties(
        client, "CUSTOMER", Customer.FIELDS, ids=ids, tax_ids=tax_ids, email_domains=email_domains, names=names
    )
    return [Customer.from_wire(record) for record in records]


def get_customers(client: IntacctClient, customer_ids: Iterable[str]) -> list[Customer]:
    """The customers of these CUSTOMERIDs that exist, one query per 1,000."""
    return [
        Customer.from_wire(record)
        for record in read_by(client, "CUSTOMER", Customer.FIELDS, "CUSTOMERID", customer_ids)
    ]


def iter_customers(client: IntacctClient) -> Iterator[Customer]:
    """Every customer, active or not."""
    for record in iter_query(client, "CUSTOMER", Customer.FIELDS):
        yield Customer.from_wire(record)


def iter_customers_changed(client: IntacctClient, since: datetime, until: datetime) -> Iterator[Customer]:
    """The customers whose records changed in [since, until); see ``changes.iter_changed``.

    What is computed (``total_due``) may change without it, and so may a contact that has a record of its own.
    """
    for record in iter_changed(client, "CUSTOMER", Customer.FIELDS, since, until):
        yield Customer.from_wire(record)


def build_create_customer(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create`` of one CUSTOMER from a JSON payload in Intacct's upper-case names; see
    ``parties.build_create_party``."""
    return build_create_party("CUSTOMER", payload)
