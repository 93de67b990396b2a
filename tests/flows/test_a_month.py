"""A generated month in three entities: won, changed, reopened, lost, credited, part-paid and reversed deals, companies
merged, customers on hold, periods closed in between. Whatever happens, the invariants of accounting hold in the books,
and running everything again changes nothing. ``TIEOUT_MONTHS=20`` plays more months than the usual three."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import date
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
    held = {hold.source_id for hold in month.diary.demo.store().open_holds(FLOW.name)}
    logged = invariants.write_log(month.diary.demo.state_url.removeprefix("sqlite:///"))
    owner = {number: deal for (kind, number), deal in logged.items() if kind in ("invoice", "credit_memo")}
    tasks = {deal for (kind, _), deal in logged.items() if kind == "task"}
    return [
        *invariants.lines_are_totals(now),
        *invariants.invoices_are_settled_or_open(now),
        *invariants.subledger_is_what_happened(now),
        *invariants.subledger_is_the_control_account(now),
        *shown_figures.deals_show_the_books(now),
        *shown_figures.companies_show_the_books(now, month.diary.today),
        *invariants.one_live_set(now, month.deals.values(), held, tasks, owner),
        *invariants.journals_balance(now),
        *invariants.schedules_sum(now),
        *invariants.nothing_posted_is_gone(before, now),
        *invariants.nothing_in_a_closed_period(now, month.closed),
        *invariants.every_document_is_in_the_log(now, logged),
    ]


def told(month: Month, problems: list[str]) -> str:
    return "\n".join([f"seed {month.diary.seed}:", *problems, "what happened:", *month.diary.log])


def everything(month: Month) -> tuple[list[Any], list[Any]]:
    control = month.diary.demo.sandbox.control
    return list(control.books("intacct")), list(control.books("hubspot"))


@pytest.mark.parametrize("seed", range(1, MONTHS + 1))
def test_the_invariants_hold_all_month_and_a_rerun_changes_nothing(seed: int, tmp_path: Path, settings: Path) -> None:
    with office(tmp_path, deals=6, at=SESSIONS[0], hubspot={"limits": False}) as opened:
        demo = HastyOffice(opened.sandbox, opened.state_url)
        month = Month(demo, settings, seed)
        control = demo.sandbox.control
        before: TwinBooks | None = None
        faults = 0
        for number, at in enumerate(SESSIONS):
            control.lift()
            month.day(at)
            if seed % FAULTY == 0:
                control.fault("lost_after", system="intacct", label="create", probability=0.15, seed=seed)
                control.fault("lost_after", system="hubspot", method="POST", probability=0.03, seed=seed)
                control.fault("status", system="hubspot", status=429, retry_after="0", probability=0.03, seed=seed)
            month.run_flows()
            faults += sum(one["fired"] for one in control.faults())
            if number % 2 == 0:
                now = TwinBooks.of(control)
                problems = broken(month, before, now)
                assert not problems, told(month, problems)
                before = now
        assert (faults > 10) == (seed % FAULTY == 0)
        control.lift()
        month.run_flows()
        for flow in FLOWS:
            month.run(flow)
        books = everything(month)
        wrote = {flow.name: writes(month.run(flow)) for flow in FLOWS}
        assert not any(wrote.values()), told(month, [str(wrote)])
        again = everything(month)
        changed = [(a, b) for a, b in zip(books, again, strict=True) if a != b]
        assert not changed, told(month, [str(pair)[:2000] for pair in differences(books, again)])
        problems = broken(month, before, TwinBooks.of(control))
        assert not problems, told(month, problems)


def writes(note: Mapping[str, int]) -> dict[str, int]:
    """What a run's note says it made or changed."""
    made = ("updated", "written_back", "dunning_ended")
    return {name: number for name, number in note.items() if number and (name.endswith("_created") or name in made)}


def differences(before: tuple[list[Any], list[Any]], after: tuple[list[Any], list[Any]]) -> list[Any]:
    return [[one for one in now if one not in was] for was, now in zip(before, after, strict=True)]


# The checks themselves can fail: each sees the damage it is there for.


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Month, TwinBooks]]:
    """One session of sales, paid in part the same day."""
    folder = tmp_path_factory.mktemp("played")
    with office(folder, deals=6, at=SESSIONS[0], hubspot={"limits": False}) as opened:
        month = Month(HastyOffice(opened.sandbox, opened.state_url), folder, seed=1)
        month.day(SESSIONS[0])
        month.run_flows()
        month.back_office.pays()
        month.back_office.pays_part()
        month.run_flows()
        yield month, TwinBooks.of(opened.sandbox.control)


def _mine(books: TwinBooks) -> dict[str, Any]:
    """A paid invoice of the month."""
    paid = {one.invoice for one in books.applications}
    return next(
        row
        for row in books.rows("ARINVOICE")
        if row.get("TIEOUT_KEY") and row["RECORDNO"] in paid and row["STATE"] != "Reversed"
    )


def _another_line(books: TwinBooks, month: Month) -> None:
    _mine(books)["items"][0]["TRX_AMOUNT"] = "1"


def _more_open(books: TwinBooks, month: Month) -> None:
    _mine(books)["TRX_TOTALDUE"] = "987654.32"


def _lost_payment(books: TwinBooks, month: Month) -> None:
    number = _mine(books)["RECORDNO"]
    books.intacct["ARPYMT"] = [
        row for row in books.rows("ARPYMT") if all(one.get("RECORDKEY") != number for one in row["items"])
    ]


def _another_receivable(books: TwinBooks, month: Month) -> None:
    line = next(one for row in books.rows("GLBATCH") for one in row["items"] if one["ACCOUNTNO"] == "1100")
    line["AMOUNT"] = "1"


def _stale_deal(books: TwinBooks, month: Month) -> None:
    books.hubspot["deals"][_mine(books)["TIEOUT_KEY"].split("-")[2]]["intacct_invoice_paid"] = "0"


def _stale_company(books: TwinBooks, month: Month) -> None:
    next(one for one in books.hubspot["companies"].values() if one.get("intacct_balances"))["intacct_balances"] = ""


def _second_invoice(books: TwinBooks, month: Month) -> None:
    number = _mine(books)["TIEOUT_KEY"].split("-")[2]
    sold = month.deals[number]
    twin = next(row for row in books.rows("ARINVOICE") if row["RECORDNO"] == _mine(books)["RECORDNO"])
    twin["TRX_TOTALENTERED"] = str(2 * sold.total)


def _short_schedule(books: TwinBooks, month: Month) -> None:
    books.rows("REVRECSCHEDULEENTRY")[0]["TRX_AMOUNT"] = "0.01"


def _no_document(books: TwinBooks, month: Month) -> None:
    books.rows("ARINVOICE").remove(_mine(books))


def _closed_before(books: TwinBooks, month: Month) -> None:
    month.closed.append((SESSIONS[0].replace(year=2025), "100", date(2026, 12, 31)))


def _stray_key(books: TwinBooks, month: Month) -> None:
    books.rows("ARINVOICE").append({**_mine(books), "RECORDNO": "999999", "TIEOUT_KEY": "hs-deal-1-invoice"})


@pytest.mark.parametrize(
    ("damage", "number"),
    [
        (_another_line, "1"),
        (_more_open, "2"),
        (_lost_payment, "3"),
        (_another_receivable, "4"),
        (_another_receivable, "7"),
        (_stale_deal, "5"),
        (_stale_company, "5"),
        (_second_invoice, "6"),
        (_short_schedule, "8"),
        (_no_document, "11"),
        (_closed_before, "12"),
        (_stray_key, "13"),
    ],
)
def test_the_checks_see_damage(
    played: tuple[Month, TwinBooks], damage: Callable[[TwinBooks, Month], None], number: str
) -> None:
    month, books = played
    assert broken(month, None, books) == []
    spoiled, closed = deepcopy(books), list(month.closed)
    damage(spoiled, month)
    found = {sentence.partition(":")[0] for sentence in broken(month, books, spoiled)}
    month.closed[:] = closed
    assert number in found
