"""What the DAGs' pages say under *Undo*: what a person took back in Intacct is not made again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from include.connectors.intacct.codec import Function
from include.connectors.intacct.customers import get_customers
from include.flows import hubspot_company_to_intacct_customer as new_customers
from include.sandbox.people import BookKeeper, SalesRep
from include.state.migrate import migrate
from tests.flows.office import Office

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize("state_is_lost", [False, True])
def test_a_deal_whose_invoice_was_reversed_is_not_invoiced_again(
    demo: Office, tmp_path: Path, state_is_lost: bool
) -> None:
    demo.invoice_won_deals()
    row = demo.first()
    (invoice,) = [one for one in demo.invoices() if one.get("TIEOUT_KEY") == f"hs-deal-{row['deal_id']}-invoice"]
    BookKeeper(demo.sandbox).reverse_invoice(invoice["RECORDNO"], TODAY, "sold to somebody else")
    there = len(demo.invoices())
    if state_is_lost:
        demo = replace(demo, state_url=f"sqlite:///{tmp_path / 'another.db'}")
        migrate(demo.state_url)
    SalesRep(demo.sandbox).change("deals", row["deal_id"], description="touched")
    note = demo.invoice_won_deals()
    assert note["invoices_created"] == 0
    demo.invoice_won_deals(date_from=row["invoice_date"], date_to=row["invoice_date"])
    demo.invoice_won_deals(record_ids=[row["deal_id"]])
    assert len(demo.invoices()) == there


def test_a_company_whose_customer_was_deleted_is_not_made_a_customer_again(demo: Office) -> None:
    demo.run_flow(new_customers.FLOW)
    company = next(
        one
        for one in demo.sandbox.control.books("hubspot")
        if one["type"] == "companies" and str(one["properties"].get("intacct_customer_id")).startswith("HS-")
    )["id"]
    customer = f"HS-{company}"
    (found,) = get_customers(demo.intacct(), [customer])
    xml = f"<delete><object>CUSTOMER</object><keys>{found.record_no}</keys></delete>"
    (gone,) = demo.intacct().call([Function(etree.fromstring(xml))])
    assert gone.ok
    SalesRep(demo.sandbox).change("companies", company, intacct_customer_id="")
    for params in ({}, {"record_ids": [company]}, {"date_from": "2026-08-01", "date_to": "2026-11-20"}):
        assert demo.run_flow(new_customers.FLOW, **params).get("customers_created", 0) == 0
    assert get_customers(demo.intacct(), [customer]) == []
