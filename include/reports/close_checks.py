"""Red or green: what a close must not leave open, each with its reason and the next step. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from include.core.decisions import canonical_hash
from include.reports.amounts import with_currency
from include.reports.close_tables import TITLES, Question, plain_rows, table
from include.reports.tables import Table

State = Literal["green", "red", "note"]


@dataclass(frozen=True, slots=True)
class Check:
    """``why`` says what was found, ``next_step`` what to do about it (``""``: nothing). A ``note`` is for a person to
    read; it keeps no period open. ``token``: what a person accepts: just these rows, no other ones."""

    name: str
    title: str
    state: State
    count: int
    why: str
    next_step: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the checks rest on. ``trouble``: why a report (``tie_out``, ``revenue_report``) is not there or too old to
    prove anything; what it would have told is then not known. ``kept``: whether the period was kept as it was closed.
    ``only_noted``: checks that this company reads without letting them keep a period open."""

    tables: Mapping[str, Table]
    trouble: Mapping[str, str]
    kept: bool
    only_noted: Sequence[str] = ()
    accepted: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> Table:
        return self.tables.get(name) or table(name)


@dataclass(frozen=True, slots=True)
class _Rule:
    """``table`` must be empty. ``report``: the one that fills it. ``bad`` may name {n} and {sums}."""

    table: str
    report: str
    bad: str
    good: str
    next_step: str


_RULES = (
    _Rule(
        "breaks",
        "tie_out",
        "Breaks of the tie-out up to the period's end: {n}.",
        "Both systems agree.",
        "Do what each break's next step says, then run the DAG tie_out.",
    ),
    _Rule(
        "holds",
        "",
        "Records that wait for a person: {n}.",
        "No record of the period waits for a person.",
        "Each hold says what to do; the flow's next run closes it.",
    ),
    _Rule(
        "deals_without_document",
        "revenue_report",
        "Deals won in the period with neither invoice nor order: {n}, {sums}.",
        "Every won deal has its document.",
        "Repair what holds the deal, or run hubspot_closed_won_to_intacct_invoice for it; lost after all: set it back.",
    ),
    _Rule(
        "not_shown",
        "tie_out",
        "Invoices and payments of the period that do not show on their deals: {n}.",
        "Every invoice and payment of the period shows on its deal.",
        "Run intacct_payment_to_hubspot_deal for the period's dates, then the DAG tie_out.",
    ),
    _Rule(
        "unapplied",
        "tie_out",
        "Receipts and credits up to the period's end that are applied to nothing: {n}, {sums}.",
        "All money and credit is applied.",
        "Apply them in Intacct, or explain why they wait.",
    ),
    _Rule(
        "in_doubt",
        "",
        "Writes of which it is not known whether they happened: {n}.",
        "No write is in doubt.",
        "Run the flow again: it looks them up before anything is sent.",
    ),
    _Rule(
        "without_entity",
        "revenue_report",
        "Records of these days that belong to no entity: {n}.",
        "Every record belongs to an entity.",
        "Add the entity to books.yaml, or give the record its location in Intacct.",
    ),
)
CHANGED = _Rule(
    "changes_after_close",
    "revenue_report",
    "Records posted into the period, reversed in it or edited since it was closed: {n}.",
    "The period is as it was closed.",
    "Move each into an open period: reverse it there and enter it anew.",
)
NOTABLE = tuple(one.table for one in _RULES)
"""The checks that a company may choose to only note."""


def checks(asked: Question, found: Evidence) -> list[Check]:
    """All of them, in the order in which people work through them."""
    ruled = [_noted(_ruled(one, asked, found), found) for one in _RULES]
    control, closed = _control(asked, found), _closed(asked, found)
    return [*_reports(found), control, *ruled, _other_holds(found), *closed, _approvals(found)]


def subject_of(asked: Question) -> str:
    """What acceptances of this entity's period are about: ``100:FY2026-P10``."""
    return f"{asked.entity_id}:{asked.period.name.replace(' ', '-')}"


def is_green(of: Sequence[Check]) -> bool:
    """Whether nothing is red."""
    return all(one.state != "red" for one in of)


def _reports(found: Evidence) -> Iterator[Check]:
    for report, title in (("tie_out", "A tie-out after the period's end"), ("revenue_report", "A revenue report")):
        if trouble := found.trouble.get(report):
            yield Check(report, title, "red", 1, trouble, f"Run the DAG {report}, then this one again.")
        else:
            yield Check(report, title, "green", 0, "It is there, and young enough.")


def _ruled(rule: _Rule, asked: Question, found: Evidence) -> Check:
    of = found.of(rule.table)
    if rule.report and found.trouble.get(rule.report):
        return Check(rule.table, of.title, "red", 0, f"Not known: {rule.report} is missing or too old.")
    if not of.rows:
        return Check(rule.table, of.title, "green", 0, rule.good)
    told = rule.bad.format(n=len(of.rows), sums=_sums(of))
    return _red(of, len(of.rows), told, rule.next_step, asked, found)


def _red(of: Table, count: int, told: str, step: str, asked: Question, found: Evidence) -> Check:
    """Red, unless a person has accepted just these rows."""
    token = f"{subject_of(asked)}:{of.name}:{canonical_hash(plain_rows(of))[:12]}"
    if token in found.accepted:
        return Check(of.name, of.title, "note", count, f"{told} Accepted {found.accepted[token]}.", "", token)
    return Check(of.name, of.title, "red", count, told, f"{step} Or accept it as it is: {token}", token)


def _noted(one: Check, found: Evidence) -> Check:
    return replace(one, state="note") if one.name in found.only_noted and one.count and one.state == "red" else one


def _control(asked: Question, found: Evidence) -> Check:
    of = found.of("control")
    if found.trouble.get("tie_out"):
        return Check("control", of.title, "red", 0, "Not known: tie_out is missing or too old.")
    off = [row for row in of.rows if row[of.position("difference_minor")]]
    told = "; ".join(_told(row, of) for row in of.rows if row[0] == "") or "nothing is booked on the control account."
    told = f"At the end of {asked.period.last}: {told}"
    if not off:
        return Check("control", of.title, "green", 0, told)
    step = "Open the customers that differ: a journal was entered by hand, or a document is on one side only."
    return _red(of, len(off), told, step, asked, found)


def _other_holds(found: Evidence) -> Check:
    count = len(found.of("other_holds").rows)
    told = f"Records that wait for a person and keep no period open: {count}." if count else "None."
    return Check("other_holds", TITLES["other_holds"], "note" if count else "green", count, told)


def _closed(asked: Question, found: Evidence) -> Iterator[Check]:
    title, through = "As it was closed", asked.closed_through or "no day"
    if found.kept:
        yield replace(_ruled(CHANGED, asked, found), title=title)
        if not asked.is_closed:
            told = f"The period was closed and is open again: receivables are closed through {through}."
            yield Check("reopened", "Closed still", "red", 1, told, "Close it again in Intacct and in books.yaml.")
    elif asked.is_closed:
        told = "The period is closed, and no revenue report has kept it yet."
        yield Check(CHANGED.table, title, "red", 1, told, "Run the DAG revenue_report, then this one again.")
    else:
        told = f"The period is not closed yet: receivables are closed through {through}."
        yield Check(CHANGED.table, title, "note", 0, told)


def _approvals(found: Evidence) -> Check:
    count = len(found.of("approvals").rows)
    told = f"Approvals given since the period began: {count}." if count else "Nothing was approved."
    return Check("approvals", TITLES["approvals"], "note" if count else "green", count, told)


def _sums(of: Table) -> str:
    """``1,200.00 EUR, 5.00 USD``; of a table without amounts nothing."""
    names = [one.name for one in of.columns]
    if "amount_minor" not in names:
        return ""
    sums: dict[str, int] = defaultdict(int)
    for row in of.rows:
        sums[row[of.position("currency")]] += row[of.position("amount_minor")]
    return ", ".join(with_currency(minor, code) for code, minor in sorted(sums.items()) if code)


def _told(row: Sequence[object], control: Table) -> str:
    code = str(row[control.position("currency")])
    its = [int(str(row[control.position(f"{name}_minor")])) for name in ("subledger", "gl", "difference")]
    subledger, gl, difference = (with_currency(minor, code) for minor in its)
    return f"subledger {subledger}, control account {gl}, difference {difference}."
