"""The demo company's records before they take a twin's shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from include.sandbox.company.places import Country

Expect = Literal["posted", "held", "ignored"]


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    city: str
    state: str
    postal_code: str
    country: Country


@dataclass(frozen=True, slots=True)
class Person:
    """A contact in HubSpot. ``also_at`` are the ids of further companies, none of them the primary one."""

    id: str
    given_name: str
    family_name: str
    email: str
    phone: str
    job: str
    also_at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer that Intacct already has. ``contact`` is the name of the contact whom it is billed to, where that
    is another one than its own."""

    id: str
    name: str
    address: Address
    term: str
    currency: str
    email: str = ""
    tax_id: str = ""
    active: bool = True
    on_hold: bool = False
    credit_limit: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """A company in HubSpot. ``customer_id`` is the Intacct id that HubSpot knows (the external id);
    ``merged`` are the companies that became part of this one, which are ``archived``. ``lifecycle`` overrides the
    stage that follows from the customer id; a company that ``became`` what it is at some time says so in its history.
    ``role`` is what it is to Brightwater: ``customer``, ``vendor``, ``both``."""

    id: str
    name: str
    domain: str
    address: Address
    phone: str
    owner_id: str
    tax_id: str = ""
    customer_id: str = ""
    term: str = ""
    people: tuple[Person, ...] = ()
    merged: tuple[str, ...] = ()
    archived: bool = False
    lifecycle: str = ""
    became: datetime | None = None
    role: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line item. ``price`` is per unit and, on a recurring line, per billing period; ``frequency`` is
    empty for one-time lines. Quantities, prices and discounts are decimal text."""

    sku: str
    quantity: str
    price: str
    discount: str = ""
    discount_percent: str = ""
    frequency: str = ""
    term_months: int | None = None
    starts: date | None = None


@dataclass(frozen=True, slots=True)
class StageChange:
    stage: str
    at: datetime
    user_id: str


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal with its lines, and what must become of it.

    ``entity`` is the one that bills (``None``: nobody can say), ``invoice_date`` the won date in its
    calendar. ``customer`` is the customer that must be billed; ``None`` on a deal that is to be posted means
    a new one. ``amount`` is the deal's own amount as HubSpot shows it. ``line_ids`` go with ``lines``.
    """

    id: str
    name: str
    case: str
    expect: Expect
    reason: str | None
    currency: str
    amount: str
    lines: tuple[Line, ...]
    line_ids: tuple[str, ...]
    company: Company | None
    other_companies: tuple[Company, ...]
    customer: Customer | None
    entity: str | None
    billing_entity: str
    pipeline: str
    stage: str
    closed_at: datetime
    created_at: datetime
    updated_at: datetime
    history: tuple[StageChange, ...]
    owner_id: str
    invoice_date: date | None
    posting_date: date | None
    term: str
    po_number: str = ""
    header_percent: str = ""
    department: str = ""
    deal_type: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that Intacct already has and HubSpot knows nothing of.

    ``kind`` is ``ARINVOICE`` or ``ARADJUSTMENT`` (a credit memo; its lines count negative). ``paid`` is what
    was paid on it so far, in minor units, on ``paid_on``; ``also_paid`` are later payments. A credit memo
    may be ``applied_to`` the invoice of that number, as a whole, on its own day.
    """

    kind: Literal["ARINVOICE", "ARADJUSTMENT"]
    number: str
    customer: Customer
    entity: str
    currency: str
    dated: date
    due: date
    description: str
    lines: tuple[tuple[str, int], ...]
    paid: int = 0
    paid_on: date | None = None
    also_paid: tuple[tuple[int, date], ...] = ()
    applied_to: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One chapter of the story: companies that belong together, their customers, deals and older documents.
    ``before`` and ``after`` are further records of Intacct, in the shape of that twin's ``load``, that go ahead of
    the customers and after them."""

    companies: tuple[Company, ...] = ()
    customers: tuple[Customer, ...] = ()
    deals: tuple[Deal, ...] = ()
    documents: tuple[Document, ...] = field(default_factory=tuple)
    before: tuple[Mapping[str, Any], ...] = ()
    after: tuple[Mapping[str, Any], ...] = ()
