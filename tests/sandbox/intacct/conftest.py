"""A small tenant behind a twin, and hand-written XML to talk to it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from lxml import etree

from include.sandbox.clock import Clock
from include.sandbox.exchange import Request, Response
from include.sandbox.intacct.twin import IntacctTwin

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
COMPANY = {
    "company_id": "brightwater-demo",
    "sender_id": "tieout_sender",
    "sender_password": "demo-sender-secret",
    "user_id": "tieout_ws",
    "user_password": "demo-user-secret",
    "base_currency": "USD",
}


def tenant() -> list[dict[str, Any]]:
    """Three entities, accounts, dimensions, terms, rates and two customers."""

    def record(name: str, **fields: Any) -> dict[str, Any]:
        return {"object": name, "fields": fields}

    accounts = {
        "1000": "Cash",
        "1010": "Cash EUR",
        "1090": "Undeposited Funds",
        "1100": "Accounts Receivable",
        "2000": "Accounts Payable",
        "2400": "Deferred Revenue",
        "4100": "Hardware Revenue",
        "6000": "Rent",
        "6900": "Bad Debt",
        "7900": "Realised FX",
        "7910": "Rounding",
    }
    records = [
        record("_COMPANY", **COMPANY),
        record("LOCATIONENTITY", LOCATIONID="100", NAME="Brightwater Inc", CURRENCY="USD"),
        record("LOCATIONENTITY", LOCATIONID="200", NAME="Brightwater Ltd", CURRENCY="GBP"),
        record("LOCATIONENTITY", LOCATIONID="300", NAME="Brightwater GmbH", CURRENCY="EUR"),
        record("LOCATIONENTITY", LOCATIONID="400", NAME="Brightwater West", CURRENCY="USD"),
        *(record("GLACCOUNT", ACCOUNTNO=no, TITLE=title) for no, title in accounts.items()),
        record("GLACCOUNT", ACCOUNTNO="4000", TITLE="Subscription Revenue", REQUIRECLASS="true"),
        record("GLACCOUNT", ACCOUNTNO="4200", TITLE="Services Revenue", REQUIREDEPT="true"),
        record("GLACCOUNT", ACCOUNTNO="4999", TITLE="Old Revenue", STATUS="inactive"),
        record("DEPARTMENT", DEPARTMENTID="D10", TITLE="Sales"),
        record("CLASS", CLASSID="SAAS", NAME="Software"),
        record("ITEM", ITEMID="PLAN-TEAM", NAME="Team plan", ITEMTYPE="Non-Inventory"),
        record("ITEM", ITEMID="OLD-1", NAME="Old", STATUS="inactive"),
        record("ARTERM", NAME="N30", DUEDATE=30, DUEFROM="from invoice/bill date"),
        record("ARTERM", NAME="EOM30", DUEDATE=30, DUEFROM="from end of month of invoice/bill date"),
        record("APTERM", NAME="N30", DUEDATE=30, DUEFROM="from invoice/bill date"),
        record("REVRECTEMPLATE", TEMPLATEID="12M straight", RECMETHOD="Straight line", TOTALPERIODS=12),
        record("ARACCOUNTLABEL", ACCOUNTLABEL="Hardware", GLACCOUNTNO="4100"),
        record("CHECKINGACCOUNT", BANKACCOUNTID="OPS", GLACCOUNTNO="1000", CURRENCY="USD", LOCATIONID="100"),
        record("CHECKINGACCOUNT", BANKACCOUNTID="OPS-EUR", GLACCOUNTNO="1010", CURRENCY="EUR", LOCATIONID="100"),
        record("_CUSTOMFIELD", OBJECT="ARINVOICE", ID="TIEOUT_KEY", DATATYPE="TEXT"),
        record("_RATE", FROM="EUR", TO="USD", DATE="2026-10-30", RATE="1.0847"),
        record("_RATE", FROM="EUR", TO="USD", DATE="2026-11-10", RATE="1.08"),
        record(
            "CUSTOMER",
            CUSTOMERID="C-1",
            NAME="Northwind",
            TERMNAME="N30",
            DISPLAYCONTACT={"EMAIL1": "ap@northwind.example"},
        ),
        record("CUSTOMER", CUSTOMERID="C-2", NAME="Blue O'Neil & Co", TERMNAME="N30", TAXID="12-345"),
        record("CUSTOMER", CUSTOMERID="C-3", NAME="Gone", STATUS="inactive"),
        record("VENDOR", VENDORID="V-1", NAME="Landlord", TERMNAME="N30"),
        record("SODOCUMENTPARAMS", DOCID="Sales Invoice", UPDATES_GL="A"),
        record("SODOCUMENTPARAMS", DOCID="Sales Order", UPDATES_GL="N"),
        record("_CLOSED", LOCATIONID="100", MODULE="AR", THROUGH="2026-09-30"),
    ]
    return records


LOGIN = (
    "<login><userid>tieout_ws</userid><companyid>brightwater-demo</companyid>"
    "<password>demo-user-secret</password>{location}</login>"
)


@dataclass
class Reply:
    """A response read back: the XML tree and shortcuts into its single result."""

    response: Response
    root: Any = field(init=False)

    def __post_init__(self) -> None:
        self.root = etree.fromstring(self.response.body) if self.response.body.startswith(b"<?xml") else None

    @property
    def statuses(self) -> list[str]:
        return [element.findtext("status") for element in self.root.iterfind("operation/result")]

    @property
    def status(self) -> str:
        (only,) = self.statuses
        return only

    @property
    def key(self) -> str:
        assert self.status == "success", self.text
        return self.root.findtext("operation/result/key")

    @property
    def data(self) -> Any:
        return self.root.find("operation/result/data")

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(error.findtext("errorno"), error.findtext("description2")) for error in self.root.iter("error")]

    @property
    def text(self) -> str:
        return self.response.body.decode()

    def records(self) -> list[dict[str, str]]:
        assert self.status == "success", self.text
        return [{child.tag: child.text or "" for child in record} for record in self.data]


@dataclass
class Gateway:
    """Sends functions to a twin in an envelope of our own writing."""

    twin: IntacctTwin
    clock: Clock
    _numbers: Any = field(default_factory=itertools.count)

    def send(self, body: str | bytes, **headers: str) -> Reply:
        raw = body.encode() if isinstance(body, str) else body
        sent = {"content-type": "application/xml", **{k.replace("_", "-"): v for k, v in headers.items()}}
        request = Request("POST", "/ia/xml/xmlgw.phtml", "", sent, raw)
        return Reply(self.twin.handle(request))

    def envelope(
        self,
        *functions: str,
        uniqueid: str = "false",
        session: str = "",
        location: str = "",
        transaction: bool = False,
        control: str = "",
        ids: list[str] | None = None,
    ) -> str:
        place = f"<locationid>{location}</locationid>" if location else ""
        who = f"<sessionid>{session}</sessionid>" if session else LOGIN.format(location=place)
        names = ids or [f"fn-{next(self._numbers)}" for _ in functions]
        inner = "".join(
            f'<function controlid="{name}">{function}</function>'
            for name, function in zip(names, functions, strict=True)
        )
        flag = f"<uniqueid>{uniqueid}</uniqueid>" if uniqueid else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?><request><control><senderid>tieout_sender</senderid>'
            f"<password>demo-sender-secret</password><controlid>req</controlid>{flag}<dtdversion>3.0</dtdversion>{control}"
            f'</control><operation transaction="{str(transaction).lower()}"><authentication>{who}</authentication>'
            f"<content>{inner}</content></operation></request>"
        )

    def call(self, *functions: str, **options: Any) -> Reply:
        return self.send(self.envelope(*functions, **options))

    def query(self, name: str, fields: str, condition: str = "", **options: Any) -> list[dict[str, str]]:
        selected = "".join(f"<field>{one}</field>" for one in fields.split())
        filtered = f"<filter>{condition}</filter>" if condition else ""
        return self.call(
            f"<query><object>{name}</object><select>{selected}</select>{filtered}<pagesize>2000</pagesize></query>",
            **options,
        ).records()

    def one(self, name: str, recordno: str | int, fields: str) -> dict[str, str]:
        (found,) = self.query(name, fields, f"<equalto><field>RECORDNO</field><value>{recordno}</value></equalto>")
        return found


def day(name: str, iso: str) -> str:
    year, month, dom = iso.split("-")
    return f"<{name}><year>{year}</year><month>{month}</month><day>{dom}</day></{name}>"


def line(amount: str, *, account: str = "4100", location: str = "100", tail: str = "", memo: str = "") -> str:
    note = f"<memo>{memo}</memo>" if memo else ""
    return (
        f"<lineitem><glaccountno>{account}</glaccountno><amount>{amount}</amount>{note}"
        f"<locationid>{location}</locationid>{tail}</lineitem>"
    )


def invoice(*lines: str, customer: str = "C-1", created: str = "2026-11-02", head: str = "", rest: str = "") -> str:
    """``head`` goes between the dates and the term, ``rest`` after the term."""
    return (
        f"<create_invoice><customerid>{customer}</customerid>{day('datecreated', created)}{head}"
        f"<termname>N30</termname>{rest}<invoiceitems>{''.join(lines)}</invoiceitems></create_invoice>"
    )


EUR = "<currency>EUR</currency><exchratetype>Intacct Daily Rate</exchratetype>"


class Xml:
    """Hand-written functions."""

    day = staticmethod(day)
    line = staticmethod(line)
    invoice = staticmethod(invoice)
    EUR = EUR

    @staticmethod
    def custom(**fields: str) -> str:
        inner = "".join(
            f"<customfield><customfieldname>{name}</customfieldname><customfieldvalue>{value}</customfieldvalue></customfield>"
            for name, value in fields.items()
        )
        return f"<customfields>{inner}</customfields>"

    @staticmethod
    def payment(amount: str, *items: tuple[str, str], on: str = "2026-11-10", where: str = "", rest: str = "") -> str:
        applied = "".join(
            f"<arpaymentitem><invoicekey>{key}</invoicekey><amount>{share}</amount></arpaymentitem>"
            for key, share in items
        )
        place = where or "<undepfundsacct>1090</undepfundsacct>"
        return (
            f"<create_arpayment><customerid>C-1</customerid><paymentamount>{amount}</paymentamount>{place}"
            f"{day('datereceived', on)}<paymentmethod>EFT</paymentmethod>{rest}{applied}</create_arpayment>"
        )

    @staticmethod
    def adjustment(*lines: str, on: str = "2026-11-05", rest: str = "") -> str:
        return (
            f"<create_aradjustment><customerid>C-1</customerid>{day('datecreated', on)}{rest}"
            f"<aradjustmentitems>{''.join(lines)}</aradjustmentitems></create_aradjustment>"
        )


@pytest.fixture
def xml() -> type[Xml]:
    return Xml


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW, stopped=True)


@pytest.fixture
def make_gateway(clock: Clock) -> Iterator[Any]:
    """Builds gateways over fresh twins with given switches."""
    made: list[IntacctTwin] = []

    def make(path: str = ":memory:", *, seeded: bool = True, **switches: Any) -> Gateway:
        twin = IntacctTwin(path, clock, **switches)
        made.append(twin)
        if seeded:
            twin.load(tenant())
        return Gateway(twin, clock)

    yield make
    surprises = [error for twin in made for error in twin.surprises]
    for twin in made:
        twin.close()
    assert surprises == []


@pytest.fixture
def gateway(make_gateway: Any) -> Gateway:
    return make_gateway()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {key.lower(): value for key, value in self.headers.items()}
        path, _, query = self.path.partition("?")
        request = Request("POST", path, query, headers, body, f"http://{self.headers['host']}")
        response = self.server.twin.handle(request)
        self.send_response(response.status)
        for key, value in response.headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def served(gateway: Gateway) -> Iterator[str]:
    """The address of the gateway's twin over HTTP."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.twin = gateway.twin
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
