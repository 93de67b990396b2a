from __future__ import annotations

import logging
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from include.connectors.intacct.codec import Function, build_request
from include.connectors.intacct.credentials import Credentials
from include.connectors.intacct.generic import build_create
from include.connectors.intacct.replies import parse_reply
from include.connectors.intacct.xmltext import clean_text

CREDENTIALS = Credentials("acme|client", "ws", "p<&\"'>w]]>", "sender", "s&w")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def build(**options: object) -> bytes:
    defaults = {"controlid": "req-1", "unique": False, "session_id": "s"}
    return build_request([Function(etree.Element("query"))], CREDENTIALS, **{**defaults, **options})  # type: ignore[arg-type]


def test_the_envelope_is_in_the_order_of_the_schema() -> None:
    root = etree.fromstring(build(session_id=None, entity_id="100"))
    order = [etree.ElementTree(root).getpath(element) for element in root.iter()]
    assert [path.removeprefix("/request") for path in order if path != "/request"] == [
        "/control",
        "/control/senderid",
        "/control/password",
        "/control/controlid",
        "/control/uniqueid",
        "/control/dtdversion",
        "/control/includewhitespace",
        "/operation",
        "/operation/authentication",
        "/operation/authentication/login",
        "/operation/authentication/login/userid",
        "/operation/authentication/login/companyid",
        "/operation/authentication/login/password",
        "/operation/authentication/login/locationid",
        "/operation/content",
        "/operation/content/function",
        "/operation/content/function/query",
    ]
    assert root.findtext("control/dtdversion") == "3.0"


def test_passwords_with_markup_in_them_arrive_unchanged() -> None:
    root = etree.fromstring(build(session_id=None))
    assert root.findtext("operation/authentication/login/password") == CREDENTIALS.user_password
    assert root.findtext("control/password") == CREDENTIALS.sender_password


def test_a_session_replaces_the_login() -> None:
    root = etree.fromstring(build(session_id="abc.."))
    assert root.findtext("operation/authentication/sessionid") == "abc.."
    assert root.find("operation/authentication/login") is None


def test_without_an_entity_no_location_is_named() -> None:
    assert b"locationid" not in build(session_id=None, entity_id=None)


@pytest.mark.parametrize("unique", [True, False])
def test_uniqueness_is_always_said_as_leaving_it_out_means_true(unique: bool) -> None:
    assert etree.fromstring(build(unique=unique)).findtext("control/uniqueid") == str(unique).lower()


def test_functions_without_a_control_id_are_numbered() -> None:
    body = build_request(
        [Function(etree.Element("query")), Function(etree.Element("query"), "mine")],
        CREDENTIALS,
        controlid="r",
        unique=False,
        session_id="s",
    )
    assert [element.get("controlid") for element in etree.fromstring(body).iter("function")] == ["1", "mine"]


def test_a_control_id_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        Function(etree.Element("query"), "x" * 257)


# Everything that has ever broken somebody's XML: controls, astral characters, emoji, right-to-left, markup.
nasty = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x00\x01\x08\x0b\x0c\x0e\x1f\x7f\x85\ufffe\uffff\u202e\u2066\u05d0\u0627\U0001f4b8\U0010ffff<>&'\"\r\n\t"
        ),
        st.characters(min_codepoint=0x10000),
    )
) | st.sampled_from(["]]>", "<![CDATA[x]]>", "&amp;", "&#0;", "<!--", "<?x?>", "\ud83d", "e\u0301", " lead and trail "])


@settings(max_examples=400, deadline=None)
@given(nasty)
def test_any_text_comes_back_as_sent_but_for_what_xml_cannot_carry(text: str) -> None:
    body = build_request(
        [Function(build_create("CUSTOMER", {"NAME": text + "."}))],
        CREDENTIALS,
        controlid="r",
        unique=True,
        session_id="s",
    )
    element = etree.fromstring(body).find("operation/content/function/create/CUSTOMER/NAME")
    assert element is not None
    assert element.text == ILLEGAL.sub("", text) + "."


@settings(max_examples=200, deadline=None)
@given(nasty)
def test_any_text_in_a_reply_is_read_as_it_was_written(text: str) -> None:
    record = etree.Element("CUSTOMER")
    etree.SubElement(record, "NAME").text = ILLEGAL.sub("", text)
    inner = etree.tostring(record, encoding="unicode")
    reply = parse_reply(
        (
            "<response><control><status>success</status></control><operation><authentication><status>success</status>"
            "</authentication><result><status>success</status><function>read</function><controlid>1</controlid>"
            f"<data>{inner}</data></result></operation></response>"
        ).encode()
    )
    assert reply.results[0].records == ({"NAME": ILLEGAL.sub("", text)},)


def test_what_is_taken_out_is_reported_by_count_and_field_and_never_by_value(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert clean_text("Jane\x00 Do\x01e", "LASTNAME") == "Jane Doe"
    assert "2 characters" in caplog.text
    assert "LASTNAME" in caplog.text
    assert "Jane" not in caplog.text


def test_credentials_show_no_password() -> None:
    shown = repr(CREDENTIALS) + str(CREDENTIALS)
    assert CREDENTIALS.user_password not in shown
    assert CREDENTIALS.sender_password not in shown


def test_a_session_key_tells_companies_users_and_entities_apart_and_is_readable_to_nobody() -> None:
    keys = {
        Credentials(company, user, "p", "s", "p").session_key("https://x", entity)
        for company in ("a", "b")
        for user in ("u", "v")
        for entity in (None, "100", "200")
    }
    assert len(keys) == 12
    assert all(re.fullmatch(r"[0-9a-f]{64}", key) for key in keys)
