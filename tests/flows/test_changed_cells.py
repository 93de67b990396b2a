"""Cells of the table of changed deals that no other test carries out, all in one company and the same few runs: twelve
deals in six states, each changed in its own way, shown, approved, carried out, and left alone by the next run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.office import office
from tests.flows.test_changed_deals import Desk, opened

CLOSED = "2026-11-10"
LATER = "2026-11-16T15:00:00Z"


def company(desk: Desk, other: str) -> None:
    desk.moves_to(other)


def currency(desk: Desk, other: str) -> None:
    desk.rep.change("deals", desk.deal, deal_currency_code="EUR")


def lines(desk: Desk, other: str) -> None:
    desk.rep.change("line_items", desk.line, quantity="5", price="200")


def down(desk: Desk, other: str) -> None:
    desk.quantity(7)


@dataclass(frozen=True)
class Outcome:
    """What stands afterwards: invoices as ``state total currency``, credit memos by total, how many tasks, and whether
    the newest invoice is to another customer than the first one."""

    stands: list[str]
    memos: list[str]
    tasks: int
    moved: bool = False


POSTED, DRAFT, SETTLED = "Posted 1000.00 USD", "Draft 1000.00 USD", "Paid 1000.00 USD"
PARTLY, PAID = (Outcome([state], [], 1) for state in ("Partially Paid 1000.00 USD", SETTLED))
CELLS: dict[tuple[str, Callable[[Desk, str], None]], Outcome] = {
    ("draft", down): Outcome(["Draft 700.00 USD"], [], 0),
    ("draft", lines): Outcome([DRAFT], [], 0),
    ("draft", company): Outcome([DRAFT], [], 0, moved=True),
    ("draft", currency): Outcome(["Draft 1000.00 EUR"], [], 0),
    ("unpaid, closed", currency): Outcome([SETTLED, "Posted 1000.00 EUR"], ["-1000.00"], 0),
    ("partly paid", company): PARTLY,
    ("partly paid", currency): PARTLY,
    ("partly paid", lines): PARTLY,
    ("paid", company): PAID,
    ("paid", lines): PAID,
    ("reversed", company): Outcome([POSTED], [], 0, moved=True),
    ("reversed", currency): Outcome(["Posted 1000.00 EUR"], [], 0),
}


def test_every_other_cell_of_the_table_is_carried_out_once(tmp_path: Path, settings: Path) -> None:
    with office(tmp_path, deals=1) as demo:
        first = opened(demo)
        others = {"name": "Dome Works", "country": "United States", "domain": "dome.example"}
        other = first.rep.create("companies", others)
        desks: dict[tuple[str, str], Desk] = {}
        for state, change in CELLS:
            desk = replace(first)
            closedate = f"{CLOSED}T15:00:00Z" if "closed" in state else LATER
            desk.sells(closedate=closedate, post_mode="draft" if state == "draft" else "auto")
            desks[state, change.__name__] = desk
        customers = {name: desk.books()[0]["CUSTOMERID"] for name, desk in desks.items()}
        for (state, _), desk in desks.items():
            match state:
                case "partly paid":
                    desk.pays("400")
                case "paid":
                    desk.pays("1000")
                case "reversed":
                    desk.keeper.reverse_invoice(desk.books()[0]["RECORDNO"], date(2026, 11, 17), "wrong")
        first.closes_the_period(settings, through=CLOSED)
        for state, change in CELLS:
            change(desks[state, change.__name__], other)

        ids = [desk.deal for desk in desks.values()]
        demo.invoice_won_deals(record_ids=ids)
        holds = {h.source_id: h for h in demo.store().open_holds(FLOW.name) if h.source_id in ids}
        assert {deal: hold.code for deal, hold in holds.items()} == dict.fromkeys(ids, "needs_approval")
        credited = holds[desks["unpaid, closed", "currency"].deal].message
        assert "The customer owes 1000.00 USD for it before and 0.00 USD and 1000.00 EUR after." in credited
        demo.invoice_won_deals(record_ids=ids, approve=[f"{deal}:{h.details['hash']}" for deal, h in holds.items()])

        assert {
            (state, change): _outcome(desks[state, change.__name__], customers[state, change.__name__])
            for state, change in CELLS
        } == CELLS
        before = list(demo.sandbox.control.books("intacct"))
        note = demo.invoice_won_deals(record_ids=ids)
        assert (note["written_back"], note.get("held", 0)) == (0, 0)
        assert list(demo.sandbox.control.books("intacct")) == before


def _outcome(desk: Desk, customer: str) -> Outcome:
    standing = [r for r in desk.books() if r["STATE"] not in ("Reversed", "Reversal")]
    tasks = [b for b in desk.demo.sandbox.control.books("hubspot") if b["type"] == "tasks"]
    return Outcome(
        [f"{r['STATE']} {Decimal(r['TRX_TOTALENTERED']):.2f} {r['CURRENCY']}" for r in standing],
        [f"{Decimal(r['TRX_TOTALENTERED']):.2f}" for r in desk.books("ARADJUSTMENT")],
        sum(f"Deal {desk.deal}:" in str(one["properties"]["hs_task_body"]) for one in tasks),
        standing[-1]["CUSTOMERID"] != customer,
    )


@pytest.mark.parametrize(("paid", "credited"), [("1000", "-1000.00"), ("400", "-600.00")])
def test_a_payment_that_comes_back_after_the_deal_was_lost_and_credited_is_planned_again(
    tmp_path: Path, paid: str, credited: str
) -> None:
    with office(tmp_path, deals=1) as demo:
        desk = opened(demo)
        desk.sells()
        payment = desk.pays(paid)
        desk.loses()
        desk.carries_out()
        assert [f"{Decimal(m['TRX_TOTALENTERED']):.2f}" for m in desk.books("ARADJUSTMENT")] == [credited]
        desk.settled()
        desk.keeper.reverse_payment(payment, date(2026, 11, 18), "NSF")
        desk.run()
        assert desk.hold.code == "needs_approval"
        assert f"{Decimal(paid):.2f} USD of it is open again, as a payment came back" in desk.hold.message
        assert "and 0.00 USD after" in desk.hold.message
        desk.approves()
        assert [Decimal(m["TRX_TOTALDUE"]) for m in desk.books("ARADJUSTMENT")] == [0] * len(desk.books("ARADJUSTMENT"))
        assert (desk.shown["intacct_invoice_balance"], desk.shown["intacct_invoice_status"]) == ("0.00", "credited")
        first, second = sorted(str(task["hs_task_body"]) for task in desk.tasks)
        assert "Close the earlier task: 0.00 USD is what is left" in first + second
        desk.settled()
