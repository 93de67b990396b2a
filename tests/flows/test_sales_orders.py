"""Deals of a pipeline that is billed from orders become a sales order in Intacct, exactly once, and no invoice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from include.core.settings import SettingsProblems, load_flow_settings
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from include.state.migrate import migrate
from tests.flows.kill import kill_a_run
from tests.flows.office import Office
from tests.flows.test_a_persons_day import edit

PIPELINE = "default"
NAME = "hubspot_closed_won_to_intacct_invoice.yaml"


@pytest.fixture
def orders(settings: Path) -> Path:
    edit(settings / NAME, "sales_orders: {}", f'sales_orders: {{"{PIPELINE}": Sales Order}}')
    return settings


def ours(demo: Office) -> dict[str, dict[str, str]]:
    """The sales orders that carry our key, by deal id."""
    books = [b["record"] for b in demo.sandbox.control.books("intacct") if b["object"] == "SODOCUMENT"]
    return {b["TIEOUT_KEY"].split("-")[2]: b for b in books if b.get("TIEOUT_KEY")}


def expected(demo: Office) -> dict[str, Decimal]:
    """Deal id -> net, of the deals of that pipeline that the manifest wants in the books."""
    rows = {r["deal_id"]: r for r in demo.sandbox.control.manifest()["deals"] if r["expect"] == "posted"}
    books = demo.sandbox.control.books("hubspot")
    deals = {b["id"] for b in books if b["type"] == "deals" and b["properties"].get("pipeline") == PIPELINE}
    return {i: Decimal(r["net_minor"]) / (1 if r["currency"] == "JPY" else 100) for i, r in rows.items() if i in deals}


def assert_ordered_once(demo: Office) -> None:
    wanted, found = expected(demo), ours(demo)
    assert len(wanted) > 40
    assert {deal: Decimal(order["TRX_TOTAL"]) for deal, order in found.items()} == wanted
    books = [b["record"] for b in demo.sandbox.control.books("intacct") if b["object"] == "SODOCUMENT"]
    assert len([b for b in books if b.get("TIEOUT_KEY")]) == len(wanted)
    invoiced = {str(invoice.get("TIEOUT_KEY")) for invoice in demo.invoices()}
    assert not {f"hs-deal-{deal}-invoice" for deal in wanted} & invoiced


def test_deals_of_an_order_pipeline_become_orders_of_the_same_amount_and_show_them(demo: Office, orders: Path) -> None:
    note = demo.invoice_won_deals()
    assert_ordered_once(demo)
    assert note["sales_orders_created"] == len(expected(demo))
    deal_id, order = next(iter(ours(demo).items()))
    deal = demo.deal(deal_id)
    assert (deal["tieout_state"], deal["intacct_order_number"]) == ("ordered", order["DOCID"])
    again = demo.invoice_won_deals()
    assert again["sales_orders_created"] == again["invoices_created"] == again["written_back"] == 0


def test_a_lost_answer_makes_no_second_order(demo: Office, orders: Path) -> None:
    demo.sandbox.control.fault("lost_after", label="create_sotransaction", nth=1)
    demo.invoice_won_deals()
    assert_ordered_once(demo)


def test_a_kill_after_sending_makes_no_second_order(demo: Office, orders: Path) -> None:
    kill_a_run(demo, FLOW, "sync.after_send:2")
    demo.invoice_won_deals(run_id="killed", attempt=2)
    assert_ordered_once(demo)


def test_a_deal_stays_ordered_when_its_pipeline_is_billed_by_invoice_later(demo: Office, orders: Path) -> None:
    demo.invoice_won_deals()
    edit(orders / NAME, f'sales_orders: {{"{PIPELINE}": Sales Order}}', "sales_orders: {}")
    demo.store().raise_cursor(FLOW.name, demo.now())
    first = min(expected(demo))
    note = demo.invoice_won_deals(record_ids=[first])
    assert note["sales_orders_created"] == 0
    assert_ordered_once(demo)


def by_invoice(folder: Path) -> None:
    edit(folder / NAME, f'sales_orders: {{"{PIPELINE}": Sales Order}}', "sales_orders: {}")


def by_order(folder: Path) -> None:
    edit(folder / NAME, "sales_orders: {}", f'sales_orders: {{"{PIPELINE}": Sales Order}}')


def billed_twice(demo: Office) -> set[str]:
    """The deals that have both an invoice and an order of ours."""
    invoiced = {str(one.get("TIEOUT_KEY")).split("-")[2] for one in demo.invoices() if one.get("TIEOUT_KEY")}
    return invoiced & set(ours(demo))


def test_a_pipeline_that_changes_while_an_answer_is_lost_bills_no_deal_twice(demo: Office, orders: Path) -> None:
    by_invoice(orders)
    kill_a_run(demo, FLOW, "sync.after_send:1")
    by_order(orders)
    demo.sandbox.control.advance(3600)
    demo.invoice_won_deals()
    assert [one for one in demo.invoices() if one.get("TIEOUT_KEY")]
    assert billed_twice(demo) == set()


@pytest.mark.parametrize("first", ["invoices", "orders"])
def test_a_pipeline_that_changes_with_a_lost_state_bills_no_deal_twice(
    demo: Office, orders: Path, tmp_path: Path, first: str
) -> None:
    if first == "invoices":
        by_invoice(orders)
    demo.invoice_won_deals()
    documents = (len(demo.invoices()), len(ours(demo)))
    if first == "invoices":
        by_order(orders)
    else:
        edit(orders / NAME, f'{{"{PIPELINE}": Sales Order}}', '{"another": Sales Order}')
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrate(url)
    replace(demo, state_url=url).invoice_won_deals()
    assert billed_twice(demo) == set()
    assert (len(demo.invoices()), len(ours(demo))) == documents


def test_what_was_billed_before_a_merge_is_known_from_the_books_when_the_state_is_lost(
    demo: Office, tmp_path: Path
) -> None:
    demo.invoice_won_deals()
    kept, gone = [demo.deal(one["TIEOUT_KEY"].split("-")[2]) for one in demo.invoices() if one.get("TIEOUT_KEY")][:2]
    hubspot = demo.hubspot()
    merge = {"primaryObjectId": kept["hs_object_id"], "objectIdToMerge": gone["hs_object_id"]}
    survivor = hubspot.request("POST", f"{hubspot.paths.objects('deals')}/merge", body=merge).body["id"]
    invoices = len(demo.invoices())
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrate(url)
    again = replace(demo, state_url=url)
    again.invoice_won_deals(record_ids=[survivor])
    assert len(demo.invoices()) == invoices
    assert survivor in again.hold_codes()


def test_a_line_without_item_is_held_because_an_orders_lines_are_items(demo: Office, orders: Path) -> None:
    edit(orders / NAME, "item: SENSOR-1, ", "")
    demo.invoice_won_deals()
    assert "unmapped_product" in {demo.hold_codes().get(deal) for deal in expected(demo)}


def test_a_mapping_for_which_an_order_has_no_place_is_a_settings_problem(orders: Path) -> None:
    edit(orders / NAME, "    memo: line.name\n", "    memo: line.name\n    allocationid: line.name\n")
    with pytest.raises(SettingsProblems):
        load_flow_settings(FLOW.name, FLOW.settings)
