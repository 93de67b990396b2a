"""The runs that are killed: every flow that writes, each over a company in which it has something to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from include.flows import (
    hubspot_closed_won_to_intacct_invoice,
    hubspot_company_to_intacct_customer,
    hubspot_company_to_intacct_vendor,
    hubspot_contact_and_intacct_customer_sync,
    hubspot_won_deal_onboarding,
    intacct_bill_to_hubspot_invoice,
    intacct_credit_hold_to_hubspot_company,
    intacct_invoice_to_hubspot_deal,
    intacct_overdue_to_hubspot_task,
    intacct_payment_to_hubspot_deal,
    intacct_renewal_to_hubspot_deal,
    intacct_revenue_schedule_check,
)
from include.flows.flow import Flow
from include.sandbox.people import SalesRep
from tests.flows.office import Office

WON_DEALS = hubspot_closed_won_to_intacct_invoice.FLOW
VENDORS = hubspot_company_to_intacct_vendor.FLOW
LINKS = intacct_invoice_to_hubspot_deal.FLOW
DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
AWAY = {"kind": "lost_before", "system": "intacct", "label": "create_invoice"}
TILLERMAN, MARRAM = "20415200684", "20415200592"
Params = Mapping[str, Any]


def _nothing(_office: Office) -> Params:
    return {}


@dataclass(frozen=True)
class Scene:
    """``before`` makes what precedes the run and gives the run's parameters. ``settings``: old text -> new text in the
    flow's file of settings. ``trouble`` is a fault of the twins that lasts until the kill. ``judged``: whether the
    company's manifest says what must be there afterwards."""

    name: str
    flow: Flow
    before: Callable[[Office], Params] = _nothing
    settings: Mapping[str, str] = field(default_factory=dict)
    trouble: Params = field(default_factory=dict)
    deals: int = 3
    judged: bool = False


def _won_deals_run(office: Office) -> Params:
    office.run_flow(WON_DEALS)
    return {}


def _vendor_reviewed(office: Office) -> Params:
    office.run_flow(VENDORS)
    return {"approve": [TILLERMAN, MARRAM]}


def _links_proposed(office: Office) -> Params:
    office.run_flow(LINKS)
    holds = office.store().open_holds(LINKS.name)
    return {"approve": [hold.details["approve"][0] for hold in holds if hold.details.get("approve")]}


def _customer_by_hand(office: Office) -> Params:
    from tests.flows.test_hubspot_contact_and_intacct_customer_sync import Desk

    Desk(office).new_customer("C-7005", "Kiln And Co Inc", "ap@kilnandco.example", "Rhea Stone")
    return {}


def _sold(office: Office, quantity: str = "10", **line: str) -> tuple[str, str]:
    """A deal of 1,000.00 USD in the main pipeline, invoiced; its id and its line's."""
    rep = SalesRep(office.sandbox)
    company = rep.create("companies", {"name": "Roof Works", "country": "United States", "domain": "roof.example"})
    won = {"pipeline": "default", "dealstage": "closedwon", "closedate": "2026-11-16T15:00:00Z"}
    deal = rep.create(
        "deals", {"dealname": "Roof plant", "amount": "1000", "deal_currency_code": "USD", **won}, [(company, 5)]
    )
    sensor = {"name": "Sensor", "hs_sku": "SENSOR-1", "quantity": quantity, "price": "100"}
    item = rep.create("line_items", sensor | line, [(deal, 20)])
    office.run_flow(WON_DEALS)
    return deal, item


def _changed_to(quantity: int) -> Callable[[Office], Params]:
    def before(office: Office) -> Params:
        deal, line = _sold(office)
        rep = SalesRep(office.sandbox)
        rep.change("line_items", line, quantity=str(quantity))
        rep.change("deals", deal, amount=str(100 * quantity))
        office.run_flow(WON_DEALS)
        (hold,) = (one for one in office.store().open_holds(WON_DEALS.name) if one.source_id == deal)
        return {"record_ids": [deal], "approve": [f"{deal}:{hold.details['hash']}"]}

    return before


def _instalments_due(office: Office) -> Params:
    monthly = {"name": "Team plan", "hs_sku": "PLAN-TEAM", "recurringbillingfrequency": "monthly"}
    _sold(office, "1", **monthly, hs_recurring_billing_period="P10M")
    office.sandbox.control.set_clock(datetime(2027, 1, 20, 12, tzinfo=UTC))
    return {}


SCENES: tuple[Scene, ...] = (
    Scene("won deals", WON_DEALS, judged=True),
    Scene("payments", intacct_payment_to_hubspot_deal.FLOW, _won_deals_run),
    Scene("won deals, Intacct away", WON_DEALS, trouble=AWAY, judged=True),
    Scene("changed deal, billed anew", WON_DEALS, _changed_to(12)),
    Scene(
        "changed deal, credited",
        WON_DEALS,
        _changed_to(7),
        {"unpaid_open_period: reverse": "unpaid_open_period: adjust"},
    ),
    Scene("instalments", WON_DEALS, _instalments_due, {"rest: by_hand": "rest: invoice_when_due"}),
    Scene("sales orders", WON_DEALS, settings={"sales_orders: {}": 'sales_orders: {"default": Sales Order}'}),
    Scene("new customers", hubspot_company_to_intacct_customer.FLOW),
    Scene("vendors", VENDORS, _vendor_reviewed),
    Scene("customers and people", hubspot_contact_and_intacct_customer_sync.FLOW, _customer_by_hand),
    Scene("onboarding", hubspot_won_deal_onboarding.FLOW, deals=12),
    Scene("bills", intacct_bill_to_hubspot_invoice.FLOW, settings={"enabled: false": "enabled: true"}),
    Scene("credit", intacct_credit_hold_to_hubspot_company.FLOW),
    Scene("go-live links", LINKS, _links_proposed),
    Scene("overdue", intacct_overdue_to_hubspot_task.FLOW),
    Scene("renewals", intacct_renewal_to_hubspot_deal.FLOW),
    Scene("revenue schedules", intacct_revenue_schedule_check.FLOW, _won_deals_run),
)
"""The first three pass all points between them."""
BY_NAME = {scene.name: scene for scene in SCENES}
