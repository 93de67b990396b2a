"""The envelope and the failure levels, in the gateway's exact shapes."""

from __future__ import annotations

import gzip
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from lxml import etree

from include.sandbox.exchange import Request


def children(element):
    return [child.tag for child in element]


@pytest.mark.parametrize(
    "content_type",
    ["application/xml", "text/xml", "x-intacct-xml-request", "application/x-intacct-xml-request", ""],
)
def test_any_xml_content_type_is_accepted(gateway, content_type):
    reply = gateway.send(gateway.envelope("<getAPISession/>"), content_type=content_type)
    assert reply.status == "success"


def test_a_form_field_xmlrequest_is_accepted(gateway):
    body = urlencode({"xmlrequest": gateway.envelope("<getAPISession/>")})
    reply = gateway.send(body, content_type="application/x-www-form-urlencoded; charset=UTF-8")
    assert reply.status == "success"


def test_the_control_block_is_echoed_and_uniqueid_defaults_to_true(gateway):
    control = gateway.call("<getAPISession/>", uniqueid="").root.find("control")
    assert [(c.tag, c.text) for c in control] == [
        ("status", "success"),
        ("senderid", "tieout_sender"),
        ("controlid", "req"),
        ("uniqueid", "true"),
        ("dtdversion", "3.0"),
    ]


def test_a_response_is_utf8_xml_and_gzipped_on_request(gateway):
    lookup = gateway.envelope("<lookup><object>ARINVOICE</object></lookup>")
    plain = gateway.send(lookup).response
    packed = gateway.send(lookup, accept_encoding="gzip, deflate").response
    assert plain.headers["Content-Type"] == 'text/xml; encoding="UTF-8"'
    assert packed.headers["Content-Encoding"] == "gzip"
    assert etree.fromstring(gzip.decompress(packed.body)).find("operation/result/data") is not None


def test_a_session_carries_an_endpoint_of_the_addressed_host_and_always_a_locationid(gateway):
    body = gateway.envelope("<getAPISession/>").encode()
    request = Request("POST", "/ia/xml/xmlgw.phtml", "", {}, body, "http://sandbox.intacct.com:8765")
    api = etree.fromstring(gateway.twin.handle(request).body).find("operation/result/data/api")
    assert api.findtext("endpoint") == "http://sandbox.intacct.com:8765/ia/xml/xmlgw.phtml"
    assert children(api) == ["sessionid", "endpoint", "locationid"]


def session_of(reply):
    return reply.root.findtext("operation/result/data/api/sessionid")


def test_a_session_slides_with_every_call_and_then_expires(gateway, clock):
    session = session_of(gateway.call("<getAPISession/>"))
    for _ in range(3):
        clock.advance(5 * 3600)
        assert gateway.call("<lookup><object>CLASS</object></lookup>", session=session).status == "success"
    clock.advance(timedelta(hours=6, seconds=1).total_seconds())
    reply = gateway.call("<lookup><object>CLASS</object></lookup>", session=session)
    assert reply.errors == [("XL03000006", f"Invalid session {session}")]


def test_a_session_enters_an_entity_and_leaves_it(gateway):
    inside = session_of(gateway.call("<getAPISession><locationid>200</locationid></getAPISession>"))
    stays = gateway.call("<getAPISession/>", session=inside)
    back = gateway.call("<getAPISession><locationid/></getAPISession>", session=inside)
    unknown = gateway.call("<getAPISession><locationid>999</locationid></getAPISession>", session=inside)
    assert stays.root.findtext("operation/authentication/locationid") == "200"
    assert stays.data.findtext("api/locationid") == "200"
    assert back.data.findtext("api/locationid") == ""
    assert unknown.errors[0][0] == "Get API Session Failed"


def test_an_empty_locationid_in_the_login_means_top_level(gateway):
    body = gateway.envelope("<getAPISession/>").replace("</password></login>", "</password><locationid/></login>")
    assert gateway.send(body).data.findtext("api/locationid") == ""


def test_malformed_xml_fails_at_control_level_with_position(gateway):
    reply = gateway.send("<request>\n<control></request>")
    ((number, text),) = reply.errors
    assert number == "XL03000003"
    assert text.startswith("XML Parse schema error: Fatal Error 76: Opening and ending tag mismatch")
    assert "Line: 2, column:" in text
    assert "[Support ID: " in text
    assert children(reply.root) == ["control", "errormessage"]
    assert reply.root.findtext("control/senderid") == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\x01",
        b"plain text",
        b'<!DOCTYPE r [<!ENTITY a "x">]><request>&a;</request>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><request/>',
        b'<?xml version="1.0" encoding="no-such"?><request/>',
    ],
)
def test_what_is_no_plain_xml_is_refused(gateway, body):
    reply = gateway.send(body)
    assert [number for number, _ in reply.errors] == ["XL03000003"]


def test_a_request_has_so_many_functions_and_an_asynchronous_one_so_many_characters(make_gateway):
    lookup = "<lookup><object>CLASS</object></lookup>"
    few = make_gateway(max_functions=2)
    assert few.call(lookup, lookup).statuses == ["success", "success"]
    ((number, words),) = few.call(lookup, lookup, lookup).errors
    assert (number, "at most 2" in words) == ("XL03000003", True)
    small = make_gateway(max_asynchronous_characters=900)
    small.twin.load([{"object": "_COMPANY", "fields": {"policies": "nightly"}}])
    later = "<policyid>nightly</policyid>"
    assert small.call(lookup, control=later).root.findtext("acknowledgement/status") == "success"
    assert small.call(*[lookup] * 9, control=later).errors[0][0] == "XL03000003"
    assert small.call(*[lookup] * 9).statuses == ["success"] * 9


def test_a_request_beyond_the_size_limit_is_refused(make_gateway):
    gateway = make_gateway(max_request_bytes=2000)
    reply = gateway.send(gateway.envelope("<lookup><object>CLASS</object></lookup>") + " " * 2000)
    assert reply.errors[0][0] == "XL03000003"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (("<controlid>req</controlid>", ""), "Expected is ( controlid )"),
        (
            (
                "<uniqueid>false</uniqueid><dtdversion>3.0</dtdversion>",
                "<dtdversion>3.0</dtdversion><uniqueid>false</uniqueid>",
            ),
            "'uniqueid': This element is not expected",
        ),
        (("<uniqueid>false</uniqueid>", "<uniqueid>maybe</uniqueid>"), "'maybe' is not a valid value"),
        (('transaction="false"', 'transaction="yes"'), "'yes' is not a valid value"),
        (("<getAPISession/>", "<dance/>"), "'dance': This element is not expected"),
        (("<getAPISession/>", "<getAPISession/><getAPISession/>"), "'getAPISession': This element is not expected"),
        (("<getAPISession/>", ""), "Missing child element(s)"),
        (('<function controlid="fn-0">', "<function>"), "attribute 'controlid' is required"),
        (("<userid>tieout_ws</userid>", ""), "'companyid': This element is not expected. Expected is ( userid )"),
    ],
)
def test_the_envelope_is_checked_in_schema_order(gateway, wrong, complaint):
    body = gateway.envelope("<getAPISession/>")
    assert wrong[0] in body
    reply = gateway.send(body.replace(*wrong))
    ((number, text),) = reply.errors
    assert number == "XL03000003"
    assert complaint in text
    assert reply.root.find("operation") is None


def test_a_wrong_sender_fails_at_control_level(gateway):
    body = gateway.envelope("<getAPISession/>").replace("demo-sender-secret", "DEMO-SENDER-SECRET")
    reply = gateway.send(body)
    assert reply.errors == [("XL03000006", "Sign-in information is incorrect")]
    assert reply.root.findtext("control/controlid") == "req"
    assert reply.root.find("operation") is None


def test_a_wrong_login_fails_at_authentication_level(gateway):
    reply = gateway.send(gateway.envelope("<getAPISession/>").replace("demo-user-secret", "guess"))
    operation = reply.root.find("operation")
    assert reply.root.findtext("control/status") == "success"
    assert children(operation) == ["authentication", "errormessage"]
    assert [(c.tag, c.text) for c in operation.find("authentication")] == [
        ("status", "failure"),
        ("userid", "tieout_ws"),
        ("companyid", "brightwater-demo"),
    ]
    assert reply.errors == [("XL03000006", "Sign-in information is incorrect")]


def test_a_wrong_login_can_be_answered_by_the_gateway_instead(make_gateway):
    gateway = make_gateway(wrong_login="gateway")
    reply = gateway.send(gateway.envelope("<getAPISession/>").replace("demo-user-secret", "guess"))
    assert reply.response.status == 401
    assert children(reply.root.find("control")) == ["status"]
    assert children(reply.root.find("errormessage/error")) == ["errorno", "description"]
    assert reply.root.findtext("errormessage/error/errorno") == "XMLGW_JPP0002"


def test_a_console_user_names_client_and_entity_in_the_company_id(gateway):
    body = gateway.envelope("<getAPISession/>").replace(
        "<companyid>brightwater-demo</companyid>", "<companyid>practice|brightwater-demo|300</companyid>"
    )
    assert gateway.send(body).data.findtext("api/locationid") == "300"


def test_a_sender_that_the_company_did_not_authorise_is_told_so(gateway):
    gateway.twin.load(
        [{"object": "_SENDER", "fields": {"sender_id": "other", "sender_password": "pw", "authorised": False}}]
    )
    body = gateway.envelope("<getAPISession/>").replace("tieout_sender", "other").replace("demo-sender-secret", "pw")
    error = gateway.send(body).root.find("operation/errormessage/error")
    assert error.findtext("description") == "Invalid Web Services Authorization"
    assert error.findtext("description2") == (
        "The sender ID 'other' is not authorized to make Web Services requests to company ID 'brightwater-demo'."
    )
    assert "company administrator" in error.findtext("correction")


@pytest.mark.parametrize(
    ("setting", "status", "errorno"),
    [("inactive", 400, "GW-0011"), ("expired_demo", 200, "PL04000055"), ("xml_gateway", 200, "")],
)
def test_a_company_that_cannot_be_used_answers_at_its_level(gateway, setting, status, errorno):
    value = "" if setting == "xml_gateway" else "true"
    gateway.twin.load([{"object": "_COMPANY", "fields": {setting: value}}])
    reply = gateway.call("<getAPISession/>")
    assert reply.response.status == status
    assert (reply.root.findtext(".//errorno") or "") == errorno
    if errorno == "PL04000055":
        assert reply.root.findtext("control/senderid") == ""


def test_an_unknown_policy_fails_and_a_known_one_is_acknowledged(gateway):
    refused = gateway.call("<getAPISession/>", control="<policyid>nopolicy</policyid>")
    assert refused.errors == [("XL03000006", "nopolicy is not a valid transport policy.")]
    gateway.twin.load([{"object": "_COMPANY", "fields": {"policies": "nightly,other"}}])
    accepted = gateway.call(
        "<lookup><object>CLASS</object></lookup>", control="<policyid>nightly</policyid>", uniqueid="true"
    )
    assert children(accepted.root) == ["acknowledgement", "control"]
    assert accepted.root.findtext("acknowledgement/status") == "success"
    (later,) = gateway.twin.offline_results()
    assert (later["controlid"], later["policyid"]) == ("req", "nightly")
    assert "<status>success</status><function>lookup</function>" in later["body"]


def test_every_function_error_has_all_four_children(gateway):
    error = gateway.call("<query><object>NOPE</object><select><field>X</field></select></query>").root.find(
        "operation/result/errormessage/error"
    )
    assert children(error) == ["errorno", "description", "description2", "correction"]


def test_additional_error_information_is_added_when_asked_for(gateway):
    error = gateway.call(
        "<query><object>NOPE</object><select><field>X</field></select></query>",
        control="<showadditionalerrorinfo>true</showadditionalerrorinfo>",
    ).root.find("operation/result/errormessage/error")
    assert children(error)[-1] == "additionalinfo"
    assert children(error.find("additionalinfo")) == ["errorid", "category", "target", "description"]


def test_a_request_may_hold_several_operations(gateway):
    body = gateway.envelope("<lookup><object>CLASS</object></lookup>")
    start = body.index("<operation")
    operation = body[start : body.index("</request>")]
    reply = gateway.send(body[:start] + operation + operation.replace("demo-user-secret", "no") + "</request>")
    assert [o.findtext("authentication/status") for o in reply.root.findall("operation")] == ["success", "failure"]


def test_results_come_in_request_order_with_their_control_ids(gateway):
    reply = gateway.call(
        "<lookup><object>CLASS</object></lookup>", "<lookup><object>NOPE</object></lookup>", ids=["b", "a"]
    )
    results = reply.root.findall("operation/result")
    assert [(r.findtext("controlid"), r.findtext("status")) for r in results] == [("b", "success"), ("a", "failure")]
    assert children(results[0])[:3] == ["status", "function", "controlid"]


def test_only_post_is_accepted(gateway):
    assert gateway.twin.handle(Request("GET", "/ia/xml/xmlgw.phtml")).status == 405


def test_more_calls_than_allowed_at_once_get_429(make_gateway):
    gateway = make_gateway(concurrency=2)
    request = Request("POST", "/ia/xml/xmlgw.phtml")
    assert gateway.twin.begin(request)
    assert gateway.twin.begin(request)
    full = gateway.call("<getAPISession/>")
    assert full.response.status == 429
    assert full.root.findtext("errormessage/error/errorno") == "GW-0010"
    gateway.twin.end()
    assert gateway.call("<getAPISession/>").status == "success"
    gateway.twin.end()
    assert gateway.twin.gate.peak == 2


def test_the_label_names_functions_and_objects_but_no_values(gateway):
    def label(*functions):
        body = gateway.envelope(*functions).encode()
        return gateway.twin.label(Request("POST", "/ia/xml/xmlgw.phtml", "", {}, body))

    assert label("<query><object>ARINVOICE</object><select><field>A</field></select></query>") == "query ARINVOICE"
    by = "<filter><in><field>RECORDNO</field><value>7</value></in></filter>"
    assert label(f"<query><object>ARINVOICE</object>{by}</query>") == "query ARINVOICE by RECORDNO"
    assert label("<create><CUSTOMER><NAME>Secret</NAME></CUSTOMER></create>") == "create CUSTOMER"
    assert label(*["<getAPISession/>"] * 3) == "getAPISession x3"
    assert gateway.twin.label(Request("POST", "/ia/xml/xmlgw.phtml", body=b"junk")) == "unreadable request"


def test_a_function_without_permission_is_refused(gateway):
    gateway.twin.load(
        [{"object": "_USER", "fields": {"user_id": "narrow", "user_password": "pw", "denied": ["GLBATCH"]}}]
    )
    body = gateway.envelope("<query><object>GLBATCH</object><select><field>RECORDNO</field></select></query>")
    reply = gateway.send(body.replace("tieout_ws", "narrow").replace("demo-user-secret", "pw"))
    ((number, text),) = reply.errors
    assert number == "PL04000005"
    assert text.startswith("You do not have permission for API operation query on objects of type GLBATCH")


def test_who_may_read_an_object_may_be_denied_to_make_it(gateway):
    user = {"user_id": "narrow", "user_password": "pw", "denied": ["MAKE CUSTOMER"]}
    gateway.twin.load([{"object": "_USER", "fields": user}])

    def sent(function):
        body = gateway.envelope(function)
        return gateway.send(body.replace("tieout_ws", "narrow").replace("demo-user-secret", "pw"))

    assert sent("<query><object>CUSTOMER</object><select><field>RECORDNO</field></select></query>").errors == []
    made = sent("<create><CUSTOMER><CUSTOMERID>N-1</CUSTOMERID><NAME>N</NAME></CUSTOMER></create>")
    ((number, text),) = made.errors
    assert number == "PL04000005"
    assert text.startswith("You do not have permission for API operation create on objects of type CUSTOMER")
