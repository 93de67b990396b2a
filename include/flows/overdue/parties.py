"""Who is behind an overdue invoice in HubSpot: the customer's companies, and the contact whom it was billed to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.contacts import get_customer_contacts
from include.flows.customers.customer_companies import companies_of_customers
from include.flows.overdue.records import Company


@dataclass(frozen=True, slots=True)
class Party:
    """A customer in HubSpot. ``contact_id`` is ``""`` where HubSpot does not know the billing contact's address."""

    companies: tuple[Company, ...] = ()
    contact_id: str = ""
    contact_owner_id: str = ""


def read_parties(hubspot: HubSpotClient, intacct: IntacctClient, customer_ids: Iterable[str]) -> dict[str, Party]:
    """Customer id -> its party, for each id given.

    The contact is the one with the e-mail address of the customer's billing contact, or where it names none, of its
    primary contact; addresses go no further than here. A search for every 100 customers or so, two queries per 1,000,
    and a call for every 100 contacts.
    """
    listed = sorted(set(customer_ids))
    if not listed:
        return {}
    companies = companies_of_customers(hubspot, listed, ["name", "hubspot_owner_id"])
    addresses = {
        customer_id: person.email.strip().casefold()
        for customer_id, those in get_customer_contacts(intacct, listed).items()
        if (person := those.billing or those.primary) and person.email.strip()
    }
    wanted = ["email", "hubspot_owner_id"]
    people = batch_read(hubspot, "contacts", sorted(set(addresses.values())), wanted, id_property="email")
    contacts = {(one.properties.get("email") or "").casefold(): one for one in people.records}
    parties = {}
    for customer_id in listed:
        contact = contacts.get(addresses.get(customer_id, ""))
        parties[customer_id] = Party(
            tuple(
                Company(one.id, one.properties.get("name") or "", one.properties.get("hubspot_owner_id") or "")
                for one in companies.get(customer_id, ())
            ),
            contact.id if contact else "",
            (contact.properties.get("hubspot_owner_id") or "") if contact else "",
        )
    return parties
