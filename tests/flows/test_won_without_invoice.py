"""Won deals that rightly have no invoice: the tie-out says why, and calls none of them a break."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from include.flows import tie_out
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from include.reports.folder import reports_dir
from tests.flows.test_billed_when_due import Desk, desk

__all__ = ["desk"]

DATED, RECURRING, BY_HAND = (f"  rest: {name}" for name in ("invoice_when_due", "recurring_invoice", "by_hand"))
HELD, CREDITED = (f"negative_total: {name}" for name in ("hold", "credit_memo"))
JANUARY = {"hs_sku": "SUPPORT-GOLD", "hs_recurring_billing_start_date": "2027-01-15"}


def tied(desk: Desk, **options: Any) -> tuple[Mapping[str, Any], Path]:
    note = tie_out.tie_out(desk.demo.run(flow=tie_out.FLOW, **options))
    return note["won_deals"], reports_dir() / "tie_out" / note["folder"] / "tie_out.duckdb"


def told_of(file: Path, deal: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The deal's class and reason, and the classes of its breaks."""
    with duckdb.connect(str(file), read_only=True) as made:
        classes = made.execute("SELECT class, why FROM won_deal WHERE deal_id = ?", [deal]).fetchall()
        breaks = made.execute("SELECT class FROM break WHERE deal_id = ?", [deal]).fetchall()
    return classes, [name for (name,) in breaks]


def test_a_deal_of_which_nothing_is_due_yet_waits_and_is_no_break(desk: Desk) -> None:
    deal, _ = desk.sells(3, **JANUARY)
    desk.runs()
    counts, file = tied(desk)
    waits = "Its billing waits until 2027-01-15: 100.00 USD then. Nothing needs to be done."
    assert told_of(file, deal) == ([("waiting", waits)], [])
    assert counts["waiting"] == 1


def test_a_deal_that_intacct_bills_by_a_recurring_invoice_is_a_break_only_until_that_is_made(
    desk: Desk, settings: Path
) -> None:
    file = settings / f"{FLOW.name}.yaml"
    file.write_text(file.read_text().replace(DATED, RECURRING))
    desk.runs()
    deal, _ = desk.sells(3, **JANUARY)
    assert told_of(tied(desk)[1], deal)[1] == ["timing"]
    desk.runs()
    ((name, _),), breaks = told_of(tied(desk)[1], deal)
    assert (name, breaks) == ("recurring invoice", [])


def test_a_deal_below_zero_is_a_break_only_until_its_credit_memo_is_made(desk: Desk, settings: Path) -> None:
    file = settings / f"{FLOW.name}.yaml"
    file.write_text(file.read_text().replace(DATED, BY_HAND).replace(HELD, CREDITED))
    desk.runs()
    deal, _ = desk.sells(1, quantity="-1", recurringbillingfrequency="", hs_recurring_billing_period="")
    desk.rep.change("deals", deal, amount="-100")
    assert told_of(tied(desk)[1], deal)[1] == ["timing"]
    desk.runs()
    ((name, _),), breaks = told_of(tied(desk)[1], deal)
    assert (name, breaks) == ("credited", [])


def test_a_backfill_of_the_tie_out_expects_the_invoices_of_all_days(desk: Desk) -> None:
    desk.runs()
    deal, _ = desk.sells(1)
    august = (datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 2, tzinfo=UTC))
    ((name, _),), breaks = told_of(tied(desk, run_type="backfill", interval=august)[1], deal)
    assert (name, breaks) == ("timing", ["timing"])
