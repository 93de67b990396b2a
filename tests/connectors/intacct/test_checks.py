from __future__ import annotations

from typing import Any

import pytest
import requests

from include.connectors.intacct.checks import check_connection, in_one_text
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials
from include.connectors.intacct.document_key import DocumentKey
from tests.connectors.intacct.small_books import KEY_FIELD, Books, small_books

NEEDED = {
    "CUSTOMER": "customers",
    "ARINVOICE": "invoices",
    "ARTERM": "payment terms",
    "GLACCOUNT": "GL accounts",
    "ITEM": "items",
    "LOCATION": "locations",
    "DEPARTMENT": "departments",
    "CLASS": "classes",
}


def text(books: Books, key: DocumentKey | None = KEY_FIELD, **options: Any) -> tuple[bool, str]:
    return in_one_text(check_connection(books.client(**options), NEEDED, key))


def test_a_good_connection_is_told_in_sentences_and_writes_nothing(books: Books) -> None:
    books.forget()
    ok, said = text(books)
    assert ok
    assert "User tieout_ws is signed in to company brightwater-demo at the top level." in said
    assert (
        "may read customers, invoices, payment terms, GL accounts, items, locations, departments and classes." in said
    )
    assert "Invoices can be looked up by TIEOUT_KEY." in said
    assert not any("create" in label for label in books.labels())
    assert len(books.labels()) == 3  # the sign-in, all reads in one request, the document key


def test_the_entity_is_named(books: Books) -> None:
    assert "at entity 300." in text(books, entity_id="300")[1]


def test_whether_duplicates_are_refused_is_said_to_be_unknown(books: Books) -> None:
    findings = check_connection(books.client(), NEEDED, DocumentKey("number"))
    (doubt,) = [finding for finding in findings if finding.subject == "duplicates"]
    assert doubt.state == "unknown"
    assert "configuration of Accounts Receivable" in doubt.message
    assert in_one_text(findings)[0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"user_password": "wrong"}, "refused the user; check company_id, the web services user"),
        ({"user_id": "nobody"}, "refused the user; check company_id, the web services user"),
        ({"company_id": "nowhere"}, "refused the user; check company_id, the web services user"),
        ({"sender_id": "nobody"}, "refused the sender; check sender_id and sender_password"),
        ({"sender_password": "wrong"}, "refused the sender; check sender_id and sender_password"),
    ],
)
def test_wrong_credentials_are_the_only_finding(books: Books, wrong: dict[str, str], says: str) -> None:
    a = books.running.intacct
    right = {
        name: getattr(a, name) for name in ("company_id", "user_id", "user_password", "sender_id", "sender_password")
    }
    client = IntacctClient(requests.Session(), a.url, Credentials(**{**right, **wrong}), request_deadline=5.0)
    (finding,) = check_connection(client, NEEDED, KEY_FIELD)
    assert finding.state == "problem"
    assert says in finding.message
    assert "wrong" not in finding.message


def test_a_sender_that_the_company_has_not_authorised_is_for_its_administrator(books: Books) -> None:
    a = books.running.intacct
    fields = {"sender_id": a.sender_id, "sender_password": a.sender_password, "authorised": False}
    books.load({"object": "_SENDER", "fields": fields})
    ok, said = text(books)
    assert not ok
    assert "has not authorised the sender id; an administrator adds it" in said


def test_an_unknown_entity_is_a_problem(books: Books) -> None:
    assert not text(books, entity_id="999")[0]


def test_missing_permissions_are_named_object_by_object_and_first(books: Books) -> None:
    a = books.running.intacct
    denied = {"user_id": a.user_id, "user_password": a.user_password, "denied": ["ARTERM", "ITEM"]}
    books.load({"object": "_USER", "fields": denied})
    ok, said = text(books)
    assert not ok
    assert said.startswith("The web services user may not read payment terms in Sage Intacct; grant the permission.")
    assert "may not read items" in said
    assert "may read customers, invoices, GL accounts, locations, departments and classes." in said


def test_a_document_key_that_cannot_be_looked_up_is_a_problem(books: Books) -> None:
    ok, said = text(books, DocumentKey("custom_field", "NO_SUCH_FIELD"))
    assert not ok
    assert "cannot look invoices up by NO_SUCH_FIELD" in said


def test_a_gateway_that_is_away_is_a_problem_and_no_crash() -> None:
    with small_books() as books:
        client = books.client(request_deadline=0.5)
    ok, said = in_one_text(check_connection(client, NEEDED))
    assert not ok
    assert "cannot be reached" in said
