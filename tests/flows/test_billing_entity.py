"""Which legal entity bills, on which account, in which currency, and who may see the new customer."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from include.core.decisions import Write
from include.core.settings import load_flow_settings
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import hubspot_company_to_intacct_customer as new_customers
from include.flows import hubspot_won_deal_onboarding as onboarding
from include.flows.deals.plan import plan
from include.flows.flow import Flow
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.office import Office
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import KNOWN, NOW, deal, hold, invoice

PROBE = {"id": "2", "name": "Probe", "quantity": "2", "price": "100.005", "hs_product_type": "inventory"}
ENTITIES = {"United States": "100", "United Kingdom": "200"} | dict.fromkeys(
    ("Germany", "Austria", "France", "Netherlands"), "300"
)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(("said", "entity"), [(None, "100"), ("US", "100"), ("DE", "300")])
def test_the_deals_own_entity_counts_before_the_companys_country(said: str | None, entity: str) -> None:
    """Acme is in the United States."""
    lines = invoice(deal(billing_entity=said))["invoiceitems"]
    assert {line["locationid"] for line in lines} == {entity}


def test_a_product_without_an_account_of_its_own_goes_to_that_of_its_type(settings: Path) -> None:
    record = deal(PROBE, amount="200.01")
    assert hold(record).code == "unmapped_product"
    edit(
        settings / f"{FLOW.name}.yaml", "product_types: {}", 'product_types: {inventory: {account: "4100", class: HW}}'
    )
    books, own = load_flow_settings(FLOW.name, FLOW.settings)
    (write,) = plan([record], KNOWN, own, books, now=NOW)
    assert isinstance(write, Write)
    (line,) = write.payload["invoiceitems"]
    assert (line["glaccountno"], line["classid"], line["amount"]) == ("4100", "HW", "200.01")


def test_an_invoice_in_a_foreign_currency_is_converted_by_intacct_at_the_rate_of_its_date(demo: Office) -> None:
    demo.invoice_won_deals()
    foreign = [one for one in demo.invoices() if "TIEOUT_KEY" in one and one["CURRENCY"] != one["BASECURR"]]
    assert len(foreign) > 2
    for one in foreign:
        assert (one["EXCH_RATE_TYPE_ID"], one["EXCH_RATE_DATE"]) == ("Intacct Daily Rate", one["WHENCREATED"])
        converted = Decimal(one["TRX_TOTALENTERED"]) * Decimal(one["EXCHANGE_RATE"])
        assert abs(converted - Decimal(one["TOTALENTERED"])) < Decimal("0.05")


@pytest.mark.parametrize("flow", [won_deals.FLOW, new_customers.FLOW, onboarding.FLOW], ids=lambda flow: flow.name)
def test_a_new_customer_is_for_its_billing_entity_alone_where_the_settings_say_so(
    demo: Office, settings: Path, flow: Flow
) -> None:
    edit(settings / f"{FLOW.name}.yaml", "visibility: all", "visibility: entity")
    assert demo.run_flow(flow)["customers_created"] > 0
    deals = {r["customer"]: r["entity"] for r in demo.sandbox.control.manifest()["deals"] if r["expect"] == "posted"}
    companies = (one for one in demo.sandbox.control.books("hubspot") if one["type"] == "companies")
    countries = {f"HS-{one['id']}": one["properties"].get("country") for one in companies}
    books = [b["record"] for b in demo.sandbox.control.books("intacct") if b["object"] == "CUSTOMER"]
    made = [one for one in books if one["CUSTOMERID"].startswith("HS-")]
    assert len({one["RESTRICTEDLOCATIONS"] for one in made}) > 1
    for one in made:
        expected = deals.get(one["CUSTOMERID"]) or ENTITIES[countries[one["CUSTOMERID"]]]
        assert (one["OBJECTRESTRICTION"], one["RESTRICTEDLOCATIONS"]) == ("Restricted", expected)
