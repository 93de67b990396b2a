"""The demo company's books as they stand before the first deal, in the shape that the Intacct twin loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from include.sandbox.access import IntacctAccess
from include.sandbox.company.arithmetic import decimal_text
from include.sandbox.company.catalogue import ACCOUNTS, BY_SKU, CLOSED_THROUGH, PRODUCTS, RATES
from include.sandbox.company.model import Customer, Document, Unit

RATE_TYPE = "Intacct Daily Rate"
_FIRST_RATE = date(2024, 10, 1)
_MONTHS = 27

Record = Mapping[str, Any]


def intacct_records(units: Iterable[Unit]) -> Iterator[Record]:
    """Settings and master data first, then unit by unit the customers and their older documents; the
    periods are closed last, because the older documents lie in them."""
    yield from _tenant()
    yield from _dimensions()
    yield from _rates()
    for unit in units:
        yield from unit.before
        for customer in unit.customers:
            yield _customer(customer)
        for document in unit.documents:
            yield from _document(document)
        yield from unit.after
    for entity, through in CLOSED_THROUGH.items():
        yield {
            "object": "_CLOSED",
            "fields": {"LOCATIONID": entity, "MODULE": "AR", "THROUGH": through.isoformat()},
        }


def _record(kind: str, **fields: str) -> Record:
    return {"object": kind, "fields": fields}


def _tenant() -> Iterator[Record]:
    access = IntacctAccess("")
    yield {
        "object": "_COMPANY",
        "fields": {
            "company_id": access.company_id,
            "sender_id": access.sender_id,
            "sender_password": access.sender_password,
            "user_id": access.user_id,
            "user_password": access.user_password,
            "base_currency": "USD",
        },
    }
    for entity, name, currency, country in (
        ("100", "Brightwater Inc", "USD", "United States"),
        ("200", "Brightwater Ltd", "GBP", "United Kingdom"),
        ("300", "Brightwater GmbH", "EUR", "Germany"),
    ):
        yield _record(
            "LOCATIONENTITY",
            LOCATIONID=entity,
            NAME=name,
            LEGALNAME=name,
            CURRENCY=currency,
            LEGALCOUNTRY=country,
            OPCOUNTRY=country,
            STATUS="active",
        )


def _dimensions() -> Iterator[Record]:
    for number, title, balance, kind in ACCOUNTS:
        yield _record(
            "GLACCOUNT",
            ACCOUNTNO=number,
            TITLE=title,
            NORMALBALANCE=balance,
            ACCOUNTTYPE=kind,
            CLOSINGTYPE="closing account" if kind == "incomestatement" else "non-closing account",
            STATUS="active",
            REQUIRECLASS="true" if number == "4000" else "false",
            REQUIREDEPT="true" if number == "4200" else "false",
        )
    for department, title in (("D10", "Sales"), ("D20", "Services")):
        yield _record("DEPARTMENT", DEPARTMENTID=department, TITLE=title, STATUS="active")
    for name, days, start, text in (
        ("N15", "15", "from invoice/bill date", "15 days net"),
        ("N30", "30", "from invoice/bill date", "30 days net"),
        ("EOM30", "30", "from end of month of invoice/bill date", "30 days from the end of the month"),
    ):
        yield _record("ARTERM", NAME=name, DESCRIPTION=text, DUEDATE=days, DUEFROM=start, STATUS="active")
    for class_id, name in (("SAAS", "Software"), ("HW", "Hardware"), ("SVC", "Services")):
        yield _record("CLASS", CLASSID=class_id, NAME=name, STATUS="active")
    for product in PRODUCTS:
        if product.account:
            yield _record(
                "ITEM",
                ITEMID=product.sku,
                NAME=product.name,
                ITEMTYPE="Inventory" if product.kind == "Hardware" else "Non-Inventory",
                BASEPRICE=product.price,
                ARACCOUNT=product.account,
                STATUS="active",
            )
    yield _record("REVRECTEMPLATE", TEMPLATEID="12M straight", DESCRIPTION="Straight line over the term")
    for document in ("ARINVOICE", "ARADJUSTMENT", "SODOCUMENT"):
        yield {
            "object": "_CUSTOMFIELD",
            "fields": {"OBJECT": document, "ID": "TIEOUT_KEY", "DATATYPE": "TEXT", "LABEL": "Tieout key"},
        }


def _rates() -> Iterator[Record]:
    """One rate a month and pair, moving a little: a rate holds until the next one."""
    for month in range(_MONTHS):
        year, index = divmod(_FIRST_RATE.month - 1 + month, 12)
        day = date(_FIRST_RATE.year + year, index + 1, 1)
        for (source, target), start in RATES.items():
            # Up and down by at most 1.5 %, in ten-thousandths of the starting rate.
            moved = start * (10_000 + (month * 37 + ord(source[0]) * 11) % 301 - 150)
            rate = f"{moved // 10**8}.{moved % 10**8:08d}"
            yield _record("_RATE", FROM=source, TO=target, TYPE=RATE_TYPE, DATE=day.isoformat(), RATE=rate)


def _customer(customer: Customer) -> Record:
    address = customer.address
    more = {"CREDITLIMIT": customer.credit_limit, "BILLTO.CONTACTNAME": customer.contact}
    return _record(
        "CUSTOMER",
        **{
            "CUSTOMERID": customer.id,
            "NAME": customer.name,
            "STATUS": "active" if customer.active else "inactive",
            "ONHOLD": "true" if customer.on_hold else "false",
            "TERMNAME": customer.term,
            "TAXID": customer.tax_id,
            "CURRENCY": customer.currency,
            "DISPLAYCONTACT.PRINTAS": customer.name,
            "DISPLAYCONTACT.COMPANYNAME": customer.name,
            "DISPLAYCONTACT.EMAIL1": customer.email,
            "DISPLAYCONTACT.MAILADDRESS.ADDRESS1": address.street,
            "DISPLAYCONTACT.MAILADDRESS.CITY": address.city,
            "DISPLAYCONTACT.MAILADDRESS.STATE": address.state,
            "DISPLAYCONTACT.MAILADDRESS.ZIP": address.postal_code,
            "DISPLAYCONTACT.MAILADDRESS.COUNTRY": address.country.name,
            "DISPLAYCONTACT.MAILADDRESS.COUNTRYCODE": address.country.code,
            **{name: value for name, value in more.items() if value},
        },
    )


def _document(document: Document) -> Iterator[Record]:
    fields = {
        "CUSTOMERID": document.customer.id,
        "RECORDID": document.number,
        "WHENCREATED": document.dated.isoformat(),
        "WHENPOSTED": document.dated.isoformat(),
        "DESCRIPTION": document.description,
        "CURRENCY": document.currency,
        "EXCH_RATE_TYPE_ID": RATE_TYPE,
    }
    if document.kind == "ARINVOICE":
        fields |= {"WHENDUE": document.due.isoformat(), "TERMNAME": document.customer.term}
    yield {"object": document.kind, "fields": fields, "items": [*_items(document)]}
    if document.paid_on is not None:
        yield _payment(document, document.paid, document.paid_on, f"EFT-{document.number}")
    for number, (amount, day) in enumerate(document.also_paid, 2):
        yield _payment(document, amount, day, f"EFT-{document.number}-{number}")
    if document.applied_to:
        yield _application(document)


def _items(document: Document) -> Iterator[Record]:
    for sku, minor in document.lines:
        product = BY_SKU[sku]
        yield {
            "ACCOUNTNO": product.account,
            "TRX_AMOUNT": decimal_text(minor, document.currency),
            "ENTRYDESCRIPTION": product.name,
            "LOCATIONID": document.entity,
            "DEPARTMENTID": "D20" if product.kind == "Services" else "D10",
            "CLASSID": {"Hardware": "HW", "Services": "SVC"}.get(product.kind, "SAAS"),
            "ITEMID": sku,
        }


def _application(memo: Document) -> Record:
    """The whole credit memo on an invoice, without money."""
    amount = decimal_text(-sum(minor for _, minor in memo.lines), memo.currency)
    record = dict(_payment(memo, 0, memo.dated, f"APPLY-{memo.number}"))
    record["items"] = [
        {"RECORDID": memo.applied_to, "ADJUSTMENTID": memo.number, "TRX_ADJUSTMENTAMOUNT": amount},
    ]
    return record


def _payment(document: Document, minor: int, paid_on: date, reference: str) -> Record:
    amount, day = decimal_text(minor, document.currency), paid_on.isoformat()
    return {
        "object": "ARPYMT",
        "fields": {
            "CUSTOMERID": document.customer.id,
            "PAYMENTMETHOD": "EFT",
            "UNDEPOSITEDACCOUNTNO": "1090",
            "RECEIPTDATE": day,
            "PAYMENTDATE": day,
            "WHENPAID": day,
            "DOCNUMBER": reference,
            "CURRENCY": document.currency,
            "EXCH_RATE_TYPE_ID": RATE_TYPE,
            "TRX_AMOUNTTOPAY": amount,
        },
        "items": [{"RECORDID": document.number, "TRX_PAYMENTAMOUNT": amount}],
    }
