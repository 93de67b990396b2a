"""Every error that the facts list, at its level and with its number and words: from the twin's own rules where a client
can cause it, from an ordered fault where only the service's state or its edge can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from lxml import etree

from include.sandbox.running import Running, running

LOOKUP = "<lookup><object>CLASS</object></lookup>"


@dataclass(frozen=True)
class Shown:
    """What a client sees of an error."""

    status: int
    level: str
    errorno: str
    text: str


def shown(status: int, body: bytes) -> Shown:
    root = etree.fromstring(body)
    error = next(root.iter("error"))
    text = " ".join(filter(None, (error.findtext(name) for name in ("description", "description2", "correction"))))
    return Shown(status, level_of(root), error.findtext("errorno") or "", text)


def level_of(root: Any) -> str:
    """The level by shape alone, as section 1.4 of the facts draws it."""
    control = root.find("control")
    if [child.tag for child in control] == ["status"]:
        assert [child.tag for child in root] == ["control", "errormessage"]
        assert [child.tag for child in root.find("errormessage/error")] == ["errorno", "description"]
        return "gateway"
    assert [child.tag for child in control] == ["status", "senderid", "controlid", "uniqueid", "dtdversion"]
    parts = ["errorno", "description", "description2", "correction"]
    assert [child.tag for child in next(root.iter("error"))] == parts
    if control.findtext("status") == "failure":
        assert root.find("operation") is None
        return "control"
    if root.findtext("operation/authentication/status") == "failure":
        assert root.find("operation/result") is None
        return "authentication"
    assert root.find("operation/result/errormessage") is not None
    return "function"


Cause = Callable[[Any, Any], Any]
"""Makes the error with a gateway (or what makes one) and the hand-written functions."""


def _wrong_sender(gateway: Any, _xml: Any) -> Any:
    return gateway.send(gateway.envelope(LOOKUP).replace("demo-sender-secret", "no"))


def _wrong_login(gateway: Any, _xml: Any) -> Any:
    return gateway.send(gateway.envelope(LOOKUP).replace("demo-user-secret", "no"))


def _foreign_sender(gateway: Any, _xml: Any) -> Any:
    sender = {"sender_id": "other", "sender_password": "pw", "authorised": False}
    gateway.twin.load([{"object": "_SENDER", "fields": sender}])
    text = gateway.envelope(LOOKUP).replace("tieout_sender", "other").replace("demo-sender-secret", "pw")
    return gateway.send(text)


def _setting(name: str, value: str) -> Cause:
    def cause(gateway: Any, _xml: Any) -> Any:
        gateway.twin.load([{"object": "_COMPANY", "fields": {name: value}}])
        return gateway.call(LOOKUP)

    return cause


def _full(gateway: Any, _xml: Any) -> Any:
    while gateway.twin.begin(None):
        pass
    return gateway.call(LOOKUP)


def _rolled_back(gateway: Any, xml: Any) -> Any:
    return gateway.call(xml.invoice(xml.line("1")), xml.invoice(xml.line("1"), customer="C-404"), transaction=True)


def _over_applied(gateway: Any, xml: Any) -> Any:
    invoice = gateway.call(xml.invoice(xml.line("10"))).key
    advance = gateway.call(xml.payment("50")).key
    item = f"<arpaymentitem><invoicekey>{invoice}</invoicekey><amount>11</amount></arpaymentitem>"
    return gateway.call(
        f"<apply_arpayment><arpaymentkey>{advance}</arpaymentkey>{xml.day('paymentdate', '2026-11-12')}"
        f"<arpaymentitems>{item}</arpaymentitems></apply_arpayment>"
    )


def _same_number(gateway: Any, xml: Any) -> Any:
    request = xml.invoice(xml.line("1"), rest="<invoiceno>INV-7</invoiceno>")
    gateway.call(request)
    return gateway.call(request)


def _undeposited(gateway: Any, xml: Any) -> Any:
    invoice = gateway.call(xml.invoice(xml.line("10"), rest=xml.EUR)).key
    return gateway.call(xml.payment("10", (invoice, "10")))


def _no_number(gateway: Any, xml: Any) -> Any:
    return gateway.call(
        f"<create_sotransaction><transactiontype>Sales Order</transactiontype>{xml.day('datecreated', '2026-11-02')}"
        "<customerid>C-1</customerid><sotransitems><sotransitem><itemid>PLAN-TEAM</itemid><quantity>1</quantity>"
        "<price>5</price><locationid>100</locationid></sotransitem></sotransitems></create_sotransaction>"
    )


def _denied(gateway: Any, _xml: Any) -> Any:
    user = {"user_id": "narrow", "user_password": "pw", "denied": ["GLBATCH"]}
    gateway.twin.load([{"object": "_USER", "fields": user}])
    query = "<query><object>GLBATCH</object><select><field>RECORDNO</field></select></query>"
    return gateway.send(gateway.envelope(query).replace("tieout_ws", "narrow").replace("demo-user-secret", "pw"))


def _twice(gateway: Any, xml: Any) -> Any:
    request = xml.invoice(xml.line("1"))
    gateway.call(request, ids=["job-1"], uniqueid="true")
    return gateway.call(request, ids=["job-1"], uniqueid="true")


def _still_running(gateway: Any, xml: Any) -> Any:
    gateway.twin.mark_running("job-2", gateway.clock.now().replace(hour=23))
    return gateway.call(xml.invoice(xml.line("1")), ids=["job-2"], uniqueid="true")


def _sent(*functions: str, **options: Any) -> Cause:
    return lambda gateway, _xml: gateway.call(*functions, **options)


def _read(text: str) -> Cause:
    return _sent(f"<readByQuery><object>CUSTOMER</object><fields>*</fields><query>{text}</query></readByQuery>")


FROM_THE_TWIN: tuple[tuple[str, str, int, str, Cause], ...] = (
    ("XL03000003", "control", 200, "XML Parse schema error: Fatal Error", lambda g, _x: g.send("<request><control>")),
    ("XL03000003", "control", 200, "This element is not expected", _sent("<create_nonsense/>")),
    ("XL03000006", "control", 200, "Sign-in information is incorrect", _wrong_sender),
    (
        "XL03000006",
        "control",
        200,
        "nopolicy is not a valid transport policy.",
        _sent(LOOKUP, control="<policyid>nopolicy</policyid>"),
    ),
    ("PL04000055", "control", 200, "expired demo", _setting("expired_demo", "true")),
    ("XL03000006", "authentication", 200, "Sign-in information is incorrect", _wrong_login),
    ("XL03000006", "authentication", 200, "Invalid session gone", _sent(LOOKUP, session="gone")),
    ("XL03000006", "authentication", 200, "Invalid Web Services Authorization The sender ID 'other'", _foreign_sender),
    ("", "authentication", 200, "This company is not authorized for XML transactions.", _setting("xml_gateway", "no")),
    ("XL03000009", "function", 200, "The entire transaction in this operation has been rolled back", _rolled_back),
    ("XL03000009", "function", 200, "There was an error processing the function", _sent("<readReport/>")),
    (
        "XL03000010",
        "function",
        200,
        "field gldetail.STATUS is not valid",
        _sent("<query><object>GLDETAIL</object><select><field>STATUS</field></select></query>"),
    ),
    ("XL03000027", "function", 200, "more than what is due", _over_applied),
    ("DL02000001", "function", 200, "There was an error processing the request.", _read("NOSUCH = 1")),
    ("DL02000001", "function", 200, "There was an error processing the request.", _read("WHENMODIFIED = '2026-11-01'")),
    (
        "DL03000005",
        "function",
        200,
        "There is no record for the invoice key 999",
        lambda g, x: g.call(x.payment("1", ("999", "1"))),
    ),
    (
        "BL01001973",
        "function",
        200,
        "Customer 'C-404' is not valid.",
        lambda g, x: g.call(x.invoice(x.line("1"), customer="C-404")),
    ),
    (
        "BL34000061",
        "function",
        200,
        "Another Customer with the given value(s) C-1 already exists",
        _sent("<create><CUSTOMER><CUSTOMERID>C-1</CUSTOMERID><NAME>N</NAME></CUSTOMER></create>"),
    ),
    (
        "BL03000018",
        "function",
        200,
        "Location is required",
        lambda g, x: g.call(x.invoice(x.line("1").replace("<locationid>100</locationid>", ""))),
    ),
    ("BL03002185", "function", 200, "'INV-7' already exists", _same_number),
    ("BL02000051", "function", 200, "undeposited funds payment method is not allowed", _undeposited),
    ("PL01000127", "function", 200, "document number is missing", _no_number),
    ("PL04000005", "function", 200, "permission for API operation", _denied),
    (
        "PL05000104",
        "function",
        200,
        "Another Vendor with the given value(s) V-1 already exists",
        _sent("<create><VENDOR><VENDORID>V-1</VENDORID><NAME>N</NAME></VENDOR></create>"),
    ),
    ("Query Failed", "function", 200, "Object definition FOO not found", _sent(LOOKUP.replace("CLASS", "FOO"))),
    (
        "Query Failed",
        "function",
        200,
        "Invalid fields list NOSUCH",
        _sent("<read><object>CUSTOMER</object><keys>1</keys><fields>NAME,NOSUCH</fields></read>"),
    ),
    (
        "Get API Session Failed",
        "function",
        200,
        "'E999' is not valid",
        _sent("<getAPISession><locationid>E999</locationid></getAPISession>"),
    ),
    ("", "function", 200, "A successful transaction has already been recorded with the control id job-1", _twice),
    ("", "function", 200, "concurrent request in process", _still_running),
    (
        "",
        "function",
        200,
        "Please provide a payment batch key.",
        lambda g, x: g.call(x.payment("5", where="<batchkey>3</batchkey>")),
    ),
    ("GW-0010", "gateway", 429, "Rate or concurrency limit exceeded", _full),
    ("GW-0011", "gateway", 400, "Invalid Request [Request ID: ", _setting("inactive", "true")),
)


@pytest.mark.parametrize(
    ("errorno", "level", "status", "words", "cause"),
    FROM_THE_TWIN,
    ids=[f"{row[0]}-{row[3][:24]}" for row in FROM_THE_TWIN],
)
def test_a_client_causes_the_error_at_its_level(gateway, xml, errorno, level, status, words, cause):
    reply = cause(gateway, xml)
    found = shown(reply.response.status, reply.response.body)
    assert (found.status, found.level, found.errorno) == (status, level, errorno)
    assert words in found.text


def test_a_wrong_login_may_be_the_gateways_401(make_gateway):
    reply = _wrong_login(make_gateway(wrong_login="gateway"), None)
    assert shown(reply.response.status, reply.response.body) == Shown(
        401, "gateway", "XMLGW_JPP0002", "Sign-in information is incorrect. Please check your request."
    )


@pytest.mark.parametrize("number", ["BL01001973", "BL03000018"])
def test_the_specific_error_comes_first_and_the_general_one_last(gateway, xml, number):
    lines = {"BL01001973": xml.line("1", account="9999"), "BL03000018": xml.line("x")}
    numbers, texts = zip(*gateway.call(xml.invoice(lines[number])).errors, strict=True)
    assert numbers[0] == number
    assert number == "BL03000018" or (numbers[-1], texts[-1]) == ("BL01001973", "Could not create invoice record!")


ORDERED: tuple[tuple[str, str, int, str, dict[str, Any]], ...] = (
    *(
        (f"GW-000{n}", "gateway", 503, "Unable to process", {"kind": "status", "status": 503, "errorno": f"GW-000{n}"})
        for n in range(1, 10)
    ),
    *(
        (number, "gateway", status, words, {"kind": "status", "status": status, "errorno": number})
        for number, status, words in (
            ("GW-0012", 400, "Missing tenant"),
            ("GW-0014", 400, "Invalid content type"),
            ("GW-0015", 400, "Missing attribute"),
            ("GW-0042", 403, "Forbidden"),
            *((f"GW-003{n}", 401, "The token is not valid") for n in range(1, 10)),
        )
    ),
    (
        "DL03000006",
        "function",
        200,
        "company title does not exist",
        {"kind": "refusal", "errorno": "DL03000006", "message": "The company title does not exist"},
    ),
    ("", "function", 200, "The Service is Temporarily Off-line", {"kind": "refusal"}),
    (
        "",
        "control",
        200,
        "API rate limit exceeded",
        {"kind": "refusal", "level": "control", "message": "API rate limit exceeded"},
    ),
    (
        "",
        "function",
        200,
        "Check the transaction for errors or inconsistencies, then try again.",
        {
            "kind": "refusal",
            "message": "Failed",
            "correction": "Check the transaction for errors or inconsistencies, then try again.",
        },
    ),
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running() as started:
        yield started


@pytest.mark.parametrize(
    ("errorno", "level", "status", "words", "rule"), ORDERED, ids=[f"{row[0]}-{row[3][:24]}" for row in ORDERED]
)
def test_what_no_client_can_cause_can_be_ordered(sandbox, gateway, errorno, level, status, words, rule):
    sandbox.control.fault(system="intacct", count=1, **rule)
    body = gateway.envelope(LOOKUP).encode()
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(sandbox.intacct.url, data=body, headers={"Content-Type": "application/xml"})
    found = shown(answer.status_code, answer.content)
    assert (found.status, found.level, found.errorno) == (status, level, errorno)
    assert words in found.text


CATALOGUE = {
    *("XL03000003", "XL03000006", "XL03000009", "XL03000010", "XL03000027", "DL02000001", "DL03000005", "DL03000006"),
    *("BL01001973", "BL34000061", "BL03000018", "BL03002185", "BL02000051", "PL01000127", "PL04000005", "PL04000055"),
    *("PL05000104", "Query Failed", "XMLGW_JPP0002", "GW-0010", "GW-0011", "GW-0012", "GW-0014", "GW-0015", "GW-0042"),
    *(f"GW-000{n}" for n in range(1, 10)),
    *(f"GW-003{n}" for n in range(1, 10)),
}
"""The numbers of section 1.6 of the facts."""


def test_no_number_of_the_catalogue_is_left_out():
    tested = {row[0] for row in FROM_THE_TWIN} | {row[0] for row in ORDERED} | {"XMLGW_JPP0002"}
    assert tested >= CATALOGUE
