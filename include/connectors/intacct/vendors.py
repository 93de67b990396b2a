"""Vendors: finding those that a company could be, reading them, and creating one. Bank details never move."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml import etree

from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.fields import Wire, flag, is_active, moment, optional, required
from include.connectors.intacct.lines import read_by
from include.connectors.intacct.parties import build_create_party, find_parties
from include.core.errors import SettingsError

_BANK = re.compile(r"(^|_)(ACH|WIRE|IBAN|BIC|SWIFT)|BANK|ROUTING|CHECKINGACCOUNT")


@dataclass(frozen=True, slots=True)
class Vendor:
    """A VENDOR. Contact data is in no repr; bank details are never read. ``entity_id`` is the owning entity."""

    record_no: str
    vendor_id: str
    name: str = field(repr=False)
    active: bool
    on_hold: bool
    currency: str = ""
    term_name: str = ""
    entity_id: str = ""
    parent_id: str = ""
    type_id: str = ""
    tax_id: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    postcode: str = field(default="", repr=False)
    country: str = field(default="", repr=False)
    display_contact: str = field(default="", repr=False)
    modified_at: datetime | None = None

    FIELDS = (
        "RECORDNO",
        "VENDORID",
        "NAME",
        "STATUS",
        "ONHOLD",
        "CURRENCY",
        "TERMNAME",
        "MEGAENTITYID",
        "PARENTID",
        "VENDTYPE",
        "TAXID",
        "DISPLAYCONTACT.CONTACTNAME",
        "DISPLAYCONTACT.EMAIL1",
        "DISPLAYCONTACT.PHONE1",
        "DISPLAYCONTACT.MAILADDRESS.ADDRESS1",
        "DISPLAYCONTACT.MAILADDRESS.CITY",
        "DISPLAYCONTACT.MAILADDRESS.STATE",
        "DISPLAYCONTACT.MAILADDRESS.ZIP",
        "DISPLAYCONTACT.MAILADDRESS.COUNTRY",
        "WHENMODIFIED",
    )

    @classmethod
    def from_wire(cls, record: Wire) -> Vendor:
        contact, mail = "DISPLAYCONTACT", "DISPLAYCONTACT.MAILADDRESS"
        return cls(
            record_no=required(record, "RECORDNO"),
            vendor_id=required(record, "VENDORID"),
            name=optional(record, "NAME"),
            active=is_active(record),
            on_hold=flag(record, "ONHOLD"),
            currency=optional(record, "CURRENCY"),
            term_name=optional(record, "TERMNAME"),
            entity_id=optional(record, "MEGAENTITYID"),
            parent_id=optional(record, "PARENTID"),
            type_id=optional(record, "VENDTYPE"),
            tax_id=optional(record, "TAXID"),
            email=optional(record, f"{contact}.EMAIL1"),
            phone=optional(record, f"{contact}.PHONE1"),
            address=optional(record, f"{mail}.ADDRESS1"),
            city=optional(record, f"{mail}.CITY"),
            state=optional(record, f"{mail}.STATE"),
            postcode=optional(record, f"{mail}.ZIP"),
            country=optional(record, f"{mail}.COUNTRY"),
            display_contact=optional(record, f"{contact}.CONTACTNAME"),
            modified_at=moment(record, "WHENMODIFIED"),
        )


def find_vendors(
    client: IntacctClient,
    *,
    ids: Iterable[str] = (),
    tax_ids: Iterable[str] = (),
    email_domains: Iterable[str] = (),
    names: Iterable[str] = (),
) -> list[Vendor]:
    """Everybody who could be one of these companies, each vendor once; ``ids`` are VENDORIDs. See
    ``parties.find_parties``."""
    records = find_parties(
        client, "VENDOR", Vendor.FIELDS, ids=ids, tax_ids=tax_ids, email_domains=email_domains, names=names
    )
    return [Vendor.from_wire(record) for record in records]


def get_vendors(client: IntacctClient, vendor_ids: Iterable[str]) -> list[Vendor]:
    """The vendors of these VENDORIDs that exist, one query per 1,000."""
    return [Vendor.from_wire(record) for record in read_by(client, "VENDOR", Vendor.FIELDS, "VENDORID", vendor_ids)]


def iter_vendors_changed(client: IntacctClient, since: datetime, until: datetime) -> Iterator[Vendor]:
    """The vendors whose records changed in [since, until); see ``changes.iter_changed``."""
    for record in iter_changed(client, "VENDOR", Vendor.FIELDS, since, until):
        yield Vendor.from_wire(record)


def build_create_vendor(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create`` of one VENDOR from a JSON payload in Intacct's upper-case names; see ``parties.build_create_party``.

    Raises ``SettingsError`` for a bank field too: where money is paid to is entered in Intacct by a person, else
    whoever can write to the CRM could redirect it.
    """
    check_no_bank_fields(payload)
    return build_create_party("VENDOR", payload)


def check_no_bank_fields(payload: Mapping[str, Any]) -> None:
    """Raises ``SettingsError`` for a payload, or a mapping's fields, that names a vendor's bank details."""
    for name, value in payload.items():
        if _BANK.search(name.upper()):
            raise SettingsError(
                f"{name} is about a vendor's bank account, which Tieout never writes; enter it in Sage Intacct.",
                system=SYSTEM,
            )
        if isinstance(value, Mapping):
            check_no_bank_fields(value)
