"""Vendors and contacts, and customers by id and by change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from include.connectors.intacct.contacts import build_create_contact, get_contacts, get_customer_contacts
from include.connectors.intacct.customers import get_customers, iter_customers, iter_customers_changed
from include.connectors.intacct.vendors import (
    build_create_vendor,
    find_vendors,
    get_vendors,
    iter_vendors_changed,
)
from include.core.errors import Rejected, SettingsError
from tests.connectors.intacct.more_books import WINDOW, enter, fill, invoice
from tests.connectors.intacct.small_books import Books, customer, record


@pytest.fixture(autouse=True)
def _filled(books: Books) -> None:
    fill(books)


@pytest.mark.parametrize(
    "needles",
    [
        {"ids": ["V-1"]},
        {"tax_ids": ["DE811234567"]},
        {"email_domains": ["brightline.example"]},
        {"names": ["BRIGHTLINE STUDIO, Inc."]},
    ],
)
def test_a_vendor_is_found_by_whatever_a_company_has_in_common_with_it(books: Books, needles: dict[str, Any]) -> None:
    (found,) = find_vendors(books.client(), **needles)
    assert (found.vendor_id, found.term_name, found.active, found.on_hold) == ("V-1", "N30", True, False)
    assert found.display_contact == "Brightline Studio LLC(VV-1)"
    assert "brightline" not in repr(found).lower()


def test_a_vendor_is_created_and_read_back(books: Books) -> None:
    client = books.client()
    contact = {"EMAIL1": "ap@newvendor.example", "MAILADDRESS": {"CITY": "Oslo", "COUNTRY": "Norway"}}
    enter(client, text(build_create_vendor({"VENDORID": "V-2", "NAME": "New Vendor", "DISPLAYCONTACT": contact})))
    (found,) = get_vendors(client, ["V-2", "V-404"])
    assert (found.name, found.city, found.country) == ("New Vendor", "Oslo", "Norway")
    assert [one.vendor_id for one in iter_vendors_changed(client, *WINDOW)] == ["V-2"]


def text(element: etree._Element) -> str:
    return etree.tostring(element).decode()


@pytest.mark.parametrize(
    "field",
    ["ACHACCOUNTNUMBER", "ACHBANKROUTINGNUMBER", "WIREENABLED", "VENDOR_IBAN", "BANKNAME", "PAYMENT_BIC", "SWIFT"],
)
def test_a_vendors_bank_details_are_never_sent(field: str) -> None:
    payload = {"VENDORID": "V-2", "NAME": "New Vendor"}
    with pytest.raises(SettingsError, match=f"{field} is about a vendor's bank account"):
        build_create_vendor({**payload, field: "x"})
    with pytest.raises(SettingsError, match=field):
        build_create_vendor({**payload, "DISPLAYCONTACT": {field: "x"}})
    build_create_vendor({**payload, "ATTACHMENTNOTE": "x", "VENDORACCOUNTNO": "our number there"})


def test_a_customer_tells_its_credit_and_its_contacts(books: Books) -> None:
    client = books.client()
    books.load(
        customer("C-2", "Credit Ltd", CREDITLIMIT="1000.50", ONHOLD="true", **{"BILLTO.CONTACTNAME": "Billing desk"})
    )
    invoice(client, "100.00", customerid="C-1")
    first, second = get_customers(client, ["C-1", "C-2", "C-404"])
    assert (first.credit_limit, first.total_due, first.on_hold) == (None, Decimal(100), False)
    assert (second.credit_limit, second.total_due, second.on_hold) == (Decimal("1000.5"), Decimal(0), True)
    assert (second.display_contact, second.billing_contact) == ("Credit Ltd(CC-2)", "Billing desk")
    assert [one.customer_id for one in iter_customers(client)] == ["C-1", "C-9", "C-2"]


def test_only_customers_that_changed_come(books: Books) -> None:
    client = books.client()
    enter(client, "<update><CUSTOMER><CUSTOMERID>C-9</CUSTOMERID><ONHOLD>true</ONHOLD></CUSTOMER></update>")
    (found,) = iter_customers_changed(client, *WINDOW)
    assert (found.customer_id, found.on_hold) == ("C-9", True)


def test_contacts_are_read_by_name_and_by_address_each_once(books: Books) -> None:
    client = books.client()
    books.load(record("CONTACT", CONTACTNAME="Other", PRINTAS="Other", EMAIL1="other@coralis.example"))
    (desk,) = get_contacts(client, ["Billing desk"], emails=["billing@coralis.example"])
    assert (desk.name, desk.print_as, desk.email) == ("Billing desk", "Billing desk", "billing@coralis.example")
    assert "illing" not in repr(desk)
    assert len(get_contacts(client, ["Billing desk"], emails=["other@coralis.example"])) == 2
    assert get_contacts(client) == []


def test_who_speaks_for_a_customer_is_read_for_many_at_once(books: Books) -> None:
    client = books.client()
    books.load(customer("C-2", "Credit Ltd", **{"CONTACTINFO.CONTACTNAME": "Billing desk"}))
    books.forget()
    found = get_customer_contacts(client, ["C-1", "C-2", "C-404"])
    assert set(found) == {"C-1", "C-2"}
    second = found["C-2"]
    assert second.display is not None
    assert second.primary is not None
    assert (second.display.print_as, second.primary.email, second.billing) == (
        "Credit Ltd",
        "billing@coralis.example",
        None,
    )
    assert [label for label in books.labels() if label.startswith("query")] == [
        "query CUSTOMER by CUSTOMERID",
        "query CONTACT by CONTACTNAME",
    ]


def test_a_contact_is_created_under_its_name(books: Books) -> None:
    client = books.client()
    enter(client, text(build_create_contact({"CONTACTNAME": "C-1 buyer", "EMAIL1": "buyer@coralis.example"})))
    (found,) = get_contacts(client, ["C-1 buyer"])
    assert (found.print_as, found.email) == ("C-1 buyer", "buyer@coralis.example")
    with pytest.raises(Rejected, match="CONTACTNAME"):
        build_create_contact({"EMAIL1": "buyer@coralis.example"})
    with pytest.raises(SettingsError, match="contactname"):
        build_create_contact({"contactname": "x"})
