from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from include.connectors.intacct.customers import (
    build_create_customer,
    find_customers,
    name_pattern,
    tax_id_pattern,
)
from include.connectors.intacct.query import count
from include.connectors.intacct.records import Customer
from include.core.errors import InvariantError, Rejected, SettingsError
from include.core.matching import normalised_name, normalised_tax_id
from tests.connectors.intacct.small_books import Books, customer

WIND = customer(
    "C-7",
    "Blau-Werk GmbH & Co. KG",
    TAXID="DE 811.234-567",
    **{
        "DISPLAYCONTACT.EMAIL1": "rechnung@blau-werk.example",
        "DISPLAYCONTACT.MAILADDRESS.CITY": "Ulm",
        "DISPLAYCONTACT.MAILADDRESS.ZIP": "89073",
        "DISPLAYCONTACT.MAILADDRESS.COUNTRY": "Germany",
    },
)


def ids(found: list[Customer]) -> list[str]:
    return [one.customer_id for one in found]


def fits(pattern: str, text: str) -> bool:
    """SQL's ``like`` without case, as the gateway has it."""
    import re

    parts = {"%": ".*", "_": "."}
    return re.fullmatch("".join(parts.get(c, re.escape(c)) for c in pattern), text, re.I | re.S) is not None


@pytest.mark.parametrize(
    "needles",
    [
        {"ids": ["C-7"]},
        {"tax_ids": ["DE811234567"]},
        {"tax_ids": ["de 811 234 567"]},
        {"email_domains": ["blau-werk.example"]},
        {"names": ["Blau Werk"]},
        {"names": ["BLAU-WERK GMBH"]},
        {"names": ["The Bläu Werk AG"]},
    ],
)
def test_a_customer_is_found_by_whatever_a_company_has_in_common_with_it(
    books: Books, needles: dict[str, list[str]]
) -> None:
    books.load(WIND)
    (found,) = find_customers(books.client(), **needles)
    assert (found.customer_id, found.tax_id, found.city) == ("C-7", "DE 811.234-567", "Ulm")
    assert (found.postcode, found.country, found.email) == ("89073", "Germany", "rechnung@blau-werk.example")
    assert (found.active, found.on_hold, found.term_name, found.currency) == (True, False, "N30", "USD")


def test_inactive_customers_and_those_on_hold_are_found_as_such(books: Books) -> None:
    books.load(customer("C-8", "Held Ltd", ONHOLD="true"))
    found = {one.customer_id: one for one in find_customers(books.client(), ids=["C-8", "C-9"])}
    assert found["C-8"].on_hold
    assert not found["C-9"].active


def test_a_hundred_needles_are_one_call_and_a_customer_found_twice_is_there_once(books: Books) -> None:
    books.load(WIND)
    client = books.client()
    client.login()
    books.forget()
    found = find_customers(
        client,
        ids=["C-7", "C-1", *(f"HS-{n}" for n in range(60))],
        tax_ids=["DE811234567"],
        email_domains=["blau-werk.example", *(f"d{n}.example" for n in range(20))],
        names=["Blau Werk", "Coralis Wind"],
    )
    assert sorted(ids(found)) == ["C-1", "C-7"]
    assert books.labels() == ["query CUSTOMER by CUSTOMERID"]


def test_more_needles_are_asked_for_a_hundred_at_a_time(books: Books) -> None:
    client = books.client()
    client.login()
    books.forget()
    assert find_customers(client, ids=[f"HS-{n}" for n in range(200)]) == []
    assert books.labels() == ["query CUSTOMER by CUSTOMERID"] * 2


def test_where_the_whole_list_takes_fewer_calls_it_is_read_instead(books: Books) -> None:
    client = books.client()
    client.login()
    books.forget()
    everybody = find_customers(client, ids=[f"HS-{n}" for n in range(1000)])
    assert books.labels() == ["query CUSTOMER"] * 2
    assert len(everybody) == count(client, "CUSTOMER") > 0


@pytest.mark.parametrize(
    "needles", [{}, {"ids": ["", " "]}, {"tax_ids": ["--"]}, {"names": ["", " "]}, {"email_domains": [""]}]
)
def test_nothing_to_look_for_asks_nothing_rather_than_everything(books: Books, needles: dict[str, list[str]]) -> None:
    assert find_customers(books.client(), **needles) == []
    assert books.labels() == []


DECORATED = st.builds(
    lambda words, ends, sep: sep.join(words) + ends,
    st.lists(
        st.sampled_from(["Blau", "BÄUM", "Straße", "Österreich", "Nord", "Müller", "x", "IO", "7even"]),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["", " GmbH", ", Inc.", " & Co. KG", " (Holding)"]),
    st.sampled_from([" ", "-", " & ", ". ", "  "]),
)


@settings(max_examples=60, deadline=None)
@given(DECORATED, DECORATED)
def test_a_name_pattern_fits_every_spelling_that_matching_takes_for_the_same_name(a: str, b: str) -> None:
    assert fits(name_pattern(a), a)
    if normalised_name(a) == normalised_name(b):
        assert fits(name_pattern(a), b)


def test_a_name_pattern_never_fits_everything() -> None:
    for name in ("a", "IO", "Aeo", "A & E", "x"):
        assert set(name_pattern(name)) - {"%", "_"}
        assert not fits(name_pattern(name), "Brightwater")


@given(st.lists(st.sampled_from("DE0123456789"), min_size=4, max_size=12), st.sampled_from(["", " ", ".", "-", "/"]))
def test_a_tax_id_pattern_fits_any_punctuation(letters: list[str], separator: str) -> None:
    assert fits(tax_id_pattern("".join(letters)), separator.join(letters))
    assert normalised_tax_id(separator.join(letters)) == "".join(letters)


def test_a_new_customer_is_written_with_its_contact_and_address(books: Books) -> None:
    element = build_create_customer(
        {
            "CUSTOMERID": "HS-5",
            "NAME": "Müller & Søn <AS>",
            "DISPLAYCONTACT": {"EMAIL1": "a@b.example", "MAILADDRESS": {"CITY": "Oslo", "ZIP": None, "STATE": ""}},
            "TERMNAME": "N30",
            "MY_FIELD": "42",
        }
    )
    text = etree.tostring(element, encoding="unicode")
    assert text == (
        "<create><CUSTOMER><CUSTOMERID>HS-5</CUSTOMERID><NAME>Müller &amp; Søn &lt;AS&gt;</NAME>"
        "<DISPLAYCONTACT><PRINTAS>Müller &amp; Søn &lt;AS&gt;</PRINTAS><EMAIL1>a@b.example</EMAIL1>"
        "<MAILADDRESS><CITY>Oslo</CITY><STATE/></MAILADDRESS></DISPLAYCONTACT>"
        "<TERMNAME>N30</TERMNAME><MY_FIELD>42</MY_FIELD></CUSTOMER></create>"
    )


@pytest.mark.parametrize("name", ["customerid", "Name", "NAME X", "NAME<", ""])
def test_a_name_that_is_no_customer_field_says_which_and_what_names_look_like(name: str) -> None:
    with pytest.raises(SettingsError, match="upper case") as refused:
        build_create_customer({"NAME": "x", name: "y"})
    assert repr(name) in refused.value.message
    with pytest.raises(SettingsError):
        build_create_customer({"NAME": "x", "DISPLAYCONTACT": {name: "y"}})


@pytest.mark.parametrize("payload", [{}, {"NAME": ""}, {"NAME": " "}, {"NAME": None}, {"NAME": 5}])
def test_a_customer_without_a_name_is_refused_before_it_is_sent(payload: dict[str, object]) -> None:
    with pytest.raises(Rejected, match="NAME"):
        build_create_customer(payload)


def test_a_record_without_what_identifies_it_is_not_used() -> None:
    with pytest.raises(InvariantError, match="CUSTOMERID"):
        Customer.from_wire({"RECORDNO": "1", "NAME": "x"})


def test_contact_data_is_in_no_repr() -> None:
    shown = repr(
        Customer("1", "C-1", "Jane Doe Consulting", True, False, tax_id="DE1", email="jane@x.example", address="1 Quay")
    )
    for personal in ("Jane", "DE1", "jane@", "Quay"):
        assert personal not in shown
    assert "C-1" in shown
