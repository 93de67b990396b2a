"""Contacts: reading them, those of a customer, and creating one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.fields import Wire, is_active, moment, optional, required
from include.connectors.intacct.generic import build_create
from include.connectors.intacct.lines import read_by
from include.connectors.intacct.parties import check_names
from include.core.errors import Rejected


@dataclass(frozen=True, slots=True)
class Contact:
    """A CONTACT. ``name`` is its CONTACTNAME, the key in Intacct, often a person's name: nothing but the record number
    is in the repr."""

    record_no: str
    name: str = field(repr=False)
    active: bool = True
    company: str = field(default="", repr=False)
    prefix: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    print_as: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    second_email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    mobile: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    address_2: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    postcode: str = field(default="", repr=False)
    country: str = field(default="", repr=False)
    entity_id: str = ""
    modified_at: datetime | None = None

    FIELDS = (
        "RECORDNO",
        "CONTACTNAME",
        "STATUS",
        "COMPANYNAME",
        "PREFIX",
        "FIRSTNAME",
        "LASTNAME",
        "PRINTAS",
        "EMAIL1",
        "EMAIL2",
        "PHONE1",
        "CELLPHONE",
        "MAILADDRESS.ADDRESS1",
        "MAILADDRESS.ADDRESS2",
        "MAILADDRESS.CITY",
        "MAILADDRESS.STATE",
        "MAILADDRESS.ZIP",
        "MAILADDRESS.COUNTRY",
        "MEGAENTITYID",
        "WHENMODIFIED",
    )

    @classmethod
    def from_wire(cls, record: Wire) -> Contact:
        return cls(
            record_no=required(record, "RECORDNO"),
            name=required(record, "CONTACTNAME"),
            active=is_active(record),
            company=optional(record, "COMPANYNAME"),
            prefix=optional(record, "PREFIX"),
            first_name=optional(record, "FIRSTNAME"),
            last_name=optional(record, "LASTNAME"),
            print_as=optional(record, "PRINTAS"),
            email=optional(record, "EMAIL1"),
            second_email=optional(record, "EMAIL2"),
            phone=optional(record, "PHONE1"),
            mobile=optional(record, "CELLPHONE"),
            address=optional(record, "MAILADDRESS.ADDRESS1"),
            address_2=optional(record, "MAILADDRESS.ADDRESS2"),
            city=optional(record, "MAILADDRESS.CITY"),
            state=optional(record, "MAILADDRESS.STATE"),
            postcode=optional(record, "MAILADDRESS.ZIP"),
            country=optional(record, "MAILADDRESS.COUNTRY"),
            entity_id=optional(record, "MEGAENTITYID"),
            modified_at=moment(record, "WHENMODIFIED"),
        )


def get_contacts(client: IntacctClient, names: Iterable[str] = (), *, emails: Iterable[str] = ()) -> list[Contact]:
    """The contacts of these CONTACTNAMEs, and those with one of these first e-mail addresses (as they are written in
    Intacct), each once; one query per 1,000 of each."""
    records = [
        *read_by(client, "CONTACT", Contact.FIELDS, "CONTACTNAME", names),
        *read_by(client, "CONTACT", Contact.FIELDS, "EMAIL1", emails),
    ]
    return [Contact.from_wire(record) for record in {str(record["RECORDNO"]): record for record in records}.values()]


@dataclass(frozen=True, slots=True)
class CustomerContacts:
    """The contacts that a customer names: each ``None`` where it names none. ``display`` belongs to the customer and
    is changed through it; the others have records of their own."""

    customer_id: str
    display: Contact | None = None
    primary: Contact | None = None
    billing: Contact | None = None
    shipping: Contact | None = None


_ROLES = ("DISPLAYCONTACT", "CONTACTINFO", "BILLTO", "SHIPTO")


def get_customer_contacts(client: IntacctClient, customer_ids: Iterable[str]) -> dict[str, CustomerContacts]:
    """Who speaks for these customers, by CUSTOMERID, for those that exist: one query per 1,000 customers and one per
    1,000 contacts."""
    customers = read_by(
        client, "CUSTOMER", ("CUSTOMERID", *(f"{role}.CONTACTNAME" for role in _ROLES)), "CUSTOMERID", customer_ids
    )
    named = {
        required(customer, "CUSTOMERID"): [optional(customer, f"{role}.CONTACTNAME") for role in _ROLES]
        for customer in customers
    }
    names = sorted({name for four in named.values() for name in four if name})
    contacts = {contact.name: contact for contact in get_contacts(client, names)}
    return {
        customer_id: CustomerContacts(customer_id, *(contacts.get(name) for name in four))
        for customer_id, four in named.items()
    }


def build_create_contact(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create`` of one CONTACT from a JSON payload in Intacct's upper-case names, MAILADDRESS nested.

    Where it has no PRINTAS, CONTACTNAME prints. Raises ``SettingsError`` for a name that is no field, ``Rejected``
    where CONTACTNAME is missing.
    """
    check_names("CONTACT", payload)
    name = payload.get("CONTACTNAME")
    if not isinstance(name, str) or not name.strip():
        raise Rejected("A contact needs a CONTACTNAME.", system=SYSTEM)
    return build_create("CONTACT", {"PRINTAS": name, **payload})
