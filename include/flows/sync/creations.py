"""The records that a customer, its company and their people lack on the other side. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from include.core.decisions import Json, Key, Ref, Write
from include.core.matching import PUBLIC_MAIL_DOMAINS, business_domains
from include.flows.sync.records import Card, Flat
from include.flows.sync.settings import CreateSettings, FieldRule

LONGEST_NAME = 200
"""Of CONTACTNAME, by Intacct's object definition."""


def company_of_customer_key(customer_id: str) -> Key:
    return Key("hubspot", "company", "intacct", "customer", customer_id, "company")


def person_of_contact_key(record_no: str) -> Key:
    return Key("hubspot", "contact", "intacct", "contact", record_no, "contact")


def contact_of_person_key(contact_id: str) -> Key:
    return Key("intacct", "contact", "hubspot", "contact", contact_id, "contact")


def is_new(created: str, settings: CreateSettings) -> bool:
    """Whether a record was made since the day from which counterparts are created (UTC)."""
    moment = datetime.fromisoformat(created) if created else None
    return moment is not None and moment.astimezone(UTC).date() >= settings.since


def company_of_customer(customer: Flat, display: Flat, rules: Iterable[FieldRule], public: Iterable[str]) -> Write:
    """The HubSpot company that a new customer becomes; its name starts as the legal one. Raises ``Unmapped``."""
    customer_id = customer["CUSTOMERID"]
    domains = business_domains([display.get("EMAIL1", "")], PUBLIC_MAIL_DOMAINS | set(public))
    properties = {
        "name": customer["NAME"],
        "domain": next(iter(domains), None),
        "lifecyclestage": "customer",
        "intacct_customer_id": customer_id,
        **{rule.property_name: rule.to_hubspot(customer.get(rule.intacct, "")) or None for rule in rules},
    }
    return Write(
        company_of_customer_key(customer_id),
        {"properties": {name: text for name, text in properties.items() if text}},
        {"customer": customer_id},
        summary=f"company for customer {customer_id}",
    )


def person_of_contact(contact: Flat, customer: Flat, company: str | Json, rules: Iterable[FieldRule]) -> Write:
    """The HubSpot contact that an Intacct contact becomes, at its company (id or reference). Raises ``Unmapped``."""
    texts = {rule.property_name: rule.to_hubspot(contact.get(rule.intacct, "")) for rule in rules}
    named = {"email": "EMAIL1", "firstname": "FIRSTNAME", "lastname": "LASTNAME"}
    texts = {name: contact.get(field, "") for name, field in named.items()} | texts
    return Write(
        person_of_contact_key(contact["RECORDNO"]),
        {
            "properties": {name: text for name, text in texts.items() if text},
            "associations": [{"to": "companies", "id": company}],
        },
        {"contact": contact["RECORDNO"], "customer": customer["CUSTOMERID"]},
        summary=f"HubSpot contact for contact {contact['RECORDNO']}",
    )


def contact_name(person: Card) -> str:
    """CONTACTNAME is Intacct's key: the person's name, and the HubSpot id so that it is unlike any other's."""
    ending = f" (HS-{person.id})"
    name = " ".join(filter(None, (person.text("firstname"), person.text("lastname")))) or "Contact"
    return name[: LONGEST_NAME - len(ending)].rstrip() + ending


def contact_of_person(person: Card, customer: Flat, rules: Iterable[FieldRule]) -> Write:
    """The Intacct contact that a person at a customer becomes. Raises ``Unmapped``."""
    named = {"EMAIL1": "email", "FIRSTNAME": "firstname", "LASTNAME": "lastname"}
    texts = {field: person.text(name) for field, name in named.items()}
    texts |= {rule.intacct: rule.to_intacct(person.text(rule.property_name)) for rule in rules}
    payload: Json = {
        "CONTACTNAME": contact_name(person),
        "PRINTAS": " ".join(filter(None, (person.text("firstname"), person.text("lastname")))),
        "COMPANYNAME": customer["NAME"],
    }
    for name, text in texts.items():
        *blocks, last = name.split(".")
        place = payload
        for block in blocks:
            place = place.setdefault(block, {})
        place[last] = text
    return Write(
        contact_of_person_key(person.id),
        _filled(payload),
        {"contact": person.id, "customer": customer["CUSTOMERID"]},
        summary=f"contact for HubSpot contact {person.id} at customer {customer['CUSTOMERID']}",
    )


def has_name(*names: str) -> bool:
    return any(name.strip() for name in names)


def _filled(payload: Json) -> Json:
    pruned = {name: _filled(value) if isinstance(value, dict) else value for name, value in payload.items()}
    return {name: value for name, value in pruned.items() if value}


def company_reference(customer_id: str) -> Json:
    return Ref(company_of_customer_key(customer_id)).to_json()
