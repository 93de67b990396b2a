from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from include.connectors.intacct.bulk import create_records, update_records
from include.connectors.intacct.generic import build_create, build_update
from include.connectors.intacct.query import iter_query
from include.core.errors import Rejected, SettingsError
from tests.connectors.intacct.small_books import Books, invoice_payload


def xml(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode")


def test_any_object_is_written_from_plain_values_blocks_and_lines() -> None:
    element = build_create(
        "GLBATCH",
        {
            "JOURNAL": "GJ",
            "BATCH_DATE": date(2026, 3, 31),
            "REVERSEDATE": None,
            "DELIVERY_OPTIONS": ["Print", "E-Mail"],
            "ENTRIES": {"GLENTRY": [{"TRX_AMOUNT": Decimal("99.50"), "TR_TYPE": 1}, {"TR_TYPE": -1}]},
        },
    )
    assert xml(element) == (
        "<create><GLBATCH><JOURNAL>GJ</JOURNAL><BATCH_DATE>03/31/2026</BATCH_DATE>"
        "<DELIVERY_OPTIONS>Print#~#E-Mail</DELIVERY_OPTIONS><ENTRIES>"
        "<GLENTRY><TRX_AMOUNT>99.50</TRX_AMOUNT><TR_TYPE>1</TR_TYPE></GLENTRY><GLENTRY><TR_TYPE>-1</TR_TYPE></GLENTRY>"
        "</ENTRIES></GLBATCH></create>"
    )


def test_an_update_clears_what_is_empty_and_leaves_what_is_none() -> None:
    element = build_update("CUSTOMER", {"CUSTOMERID": "C-1", "TAXID": "", "NAME": None})
    assert xml(element) == "<update><CUSTOMER><CUSTOMERID>C-1</CUSTOMERID><TAXID/></CUSTOMER></update>"


@pytest.mark.parametrize("name", ["A B", "", "A.B", "<A", "1A"])
def test_a_name_that_no_field_can_have_is_a_matter_of_settings(name: str) -> None:
    with pytest.raises(SettingsError, match="no name"):
        build_create("CUSTOMER", {name: "x"})
    if name != "A.B":
        with pytest.raises(SettingsError, match="no name"):
            build_create(name, {"A": "x"})


@pytest.mark.parametrize("fields", [{}, {"NAME": None}, {"NAME": 1.5}, {"NAME": [1.5]}, {"NAME": object()}])
def test_a_record_that_cannot_be_sent_is_refused_by_itself(fields: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        build_create("CUSTOMER", fields)


CUSTOMERS = [{"CUSTOMERID": f"B-{n}", "NAME": f"Bulk {n}"} for n in range(150)]


def test_many_records_are_created_a_hundred_a_request_and_once_under_one_key(books: Books) -> None:
    client = books.client()
    client.login()
    books.forget()
    first = create_records(client, "CUSTOMER", CUSTOMERS, "run-1")
    assert [outcome.state for outcome in first] == ["done"] * 150
    assert [outcome.id for outcome in first] == [fields["CUSTOMERID"] for fields in CUSTOMERS]
    assert all(outcome.record_no for outcome in first)
    again = create_records(client, "CUSTOMER", CUSTOMERS, "run-1")
    assert [outcome.state for outcome in again] == ["done_before"] * 150
    other_run = create_records(client, "CUSTOMER", CUSTOMERS[:1], "run-2")
    assert [(outcome.state, outcome.code) for outcome in other_run] == [("refused", "BL34000061")]
    assert books.labels() == ["create CUSTOMER x100", "create CUSTOMER x50"] * 2 + ["create CUSTOMER"]


def test_a_list_in_another_order_or_with_more_in_it_is_still_the_same_work(books: Books) -> None:
    client = books.client()
    create_records(client, "CUSTOMER", CUSTOMERS[:3], "run-1")
    states = [o.state for o in create_records(client, "CUSTOMER", [*CUSTOMERS[3:4], *CUSTOMERS[2::-1]], "run-1")]
    assert states == ["done", "done_before", "done_before", "done_before"]


def test_a_record_that_stands_twice_in_a_list_is_meant_twice(books: Books) -> None:
    payload = invoice_payload("5.00")
    outcomes = create_records(books.client(), "ARINVOICE", [payload, payload], "run-1")
    assert [outcome.state for outcome in outcomes] == ["done", "done"]
    assert len(books.export("ARINVOICE")) == 2


def test_refused_records_leave_the_others_alone(books: Books) -> None:
    records: list[dict[str, Any]] = [{"NAME": "No id"}, {"CUSTOMERID": "OK-1", "NAME": "Good"}, {"NAME": 1.5}]
    outcomes = create_records(books.client(), "CUSTOMER", records, "run-1")
    assert [outcome.state for outcome in outcomes] == ["refused", "done", "refused"]
    assert all(outcome.message for outcome in outcomes if outcome.state == "refused")


def test_after_a_lost_answer_the_rest_waits_and_a_second_try_does_what_is_left(books: Books) -> None:
    client = books.client()
    books.running.control.fault("lost_after", label="create CUSTOMER", nth=1)
    first = create_records(client, "CUSTOMER", CUSTOMERS, "run-1")
    assert [outcome.state for outcome in first] == ["unknown"] * 100 + ["waiting"] * 50
    again = create_records(client, "CUSTOMER", CUSTOMERS, "run-1")
    assert [outcome.state for outcome in again] == ["done_before"] * 100 + ["done"] * 50


def test_records_are_updated_by_number_or_by_their_own_id(books: Books) -> None:
    client = books.client()
    (made,) = create_records(client, "CUSTOMER", [{"CUSTOMERID": "U-1", "NAME": "Old", "TAXID": "DE1"}], "run-1")
    changes = [{"RECORDNO": made.record_no, "NAME": "New"}, {"CUSTOMERID": "C-1", "TAXID": "X"}, {"CUSTOMERID": "NO"}]
    outcomes = update_records(client, "CUSTOMER", changes, "run-1")
    assert [outcome.state for outcome in outcomes] == ["done", "done", "refused"]
    seen = {one["CUSTOMERID"]: one for one in iter_query(client, "CUSTOMER", ["CUSTOMERID", "NAME", "TAXID"])}
    assert (seen["U-1"]["NAME"], seen["U-1"]["TAXID"], seen["C-1"]["TAXID"]) == ("New", "DE1", "X")
