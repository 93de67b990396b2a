"""Records as Intacct knows them, read from ``query`` answers. Fields nobody needs are not read.

What identifies a record or its state is required; what a company may leave empty is ``""`` or ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from include.connectors.intacct import formats
from include.connectors.intacct.errors import SYSTEM
from include.core.errors import InvariantError
from include.core.money import Money

Wire = Mapping[str, Any]


def required(record: Wire, name: str) -> str:
    """The text of a field that must be there. Raises ``InvariantError`` naming the field."""
    text = optional(record, name)
    if not text:
        raise InvariantError(f"A Sage Intacct record lacks its field {name}; it cannot be used.", system=SYSTEM)
    return text


def optional(record: Wire, name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A CUSTOMER. Contact data is in no repr. ``entity_id`` is the owning entity, ``""`` at the top level."""

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
    )

    @classmethod
    def from_wire(cls, record: Wire) -> Customer:
        mail = "DISPLAYCONTACT.MAILADDRESS"
        return cls(
            record_no=required(record, "RECORDNO"),
            customer_id=required(record, "CUSTOMERID"),
            name=optional(record, "NAME"),
            active=is_active(record),
            on_hold=formats.read_bool(optional(record, "ONHOLD")),
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
        )


@dataclass(frozen=True, slots=True)
class Invoice:
    """An ARINVOICE. ``number`` is its RECORDID, ``invoice_date`` what the object calls WHENCREATED; ``total``,
    ``paid`` and ``balance`` are in the transaction's currency. Whether it is paid is for ``balance`` to say, not
    for ``state``."""

    record_no: str
    number: str
    state: str
    customer_id: str
    invoice_date: date
    posting_date: date | None
    due_date: date | None
    total: Money
    paid: Money
    balance: Money
    base_currency: str = ""
    description: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    term_name: str = ""
    entity_id: str = ""
    url: str = field(default="", repr=False)
    modified_at: datetime | None = None

    FIELDS = (
        "RECORDNO",
        "RECORDID",
        "STATE",
        "CUSTOMERID",
        "WHENCREATED",
        "WHENPOSTED",
        "WHENDUE",
        "CURRENCY",
        "BASECURR",
        "TOTALENTERED",
        "TOTALPAID",
        "TOTALDUE",
        "TRX_TOTALENTERED",
        "TRX_TOTALPAID",
        "TRX_TOTALDUE",
        "DESCRIPTION",
        "DOCNUMBER",
        "TERMNAME",
        "MEGAENTITYID",
        "RECORD_URL",
        "WHENMODIFIED",
    )

    @classmethod
    def from_wire(cls, record: Wire, *, company_currency: str = "") -> Invoice:
        """``company_currency`` stands in where the company has one currency only and its invoices name none."""
        base = optional(record, "BASECURR") or company_currency
        currency = optional(record, "CURRENCY") or base
        invoice_date = formats.read_date(required(record, "WHENCREATED"))
        if not currency or invoice_date is None:
            required(record, "CURRENCY" if invoice_date else "WHENCREATED")
            raise AssertionError  # pragma: no cover
        return cls(
            record_no=required(record, "RECORDNO"),
            number=optional(record, "RECORDID"),
            state=required(record, "STATE"),
            customer_id=required(record, "CUSTOMERID"),
            invoice_date=invoice_date,
            posting_date=formats.read_date(optional(record, "WHENPOSTED")),
            due_date=formats.read_date(optional(record, "WHENDUE")),
            total=_amount(record, "TOTALENTERED", currency),
            paid=_amount(record, "TOTALPAID", currency),
            balance=_amount(record, "TOTALDUE", currency),
            base_currency=base,
            description=optional(record, "DESCRIPTION"),
            reference=optional(record, "DOCNUMBER"),
            term_name=optional(record, "TERMNAME"),
            entity_id=optional(record, "MEGAENTITYID"),
            url=optional(record, "RECORD_URL"),
            modified_at=formats.read_time(optional(record, "WHENMODIFIED")),
        )


def _amount(record: Wire, name: str, currency: str) -> Money:
    """The transaction amount; a company of one currency fills only the base amount, which is the same there."""
    return Money.of(optional(record, f"TRX_{name}") or optional(record, name) or "0", currency)


def is_active(record: Wire) -> bool:
    """STATUS: a label (``active``) or a code (``T``); only a plain ``inactive`` is inactive."""
    return optional(record, "STATUS").lower() not in {"inactive", "f", "false"}


@dataclass(frozen=True, slots=True)
class Entity:
    """A LOCATIONENTITY: a legal entity with books of its own."""

    entity_id: str
    name: str
    currency: str
    country: str
    active: bool

    FIELDS = ("LOCATIONID", "NAME", "CURRENCY", "OPCOUNTRY", "STATUS")

    @classmethod
    def from_wire(cls, record: Wire) -> Entity:
        return cls(
            required(record, "LOCATIONID"),
            optional(record, "NAME"),
            optional(record, "CURRENCY"),
            optional(record, "OPCOUNTRY"),
            is_active(record),
        )


@dataclass(frozen=True, slots=True)
class GLAccount:
    """A GLACCOUNT, with the dimensions that its lines must carry (``LOCATION``, ``DEPARTMENT``, ``CLASS``, ...)."""

    number: str
    title: str
    active: bool
    requires: tuple[str, ...]

    _REQUIRE = (
        ("REQUIREDEPT", "DEPARTMENT"),
        ("REQUIRELOC", "LOCATION"),
        ("REQUIRECUSTOMER", "CUSTOMER"),
        ("REQUIREVENDOR", "VENDOR"),
        ("REQUIREEMPLOYEE", "EMPLOYEE"),
        ("REQUIREITEM", "ITEM"),
        ("REQUIRECLASS", "CLASS"),
    )
    FIELDS = ("ACCOUNTNO", "TITLE", "STATUS", *(flag for flag, _ in _REQUIRE))

    @classmethod
    def from_wire(cls, record: Wire) -> GLAccount:
        demanded = tuple(name for flag, name in cls._REQUIRE if formats.read_bool(optional(record, flag)))
        return cls(required(record, "ACCOUNTNO"), optional(record, "TITLE"), is_active(record), demanded)


@dataclass(frozen=True, slots=True)
class Item:
    """An ITEM: a product or service that invoice lines may name."""

    item_id: str
    name: str
    item_type: str
    active: bool

    FIELDS = ("ITEMID", "NAME", "ITEMTYPE", "STATUS")

    @classmethod
    def from_wire(cls, record: Wire) -> Item:
        return cls(
            required(record, "ITEMID"), optional(record, "NAME"), optional(record, "ITEMTYPE"), is_active(record)
        )


@dataclass(frozen=True, slots=True)
class Dimension:
    """A value of a dimension that is an id and a name: DEPARTMENT, CLASS, LOCATION, PROJECT."""

    id: str
    name: str
    active: bool
    parent_id: str = ""
