"""Order entry documents: built in the schema's order, found by the document key, read back with their invoice."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from lxml import etree

from include.connectors.intacct.codec import Function
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.errors import Malformed
from include.connectors.intacct.invoices import get_invoices
from include.connectors.intacct.order_schema import HEADER, LINE, SUBTOTAL
from include.connectors.intacct.orders import build_create_sotransaction, get_orders
from include.core.decisions import Json, Key, Write
from include.core.errors import InvariantError, Rejected, SettingsError
from include.core.money import Money
from include.core.target import Written
from tests.connectors.intacct.more_books import fill
from tests.connectors.intacct.small_books import KEY_FIELD, Books, send

# create_sotransaction of the gateway's schema, in its order (facts 4.7).
SCHEMA_HEADER = """
    transactiontype datecreated dateposted createdfrom customerid documentno origdocdate referenceno termname datedue
    message shippingmethod shipto billto supdocid externalid basecurr currency exchratedate exchratetype exchrate
    vsoepricelist customfields state projectid changelognumber needbydate shipbydate cancelafterdate donotshipbeforedate
    donotshipafterdate servicedeliverydate trackingnumber shippeddate customerponumber taxsolutionid sotransitems
    subtotals
""".split()  # noqa: SIM905 - as the schema lists them


@pytest.fixture(autouse=True)
def _filled(books: Books) -> None:
    fill(books)


def payload(kind: str = "Sales Invoice", price: str = "12.50", **more: Any) -> Json:
    line = {
        "itemid": "PLAN",
        "quantity": "3",
        "price": price,
        "locationid": "100",
        "departmentid": "D10",
        "unit": "Each",
    }
    line |= {"classid": "SAAS"}
    base = {"transactiontype": kind, "customerid": "C-1", "datecreated": "2026-11-02", "termname": "N30"}
    return {**base, "sotransitems": [line], **more}


def order_write(number: int, **more: Any) -> Write:
    key = Key("intacct", "sales_order", "hubspot", "deal", str(number), "order")
    return Write(key, payload(**more), {"deal": number}, {"TRX_TOTAL": "37.50", "CUSTVENDID": "C-1"})


def sample(kind: str, name: str) -> Any:
    values = {"date": "2026-11-02", "amount": "1.5", "flag": True, "contact": "Acme(C1)", "customfields": {"A": "b"}}
    return values.get(kind, "Draft" if name == "state" else f"v-{name}")


def test_all_fields_of_the_schema_are_known_in_its_order() -> None:
    assert [element.name for element in HEADER] == SCHEMA_HEADER


def test_whatever_order_fields_are_given_in_the_gateways_strict_schema_takes_them(books: Books) -> None:
    """It may refuse our made-up values, but never the request as such (``Malformed``)."""
    rng, client = random.Random(3), books.client()  # noqa: S311
    full = {one.name: sample(one.kind, one.name) for one in HEADER if one.kind != "lines" and one.name != "exchrate"}
    line = {one.name: sample(one.kind, one.name) for one in LINE}
    total = {one.name: sample(one.kind, one.name) for one in SUBTOTAL}
    for number in range(20):
        given = dict(rng.sample(list(full.items()), len(full)))
        given |= {"sotransitems": [dict(rng.sample(list(line.items()), len(line)))] * 2, "subtotals": [total]}
        (result,) = client.call([Function(build_create_sotransaction(given), f"o-{number}")])
        assert not result.ok
    with pytest.raises(Malformed):
        client.call(
            [Function(etree.fromstring("<create_sotransaction><customerid>C-1</customerid></create_sotransaction>"))]
        )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"transactiontype": ""}, "transactiontype"),
        ({"customerid": None}, "customerid"),
        ({"sotransitems": []}, "at least one line"),
        ({"sotransitems": [{"itemid": "PLAN"}]}, "line 1 of the order needs its quantity"),
        ({"state": "Open"}, "state"),
        ({"currency": "EUR"}, "exchratetype"),
        ({"subtotals": [{"description": "Tax"}]}, "total"),
        ({"datedue": "soon"}, "ISO date"),
    ],
)
def test_what_the_schema_cannot_take_is_refused_before_it_is_sent(change: Json, told: str) -> None:
    with pytest.raises(Rejected, match=told):
        build_create_sotransaction({**payload(), **change})


def test_a_name_that_the_schema_does_not_have_is_a_matter_of_settings() -> None:
    with pytest.raises(SettingsError, match="custmerid"):
        build_create_sotransaction({**payload(), "custmerid": "C-1"})


@pytest.mark.parametrize("key", [KEY_FIELD, DocumentKey("number"), DocumentKey("externalid")])
def test_an_order_is_written_once_and_found_by_its_document_key(books: Books, key: DocumentKey) -> None:
    target = books.target(key)
    writes = [order_write(1), order_write(2)]
    assert target.find(writes) == {}
    (outcome,) = target.send([send(writes[0])])
    assert isinstance(outcome, Written)
    hit = target.find(writes)[writes[0].key]
    assert (hit.target_id, hit.natural_id) == (outcome.target_id, outcome.natural_id)
    assert hit.actual == {"TRX_TOTAL": "37.50", "CUSTVENDID": "C-1"}
    assert set(target.find(writes)) == {writes[0].key}
    (read,) = get_orders(books.client(), [outcome.target_id], document_key=key)
    assert read.document_key == writes[0].key.document_key()


def test_an_order_tells_the_invoice_that_it_made(books: Books) -> None:
    client = books.client()
    (outcome,) = books.target().send([send(order_write(1))])
    assert isinstance(outcome, Written)
    (order,) = get_orders(client, [outcome.target_id, "Sales Invoice-NONE"])
    assert (order.kind, order.customer_id, order.order_date) == ("Sales Invoice", "C-1", date(2026, 11, 2))
    assert (order.document_id, order.total) == (f"Sales Invoice-{order.number}", Money.of("37.50", "USD"))
    (made,) = get_invoices(client, [order.invoice_id])
    assert (made.total, made.module) == (order.total, "8.SO")


def test_an_order_that_does_not_post_makes_no_invoice(books: Books) -> None:
    target = books.target()
    (outcome,) = target.send([send(order_write(1, kind="Sales Order"))])
    assert isinstance(outcome, Written)
    (order,) = get_orders(books.client(), [outcome.target_id])
    assert (order.invoice_id, order.state) == ("", "Closed")


def test_two_orders_with_one_key_stop_everything(books: Books) -> None:
    target, write = books.target(), order_write(1)
    for epoch in (0, 1):
        target.send([send(write, epoch)])
    with pytest.raises(InvariantError, match="orders carry TIEOUT_KEY hs-deal-1-order"):
        target.find([write])


def test_a_key_that_orders_do_not_have_is_told_in_the_words_of_orders(books: Books) -> None:
    target = books.target(DocumentKey("custom_field", "NO_SUCH"))
    with pytest.raises(SettingsError, match=r"cannot look orders up by NO_SUCH.*Order Entry"):
        target.check_document_key("sales_order")
    with pytest.raises(SettingsError, match=r"cannot look invoices up by NO_SUCH.*AR invoices"):
        target.check_document_key()


def test_a_lost_answer_about_an_order_is_found_afterwards(books: Books) -> None:
    books.running.control.fault("lost_after", label="create_sotransaction", nth=1)
    target, write = books.target(request_deadline=2.0), order_write(1)
    (outcome,) = target.send([send(write)])
    assert type(outcome).__name__ == "Lost"
    assert set(target.find([write])) == {write.key}


# -- master records


def master(target_object: str, number: int, fields: Json) -> Write:
    return Write(Key("intacct", target_object, "hubspot", "company", str(number), target_object), fields, {"n": number})


def test_vendors_contacts_customers_and_orders_go_together_and_cost_one_request_each_way(books: Books) -> None:
    writes = [
        order_write(1),
        master("vendor", 1, {"VENDORID": "V-7", "NAME": "New Vendor"}),
        master("contact", 1, {"CONTACTNAME": "A buyer", "PRINTAS": "A buyer"}),
        master("customer", 1, {"CUSTOMERID": "HS-1", "NAME": "New Customer"}),
    ]
    target = books.target()
    books.forget()
    assert target.find(writes) == {}
    outcomes = target.send([send(write) for write in writes])
    found = target.find(writes)
    assert len([label for label in books.labels() if label != "getAPISession"]) == 3
    assert {key: (hit.target_id, hit.natural_id) for key, hit in found.items()} == {
        outcome.key: (outcome.target_id, outcome.natural_id) for outcome in outcomes if isinstance(outcome, Written)
    }
    assert [found[write.key].natural_id for write in writes[1:]] == ["V-7", "A buyer", "HS-1"]


@pytest.mark.parametrize("name", ["vendor", "contact", "customer"])
def test_a_master_record_needs_the_id_by_which_it_is_found_again(books: Books, name: str) -> None:
    with pytest.raises(SettingsError, match=f"A {name} that Tieout creates needs a"):
        books.target().find([master(name, 1, {"NAME": "x"})])


def test_an_existing_vendor_is_no_second_one(books: Books) -> None:
    (outcome,) = books.target().send([send(master("vendor", 1, {"VENDORID": "V-1", "NAME": "Again"}))])
    assert getattr(outcome, "duplicate", False)
    assert len(books.export("VENDOR")) == 1


def test_an_object_that_tieout_does_not_write_is_a_matter_of_settings(books: Books) -> None:
    with pytest.raises(SettingsError, match=r"invoice, credit_memo, .*, customer, vendor, contact"):
        books.target().find([master("bill", 1, {})])
