"""Customers and invoices as Intacct knows them, read from ``query`` answers. Fields nobody needs are not read.

What identifies a record or its state is required; what a company may leave empty is ``""`` or ``None``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from include.connectors.intacct.documents import HEADER_FIELDS, Document, header
from include.connectors.intacct.fields import (
    Wire,
    day,
    flag,
    is_active,
    moment,
    number,
    optional,
    required,
    required_day,
)


@dataclass(frozen=True, slots=True)
class Customer:
    """A CUSTOMER. Contact data is in no repr. ``entity_id`` is the owning entity, ``""`` at the top level.

    ``credit_limit`` (``None``: no limit is set) and ``total_due`` are in the base currency, which the record does not
    name. ``display_contact``, ``primary_contact``, ``billing_contact`` and ``shipping_contact`` are CONTACTNAMEs."""

    record_no: str
    customer_id: str
    name: str = field(repr=False)
    active: bool
    on_hold: bool
    currency: str = ""
    term_name: str = ""
    entity_id: str = ""
    parent_id: str = ""
    tax_id: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    postcode: str = field(default="", repr=False)
    country: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    credit_limit: Decimal | None = None
    total_due: Decimal | None = None
    type_id: str = ""
    delivery_options: str = ""
    display_contact: str = field(default="", repr=False)
    primary_contact: str = field(default="", repr=False)
    billing_contact: str = field(default="", repr=False)
    shipping_contact: str = field(default="", repr=False)
    modified_at: datetime | None = None

    FIELDS = (
        "RECORDNO",
        "CUSTOMERID",
        "NAME",
        "STATUS",
        "ONHOLD",
        "CURRENCY",
        "TERMNAME",
        "MEGAENTITYID",
        "PARENTID",
        "TAXID",
        "DISPLAYCONTACT.EMAIL1",
        "DISPLAYCONTACT.MAILADDRESS.ADDRESS1",
        "DISPLAYCONTACT.MAILADDRESS.CITY",
        "DISPLAYCONTACT.MAILADDRESS.STATE",
        "DISPLAYCONTACT.MAILADDRESS.ZIP",
        "DISPLAYCONTACT.MAILADDRESS.COUNTRY",
        "DISPLAYCONTACT.PHONE1",
        "CREDITLIMIT",
        "TOTALDUE",
        "CUSTTYPE",
        "DELIVERY_OPTIONS",
        "DISPLAYCONTACT.CONTACTNAME",
        "CONTACTINFO.CONTACTNAME",
        "BILLTO.CONTACTNAME",
        "SHIPTO.CONTACTNAME",
        "WHENMODIFIED",
    )

    @classmethod
    def from_wire(cls, record: Wire) -> Customer:
        mail = "DISPLAYCONTACT.MAILADDRESS"
        return cls(
            record_no=required(record, "RECORDNO"),
            customer_id=required(record, "CUSTOMERID"),
            name=optional(record, "NAME"),
            active=is_active(record),
            on_hold=flag(record, "ONHOLD"),
            currency=optional(record, "CURRENCY"),
            term_name=optional(record, "TERMNAME"),
            entity_id=optional(record, "MEGAENTITYID"),
            parent_id=optional(record, "PARENTID"),
            tax_id=optional(record, "TAXID"),
            email=optional(record, "DISPLAYCONTACT.EMAIL1"),
            address=optional(record, f"{mail}.ADDRESS1"),
            city=optional(record, f"{mail}.CITY"),
            state=optional(record, f"{mail}.STATE"),
            postcode=optional(record, f"{mail}.ZIP"),
            country=optional(record, f"{mail}.COUNTRY"),
            phone=optional(record, "DISPLAYCONTACT.PHONE1"),
            credit_limit=number(record, "CREDITLIMIT"),
            total_due=number(record, "TOTALDUE"),
            type_id=optional(record, "CUSTTYPE"),
            delivery_options=optional(record, "DELIVERY_OPTIONS"),
            display_contact=optional(record, "DISPLAYCONTACT.CONTACTNAME"),
            primary_contact=optional(record, "CONTACTINFO.CONTACTNAME"),
            billing_contact=optional(record, "BILLTO.CONTACTNAME"),
            shipping_contact=optional(record, "SHIPTO.CONTACTNAME"),
            modified_at=moment(record, "WHENMODIFIED"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(Document):
    """An ARINVOICE. ``invoice_date`` is what the object calls WHENCREATED; ``document_key`` is Tieout's key, where the
    reader was told in which field it stands. ``exchange_rate`` is what one unit was worth in the base currency, by the
    rates of ``rate_type`` on ``rate_date``; ``None`` and ``""`` where it is in the base currency. ``module`` is
    ``8.SO`` for an invoice that an order entry document made: editing that document makes the invoice anew under
    another record number."""

    customer_id: str
    invoice_date: date
    document_key: str = ""
    exchange_rate: Decimal | None = None
    rate_date: date | None = None
    rate_type: str = ""

    FIELDS = (*HEADER_FIELDS, "CUSTOMERID", "EXCHANGE_RATE", "EXCH_RATE_DATE", "EXCH_RATE_TYPE_ID")

    @property
    def is_foreign(self) -> bool:
        """Whether it is in another currency than the books."""
        return bool(self.base_currency) and self.base_currency != self.total.currency

    @classmethod
    def from_wire(cls, record: Wire, *, company_currency: str = "", document_key_field: str = "") -> Invoice:
        """``company_currency`` stands in where the company has one currency only and its invoices name none."""
        head = header(record, company_currency)
        foreign = bool(head["base_currency"]) and head["base_currency"] != head["total"].currency
        return cls(
            **head,
            exchange_rate=number(record, "EXCHANGE_RATE") if foreign else None,
            rate_date=day(record, "EXCH_RATE_DATE") if foreign else None,
            rate_type=optional(record, "EXCH_RATE_TYPE_ID") if foreign else "",
            customer_id=required(record, "CUSTOMERID"),
            invoice_date=required_day(record, "WHENCREATED"),
            document_key=optional(record, document_key_field) if document_key_field else "",
        )
