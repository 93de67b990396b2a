"""A deal won after go-live of which somebody has entered the invoice by hand."""

from __future__ import annotations

from typing import Any

from include.connectors.intacct.codec import Function
from include.connectors.intacct.invoices import build_create_invoice
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from tests.flows.office import Office


def enter_by_hand(demo: Office, row: dict[str, Any], tax: str = "", **more: str) -> str:
    """Somebody in finance invoices this deal of the manifest in Intacct, perhaps with a tax detail on it; the invoice's
    record number."""
    taxes = {"taxentries": [{"detailid": tax}]} if tax else {}
    payload = {
        "customerid": row["customer"],
        "datecreated": row["invoice_date"],
        "dateposted": row["posting_date"],
        "termname": "N30",
        "currency": row["currency"],
        "exchratedate": row["invoice_date"],
        "exchratetype": "Intacct Daily Rate",
        "action": "Submit",
        **more,
        "invoiceitems": [{"glaccountno": "4100", "amount": row["net"], "locationid": row["entity"], **taxes}],
    }
    (result,) = demo.intacct().call([Function(build_create_invoice(payload))])
    assert result.ok, result
    return str(result.key)


def test_an_invoice_entered_by_hand_holds_the_deal_until_it_is_linked_or_billed_all_the_same(demo: Office) -> None:
    rows = [
        row
        for row in demo.sandbox.control.manifest()["deals"]
        if row["expect"] == "posted" and not row["customer"].startswith("HS-")
    ]
    linked, billed = rows[0], rows[1]
    other = next(row for row in rows[2:] if row["po_number"])
    by_hand = enter_by_hand(demo, linked)
    enter_by_hand(demo, billed)
    enter_by_hand(demo, other, ponumber="PO of another sale")
    ids = [linked["deal_id"], billed["deal_id"]]
    before = len(demo.invoices()) + 1

    first = demo.invoice_won_deals(record_ids=[*ids, other["deal_id"]])
    assert demo.hold_codes() == dict.fromkeys(ids, "maybe_invoiced_by_hand")
    assert first["invoices_created"] == 1
    assert len(demo.invoices()) == before
    assert demo.deal(ids[0])["tieout_state"] == "held"

    holds = {hold.source_id: hold for hold in demo.store().open_holds(won_deals.FLOW.name)}
    token = f"{ids[0]}:link-{by_hand}"
    assert token in holds[ids[0]].details["approve"]
    note = demo.invoice_won_deals(record_ids=ids, approve=[token, f"{ids[1]}:bill"])
    assert (note["invoices_created"], note["updated"]) == (1, 1)
    assert demo.hold_codes() == {}
    assert len(demo.invoices()) == before + 1
    assert not demo.deal(ids[0]).get("tieout_state")

    again = demo.invoice_won_deals(record_ids=ids)
    assert (again.get("invoices_created", 0), again["updated"], demo.hold_codes()) == (0, 0, {})
    assert len(demo.invoices()) == before + 1
