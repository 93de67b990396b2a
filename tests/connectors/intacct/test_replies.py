from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct.errors import Kind, Unreadable
from include.connectors.intacct.replies import FunctionResult, Reply, parse_reply, read_reply
from tests.connectors.intacct.scripted_gateway import control_failure, sign_in_failure

HEAD = (
    "<response><control><status>success</status><senderid>s</senderid><controlid>req-1</controlid>"
    "<uniqueid>true</uniqueid><dtdversion>3.0</dtdversion></control><operation><authentication><status>success</status>"
    "<userid>u</userid><companyid>c</companyid><locationid></locationid>"
    "<sessiontimestamp>2026-03-02T09:15:00+00:00</sessiontimestamp>"
    "<sessiontimeout>2026-03-02T15:15:00+00:00</sessiontimeout></authentication>"
)
TAIL = "</operation></response>"


def read(inner: str) -> Reply:
    return parse_reply((HEAD + inner + TAIL).encode())


def result(inner: str, status: str = "success", function: str = "query") -> FunctionResult:
    reply = read(
        f"<result><status>{status}</status><function>{function}</function><controlid>f1</controlid>{inner}</result>"
    )
    return reply.results[0]


def error(errorno: str, text: str) -> str:
    return (
        f"<error><errorno>{errorno}</errorno><description></description><description2>{text}</description2>"
        "<correction></correction></error>"
    )


# -- what an answer can be


def test_records_of_a_query_are_read_with_their_counts() -> None:
    got = result(
        '<data listtype="ARINVOICE" totalcount="7" offset="0" count="2" numremaining="5">'
        "<ARINVOICE><RECORDNO>501</RECORDNO><VENDOR.CREDITLIMIT>9</VENDOR.CREDITLIMIT></ARINVOICE>"
        "<ARINVOICE><RECORDNO>502</RECORDNO><VENDOR.CREDITLIMIT></VENDOR.CREDITLIMIT></ARINVOICE></data>"
    )
    assert got.ok
    assert got.records == (
        {"RECORDNO": "501", "VENDOR.CREDITLIMIT": "9"},
        {"RECORDNO": "502", "VENDOR.CREDITLIMIT": ""},
    )
    assert got.counts == {"totalcount": 7, "offset": 0, "count": 2, "numremaining": 5}


def test_a_query_without_hits_has_no_records() -> None:
    got = result('<data listtype="CUSTOMER" count="0" totalcount="0" numremaining="0" resultId=""/>')
    assert got.ok
    assert got.records == ()


def test_nested_blocks_become_dotted_names_and_owned_lines_lists() -> None:
    got = result(
        "<data><ARINVOICE><CONTACT><NAME>x</NAME><MAILADDRESS><CITY>Ulm</CITY><ZIP>1</ZIP></MAILADDRESS></CONTACT>"
        "<ARINVOICEITEMS><arinvoiceitem><A>1</A></arinvoiceitem><arinvoiceitem><A>2</A></arinvoiceitem>"
        "</ARINVOICEITEMS><ONE><line><A>3</A></line></ONE></ARINVOICE></data>"
    )
    assert got.records == (
        {
            "CONTACT.NAME": "x",
            "CONTACT.MAILADDRESS.CITY": "Ulm",
            "CONTACT.MAILADDRESS.ZIP": "1",
            "ARINVOICEITEMS": [{"A": "1"}, {"A": "2"}],
            "ONE": [{"A": "3"}],
        },
    )


def test_a_legacy_create_answers_a_key() -> None:
    assert result("<key>501</key>", function="create_invoice").key == "501"


def test_a_failed_function_keeps_its_errors_and_the_records_that_were_made_all_the_same() -> None:
    got = result(
        '<data listtype="objects" count="1"><customer><RECORDNO>9</RECORDNO></customer></data>'
        f"<errormessage>{error('BL34000061', 'Another Customer exists')}{error('', 'Could not create')}</errormessage>",
        status="failure",
    )
    assert not got.ok
    assert got.records == ({"RECORDNO": "9"},)
    assert [e.errorno for e in got.errors] == ["BL34000061", ""]
    assert got.failure.kind is Kind.DUPLICATE


@pytest.mark.parametrize("status", ["failure", "aborted", "", "Success", "partial"])
def test_anything_but_success_is_no_success(status: str) -> None:
    assert not result("", status=status).ok


def test_each_function_keeps_its_own_records() -> None:
    reply = read(
        "<result><status>success</status><function>query</function><controlid>a</controlid>"
        '<data count="1"><X><R>1</R></X></data></result>'
        "<result><status>success</status><function>create</function><controlid>b</controlid></result>"
    )
    assert [(r.controlid, r.records, dict(r.counts)) for r in reply.results] == [
        ("a", ({"R": "1"},), {"count": 1}),
        ("b", (), {}),
    ]


def test_the_length_of_a_session_is_taken_from_the_servers_own_two_times() -> None:
    assert read("").session_seconds == 6 * 3600


def test_a_control_failure_refuses_everything() -> None:
    reply = parse_reply(control_failure("XL03000003", "XML Parse schema error: Line: 7 [Support ID: a%7Eb]").encode())
    assert reply.refusal is not None
    assert reply.refusal.kind is Kind.MALFORMED
    assert reply.refusal.request_id == "a~b"
    assert reply.results == ()


def test_a_gateway_failure_with_nothing_but_a_status_is_understood() -> None:
    reply = parse_reply(
        b"<response><control><status>failure</status></control><errormessage><error><errorno>XMLGW_JPP0002</errorno>"
        b"<description>Sign-in information is incorrect. Please check your request.</description></error>"
        b"</errormessage></response>"
    )
    assert reply.refusal is not None
    assert reply.refusal.kind is Kind.AUTH


def test_a_sign_in_failure_refuses_everything() -> None:
    reply = parse_reply(sign_in_failure("XL03000006", "Sign-in information is incorrect").encode())
    assert reply.refusal is not None
    assert reply.refusal.kind is Kind.AUTH


def test_an_invalid_session_is_told_from_a_wrong_password_and_its_id_is_dropped() -> None:
    reply = parse_reply(sign_in_failure("XL03000006", "Invalid session Zq8verysecret..").encode())
    assert reply.refusal is not None
    assert reply.refusal.kind is Kind.SESSION_EXPIRED
    assert "Zq8verysecret" not in repr(reply)


def test_an_acknowledgement_is_not_taken_for_an_execution() -> None:
    reply = parse_reply(
        b"<response><acknowledgement><status>success</status></acknowledgement><control><status>success</status>"
        b"<controlid>j</controlid></control></response>"
    )
    assert reply.acknowledged
    assert reply.results == ()


# -- what is no answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"\n\n",
        b"OK",
        b"null",
        b"{}",
        b'{"status":"success"}',
        b"<html><body>503 Service Unavailable</body></html>",
        b"<!DOCTYPE html><html><head><title>Bad gateway</title></head></html>",
        b"<response/>",
        b"<response></response>",
        b"<response><control/></response>",
        b"<response><control><status>maybe</status></control></response>",
        b"<response><control><status>success</status></control></response>",
        b"<response><control><status>success</status></control><operation/></response>",
        b"<RESPONSE><control><status>success</status></control></RESPONSE>",
        b"<wrap><response><control><status>failure</status></control></response></wrap>",
        b"\xff\xfe\x00\x00",
        b"\x1f\x8b\x08\x00",
        b"<response><control><status>success</status></control><operation><authentication><status>success</status>"
        b"</authentication></operation></response><response/>",
    ],
)
def test_what_is_not_a_complete_answer_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_reply(body)


FIFTEEN_HUNDRED = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    + HEAD
    + "".join(
        f"<result><status>success</status><function>create_invoice</function><controlid>fn-{n}</controlid>"
        f"<key>{500 + n}</key></result>"
        for n in range(9)
    )
    + TAIL
).encode()


def test_an_answer_that_is_cut_at_any_byte_is_never_read_at_all() -> None:
    assert len(FIFTEEN_HUNDRED) > 1_400
    assert len(parse_reply(FIFTEEN_HUNDRED).results) == 9
    for cut in range(len(FIFTEEN_HUNDRED)):
        with pytest.raises(Unreadable):
            parse_reply(FIFTEEN_HUNDRED[:cut])


def test_an_answer_may_arrive_in_any_pieces() -> None:
    whole = parse_reply(FIFTEEN_HUNDRED)
    assert read_reply(FIFTEEN_HUNDRED[n : n + 1] for n in range(len(FIFTEEN_HUNDRED))) == whole
    assert read_reply(FIFTEEN_HUNDRED[n : n + 7] for n in range(0, len(FIFTEEN_HUNDRED), 7)) == whole


@given(st.binary(max_size=300))
def test_random_bytes_are_never_a_success(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_reply(body)


def mutated(rng: random.Random) -> bytes:
    body = bytearray(FIFTEEN_HUNDRED)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(body))
        match rng.randrange(5):
            case 0:
                body[at] = rng.randrange(256)
            case 1:
                del body[at : at + rng.randint(1, 40)]
            case 2:
                body[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 8)))
            case 3:
                body[at:at] = body[at : at + rng.randint(1, 60)]
            case _:
                body[at : at + 4] = rng.choice([b"<x/>", b"&lt;", b"]]>", b"<!--"])
    return bytes(body)


def test_two_thousand_mutated_answers_never_crash_and_never_hold_more_successes_than_were_made() -> None:
    rng = random.Random(20261116)  # noqa: S311
    readable = 0
    for _ in range(2_000):
        try:
            reply = parse_reply(mutated(rng))
        except Unreadable:
            continue
        readable += 1
        assert sum(made.ok for made in reply.results) <= 9
    assert 0 < readable < 1_000


# -- hostile answers; attacks on the parser: tests/security/test_xml_attacks.py


def test_an_answer_over_the_cap_is_not_taken_in() -> None:
    with pytest.raises(Unreadable, match="larger"):
        read_reply((b"<response>" + b" " * 1000 for _ in range(100)), max_bytes=10_000)


def test_secrets_and_addresses_repeated_by_an_error_are_hidden() -> None:
    body = control_failure("BL01001973", "Bad password hunter2! for jane.doe@corp.example, Contact 'Jane Doe' is wrong")
    reply = parse_reply(body.encode(), secrets=("hunter2!",))
    assert reply.refusal is not None
    shown = repr(reply)
    assert "hunter2!" not in shown
    assert "jane.doe" not in shown
    assert "Jane Doe" not in shown


def test_records_are_in_no_repr() -> None:
    assert "Ulm" not in repr(result("<data><CUSTOMER><CITY>Ulm</CITY></CUSTOMER></data>"))
