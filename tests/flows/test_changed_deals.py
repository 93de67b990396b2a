"""A deal that changes after it was invoiced: planned by the table, shown to a person, carried out once, from HubSpot to
Intacct's books. One company of a few deals serves a test; what people do goes over the systems' own APIs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from include.sandbox.people import BookKeeper, Coding, SalesRep
from tests.flows.office import Office, office

CODING = Coding("4100", "100", "HW")
SENSOR = {"name": "Sensor", "hs_sku": "SENSOR-1", "quantity": "10", "price": "100"}


@dataclass
class Desk:
    """A demo company with one deal of its own, invoiced over 1,000.00 USD, and the people who work there."""

    demo: Office
    rep: SalesRep
    keeper: BookKeeper
    company: str
    deal: str = ""
    line: str = ""

    def sells(self, closedate: str = "2026-11-16T15:00:00Z", **params: Any) -> None:
        self.deal = self.rep.create(
            "deals",
            {
                "dealname": "Roof plant",
                "amount": "1000",
                "deal_currency_code": "USD",
                "pipeline": "default",
                "dealstage": "closedwon",
                "closedate": closedate,
            },
            [(self.company, 5)],
        )
        self.line = self.rep.create("line_items", SENSOR, [(self.deal, 20)])
        self.run(**params)

    def run(self, **params: Any) -> Mapping[str, int]:
        return self.demo.invoice_won_deals(record_ids=[self.deal], **params)

    def quantity(self, quantity: int) -> None:
        """The deal is about so many sensors at 100.00 now."""
        self.rep.change("line_items", self.line, quantity=str(quantity))
        self.rep.change("deals", self.deal, amount=str(100 * quantity))

    def loses(self) -> None:
        self.rep.change("deals", self.deal, dealstage="closedlost")

    @property
    def hold(self) -> Any:
        return next((h for h in self.demo.store().open_holds(FLOW.name) if h.source_id == self.deal), None)

    def approves(self, **params: Any) -> Mapping[str, int]:
        return self.run(approve=[f"{self.deal}:{self.hold.details['hash']}"], **params)

    def carries_out(self) -> Mapping[str, int]:
        """The change is shown first, then consented to."""
        self.run()
        assert self.hold is not None, self.shown
        assert self.hold.code == "needs_approval", self.hold.message
        return self.approves()

    @property
    def shown(self) -> dict[str, str | None]:
        return self.demo.deal(self.deal)

    def books(self, kind: str = "ARINVOICE") -> list[dict[str, Any]]:
        """The deal's own documents, by record number: those with its key, and the reversals of them."""
        key = re.compile(rf"hs-deal-{self.deal}-")
        records = [b["record"] for b in self.demo.sandbox.control.books("intacct") if b["object"] == kind]
        mine = [r for r in records if key.match(str(r.get("TIEOUT_KEY") or ""))]
        return sorted(mine, key=lambda r: int(r["RECORDNO"]))

    @property
    def live(self) -> list[tuple[str, Decimal]]:
        """State and total of the deal's invoices that stand."""
        return [
            (r["STATE"], Decimal(r["TRX_TOTALENTERED"]))
            for r in self.books()
            if r["STATE"] not in ("Reversed", "Reversal")
        ]

    def pays(self, amount: str) -> str:
        return self.keeper.pay(self.books()[0], Decimal(amount), date(2026, 11, 17), bank="1000")

    def settled(self) -> None:
        """Another run has nothing to do, and nothing waits."""
        before = list(self.demo.sandbox.control.books("intacct"))
        note = self.run()
        assert note["written_back"] == 0, note
        assert self.hold is None, self.hold
        assert list(self.demo.sandbox.control.books("intacct")) == before


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with office(tmp_path, deals=1) as demo:
        rep = SalesRep(demo.sandbox)
        company = rep.create("companies", {"name": "Roof Works", "country": "United States", "domain": "roof.example"})
        at = Desk(demo, rep, BookKeeper(demo.sandbox), company)
        at.sells()
        assert at.live == [("Posted", Decimal("1000.00"))], (at.hold, at.shown)
        yield at


def test_a_higher_amount_is_shown_first_and_then_reversed_and_billed_anew(desk: Desk) -> None:
    desk.quantity(12)
    desk.run()
    assert desk.hold.code == "needs_approval"
    assert "(1) reverse invoice" in desk.hold.message
    assert "1000.00 USD for it before and 1200.00 USD after" in desk.hold.message
    assert desk.shown["tieout_message"] == desk.hold.message
    assert desk.live == [("Posted", Decimal("1000.00"))]
    desk.approves()
    assert desk.live == [("Posted", Decimal("1200.00"))]
    assert (desk.shown["tieout_state"], desk.shown["intacct_invoice_total"]) == ("posted", "1200.00")
    desk.settled()
