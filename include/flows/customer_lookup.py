"""Ask Intacct which customers HubSpot companies could be: one query per hundred things to look for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.customers import find_customers
from include.connectors.intacct.records import Customer
from include.flows.company_customer import new_customer_id, subject_of
from include.flows.sources import Sheets
from include.flows.won_deal_settings import CustomerSettings


def customers_near(
    intacct: IntacctClient, companies: Iterable[Sheets], known: Mapping[str, str], settings: CustomerSettings
) -> list[Customer]:
    """Everybody whom ``find_customer`` could name for these companies. ``known``: company id -> customer id."""
    ids, names, tax_ids, domains = set[str](), set[str](), set[str](), set[str]()
    for sheets in companies:
        subject = subject_of(sheets, settings)
        if subject.id in known:
            ids |= {known[subject.id], subject.external_id}
            continue
        ids |= {new_customer_id(subject.id, settings), subject.external_id}
        names.add(subject.name)
        tax_ids.add(subject.tax_id)
        domains |= set(subject.domains)
    return find_customers(
        intacct,
        ids=sorted(filter(None, ids)),
        tax_ids=sorted(filter(None, tax_ids)),
        email_domains=sorted(domains),
        names=sorted(filter(None, names)),
    )
