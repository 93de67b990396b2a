"""Is revenue recognised as the contract says? Intacct's own schedules against what they must be. Pure.

Intacct's arithmetic may differ from ours by the cents that it leaves to the last month, or because it divides a year
by 365 days; that is shown. What must hold is that a schedule adds up to its line, stays within its term, and follows
what was credited or reversed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from include.core.decisions import Decision, Hold, Skip
from include.core.intacct_proration import intacct_prorated
from include.core.money import Money, sum_money, zero
from include.core.revenue_schedule import (
    Method,
    Portion,
    Revision,
    Term,
    revised,
    schedule,
)
from include.core.rounding import allocate
from include.flows.schedules.records import Schedule, ScheduledInvoice

_GONE = "reversed"


def check(invoices: Iterable[ScheduledInvoice], methods: Mapping[str, Method], rounding: int) -> list[Decision]:
    """A hold for each invoice of which a person must correct a schedule, else a skip that says how it agrees."""
    return [_checked(one, methods, rounding) for one in invoices]


def _checked(invoice: ScheduledInvoice, methods: Mapping[str, Method], rounding: int) -> Decision:
    held = _reversed(invoice) or _outside(invoice) or _not_the_amount(invoice, methods)
    held = held or _after_credit(invoice, methods) or _otherwise(invoice, methods, rounding)
    if held:
        code, message = held
        return Hold(invoice.record_no, code, f"{invoice.title}: {message}")
    shown = [text for one in invoice.schedules if (text := sages_arithmetic(one))]
    return Skip(invoice.record_no, "; ".join([f"{invoice.title}: recognised as it was sold", *shown]))


def _reversed(invoice: ScheduledInvoice) -> tuple[str, str] | None:
    going_on = [one for one in invoice.schedules if not one.to_come.is_zero]
    if invoice.status != _GONE or not going_on:
        return None
    names = ", ".join(f"{one.to_come} by {one.name}" for one in going_on)
    return "revenue_goes_on", f"it is reversed, and Intacct would still recognise {names}. Terminate it in Intacct."


def _outside(invoice: ScheduledInvoice) -> tuple[str, str] | None:
    for one in invoice.schedules:
        # An entry of the first or last month may be posted on any day of that month.
        first, last = one.start.replace(day=1), (one.end.year, one.end.month)
        wrong = [e.day for e in one.entries if e.day < first or (e.day.year, e.day.month) > last]
        if wrong:
            return (
                "revenue_outside_term",
                f"{one.name} recognises on {wrong[0]}, outside its term from {one.start} to {one.end}. Correct its "
                "entries in Intacct.",
            )
    return None


def _not_the_amount(invoice: ScheduledInvoice, methods: Mapping[str, Method]) -> tuple[str, str] | None:
    if not invoice.credited.is_zero:
        return None
    for one in invoice.schedules:
        if one.is_running and one.total != one.amount:
            why = sages_arithmetic(one)
            return (
                "revenue_not_the_amount",
                f"{one.name} recognises {one.total} of a line over {one.amount}. "
                f"{why + '. ' if why else ''}Correct its entries in Intacct: {_told(ours(one, methods))}.",
            )
    return None


def _after_credit(invoice: ScheduledInvoice, methods: Mapping[str, Method]) -> tuple[str, str] | None:
    """What was credited is earned no more (accounting case 18): posted months stay, the rest follows the new total."""
    if invoice.credited.is_zero or invoice.status == _GONE:
        return None
    others = invoice.total - sum_money((one.amount for one in invoice.schedules), invoice.total.currency)
    left = invoice.total - invoice.credited
    totals = allocate(left, [*(one.amount.amount for one in invoice.schedules), others.amount])
    for one, total in zip(invoice.schedules, totals, strict=False):
        if one.recognised + one.to_come == total:
            continue
        plan = after_change(one, total, methods)
        asked = " It reverses what was recognised too much, so finance decides." if plan.needs_approval else ""
        return (
            "revenue_after_credit",
            f"{invoice.credited} of its {invoice.total} is credited, and {one.name} recognises "
            f"{one.recognised + one.to_come}, not {total}. {one.recognised} is posted and stays; what follows: "
            f"{_told((*plan.planned, *([plan.correction] if plan.correction else [])))}.{asked} Change it in Intacct.",
        )
    return None


def _otherwise(invoice: ScheduledInvoice, methods: Mapping[str, Method], rounding: int) -> tuple[str, str] | None:
    for one in invoice.schedules:
        if not one.is_running or sages_arithmetic(one):
            continue
        theirs, mine = by_month(one), {(p.first.year, p.first.month): p.amount for p in ours(one, methods)}
        last = max(mine)
        for month, amount in sorted(mine.items()):
            allowed = rounding * (len(mine) if month == last else 1)
            found = theirs.get(month, zero(amount.currency))
            if abs((found - amount).minor) > allowed:
                return (
                    "revenue_differs",
                    f"{one.name} recognises {found} in {month[0]}-{month[1]:02}, and {amount} is earned then "
                    f"({methods.get(one.template, 'straight_line').replace('_', ' ')}). Correct the template or the "
                    "entries in Intacct, or name the method under methods in the settings.",
                )
    return None


def ours(one: Schedule, methods: Mapping[str, Method]) -> tuple[Portion, ...]:
    """The schedule as it is earned, by the method of its template (accounting case 15)."""
    return schedule(one.amount, Term(one.start, one.end), methods.get(one.template, "straight_line"))


def after_change(one: Schedule, total: Money, methods: Mapping[str, Method]) -> Revision:
    """The schedule with another total: posted months stay as they are."""
    by = {(portion.first.year, portion.first.month): portion for portion in ours(one, methods)}
    posted = [
        Portion(by[entry.day.year, entry.day.month].first, by[entry.day.year, entry.day.month].last, entry.amount)
        for entry in one.entries
        if entry.posted and (entry.day.year, entry.day.month) in by
    ]
    open_from = max([one.start, *(portion.last + timedelta(days=1) for portion in posted)])
    return revised(posted, total, Term(one.start, one.end), methods.get(one.template, "straight_line"), open_from)


def sages_arithmetic(one: Schedule) -> str:
    """How Intacct's schedule differs from the days of the term because Sage divides a year by 365 (accounting cases
    16, 17), if that explains it; else empty."""
    term = Term(one.start, one.end)
    if term.months != 12:
        return ""
    theirs, slices = by_month(one), schedule(one.amount, term, "daily")
    for decimals in (None, 4):
        sage = {
            (p.first.year, p.first.month): intacct_prorated(
                one.amount, (p.last - p.first).days + 1, rate_decimals=decimals
            )
            for p in slices
        }
        earned = {(p.first.year, p.first.month): p.amount for p in slices}
        if theirs != sage or sage == earned:
            continue
        month = max(sage, key=lambda at: abs((sage[at] - earned[at]).minor))
        apart = one.total - one.amount
        whole = f", {one.total} in all, {abs(apart)} {'less' if apart.is_negative else 'more'} than the line"
        return (
            f"Intacct divides {one.amount} by 365 days for a term of {term.days}: {sage[month]} in "
            f"{month[0]}-{month[1]:02} where {earned[month]} is earned{'' if apart.is_zero else whole}"
        )
    return ""


def by_month(one: Schedule) -> dict[tuple[int, int], Money]:
    months: dict[tuple[int, int], Money] = {}
    for entry in one.entries:
        month = (entry.day.year, entry.day.month)
        months[month] = months.get(month, zero(entry.amount.currency)) + entry.amount
    return months


def _told(portions: Iterable[Portion]) -> str:
    """Month by month; equal ones in a row as one."""
    runs: list[tuple[Portion, Portion]] = []
    for one in portions:
        if runs and runs[-1][1].amount == one.amount:
            runs[-1] = (runs[-1][0], one)
        else:
            runs.append((one, one))
    return ", ".join(
        f"{first.amount} for {first.first}" + (f" to {last.last}" if last.last != first.first else "")
        if first is last
        else f"{first.amount} a month from {first.first} to {last.last}"
        for first, last in runs
    )
