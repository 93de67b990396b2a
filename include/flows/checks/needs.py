"""What each flow needs of both systems: HubSpot's scopes, and Intacct's objects to read and to make or change.

One table for ``check_connections`` and for the connections' Test buttons. Of a flow that is not in it only the settings
are checked. A test runs every flow with just what its row says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Needs:
    """``scopes``: HubSpot scope -> what it is for. ``reads``, ``makes``: names of Intacct objects (``OBJECTS``).

    HubSpot's tasks and notes ride on the scopes of contacts.
    """

    scopes: Mapping[str, str] = field(default_factory=dict)
    reads: Sequence[str] = ()
    makes: Sequence[str] = ()


OBJECTS: Mapping[str, str] = {
    "CUSTOMER": "customers",
    "CONTACT": "contacts",
    "VENDOR": "vendors",
    "ARINVOICE": "invoices",
    "ARINVOICEITEM": "invoice lines",
    "ARPYMT": "payments",
    "ARPYMTDETAIL": "applied payments",
    "ARADVANCE": "advances",
    "ARADJUSTMENT": "credit memos",
    "ARRECURINVOICE": "recurring invoices",
    "ARRECURINVOICEENTRY": "recurring invoice lines",
    "SODOCUMENT": "sales orders",
    "APBILL": "bills",
    "APBILLITEM": "bill lines",
    "APPYMTDETAIL": "payments of bills",
    "ARTERM": "payment terms",
    "APTERM": "vendors' payment terms",
    "ARADJUSTMENTITEM": "credit memo lines",
    "GLBATCH": "journal entries",
    "REVRECSCHEDULE": "revenue schedules",
    "REVRECSCHEDULEENTRY": "revenue schedule entries",
    "GLACCOUNT": "GL accounts",
    "GLDETAIL": "GL postings",
    "AUDITHISTORY": "the audit trail",
    "ITEM": "items",
    "LOCATION": "locations",
    "LOCATIONENTITY": "entities",
    "DEPARTMENT": "departments",
    "CLASS": "classes",
}
"""Intacct object -> what people call it."""

_READ, _WRITE, _DEFINE = "crm.objects.{}.read", "crm.objects.{}.write", "crm.schemas.{}.write"


def _scopes(reads: Mapping[str, str], writes: Mapping[str, str], defines: Iterable[str]) -> dict[str, str]:
    return {
        **{_READ.format(kind): why for kind, why in reads.items()},
        **{_WRITE.format(kind): why for kind, why in writes.items()},
        **{_DEFINE.format(kind): f"to create the properties that are written to {kind}" for kind in defines},
    }


_STANDING = (
    "CUSTOMER",
    "ARINVOICE",
    "ARINVOICEITEM",
    "ARPYMT",
    "ARPYMTDETAIL",
    "ARADVANCE",
    "ARADJUSTMENT",
    "ARADJUSTMENTITEM",
)
_PLACES = ("LOCATION", "LOCATIONENTITY")

NEEDS: Mapping[str, Needs] = {
    "hubspot_closed_won_to_intacct_invoice": Needs(
        _scopes(
            {
                "deals": "to find won deals",
                "line_items": "to read what was sold",
                "companies": "to find the customer",
                "contacts": "to find the person who gets the invoice",
                "owners": "to know whose deal it is",
            },
            {
                "deals": "to write invoice numbers and balances to deals",
                "companies": "to write the customer id to companies",
                "contacts": "to make tasks",
            },
            ("deals", "companies"),
        ),
        (*_STANDING, *_PLACES, "ARTERM", "GLACCOUNT", "ITEM", "DEPARTMENT", "CLASS"),
        ("CUSTOMER", "ARINVOICE", "ARADJUSTMENT", "ARPYMT"),
    ),
    "hubspot_company_to_intacct_customer": Needs(
        _scopes(
            {"companies": "to find companies that became customers", "contacts": "to find the primary contact"},
            {"companies": "to write the customer id to companies"},
            ("companies",),
        ),
        ("CUSTOMER", "CONTACT", "ARTERM"),
        ("CUSTOMER",),
    ),
    "hubspot_contact_and_intacct_customer_sync": Needs(
        _scopes(
            {"companies": "to find changed companies", "contacts": "to find changed contacts"},
            {"companies": "to keep companies like customers", "contacts": "to keep contacts like Intacct's"},
            ("companies", "contacts"),
        ),
        ("CUSTOMER", "CONTACT"),
        ("CUSTOMER", "CONTACT"),
    ),
    "hubspot_company_to_intacct_vendor": Needs(
        _scopes(
            {"companies": "to find companies that are vendors", "contacts": "to find the vendor's contact"},
            {"companies": "to write the vendor id to companies"},
            ("companies",),
        ),
        ("VENDOR", "CONTACT", "APTERM"),
        ("VENDOR",),
    ),
    "hubspot_won_deal_onboarding": Needs(
        _scopes(
            {
                "deals": "to find won deals",
                "line_items": "to know what was sold",
                "companies": "to know who the new customer is",
                "contacts": "to find who is welcomed",
                "owners": "to know whose deal it is",
            },
            {
                "deals": "to show how far onboarding is",
                "companies": "to write the customer id to companies",
                "contacts": "to make tasks",
            },
            ("deals", "companies"),
        ),
        ("CUSTOMER", "ARTERM", "ARINVOICE", "SODOCUMENT"),
        ("CUSTOMER",),
    ),
    "intacct_payment_to_hubspot_deal": Needs(
        _scopes(
            {"deals": "to find the invoice's deals", "companies": "to find the customer's companies"},
            {"deals": "to show payments on deals", "companies": "to show balances on companies"},
            ("deals", "companies"),
        ),
        (*_STANDING, *_PLACES, "SODOCUMENT"),
    ),
    "intacct_invoice_to_hubspot_deal": Needs(
        _scopes(
            {
                "deals": "to find deals won before the cut-over",
                "line_items": "to know what was sold",
                "companies": "to find the customer",
                "contacts": "to find the customer",
            },
            {"deals": "to name the linked invoice on deals"},
            ("deals", "companies"),
        ),
        ("CUSTOMER", "ARINVOICE", "ARINVOICEITEM", "SODOCUMENT"),
    ),
    "intacct_renewal_to_hubspot_deal": Needs(
        _scopes(
            {
                "deals": "to find renewals that a rep made",
                "line_items": "to know what was sold",
                "products": "to know list prices",
                "companies": "to find the customer's company",
                "owners": "to know who gets the deal",
            },
            {"deals": "to make renewal deals", "line_items": "to make their lines"},
            ("deals", "line_items"),
        ),
        ("ARRECURINVOICE", "ARRECURINVOICEENTRY", "ARINVOICE", "ARINVOICEITEM", *_PLACES),
    ),
    "intacct_overdue_to_hubspot_task": Needs(
        _scopes(
            {
                "companies": "to find the customer's company",
                "contacts": "to find the contact's owner",
                "deals": "to tie the task to the deal of the invoice",
                "owners": "to know who gets the task",
            },
            {"contacts": "to make tasks"},
            (),
        ),
        ("CUSTOMER", "CONTACT", "ARINVOICE", "ARINVOICEITEM", *_PLACES),
    ),
    "intacct_credit_hold_to_hubspot_company": Needs(
        _scopes(
            {
                "companies": "to find the customer's companies",
                "deals": "to find their open deals",
                "owners": "to know who is told",
            },
            {"companies": "to flag companies", "deals": "to flag open deals"},
            ("companies", "deals"),
        ),
        (*_STANDING, *_PLACES, "SODOCUMENT"),
    ),
    "intacct_bill_to_hubspot_invoice": Needs(
        _scopes(
            {
                "companies": "to find the vendor's company",
                "contacts": "to find the vendor's contact",
                "invoices": "to find the drafts that there are",
                "line_items": "to find their lines",
            },
            {"invoices": "to make drafts of bills", "line_items": "to make their lines"},
            ("companies", "invoices", "line_items"),
        ),
        ("APBILL", "APBILLITEM", "APPYMTDETAIL", "VENDOR"),
    ),
    "tie_out": Needs(
        _scopes(
            {
                "deals": "to compare deals",
                "companies": "to compare balances",
                "line_items": "to know which won deals should have an invoice",
                "contacts": "to know which won deals should have an invoice",
                "owners": "to know which won deals should have an invoice",
            },
            {},
            (),
        ),
        (
            *(*_STANDING, *_PLACES, "GLDETAIL", "GLBATCH", "AUDITHISTORY"),
            *("ARTERM", "GLACCOUNT", "ITEM", "DEPARTMENT", "CLASS"),
        ),
    ),
    "revenue_report": Needs(
        _scopes(
            {
                "deals": "to read pipeline and won deals",
                "line_items": "to know what was sold",
                "companies": "to name the customer",
                "owners": "to know whose deal it is",
            },
            {},
            (),
        ),
        (
            *("ARINVOICE", "ARINVOICEITEM", "ARPYMT", "ARPYMTDETAIL", "ARADVANCE", "ARADJUSTMENT", "ARADJUSTMENTITEM"),
            *("GLDETAIL", "GLBATCH", "REVRECSCHEDULE", "REVRECSCHEDULEENTRY", "SODOCUMENT", "CUSTOMER"),
            *_PLACES,
        ),
    ),
    "intacct_revenue_schedule_check": Needs({}, (*_STANDING, *_PLACES, "REVRECSCHEDULE", "REVRECSCHEDULEENTRY")),
    "check_connections": Needs(),
    "close_pack": Needs(),
}


def scopes_of(flows: Iterable[str]) -> dict[str, str]:
    """HubSpot scope -> what these flows need it for, in words that several flows may share."""
    purposes: dict[str, dict[str, None]] = {}
    for flow in flows:
        for scope, purpose in _needs(flow).scopes.items():
            purposes.setdefault(scope, {})[purpose] = None
    return {scope: ", ".join(found) for scope, found in sorted(purposes.items())}


def reads_of(flows: Iterable[str]) -> dict[str, str]:
    """Intacct object -> what people call it, of all that these flows read."""
    wanted = {name for flow in flows for name in _needs(flow).reads}
    return {name: word for name, word in OBJECTS.items() if name in wanted}


def makes_of(flows: Iterable[str]) -> dict[str, str]:
    """The same of what these flows make or change in Intacct."""
    wanted = {name for flow in flows for name in _needs(flow).makes}
    return {name: word for name, word in OBJECTS.items() if name in wanted}


def _needs(flow: str) -> Needs:
    return NEEDS.get(flow, Needs())
