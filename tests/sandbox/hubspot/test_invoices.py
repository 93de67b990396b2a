"""Invoices: from draft to paid, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STATUS, TOTALS = "hs_invoice_status", ("hs_amount_billed", "hs_amount_paid", "hs_balance_due")


def _invoice(api: Any, **properties: str) -> str:
    return str(api.new("invoices", hs_currency="EUR", **properties))


def _item(api: Any, invoice: str, price: str) -> str:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 410}]
    body = {"properties": {"name": "i", "quantity": "2", "price": price},
            "associations": [{"to": {"id": invoice}, "types": types}]}  # fmt: skip
    return str(api.post("/crm/v3/objects/line_items", body).json["id"])


def _set(api: Any, invoice: str, status: str) -> int:
    return int(api.patch(f"/crm/v3/objects/invoices/{invoice}", {"properties": {STATUS: status}}).status)


def _pay(api: Any, invoice: str, amount: str, **more: str) -> str:
    payment = api.new("commerce_payments", hs_initial_amount=amount, hs_initiated_date="2026-10-05", **more)
    api.put(f"/crm/v4/objects/commerce_payments/{payment}/associations/default/invoices/{invoice}")
    return str(payment)


def _open(api: Any, price: str = "50") -> str:
    invoice = _invoice(api)
    _item(api, invoice, price)
    api.put(f"/crm/v4/objects/invoices/{invoice}/associations/default/contacts/9001")
    assert _set(api, invoice, "open") == 200
    return invoice


def test_a_new_invoice_is_a_numbered_draft_due_now(api: Any) -> None:
    invoices = [_invoice(api), _invoice(api)]
    found = api.props("invoices", invoices[0], STATUS, "hs_due_date", "hs_number", "hs_invoice_source")
    assert (found[STATUS], found["hs_due_date"]) == ("draft", "2026-10-02T09:30:00.000Z")
    assert found["hs_invoice_source"] == "HubSpot"
    assert [api.props("invoices", one, "hs_number")["hs_number"] for one in invoices] == ["INV-1001", "INV-1002"]


def test_it_opens_with_a_contact_and_a_line_item_only(api: Any) -> None:
    invoice = _invoice(api)
    assert _set(api, invoice, "open") == 400
    item = _item(api, invoice, "5")
    assert _set(api, invoice, "open") == 400
    api.put(f"/crm/v4/objects/invoices/{invoice}/associations/default/contacts/9001")
    api.delete(f"/crm/v3/objects/line_items/{item}")
    assert _set(api, invoice, "open") == 400
    _item(api, invoice, "5")
    assert _set(api, invoice, "open") == 200


def test_a_record_only_invoice_opens_without_either_and_may_be_set_to_paid(make: Callable[..., Any]) -> None:
    api = make()
    invoice = _invoice(api, hs_invoice_billable="false")
    _item(api, invoice, "5")
    assert [_set(api, invoice, status) for status in ("open", "paid")] == [200, 200]
    assert [api.props("invoices", invoice, *TOTALS)[name] for name in TOTALS] == ["10", "10", "0"]
    strict = make(billable_false_can_be_paid=False)
    invoice = _invoice(strict, hs_invoice_billable="false")
    assert [_set(strict, invoice, status) for status in ("open", "paid")] == [200, 400]


def test_totals_follow_line_items_and_payments_until_it_is_paid(api: Any) -> None:
    invoice = _open(api)
    assert [api.props("invoices", invoice, *TOTALS)[name] for name in TOTALS] == ["100", "0", "100"]
    _pay(api, invoice, "40")
    assert [api.props("invoices", invoice, *TOTALS)[name] for name in TOTALS] == ["100", "40", "60"]
    assert api.props("invoices", invoice, STATUS)[STATUS] == "open"
    _pay(api, invoice, "60")
    found = api.props("invoices", invoice, *TOTALS, STATUS, "hs_payment_date")
    assert (found["hs_balance_due"], found[STATUS], found["hs_payment_date"]) == (
        "0", "paid", "2026-10-05T00:00:00.000Z")  # fmt: skip


def test_a_payment_that_did_not_succeed_counts_for_nothing(api: Any) -> None:
    invoice = _open(api)
    payment = _pay(api, invoice, "100", hs_latest_status="processing")
    assert api.props("invoices", invoice, "hs_balance_due")["hs_balance_due"] == "100"
    api.patch(f"/crm/v3/objects/commerce_payments/{payment}", {"properties": {"hs_latest_status": "succeeded"}})
    assert api.props("invoices", invoice, STATUS)[STATUS] == "paid"


def test_a_changed_or_archived_line_item_changes_the_total(api: Any) -> None:
    invoice = _invoice(api)
    item = _item(api, invoice, "50")
    other = _item(api, invoice, "1")
    api.patch(f"/crm/v3/objects/line_items/{item}", {"properties": {"price": "60"}})
    assert api.props("invoices", invoice, "hs_amount_billed")["hs_amount_billed"] == "122"
    api.delete(f"/crm/v3/objects/line_items/{other}")
    assert api.props("invoices", invoice, "hs_amount_billed")["hs_amount_billed"] == "120"


@pytest.mark.parametrize("last", ["paid", "voided"])
def test_paid_and_voided_are_final(api: Any, last: str) -> None:
    invoice = _open(api)
    if last == "paid":
        _pay(api, invoice, "100")
    else:
        assert _set(api, invoice, "voided") == 200
    for status in ("draft", "open", "paid", "voided"):
        assert _set(api, invoice, status) == (200 if status == last else 400)
    assert api.delete(f"/crm/v3/objects/invoices/{invoice}").status == 400


def test_a_billable_invoice_is_not_paid_by_hand_and_a_draft_not_at_all(api: Any) -> None:
    assert _set(api, _open(api), "paid") == 400
    assert _set(api, _invoice(api, hs_invoice_billable="false"), "paid") == 400


def test_drafts_and_open_invoices_may_be_deleted(api: Any) -> None:
    assert api.delete(f"/crm/v3/objects/invoices/{_invoice(api)}").status == 204
    assert api.delete(f"/crm/v3/objects/invoices/{_open(api)}").status == 204


@pytest.mark.parametrize("name", [
    "hs_number", "hs_amount_billed", "hs_balance_due", "hs_amount_paid", "hs_payment_date", "hs_invoice_source",
    "hs_invoice_link", "hs_pdf_download_link",
])  # fmt: skip
def test_calculated_fields_cannot_be_written(api: Any, name: str) -> None:
    answer = api.patch(f"/crm/v3/objects/invoices/{_invoice(api)}", {"properties": {name: "1"}})
    assert [row["code"] for row in answer.json["errors"]] == ["READ_ONLY_VALUE"]


def test_a_processed_payment_stands(api: Any) -> None:
    payment = _pay(api, _open(api), "10")
    answer = api.patch(f"/crm/v3/objects/commerce_payments/{payment}", {"properties": {"hs_initial_amount": "11"}})
    assert answer.status == 400


def test_tax_rates_of_the_library_are_added(make: Callable[..., Any]) -> None:
    rate = {"id": "5", "name": "VAT", "percentageRate": "19", "label": "VAT 19%", "active": True}
    api = make({"type": "_tax_rate", **rate})
    assert api.get("/tax-rates/v1/tax-rates").json == {"results": [rate]}
    item = api.new("line_items", quantity="1", price="9.99", hs_tax_rate_group_id="5")
    found = api.props("line_items", item, "hs_tax_amount", "hs_post_tax_amount")
    assert (found["hs_tax_amount"], found["hs_post_tax_amount"]) == ("1.9", "11.89")
