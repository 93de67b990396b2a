"""Every error of the gateways and edges that can be ordered, in its exact shape."""

from __future__ import annotations

import gzip
import re

import pytest
import requests
from lxml import etree

from include.sandbox.faults import FaultError, Rule

REQUEST = (
    "<?xml version='1.0'?><request><control><senderid>acme</senderid><password>p</password><controlid>r-1</controlid>"
    "<uniqueid>true</uniqueid><dtdversion>3.0</dtdversion></control><operation><authentication><login>"
    "<userid>ada</userid><companyid>acme-co</companyid><password>p</password></login></authentication><content>"
    '<function controlid="f-1"><create_invoice/></function><function controlid="f-2"><query/></function>'
    "</content></operation></request>"
)
XML_TYPE = 'text/xml; encoding="UTF-8"'


def from_intacct(sandbox, http, **rule):
    sandbox.control.fault(rule.pop("kind", "status"), system="intacct", count=1, **rule)
    return http.post(f"{sandbox.url}/ia/gw", data=REQUEST)


def from_hubspot(sandbox, http, **rule):
    sandbox.control.fault("status", system="hubspot", count=1, **rule)
    return http.get(f"{sandbox.url}/crm/x")


def tree(text):
    """Nested tags and texts, to compare a whole answer."""

    def of(element):
        return (element.tag, [of(child) for child in element] or (element.text or ""))

    return of(etree.fromstring(text.encode()))


def gateway_failure(errorno, description):
    error = ("error", [("errorno", errorno), ("description", description)])
    return ("response", [("control", [("status", "failure")]), ("errormessage", [error])])


@pytest.mark.parametrize(
    ("status", "errorno", "shown", "description"),
    [
        (429, "", "GW-0010", "Rate or concurrency limit exceeded"),
        (401, "", "XMLGW_JPP0002", "Sign-in information is incorrect. Please check your request."),
        (503, "GW-0001", "GW-0001", "Unable to process the request"),
        (500, "GW-0009", "GW-0009", "Unable to process the request"),
        (400, "GW-0011", "GW-0011", "Invalid Request"),
        (400, "GW-0012", "GW-0012", "Missing tenant"),
        (400, "GW-0014", "GW-0014", "Invalid content type"),
        (400, "GW-0015", "GW-0015", "Missing attribute"),
        (403, "", "GW-0042", "Forbidden"),
    ],
)
def test_intacct_gateway_errors_have_a_bare_control_block(sandbox, http, status, errorno, shown, description):
    answer = from_intacct(sandbox, http, status=status, errorno=errorno)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, XML_TYPE)
    assert tree(answer.text) == gateway_failure(shown, description)


@pytest.mark.parametrize("status", [502, 503, 504, 524])
def test_intacct_edge_errors_are_pages_of_html(sandbox, http, status):
    answer = from_intacct(sandbox, http, status=status)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert re.fullmatch(r"<!DOCTYPE html>\n<html>.*</html>\n", answer.text)


def test_intacct_500_has_an_empty_body(sandbox, http):
    answer = from_intacct(sandbox, http, status=500)
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (500, b"", "0")


def error_of(errorno, message, correction=""):
    parts = [("errorno", errorno), ("description", ""), ("description2", message), ("correction", correction)]
    return ("errormessage", [("error", parts)])


CONTROL = [("senderid", "acme"), ("controlid", "r-1"), ("uniqueid", "true"), ("dtdversion", "3.0")]
WHO = [("userid", "ada"), ("companyid", "acme-co")]


@pytest.mark.parametrize(
    ("errorno", "message", "correction"),
    [
        ("", "The Service is Temporarily Off-line", ""),
        ("", "A successful transaction has already been recorded with the control id f-1", ""),
        ("", "concurrent request in process", ""),
        ("XL03000009", "There was an error", "Check the transaction for errors or inconsistencies, then try again."),
        ("PL04000005", "No permission for API operation on object type", ""),
    ],
)
def test_an_intacct_refusal_fails_every_function(sandbox, http, intacct, errorno, message, correction):
    answer = from_intacct(sandbox, http, kind="refusal", errorno=errorno, message=message, correction=correction)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, XML_TYPE)
    results = [
        (
            "result",
            [("status", "failure"), ("function", name), ("controlid", key), error_of(errorno, message, correction)],
        )
        for name, key in (("create_invoice", "f-1"), ("query", "f-2"))
    ]
    login = ("authentication", [("status", "success"), *WHO])
    assert tree(answer.text) == (
        "response",
        [("control", [("status", "success"), *CONTROL]), ("operation", [login, *results])],
    )
    assert intacct.executed == []


def test_off_line_is_what_a_refusal_says_unless_told_otherwise(sandbox, http):
    assert (
        "<description2>The Service is Temporarily Off-line</description2>"
        in from_intacct(sandbox, http, kind="refusal").text
    )


def test_a_rate_limit_may_come_as_a_text_with_status_200(sandbox, http):
    answer = from_intacct(sandbox, http, kind="refusal", level="control", message="API rate limit exceeded")
    assert answer.status_code == 200
    assert tree(answer.text) == (
        "response",
        [("control", [("status", "failure"), *CONTROL]), error_of("", "API rate limit exceeded")],
    )


def test_a_refused_login_stands_inside_the_operation(sandbox, http):
    text = "This company is not authorized for XML transactions. Please subscribe to the XML Gateway."
    answer = from_intacct(sandbox, http, kind="refusal", level="authentication", message=text)
    login = ("authentication", [("status", "failure"), *WHO])
    assert tree(answer.text) == (
        "response",
        [("control", [("status", "success"), *CONTROL]), ("operation", [login, error_of("", text)])],
    )


def test_a_gateway_refusal_may_come_with_status_200(sandbox, http):
    answer = from_intacct(sandbox, http, kind="refusal", level="gateway", errorno="GW-0002", message="No")
    assert (answer.status_code, tree(answer.text)) == (200, gateway_failure("GW-0002", "No"))


def test_a_refusal_of_an_unreadable_request_is_still_xml(sandbox, http):
    sandbox.control.fault("refusal")
    assert tree(http.post(f"{sandbox.url}/ia/gw", data=b"<x").text)[1][0][1][0] == ("status", "success")


def test_a_refusal_never_hits_hubspot(sandbox, http):
    sandbox.control.fault("refusal")
    assert http.post(f"{sandbox.url}/crm/x", data=b'{"a":1}').json() == {"a": 1}
    with pytest.raises(FaultError, match="only Intacct"):
        Rule.from_json({"kind": "refusal", "system": "hubspot"})


@pytest.mark.parametrize(
    ("status", "message", "category"),
    [
        (401, "Authentication credentials not found.", "INVALID_AUTHENTICATION"),
        (404, "resource not found", "OBJECT_NOT_FOUND"),
        (413, "The request body is too large", None),
        (414, "The request URI is too long", None),
        (423, "The record is locked. Wait two seconds and try again", None),
        (477, "Migration in Progress", None),
        (500, "internal error", None),
    ],
)
def test_hubspot_errors_are_json_with_a_correlation_id(sandbox, http, status, message, category):
    answer = from_hubspot(sandbox, http, status=status)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json;charset=utf-8")
    correlation = answer.headers["X-HubSpot-Correlation-Id"]
    expected = {"status": "error", "message": message, "correlationId": correlation}
    assert answer.json() == expected | ({"category": category} if category else {})
    assert answer.headers.get("Retry-After") == ("3600" if status == 477 else None)


@pytest.mark.parametrize("status", [502, 503, 504, 521, 522, 523, 524])
def test_hubspot_edge_errors_are_pages_of_html(sandbox, http, status):
    answer = from_hubspot(sandbox, http, status=status)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("status", [502, 503, 504])
def test_hubspot_server_errors_may_be_json_as_well(sandbox, http, status):
    answer = from_hubspot(sandbox, http, status=status, body="json")
    assert (answer.status_code, sorted(answer.json())) == (status, ["correlationId", "message", "status"])


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."),
        ("SECONDLY", "You have reached your secondly limit."),
        ("DAILY", "You have reached your daily limit."),
    ],
)
def test_hubspot_429_has_three_bodies(sandbox, http, policy, message):
    answer = from_hubspot(sandbox, http, status=429, policy=policy)
    body = answer.json()
    fields = {"status", "message", "errorType", "correlationId", "policyName", "groupName"}
    assert set(body) == fields | ({"requestId"} if policy == "DAILY" else set())
    assert (body["message"], body["errorType"], body["policyName"]) == (message, "RATE_LIMIT", policy)


def test_a_retry_after_header_can_be_ordered_in_any_unit(sandbox, http):
    assert from_hubspot(sandbox, http, status=429, retry_after="10000").headers["Retry-After"] == "10000"
    assert from_hubspot(sandbox, http, status=477, retry_after="86400").headers["Retry-After"] == "86400"
    assert from_intacct(sandbox, http, status=503, retry_after="7").headers["Retry-After"] == "7"


def test_a_gzipped_answer_comes_to_those_who_did_not_ask(sandbox, http):
    sandbox.control.fault("gzip", count=1)
    headers = {"Accept-Encoding": "identity"}
    with http.post(f"{sandbox.url}/crm/x", data=b'{"a":1}', headers=headers, stream=True) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.raw.read(decode_content=False)) == b'{"a":1}'
    assert sandbox.control.calls(limit=1)[0]["response_body"] == '{"a":1}'


def test_broken_gzip_breaks_the_clients_decoder_after_the_call_was_done(sandbox, http, hubspot):
    sandbox.control.fault("gzip_broken", count=1)
    with pytest.raises(requests.exceptions.ContentDecodingError):
        http.post(f"{sandbox.url}/crm/x", data=b'{"a":1}')
    assert hubspot.executed == ["/crm/x"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "status", "body": "yaml"}, "body must be one of html, xml, json, empty"),
        ({"kind": "refusal", "level": "sky"}, "level must be one of function, authentication, control, gateway"),
        ({"kind": "refusal", "message": 3}, "message must be text"),
        ({"kind": "status", "retry_after": "1\r\nX: 2"}, "one line"),
    ],
)
def test_a_refusal_that_makes_no_sense_is_refused_with_a_sentence(rule, words):
    with pytest.raises(FaultError, match=words):
        Rule.from_json(rule)
