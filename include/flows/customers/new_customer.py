"""What a HubSpot company becomes as a new Intacct customer: its key, its id, its record. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from include.core.books import Entity
from include.core.decisions import Json, Key, Ref, Write
from include.flows.deals.settings import CustomerSettings
from include.flows.sources import Sheets


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
