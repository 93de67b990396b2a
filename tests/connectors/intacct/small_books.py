"""A small company in the Intacct twin: enough to post invoices, and a client that is signed in to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.target import IntacctTarget
from include.core.decisions import Json, Key, Write
from include.core.target import Send
from include.sandbox.running import Running, running

TODAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
KEY_FIELD = DocumentKey("custom_field", "TIEOUT_KEY")


def record(kind: str, **fields: str) -> Mapping[str, Any]:
    return {"object": kind, "fields": fields}


def customer(customer_id: str, name: str, **more: str) -> Mapping[str, Any]:
    fields = {"CUSTOMERID": customer_id, "NAME": name, "STATUS": "active", "ONHOLD": "false", "TERMNAME": "N30"}
    return record("CUSTOMER", **{**fields, "CURRENCY": "USD", "DISPLAYCONTACT.PRINTAS": name, **more})


def company(access: Any) -> Iterator[Mapping[str, Any]]:
    yield record(
        "_COMPANY",
        company_id=access.company_id,
        sender_id=access.sender_id,
        sender_password=access.sender_password,
        user_id=access.user_id,
        user_password=access.user_password,
        base_currency="USD",
    )
    yield record("LOCATIONENTITY", LOCATIONID="100", NAME="Acme Inc", CURRENCY="USD", OPCOUNTRY="United States")
    yield record("LOCATIONENTITY", LOCATIONID="300", NAME="Acme GmbH", CURRENCY="EUR", OPCOUNTRY="Germany")
    for number, title, balance, kind, demands in (
        ("1100", "Accounts Receivable", "debit", "balancesheet", ""),
        ("4000", "Subscription Revenue", "credit", "incomestatement", "REQUIRECLASS"),
        ("4100", "Hardware Revenue", "credit", "incomestatement", ""),
        ("7900", "Realised FX", "credit", "incomestatement", ""),
        ("7910", "Rounding", "credit", "incomestatement", ""),
        ("2400", "Deferred Revenue", "credit", "balancesheet", ""),
    ):
        flag = {demands: "true"} if demands else {}
        names = {"ACCOUNTNO": number, "TITLE": title, "NORMALBALANCE": balance, "ACCOUNTTYPE": kind}
        yield record("GLACCOUNT", **names, CLOSINGTYPE="non-closing account", STATUS="active", **flag)
    for name, days, start, status in (
        ("N30", "30", "from invoice/bill date", "active"),
        ("EOM30", "30", "from end of month of invoice/bill date", "active"),
        ("OLD", "90", "from invoice/bill date", "inactive"),
    ):
        yield record("ARTERM", NAME=name, DUEDATE=days, DUEFROM=start, STATUS=status)
    yield record("DEPARTMENT", DEPARTMENTID="D10", TITLE="Sales", STATUS="active")
    yield record("CLASS", CLASSID="SAAS", NAME="Software", STATUS="active")
    yield record("ITEM", ITEMID="PLAN", NAME="Plan", ITEMTYPE="Non-Inventory", STATUS="active")
    yield record("REVRECTEMPLATE", TEMPLATEID="12M straight", DESCRIPTION="Straight line over the term")
    yield record("_CUSTOMFIELD", OBJECT="ARINVOICE", ID="TIEOUT_KEY", DATATYPE="TEXT", LABEL="Tieout key")
    yield record("_RATE", FROM="EUR", TO="USD", TYPE="Intacct Daily Rate", DATE="2026-01-01", RATE="1.1")
    yield record("_RATE", FROM="USD", TO="EUR", TYPE="Intacct Daily Rate", DATE="2026-01-01", RATE="0.9")
    yield customer("C-1", "Coralis Wind Ltd")
    yield customer("C-9", "Dormant Ltd", STATUS="inactive")
    yield record("_CLOSED", LOCATIONID="100", MODULE="AR", THROUGH="2026-09-30")


@dataclass(frozen=True)
class Books:
    """The twin behind HTTP, and clients for it."""

    running: Running

    @property
    def credentials(self) -> Credentials:
        a = self.running.intacct
        return Credentials(a.company_id, a.user_id, a.user_password, a.sender_id, a.sender_password)

    def client(self, **options: Any) -> IntacctClient:
        defaults: dict[str, Any] = {"request_deadline": 10.0, "first_pause": 0.01}
        return IntacctClient(requests.Session(), self.running.intacct.url, self.credentials, **{**defaults, **options})

    def target(self, key: DocumentKey = KEY_FIELD, **options: Any) -> IntacctTarget:
        return IntacctTarget(self.client(**options), key)

    def load(self, *records: Mapping[str, Any]) -> None:
        self.running.sandbox.twins["intacct"].load(records)

    def refill(self) -> None:
        """The company as it was at first: no calls, no faults, no documents."""
        self.running.sandbox.reset()
        self.running.sandbox.clock.set(TODAY)
        self.load(*company(self.running.intacct))

    def export(self, kind: str) -> list[dict[str, Any]]:
        return [dict(one) for one in self.running.control.books("intacct") if one["object"] == kind]

    def labels(self) -> list[str]:
        return [call["label"] for call in self.running.control.calls("intacct")]

    def forget(self) -> None:
        self.running.control.forget_calls()


@contextmanager
def small_books(**switches: Any) -> Iterator[Books]:
    with running(intacct=switches) as sandbox:
        books = Books(sandbox)
        books.refill()
        yield books


def invoice_payload(amount: str = "250.00", **header: Any) -> Json:
    line = {"glaccountno": "4100", "amount": amount, "locationid": "100", "departmentid": "D10", "memo": "Sensors"}
    base = {
        "customerid": "C-1",
        "datecreated": "2026-11-02",
        "termname": "N30",
        "description": "Deal",
        "action": "Submit",
    }
    return {**base, "invoiceitems": [line], **header}


def invoice_write(number: int, amount: str = "250.00", **header: Any) -> Write:
    key = Key("intacct", "invoice", "hubspot", "deal", str(number), "invoice")
    return Write(key, invoice_payload(amount, **header), {"amount": amount}, {"TRX_TOTALENTERED": amount})


def customer_write(number: int, **fields: Any) -> Write:
    key = Key("intacct", "customer", "hubspot", "company", str(number), "customer")
    payload = {"CUSTOMERID": f"HS-{number}", "NAME": f"Company {number}", "STATUS": "active", **fields}
    return Write(key, payload, {"company": str(number)})


def send(write: Write, epoch: int = 0) -> Send:
    return Send(write.key, write.payload, write.key.controlid(epoch))
