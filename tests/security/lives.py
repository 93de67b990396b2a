"""What happens in a company while a flow runs again and again, so that the flow needs all that it may ever need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from include.connectors.intacct.codec import Function
from include.connectors.intacct.generic import build_create, build_update
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_invoice_to_hubspot_deal as go_live
from include.sandbox.company.backoffice.by_hand import DEALS
from include.sandbox.people import BookKeeper, Coding, SalesRep
from tests.flows.office import Office
from tests.flows.test_changed_deals import Desk

Params = Mapping[str, Any]
Step = Callable[[Office], Params | None]
"""What people do before the next run; the run's parameters."""

DAY = date(2026, 11, 16)


def nothing(_: Office) -> None:
    """A run over what there is."""


def billed(demo: Office) -> None:
    """The main job has invoiced the won deals; people book a payment and a credit for one of the invoices."""
    demo.run_flow(won_deals.FLOW)
    invoice = _invoices(demo)[0]
    keeper = BookKeeper(demo.sandbox)  # type: ignore[arg-type]
    keeper.pay(invoice, Decimal("10.00"), DAY, bank="BW-US-USD")
    memo = keeper.credit(invoice, Decimal("10.00"), DAY, coding=Coding("4000", "100", "SAAS"))
    keeper.apply(invoice, memo, Decimal("10.00"), DAY, account="1090")


def over_in_a_year(demo: Office) -> Params:
    """A deal was billed for a year; the run asks for what ends with it."""
    demo.run_flow(won_deals.FLOW)
    return {"date_from": "2027-10-12"}


def later(demo: Office) -> None:
    demo.sandbox.control.advance(600)


def sold(demo: Office) -> None:
    """Three deals of companies of their own, in a company that has sold others."""
    rep = SalesRep(demo.sandbox)  # type: ignore[arg-type]
    for name in ("lowered", "lost", "raised"):
        company = rep.create(
            "companies", {"name": f"Roof {name}", "country": "United States", "domain": f"{name}.example"}
        )
        desk = Desk(demo, rep, BookKeeper(demo.sandbox), company)  # type: ignore[arg-type]
        desk.run = lambda **_: {}  # type: ignore[method-assign]
        desk.sells()
        _DESKS[id(demo), name] = desk


_DESKS: dict[tuple[int, str], Desk] = {}


def changed(demo: Office) -> None:
    """One is paid in part and lowered, one paid and lost, one raised."""
    lowered, lost, raised = (_DESKS[id(demo), name] for name in ("lowered", "lost", "raised"))
    lowered.pays("400")
    lowered.quantity(8)
    lost.pays("1000")
    lost.loses()
    raised.quantity(12)


def approved(demo: Office) -> Params:
    holds = demo.store().open_holds(won_deals.FLOW.name)
    return {"approve": [f"{one.source_id}:{one.details['hash']}" for one in holds if one.code == "needs_approval"]}


def reviewed(demo: Office) -> Params:
    """A person approves the vendors that are proposed."""
    holds = demo.store().open_holds("hubspot_company_to_intacct_vendor")
    return {"approve": [one.source_id for one in holds if one.code == "vendor_review"]}


def linked(demo: Office) -> Params:
    """A person approves the link that is proposed."""
    (hold,) = (one for one in demo.store().open_holds(go_live.FLOW.name) if one.source_id == DEALS[0].id)
    return {"approve": [hold.details["approve"][0]]}


def contact_moved(demo: Office) -> None:
    """A contact is changed in Intacct."""
    contacts = [b["record"] for b in demo.sandbox.control.books("intacct") if b["object"] == "CONTACT"]
    for one in contacts:
        demo.intacct().call(
            [Function(build_update("CONTACT", {"CONTACTNAME": one["CONTACTNAME"], "PHONE1": "+1 555 0199"}))]
        )
    demo.sandbox.control.advance(600)


def booked_by_hand(demo: Office) -> None:
    """A journal entry on the control account."""
    entry = {"LOCATION": "100", "TRX_AMOUNT": "5.00"}
    lines = [{"ACCOUNTNO": "1100", "TR_TYPE": "1", **entry}, {"ACCOUNTNO": "1090", "TR_TYPE": "-1", **entry}]
    batch = {"JOURNAL": "GJ", "BATCH_DATE": DAY, "BATCH_TITLE": "By hand", "ENTRIES": {"GLENTRY": lines}}
    (done,) = demo.intacct().call([Function(build_create("GLBATCH", batch))])
    assert done.ok, done


LIVES: Mapping[str, Sequence[Step]] = {
    "hubspot_closed_won_to_intacct_invoice": (sold, changed, approved),
    "hubspot_company_to_intacct_vendor": (nothing, reviewed),
    "hubspot_contact_and_intacct_customer_sync": (nothing, contact_moved),
    "intacct_credit_hold_to_hubspot_company": (billed, later),
    "intacct_invoice_to_hubspot_deal": (nothing, linked),
    "intacct_overdue_to_hubspot_task": (billed,),
    "hubspot_won_deal_onboarding": (sold,),
    "intacct_payment_to_hubspot_deal": (nothing, billed, later),
    "intacct_renewal_to_hubspot_deal": (nothing, over_in_a_year),
    "intacct_revenue_schedule_check": (billed, later),
    "revenue_report": (billed,),
    "tie_out": (booked_by_hand,),
}
"""Other flows run once."""


def _invoices(demo: Office) -> list[dict[str, Any]]:
    """Those with revenue schedules first, in dollars first."""
    books = [b["record"] for b in demo.sandbox.control.books("intacct") if b["object"] == "REVRECSCHEDULE"]
    scheduled = {record["RECORDKEY"] for record in books}
    open_ones = [
        one
        for one in demo.invoices()
        if one["STATE"] == "Posted" and one["CURRENCY"] == "USD" and one.get("TIEOUT_KEY")
    ]
    return sorted(open_ones, key=lambda one: (one["RECORDNO"] not in scheduled, int(one["RECORDNO"])))
