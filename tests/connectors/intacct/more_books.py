"""What the small company needs beyond invoices: orders, vendors, contacts, money received, and XML to enter it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from tests.connectors.intacct.small_books import TODAY, Books, invoice_payload, record

HOUR = timedelta(hours=1)
WINDOW = (TODAY - HOUR, TODAY + HOUR)


def extras() -> Iterator[Mapping[str, Any]]:
    for number, title, balance, kind in (
        ("1090", "Undeposited Funds", "debit", "balancesheet"),
        ("2000", "Accounts Payable", "credit", "balancesheet"),
        ("2100", "Customer Advances", "credit", "balancesheet"),
        ("6000", "Services bought", "debit", "incomestatement"),
        ("6900", "Bad Debt", "debit", "incomestatement"),
    ):
        names = {"ACCOUNTNO": number, "TITLE": title, "NORMALBALANCE": balance, "ACCOUNTTYPE": kind}
        yield record("GLACCOUNT", **names, CLOSINGTYPE="non-closing account", STATUS="active")
    yield record("APTERM", NAME="N30", DUEDATE="30", DUEFROM="from invoice/bill date", STATUS="active")
    for custom in ("SODOCUMENT", "CUSTOMER", "VENDOR"):
        yield record("_CUSTOMFIELD", OBJECT=custom, ID="TIEOUT_KEY", DATATYPE="TEXT", LABEL="Tieout key")
    yield record("_CUSTOMFIELD", OBJECT="CUSTOMER", ID="SEATS", DATATYPE="INTEGER", LABEL="Seats")
    yield record("_CUSTOMFIELD", OBJECT="CUSTOMER", ID="RENEWS_ON", DATATYPE="DATE", LABEL="Renews on")
    yield record("SODOCUMENTPARAMS", DOCID="Sales Order", UPDATES_GL="N", SEQUENCE="SO", STATUS="active")
    yield record(
        "SODOCUMENTPARAMS", DOCID="Sales Invoice", UPDATES_GL="A", SEQUENCE="SI", PREFIX="SI-", STATUS="active"
    )
    yield record("CONTACT", CONTACTNAME="Billing desk", PRINTAS="Billing desk", EMAIL1="billing@coralis.example")
    contact = {"DISPLAYCONTACT.PRINTAS": "Brightline Studio", "DISPLAYCONTACT.EMAIL1": "office@brightline.example"}
    yield record(
        "VENDOR", VENDORID="V-1", NAME="Brightline Studio LLC", TAXID="DE 811.234-567", TERMNAME="N30", **contact
    )


def day(name: str, iso: str) -> str:
    year, month, rest = iso.split("-")
    return f"<{name}><year>{year}</year><month>{month}</month><day>{rest}</day></{name}>"


def line(amount: str, account: str = "4100", rest: str = "") -> str:
    where = "<locationid>100</locationid><departmentid>D10</departmentid>"
    return f"<lineitem><glaccountno>{account}</glaccountno><amount>{amount}</amount>{where}{rest}</lineitem>"


def enter(client: IntacctClient, xml: str) -> str:
    """Call one function that must succeed; the key it answers, or the record number."""
    result = client.call([Function(etree.fromstring(xml))])[0]
    assert result.ok, result.errors
    return result.key or (str(result.records[0]["RECORDNO"]) if result.records else "")


def invoice(client: IntacctClient, amount: str = "100.00", **header: Any) -> str:
    from include.connectors.intacct.invoices import build_create_invoice

    result = client.call([Function(build_create_invoice(invoice_payload(amount, **header)))])[0]
    assert result.ok, result.errors
    return result.key


def pay(client: IntacctClient, amount: str, *items: tuple[str, str], on: str = "2026-11-10") -> str:
    """Cash received; without items it is an advance. RECORDNO of the payment."""
    applied = "".join(
        f"<arpaymentitem><invoicekey>{key}</invoicekey><amount>{share}</amount></arpaymentitem>" for key, share in items
    )
    return enter(
        client,
        f"<create_arpayment><customerid>C-1</customerid><paymentamount>{amount}</paymentamount>"
        f"<undepfundsacct>1090</undepfundsacct><refid>REF-1</refid>{day('datereceived', on)}"
        f"<paymentmethod>EFT</paymentmethod>{applied}</create_arpayment>",
    )


def apply(client: IntacctClient, payment: str, *items: tuple[str, str], on: str = "2026-11-12") -> None:
    applied = "".join(
        f"<arpaymentitem><invoicekey>{key}</invoicekey><amount>{share}</amount></arpaymentitem>" for key, share in items
    )
    enter(
        client,
        f"<apply_arpayment><arpaymentkey>{payment}</arpaymentkey>{day('paymentdate', on)}"
        f"<arpaymentitems>{applied}</arpaymentitems></apply_arpayment>",
    )


def credit(client: IntacctClient, amount: str, account: str = "4100", number: str = "CM-1") -> str:
    """A credit memo of this amount (a debit memo where it is negative) on one account. RECORDNO of the adjustment."""
    signed = amount[1:] if amount.startswith("-") else f"-{amount}"
    return enter(
        client,
        f"<create_aradjustment><customerid>C-1</customerid>{day('datecreated', '2026-11-05')}"
        f"<adjustmentno>{number}</adjustmentno><aradjustmentitems>{line(signed, account)}</aradjustmentitems>"
        "</create_aradjustment>",
    )


def apply_credit(client: IntacctClient, adjustment: str, target: str, amount: str) -> str:
    """The ARPYMT that applies it."""
    return enter(
        client,
        "<create><ARPYMT><UNDEPOSITEDACCOUNTNO>1090</UNDEPOSITEDACCOUNTNO><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
        "<CUSTOMERID>C-1</CUSTOMERID><RECEIPTDATE>11/11/2026</RECEIPTDATE><PAYMENTDATE>11/11/2026</PAYMENTDATE>"
        f"<CURRENCY>USD</CURRENCY><ARPYMTDETAILS><ARPYMTDETAIL><RECORDKEY>{target}</RECORDKEY>"
        f"<ADJUSTMENTKEY>{adjustment}</ADJUSTMENTKEY><TRX_ADJUSTMENTAMOUNT>{amount}</TRX_ADJUSTMENTAMOUNT>"
        "</ARPYMTDETAIL></ARPYMTDETAILS></ARPYMT></create>",
    )


def reverse(client: IntacctClient, payment: str, on: str = "2026-11-14") -> None:
    enter(client, f'<reverse_arpayment key="{payment}">{day("datereversed", on)}</reverse_arpayment>')


def fill(books: Books) -> Books:
    books.load(*extras())
    return books


def at(books: Books, moment: datetime) -> None:
    """Set the twin's clock."""
    books.running.sandbox.clock.set(moment)
