"""What the demo's run did, in a person's words: what the run itself noted, and what the twins' own books show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from include.sandbox.control_client import Control
from include.sandbox.observed import read_intacct
from include.sandbox.verify import Verdict, compare
from include.state.holds import HoldRow
from include.state.store import open_store
from tieout.local.company import Company
from tieout.local.environment import DAG_ID
from tieout.local.screen import Screen

_MOST_PROBLEMS, _MOST_CHANGES = 20, 5
_NO_MINOR_UNITS = {"JPY"}

HOLD_WORDS = {
    "no_company": "The deal has no company",
    "ambiguous_customer": "Two customers fit equally well",
    "similar_customer": "A customer of that name has another address",
    "customer_inactive": "The customer is inactive",
    "customer_on_hold": "The customer is on hold",
    "unmapped_product": "A product is not mapped",
    "no_entity": "No entity for that country",
    "unknown_currency": "No exchange rate for the currency",
    "amount_differs_from_lines": "The lines do not add up to the amount",
    "zero_total": "The total is zero",
    "negative_total": "The total is negative",
    "no_lines": "The deal has no line items",
    "no_won_date": "The won date is missing",
    "unmapped_value": "A value is not mapped",
    "invalid_line": "A line cannot be used as it is",
    "closed_period": "The period is closed",
    "billing_starts_later": "Billing starts later",
    "changed_after_posting": "Changed after it was posted",
    "needs_approval": "A change after posting waits for approval",
    "deal_gone": "Deleted in HubSpot, and invoiced",
    "rejected_by_intacct": "Intacct refused it",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """``note`` is what the run wrote about itself; ``invoices`` are number and total (in minor units) per currency
    of what the books hold since the company was made; ``calls`` are the calls of this run, by system and label; ``new``
    whether the company was made for it."""

    verdict: Verdict
    note: Mapping[str, int]
    holds: tuple[HoldRow, ...]
    invoices: Mapping[str, tuple[int, Fraction]]
    calls: Mapping[str, Mapping[str, int]]
    new: bool = True

    @property
    def equal(self) -> bool:
        """Whether new books agree with the manifest; of older ones, on which people and other flows have acted since,
        that no invoice is doubled, missing or off by a cent."""
        verdict = self.verdict
        wrong = verdict.duplicates or verdict.missing or verdict.cents_off or verdict.customers_duplicated
        return verdict.agrees or not (self.new or wrong)

    @property
    def figures(self) -> dict[str, Any]:
        """The figures for programs, from the twins' books and their call log."""
        verdict, intacct = self.verdict, self.calls.get("intacct", {})
        return {
            "deals_won": verdict.deals_won,
            "invoices_posted": verdict.invoices_posted,
            "held": verdict.held,
            "duplicates": verdict.duplicates,
            "missing": verdict.missing,
            "unexpected": verdict.unexpected,
            "cents_off": verdict.cents_off,
            "customers_duplicated": verdict.customers_duplicated,
            "problems": len(verdict.problems),
            "intacct_calls": sum(intacct.values()),
            "hubspot_calls": sum(self.calls.get("hubspot", {}).values()),
            "intacct_posting_requests": _matching(intacct, "create"),
            "intacct_lookups": _matching(intacct, "query ARINVOICE by TIEOUT_KEY"),
            "posted_by_this_run": self.note.get("invoices_created", 0),
            "customers_by_this_run": self.note.get("customers_created", 0),
        }


def _matching(labels: Mapping[str, int], words: str) -> int:
    return sum(number for label, number in labels.items() if words in label)


def read_outcome(state_file: Path, control: Control, run_id: str, *, new: bool) -> Outcome:
    """Read the run's note and the open holds from our state, and everything else from the twins themselves."""
    calls = {name: row["labels"] for name, row in control.counts()["systems"].items()}
    store = open_store(f"sqlite:///{state_file}")
    holds = tuple(store.open_holds(DAG_ID))
    note = next((note.note for note in store.notes(DAG_ID) if note.run_id == run_id), {})
    manifest = control.manifest()
    codes = {hold.source_id: hold.code for hold in holds}
    verdict = compare(control.books("intacct"), control.books("hubspot"), manifest, hold_codes=codes)
    history = frozenset(row["number"] for row in manifest["history"])
    return Outcome(verdict, note, holds, _by_currency(control, history), calls, new)


def _by_currency(control: Control, history: frozenset[str]) -> dict[str, tuple[int, Fraction]]:
    found: dict[str, tuple[int, Fraction]] = {}
    for invoice in read_intacct(control.books("intacct"), history).invoices:
        if invoice.live:
            number, total = found.get(invoice.currency, (0, Fraction(0)))
            found[invoice.currency] = number + 1, total + invoice.total
    return dict(sorted(found.items()))


def tell(screen: Screen, outcome: Outcome, company: Company) -> None:
    """Say what happened."""
    _tell_run(screen, outcome, company)
    _tell_invoices(screen, outcome)
    _tell_holds(screen, outcome)
    _tell_verdict(screen, outcome)


def _tell_run(screen: Screen, outcome: Outcome, company: Company) -> None:
    note = outcome.note
    screen.heading("What happened")
    if not note:
        screen.said("The run left no note of what it did.")
        return
    screen.said(
        f"{note.get('read', 0)} deals were looked at; {note.get('invoices_created', 0)} invoices posted, "
        f"{note.get('unchanged', 0)} were posted before, {note.get('held', 0)} held, "
        f"{note.get('skipped', 0)} not for invoicing."
    )
    screen.said(
        f"{note.get('customers_created', 0)} customers were created in Intacct; "
        f"{note.get('written_back', 0)} records in HubSpot were updated with the result."
    )
    if failed := note.get("write_back_failed", 0):
        screen.said(f"{failed} records in HubSpot could not be updated; see the log of the task write_back.", "red")
    if not company.new and not note.get("invoices_created", 0):
        screen.said("Nothing was posted a second time.")
    intacct, hubspot = (sum(outcome.calls.get(name, {}).values()) for name in ("intacct", "hubspot"))
    screen.said(f"It took {intacct} calls to Intacct and {hubspot} to HubSpot.")


def _tell_invoices(screen: Screen, outcome: Outcome) -> None:
    if not outcome.invoices:
        return
    screen.heading("Invoices now in Intacct's books")
    rows = [(currency, str(number), _amount(total, currency)) for currency, (number, total) in outcome.invoices.items()]
    screen.table(("currency", "invoices", "net"), rows, numbers=("invoices", "net"))


def _amount(minor: Fraction, currency: str) -> str:
    if minor.denominator != 1 or currency in _NO_MINOR_UNITS:
        return f"{minor.numerator:,}" if minor.denominator == 1 else f"{minor} minor units"
    whole, cents = divmod(abs(minor.numerator), 100)
    return f"{'-' if minor < 0 else ''}{whole:,}.{cents:02d}"


def _tell_holds(screen: Screen, outcome: Outcome) -> None:
    if not outcome.holds:
        return
    screen.heading(f"Held for a person: {len(outcome.holds)} deals")
    grouped: dict[str, list[HoldRow]] = defaultdict(list)
    for hold in outcome.holds:
        grouped[hold.code].append(hold)
    for code, group in sorted(grouped.items(), key=lambda item: -len(item[1])):
        words = HOLD_WORDS.get(code, code)
        screen.said(f"{len(group):4}  {words}, for example:" if len(group) > 1 else f"{1:4}  {words}:")
        screen.said(f"      {group[0].message}", style="dim")


def _tell_verdict(screen: Screen, outcome: Outcome) -> None:
    verdict = outcome.verdict
    screen.heading("Do the books agree with what must be in them?")
    if verdict.agrees:
        screen.said(
            f"Yes, to the cent: {verdict.invoices_posted} invoices and {verdict.held} held deals of "
            f"{verdict.deals_won} won; no duplicate, none missing.",
            style="green",
        )
        return
    if outcome.equal:
        screen.said("Yes, as far as can be said: no invoice is doubled, missing or off by a cent.", style="green")
        screen.said(
            "What you and the flows changed since the company was made is kept. That is why "
            f"{len(verdict.problems)} things are not as they were made, which is as it should be:"
        )
        _tell_problems(screen, verdict, most=_MOST_CHANGES)
        return
    screen.said(
        f"No: {verdict.duplicates} duplicates, {verdict.missing} missing, {verdict.unexpected} unexpected, "
        f"{verdict.cents_off} cents off, {len(verdict.problems)} differences in all.",
        style="bold red",
    )
    _tell_problems(screen, verdict)


def _tell_problems(screen: Screen, verdict: Verdict, most: int = _MOST_PROBLEMS) -> None:
    for problem in verdict.problems[:most]:
        screen.said(f"  {problem}")
    if len(verdict.problems) > most:
        screen.said(f"  ... and {len(verdict.problems) - most} more")
