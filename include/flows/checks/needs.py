"""What each flow needs of both systems: HubSpot's scopes, and Intacct's objects to read and to make or change.

One table for ``check_connections`` and for the connections' Test buttons (``permissions`` asks it). Of a flow that is
not in it only the settings are checked. Tests run every flow with just what its row says, and without each part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Needs:
    """``scopes``: HubSpot scope -> what it is for. ``reads``, ``makes``: names of Intacct objects (``OBJECTS``).

    ``warns``: objects that are read only to tell a person more, or earlier; a run without the right to them goes on,
    and its log says what was not looked at. ``options``: what is needed besides where a setting asks for it, by the
    setting (``file:key`` where anything is set, ``file:key=value`` where that is, ``file:=owner.*`` for a value that
    begins so anywhere). HubSpot's tasks and notes ride on the scopes of contacts.
    """

    scopes: Mapping[str, str] = field(default_factory=dict)
    reads: Sequence[str] = ()
    makes: Sequence[str] = ()
    warns: Sequence[str] = ()
    options: Mapping[str, Needs] = field(default_factory=dict)


_READ, _WRITE, _DEFINE = "crm.objects.{}.read", "crm.objects.{}.write", "crm.schemas.{}.write"


def _scopes(reads: Mapping[str, str], writes: Mapping[str, str], defines: Iterable[str]) -> dict[str, str]:
    return {
        **{_READ.format(kind): why for kind, why in reads.items()},
        **{_WRITE.format(kind): why for kind, why in writes.items()},
        **{_DEFINE.format(kind): f"to create the properties that are written to {kind}" for kind in defines},
    }


_STANDING = ("ARINVOICE", "ARPYMT", "ARPYMTDETAIL", "ARADJUSTMENT", "ARADJUSTMENTITEM")
_PLACES = ("ARINVOICEITEM", "LOCATION", "LOCATIONENTITY")
"""Whose an invoice is that was entered at the top level: its lines tell."""
_CATALOGUE = ("GLACCOUNT", "ITEM", "DEPARTMENT", "CLASS")
_MAIN = "hubspot_closed_won_to_intacct_invoice"
_OWNERS = {"crm.objects.owners.read": "to know whose deal it is"}
_REFUNDS = "books:refunds.method=journal"

NEEDS: Mapping[str, Needs] = {
    _MAIN: Needs(
        _scopes(
            {
                "deals": "to find won deals",
                "line_items": "to read what was sold",
                "companies": "to find the customer",
                "contacts": "to find the person who gets the invoice",
            },
            {
                "deals": "to write invoice numbers and balances to deals",
                "companies": "to write the customer id to companies",
                "contacts": "to make tasks",
            },
            ("deals", "companies"),
        ),
        ("CUSTOMER", *_STANDING, *_PLACES, "ARTERM"),
        ("CUSTOMER", "ARINVOICE", "ARADJUSTMENT", "ARPYMT"),
        _CATALOGUE,
        {
            f"{_MAIN}:sales_orders": Needs(reads=("SODOCUMENT",), makes=("SODOCUMENT",)),
            f"{_MAIN}:instalments=recurring_invoice": Needs(
                reads=("ARRECURINVOICE", "ARRECURINVOICEENTRY"), makes=("ARRECURINVOICE",)
            ),
            # Of deals that a new state database does not know: whether Intacct bills their rest already.
            f"{_MAIN}:instalments=invoice_when_due": Needs(reads=("ARRECURINVOICE",)),
            f"{_MAIN}:changes.finance_owner": Needs({"crm.objects.owners.read": "to know who gets finance's tasks"}),
            f"{_MAIN}:=owner.*": Needs(_OWNERS),
            _REFUNDS: Needs(reads=("GLDETAIL",)),
        },
    ),
    "hubspot_company_to_intacct_customer": Needs(
        _scopes(
            {"companies": "to find companies that became customers", "contacts": "to find the primary contact"},
            {"companies": "to write the customer id to companies"},
            ("companies",),
        ),
        ("CUSTOMER",),
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
        ("VENDOR",),
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
        ("CUSTOMER", "ARINVOICE"),
        ("CUSTOMER",),
    ),
    "intacct_payment_to_hubspot_deal": Needs(
        _scopes(
            {"deals": "to find the invoice's deals", "companies": "to find the customer's companies"},
            {"deals": "to show payments on deals", "companies": "to show balances on companies"},
            ("deals", "companies"),
        ),
        ("CUSTOMER", *_STANDING, *_PLACES, "ARADVANCE", "SODOCUMENT"),
        options={_REFUNDS: Needs(reads=("GLENTRY", "GLDETAIL"))},
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
        ("CUSTOMER", "ARINVOICE", "ARINVOICEITEM"),
        options={
            f"{_MAIN}:sales_orders": Needs(reads=("SODOCUMENT",)),
            f"{_MAIN}:=owner.*": Needs(_OWNERS),
        },
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
        ("ARRECURINVOICE", "ARRECURINVOICEENTRY", "ARINVOICE", *_PLACES),
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
        ("CUSTOMER", "CONTACT", "ARINVOICE", *_PLACES),
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
        ("CUSTOMER", "ARINVOICE", "ARPYMT", "ARPYMTDETAIL", "ARADJUSTMENT", "ARADVANCE", *_PLACES),
        options={"intacct_credit_hold_to_hubspot_company:open_orders": Needs(reads=("SODOCUMENT",))},
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
            },
            {},
            (),
        ),
        ("CUSTOMER", *_STANDING, *_PLACES, "ARADVANCE", "GLDETAIL", "GLBATCH", "ARTERM"),
        warns=(*_CATALOGUE, "AUDITHISTORY"),
        options={
            f"{_MAIN}:sales_orders": Needs(reads=("SODOCUMENT",)),
            f"{_MAIN}:=owner.*": Needs(_OWNERS),
        },
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
            *("CUSTOMER", *_STANDING, *_PLACES, "ARADVANCE"),
            *("GLDETAIL", "GLBATCH", "REVRECSCHEDULE", "REVRECSCHEDULEENTRY", "SODOCUMENT"),
        ),
    ),
    "intacct_revenue_schedule_check": Needs(reads=(*_STANDING, *_PLACES, "REVRECSCHEDULE", "REVRECSCHEDULEENTRY")),
    "check_connections": Needs(),
    "close_pack": Needs(),
}
