"""Fields of existing records are made what they should be: only what differs is sent, and nothing twice in effect."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct.field_types import same_value
from include.connectors.intacct.writeback import NOT_FOUND, WriteBack, update_changed
from include.core.errors import AuthError, OutcomeUnknown, SettingsError, Unavailable
from tests.connectors.intacct.more_books import fill
from tests.connectors.intacct.scripted_gateway import ScriptedGateway, failed, results, succeeded
from tests.connectors.intacct.small_books import Books, customer, record


@pytest.fixture(autouse=True)
def _filled(books: Books) -> None:
    fill(books)


def update(books: Books, wanted: dict[str, dict[str, str | None]], **options: Any) -> WriteBack:
    return update_changed(books.client(**options), "CUSTOMER", "CUSTOMERID", wanted)


def shown(books: Books, customer_id: str) -> dict[str, Any]:
    return next(one["record"] for one in books.export("CUSTOMER") if one["record"]["CUSTOMERID"] == customer_id)


def updates(books: Books) -> list[str]:
    return [label for label in books.labels() if label.startswith("update")]


def test_what_differs_is_sent_once_and_then_never_again(books: Books) -> None:
    wanted: dict[str, dict[str, str | None]] = {
        "C-1": {"COMMENTS": "From the CRM", "DISPLAYCONTACT.MAILADDRESS.CITY": "Oslo", "ONHOLD": "true"},
        "C-9": {"STATUS": "inactive"},
    }
    assert update(books, wanted) == WriteBack(("C-1",), ("C-9",), {})
    record = shown(books, "C-1")
    assert (record["COMMENTS"], record["ONHOLD"]) == ("From the CRM", "true")
    books.forget()
    assert update(books, wanted) == WriteBack((), ("C-1", "C-9"), {})
    assert updates(books) == []


def test_only_the_fields_that_differ_are_sent(books: Books) -> None:
    update(books, {"C-1": {"NAME": "Coralis Wind Ltd", "COMMENTS": "x"}})
    (call,) = [call for call in books.running.control.calls("intacct") if call["label"] == "update CUSTOMER"]
    body = str(call)
    assert "COMMENTS" in body
    assert "Coralis Wind" not in body


@pytest.mark.parametrize(
    ("field", "first", "again", "other"),
    [
        ("CREDITLIMIT", "1000.50", "1000.5", "1000.05"),
        ("RENEWS_ON", "2026-12-31", "12/31/2026", "2027-12-31"),
        ("ONHOLD", "true", "True", "false"),
        ("SEATS", "12", "12.0", "21"),
        ("STATUS", "inactive", "Inactive", "active"),
        ("DELIVERY_OPTIONS", "Print#~#E-Mail", "E-Mail#~#Print", "Print"),
    ],
)
def test_two_texts_of_one_value_are_no_difference(books: Books, field: str, first: str, again: str, other: str) -> None:
    assert update(books, {"C-1": {field: first}}).sent == ("C-1",)
    assert update(books, {"C-1": {field: again}}).unchanged == ("C-1",)
    assert update(books, {"C-1": {field: other}}).sent == ("C-1",)


def test_a_postcode_is_no_number(books: Books) -> None:
    field = "DISPLAYCONTACT.MAILADDRESS.ZIP"
    assert update(books, {"C-1": {field: "01234"}}).sent == ("C-1",)
    assert update(books, {"C-1": {field: "1234"}}).sent == ("C-1",)


@pytest.mark.parametrize("empty", ["", None, "  "])
def test_an_empty_value_clears_and_an_empty_field_is_cleared_already(books: Books, empty: str | None) -> None:
    update(books, {"C-1": {"COMMENTS": "x", "DISPLAYCONTACT.EMAIL1": "a@coralis.example", "RENEWS_ON": "2026-12-31"}})
    wanted: dict[str, dict[str, str | None]] = {
        "C-1": {"COMMENTS": empty, "DISPLAYCONTACT.EMAIL1": empty, "RENEWS_ON": empty}
    }
    assert update(books, wanted).sent == ("C-1",)
    assert not shown(books, "C-1").get("COMMENTS")
    assert update(books, wanted).unchanged == ("C-1",)


def test_a_refused_record_is_told_and_takes_no_other_with_it(books: Books) -> None:
    result = update(books, {"C-1": {"TERMNAME": "N99"}, "C-9": {"COMMENTS": "x"}, "C-404": {"COMMENTS": "x"}})
    assert (result.sent, result.unchanged, set(result.failed)) == (("C-9",), (), {"C-1", "C-404"})
    assert result.failed["C-404"].code == NOT_FOUND
    assert "N99" in result.failed["C-1"].message
    assert result.failed["C-1"].record_id == "C-1"


def test_records_go_in_requests_of_a_hundred(books: Books) -> None:
    books.load(*(customer(f"N-{n}", f"Customer {n}") for n in range(150)))
    books.forget()
    result = update(books, {f"N-{n}": {"COMMENTS": "x"} for n in range(150)})
    assert len(result.sent) == 150
    assert books.labels()[-3:] == ["query CUSTOMER by CUSTOMERID", "update CUSTOMER x100", "update CUSTOMER x50"]


@pytest.mark.parametrize("kind", ["lost_after", "lost_before"])
def test_a_lost_answer_is_resolved_by_reading_again(books: Books, kind: str) -> None:
    """Done or not, nothing is done twice in effect: what arrived counts as sent, the rest is sent again."""
    books.running.control.fault(kind, label="update CUSTOMER", nth=1)
    result = update(books, {"C-1": {"COMMENTS": "x"}, "C-9": {"COMMENTS": "y"}}, request_deadline=2.0)
    assert result == WriteBack(("C-1", "C-9"), (), {})
    assert len(updates(books)) == (1 if kind == "lost_after" else 2)
    assert (shown(books, "C-1")["COMMENTS"], shown(books, "C-9")["COMMENTS"]) == ("x", "y")


def test_updates_that_are_never_answered_stop_with_an_unknown_outcome(books: Books) -> None:
    books.running.control.fault("lost_before", label="update CUSTOMER")
    with pytest.raises(OutcomeUnknown, match="run it again"):
        update(books, {"C-1": {"COMMENTS": "x"}}, request_deadline=2.0)
    books.running.control.lift()
    assert update(books, {"C-1": {"COMMENTS": "x"}}).sent == ("C-1",)


def test_updates_that_cannot_be_sent_are_for_later(books: Books) -> None:
    books.running.control.fault("status", status=429, label="update CUSTOMER")
    with pytest.raises(Unavailable, match="could not be sent"):
        update(books, {"C-1": {"COMMENTS": "x"}})


def test_a_missing_permission_is_for_an_administrator(gateway: ScriptedGateway) -> None:
    there = "<CUSTOMER><RECORDNO>1</RECORDNO><CUSTOMERID>C-1</CUSTOMERID><COMMENTS></COMMENTS></CUSTOMER>"
    gateway.script.extend(
        [
            results(succeeded("query", f'<data count="1" numremaining="0">{there}</data>')),
            results(failed("update", "PL04000005", "You do not have permission for API operation UPDATE on CUSTOMER.")),
        ]
    )
    with pytest.raises(AuthError, match="permission"):
        update_changed(gateway.client(), "CUSTOMER", "CUSTOMERID", {"C-1": {"COMMENTS": "x"}})


def test_a_field_that_does_not_exist_is_a_matter_of_settings(books: Books) -> None:
    with pytest.raises(SettingsError, match="CUSTOMER"):
        update(books, {"C-1": {"NO_SUCH_FIELD": "x"}})
    assert updates(books) == []


def test_bank_details_of_a_vendor_are_never_updated(books: Books) -> None:
    with pytest.raises(SettingsError, match="bank account"):
        update_changed(books.client(), "VENDOR", "VENDORID", {"V-1": {"ACHACCOUNTNUMBER": "1"}})
    assert books.labels() == []


def test_contacts_and_vendors_are_updated_the_same_way(books: Books) -> None:
    books.load(record("CONTACT", CONTACTNAME="Buyer", PRINTAS="Buyer"))
    client = books.client()
    contact: dict[str, dict[str, str | None]] = {
        "Buyer": {"EMAIL1": "buyer@coralis.example", "MAILADDRESS.CITY": "Oslo"}
    }
    for _ in range(2):
        result = update_changed(client, "CONTACT", "CONTACTNAME", contact)
    assert result.unchanged == ("Buyer",)
    assert update_changed(client, "VENDOR", "VENDORID", {"V-1": {"DISPLAYCONTACT.PHONE1": "555"}}).sent == ("V-1",)


def test_nothing_wanted_asks_nothing(books: Books) -> None:
    assert update(books, {}) == WriteBack((), (), {})
    assert books.labels() == []


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_an_amount_is_the_same_however_its_zeros_are_written(amount: Any) -> None:
    plain = format(amount.normalize(), "f")
    assert same_value(plain, f"{amount:f}", lambda: "CURRENCY")
    assert same_value(plain, f"{amount:f}", lambda: "TEXT") == (plain == f"{amount:f}")
    assert not same_value(plain, format(amount + 1, "f"), lambda: "CURRENCY")
