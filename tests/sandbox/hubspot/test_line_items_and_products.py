"""Line items: net amounts, products copied once, one parent only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

A, B = "5156001", "5156002"


@pytest.mark.parametrize(("given", "amount", "discount"), [
    ({"quantity": "3", "price": "10.05", "hs_discount_percentage": "10"}, "27.14", "3.02"),
    ({"quantity": "1", "price": "0.125"}, "0.13", "0"),
    ({"quantity": "4", "price": "19.99", "discount": "0.99"}, "76", "3.96"),
    ({"quantity": "12345", "price": "0.00375"}, "46.29", "0"),
    ({"quantity": "2", "price": "99.5"}, "199", "0"),
    ({"quantity": "0", "price": "5"}, "0", "0"),
    ({"price": "5"}, "5", "0"),
    ({"quantity": "-1", "price": "2.345"}, "-2.35", "0"),
])  # fmt: skip
def test_the_net_amount_is_rounded_half_up_at_currency_precision(
    api: Any, given: dict[str, str], amount: str, discount: str
) -> None:
    found = api.props("line_items", api.new("line_items", **given), "amount", "hs_total_discount")
    assert (found["amount"], found["hs_total_discount"]) == (amount, discount)


def test_yen_have_no_cents(make: Callable[..., Any]) -> None:
    api = make({"type": "_account", "additionalCurrencies": ["JPY"]})
    item = api.new("line_items", quantity="1", price="100.5", hs_line_item_currency_code="JPY")
    assert api.props("line_items", item, "amount")["amount"] == "101"


def test_a_change_recalculates(api: Any) -> None:
    item = api.new("line_items", quantity="2", price="10")
    api.patch(f"/crm/v3/objects/line_items/{item}", {"properties": {"hs_discount_percentage": "50"}})
    assert api.props("line_items", item, "amount")["amount"] == "10"


@pytest.mark.parametrize("given", [{"price": "-1"}, {"price": "1", "discount": "1", "hs_discount_percentage": "1"},
                                   {"recurringbillingfrequency": "daily"}, {"amount": "5"}, {"hs_product_id": "1"},
                                   {"price": "9" * 40, "quantity": "9" * 40}])  # fmt: skip
def test_what_no_line_can_be_is_refused(api: Any, given: dict[str, str]) -> None:
    assert api.post("/crm/v3/objects/line_items", {"properties": given}).status == 400


@pytest.mark.parametrize(("frequency", "term", "mrr", "acv", "tcv"), [
    ("monthly", "P24M", "120", "1440", "2880"), ("annually", "P1Y", "10", "120", "120"),
    ("quarterly", "", "40", "480", "480"), ("", "", "0", "120", "120"),
])  # fmt: skip
def test_recurring_values_follow_frequency_and_term(
    api: Any, frequency: str, term: str, mrr: str, acv: str, tcv: str
) -> None:
    item = api.new(
        "line_items", quantity="1", price="120", recurringbillingfrequency=frequency, hs_recurring_billing_period=term
    )
    found = api.props("line_items", item, "hs_mrr", "hs_acv", "hs_tcv")
    assert (found["hs_mrr"], found["hs_acv"], found["hs_tcv"]) == (mrr, acv, tcv)


def test_a_product_s_values_are_copied_at_creation_only(api: Any) -> None:
    product = api.new("products", name="Panel", price="99.5", hs_sku="P-1", hs_price_usd="110")
    item = api.new("line_items", hs_product_id=product, quantity="2")
    own = api.new("line_items", hs_product_id=product, quantity="2", price="80", name="Special")
    dollars = api.new("line_items", hs_product_id=product, quantity="1", hs_line_item_currency_code="USD")
    api.patch(f"/crm/v3/objects/products/{product}", {"properties": {"price": "1"}})
    names = ("name", "price", "hs_sku", "amount")
    assert [api.props("line_items", item, *names)[name] for name in names] == ["Panel", "99.5", "P-1", "199"]
    assert [api.props("line_items", own, *names)[name] for name in names] == ["Special", "80", "P-1", "160"]
    assert api.props("line_items", dollars, "price")["price"] == "110"


def test_a_sku_is_not_unique(api: Any) -> None:
    assert api.new("products", name="a", hs_sku="X") != api.new("products", name="b", hs_sku="X")


def test_a_line_item_has_one_parent(make: Callable[..., Any]) -> None:
    api = make()
    item = api.new("line_items", name="i", price="1")
    invoice = api.new("invoices", hs_currency="EUR")
    assert api.put(f"/crm/v4/objects/deals/{A}/associations/default/line_items/{item}").status == 200
    assert api.put(f"/crm/v4/objects/deals/{A}/associations/default/line_items/{item}").status == 200
    for kind, parent in (("deals", B), ("invoices", invoice)):
        answer = api.put(f"/crm/v4/objects/{kind}/{parent}/associations/default/line_items/{item}")
        assert (answer.status, "clone it" in answer.json["message"]) == (400, True)
    loose = make(line_item_single_parent=False)
    item = loose.new("line_items", name="i")
    for deal in (A, B):
        assert loose.put(f"/crm/v4/objects/deals/{deal}/associations/default/line_items/{item}").status == 200


def test_deleting_a_quote_deletes_its_items(api: Any) -> None:
    quote = api.new("quotes", hs_title="q", hs_expiration_date="2026-12-01")
    item = api.new("line_items", name="i", price="3", quantity="2")
    api.put(f"/crm/v4/objects/quotes/{quote}/associations/default/line_items/{item}")
    assert api.props("quotes", quote, "hs_quote_amount", "hs_status")["hs_quote_amount"] == "6"
    api.delete(f"/crm/v3/objects/quotes/{quote}")
    assert api.get(f"/crm/v3/objects/line_items/{item}").status == 404


def test_a_quote_is_published_with_template_deal_and_items_only(api: Any) -> None:
    quote = api.new("quotes", hs_title="q", hs_expiration_date="2026-12-01")
    path = f"/crm/v3/objects/quotes/{quote}"
    publish = {"properties": {"hs_status": "APPROVAL_NOT_NEEDED"}}
    template, item = api.new("quote_templates", hs_name="t"), api.new("line_items", name="i", price="3")
    for kind, record in (("quote_templates", template), ("deals", A), ("line_items", item)):
        assert api.patch(path, publish).status == 400
        api.put(f"/crm/v4/objects/quotes/{quote}/associations/default/{kind}/{record}")
    assert api.patch(path, publish).status == 200
    assert api.props("quotes", quote, "hs_quote_link")["hs_quote_link"].startswith("https://")
