"""A generated month in three entities: won, changed, reopened, lost, credited, part-paid and reversed deals, companies
merged, customers on hold, periods closed in between. Whatever happens, the invariants of accounting hold in the books,
and running everything again changes nothing. ``TIEOUT_MONTHS=20`` plays more months than the usual three."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows import invariants, shown_figures
from tests.flows.month import FLOWS, SESSIONS, HastyOffice, Month
from tests.flows.office import office
from tests.flows.twin_books import TwinBooks

MONTHS = max(3, int(os.environ.get("TIEOUT_MONTHS", "3")))
FAULTY = 3
"""In every third month answers get lost and HubSpot asks for patience."""


def broken(month: Month, before: TwinBooks | None, now: TwinBooks) -> list[str]:
    held = {hold.source_id for hold in month.demo.store().open_holds(FLOW.name)}
    state = month.demo.state_url.removeprefix("sqlite:///")
    return [
        *invariants.lines_are_totals(now),
        *invariants.invoices_are_settled_or_open(now),
        *invariants.subledger_is_what_happened(now),
        *invariants.subledger_is_the_control_account(now),
        *shown_figures.deals_show_the_books(now),
        *shown_figures.companies_show_the_books(now, month.today),
        *invariants.one_live_set(now, month.deals.values(), held),
        *invariants.journals_balance(now),
        *invariants.schedules_sum(now),
        *invariants.nothing_posted_is_gone(before, now),
        *invariants.nothing_in_a_closed_period(now, month.closed),
        *invariants.every_document_is_in_the_log(now, state),
    ]


def told(month: Month, problems: list[str]) -> str:
    return "\n".join([f"seed {month.seed}:", *problems, "what happened:", *month.log])


def everything(month: Month) -> tuple[list[Any], list[Any]]:
    control = month.demo.sandbox.control
    return list(control.books("intacct")), list(control.books("hubspot"))


@pytest.mark.parametrize("seed", range(1, MONTHS + 1))
def test_the_invariants_hold_all_month_and_a_rerun_changes_nothing(seed: int, tmp_path: Path, settings: Path) -> None:
    with office(tmp_path, deals=6, at=SESSIONS[0], hubspot={"limits": False}) as opened:
        demo = HastyOffice(opened.sandbox, opened.state_url)
        month = Month(demo, settings, seed)
        control = demo.sandbox.control
        before: TwinBooks | None = None
        for number, at in enumerate(SESSIONS):
            control.lift()
            month.day(at)
            if seed % FAULTY == 0:
                control.fault("lost_after", system="intacct", label="create", probability=0.15, seed=seed)
                control.fault("lost_after", system="hubspot", method="POST", probability=0.03, seed=seed)
                control.fault("status", system="hubspot", status=429, retry_after="0", probability=0.03, seed=seed)
            month.run_flows()
            if number % 2 == 0:
                now = TwinBooks.of(control)
                problems = broken(month, before, now)
                assert not problems, told(month, problems)
                before = now
        control.lift()
        month.run_flows()
        assert all(month.run(flow) is not None for flow in FLOWS)
        books = everything(month)
        for flow in FLOWS:
            month.run(flow)
        again = everything(month)
        changed = [(a, b) for a, b in zip(books, again, strict=True) if a != b]
        assert not changed, told(month, [str(pair)[:2000] for pair in differences(books, again)])
        problems = broken(month, before, TwinBooks.of(control))
        assert not problems, told(month, problems)


def differences(before: tuple[list[Any], list[Any]], after: tuple[list[Any], list[Any]]) -> list[Any]:
    return [[one for one in now if one not in was] for was, now in zip(before, after, strict=True)]
