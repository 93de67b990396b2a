from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from rich.console import Console

from include.sandbox.verify import Verdict
from include.state.holds import HoldRow
from tieout.local.company import Company
from tieout.local.screen import Screen
from tieout.local.summary import Outcome, tell

AGREES = Verdict(60, 44, 16, 0, 0, 0, 0, 0, ())
DIFFERS = Verdict(60, 45, 16, 1, 0, 0, 0, 0, ("'Deal A' has more than one invoice: INV-2 as well as INV-1",))
NOTE = {
    "read": 62,
    "invoices_created": 44,
    "unchanged": 0,
    "held": 16,
    "skipped": 2,
    "customers_created": 17,
    "written_back": 100,
}
CALLS = {
    "intacct": {
        "create CUSTOMER x17, create_invoice x44": 1,
        "query ARINVOICE by TIEOUT_KEY": 2,
        "query ARINVOICE": 1,
        "getAPISession": 1,
    },
    "hubspot": {"POST deals/search": 2},
}


def _hold(deal: str, code: str, message: str) -> HoldRow:
    moment = datetime(2026, 11, 16, tzinfo=UTC)
    return HoldRow("flow", deal, code, message, {}, moment, "run", moment, "run")


def _outcome(verdict: Verdict = AGREES, note: dict[str, int] | None = None) -> Outcome:
    holds = (
        _hold("1", "no_lines", "Deal A has no line items."),
        _hold("2", "zero_total", "Deal B: its total is zero."),
        _hold("3", "zero_total", "Deal C: its total is zero."),
        _hold("4", "some_new_code", "Deal D [bold]waits[/bold]."),
    )
    invoices = {"EUR": (10, Fraction(20311235)), "JPY": (1, Fraction(692083)), "USD": (2, Fraction(-5))}
    return Outcome(verdict, NOTE if note is None else note, holds, invoices, CALLS)


def _told(outcome: Outcome, *, new: bool = True) -> str:
    text = io.StringIO()
    tell(Screen(Console(file=text, width=200, highlight=False)), outcome, Company(60, new, ()))
    return text.getvalue()


def test_the_run_is_told_in_numbers_a_person_can_follow() -> None:
    told = _told(_outcome())
    assert "62 deals were looked at; 44 invoices posted, 0 were posted before, 16 held, 2 not for invoicing." in told
    assert "17 customers were created in Intacct; 100 records in HubSpot were updated with the result." in told
    assert "It took 5 calls to Intacct and 2 to HubSpot." in told
    assert "Yes, to the cent: 44 invoices and 16 held deals of 60 won" in told


def test_amounts_are_exact_in_every_currency() -> None:
    told = _told(_outcome())
    assert "203,112.35" in told
    assert "692,083" in told
    assert "-0.05" in told


def test_holds_are_grouped_by_reason_with_one_sentence_each() -> None:
    told = _told(_outcome())
    assert "   2  The total is zero, for example:" in told
    assert "   1  The deal has no line items:" in told
    assert "Deal B: its total is zero." in told
    assert "Deal C" not in told


def test_a_reason_without_words_of_ours_is_shown_as_it_is() -> None:
    told = _told(_outcome())
    assert "some_new_code" in told
    assert "Deal D [bold]waits[/bold]." in told


def test_a_difference_is_told_with_its_problems() -> None:
    outcome = _outcome(DIFFERS)
    told = _told(outcome)
    assert "No: 1 duplicates, 0 missing, 0 unexpected, 0 cents off, 1 differences in all." in told
    assert "'Deal A' has more than one invoice" in told
    assert not outcome.equal


def test_what_people_changed_since_is_kept_and_told_kindly_with_a_few_examples() -> None:
    """A second demo over books on which people and flows have acted: nothing is wrong with them."""
    changes = tuple(f"'Deal {n}' is not as it was made" for n in range(7))
    outcome = replace(_outcome(Verdict(60, 44, 16, 0, 0, 0, 0, 0, changes)), new=False)
    told = _told(outcome, new=False)
    assert outcome.equal
    assert "What you and the flows changed since the company was made is kept." in told
    assert "7 things are not as they were made, which is as it should be:" in told
    assert "... and 2 more" in told
    assert "'Deal 5'" not in told
    assert "No:" not in told


def test_a_second_run_says_that_nothing_was_posted_again() -> None:
    assert "Nothing was posted a second time." in _told(_outcome(note={**NOTE, "invoices_created": 0}), new=False)


def test_a_run_that_left_no_note_is_told_as_such() -> None:
    assert "The run left no note" in _told(_outcome(note={}))


def test_figures_count_calls_by_what_they_do() -> None:
    figures = _outcome().figures
    assert figures["intacct_calls"] == 5
    assert figures["intacct_posting_requests"] == 1
    assert figures["intacct_lookups"] == 2
    assert figures["hubspot_calls"] == 2
    assert {"deals_won", "invoices_posted", "held", "duplicates", "missing", "cents_off"} <= figures.keys()


def test_books_on_which_people_have_acted_since_are_judged_by_doubles_and_cents_alone() -> None:
    acted = replace(AGREES, unexpected=1, problems=("deal 7 is posted, though it must be held",))
    assert not replace(_outcome(), verdict=acted).equal
    assert replace(_outcome(), verdict=acted, new=False).equal
    for figure in ("duplicates", "missing", "cents_off", "customers_duplicated"):
        assert not replace(_outcome(), verdict=replace(acted, **{figure: 1}), new=False).equal
