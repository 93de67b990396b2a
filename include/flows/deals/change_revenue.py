"""What a change of a deal means for revenue that is earned over a term (accounting cases 18, 19), in sentences. Pure.

Tieout books no revenue: Intacct's schedules do, by the method of their template. The amounts here are by days, so that
finance sees how much lies in months that stay as they are, and what is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from include.core.books import Entity
from include.core.changed_deal_table import Action
from include.core.decisions import Json
from include.core.money import Money, sum_money, zero
from include.core.periods import closed_through
from include.core.revenue_schedule import Term, TermBackwards, cancellation_text, revised, schedule
from include.flows.deals.change_work import Work

Earned = Mapping[tuple[str, Term], Money]
_DAY = timedelta(days=1)


def revenue_of(work: Work, chosen: Sequence[Action], billed: Json, facts: Json) -> tuple[str, ...]:
    """A sentence for each product and term of which revenue changes, and one that says what to do in Intacct.
    ``billed`` and ``facts``: the deal as it was billed last and as it is now."""
    if set(chosen) & {"edit_draft", "delete_draft"} or not work.live.standing:
        return ()
    currency = work.live.currency
    before = _terms(billed.get("lines") or (), currency)
    after = _terms(facts.get("lines") or (), currency) if facts.get("currency") == currency else {}
    entity = work.books.entities.get(work.live.standing[0].entity_id)
    open_from = first_open_day(entity, work.today)
    found = [
        _sentence(product, old, new, before[product, old], after.get((product, new), zero(currency)), open_from)
        for product, old in before
        for new in [_successor(product, old, before, after)]
        if before[product, old] != after.get((product, new)) or old != new
    ]
    if not found:
        return ()
    return (*found, _to_do(chosen))


def first_open_day(entity: Entity | None, today: date) -> date:
    """The first day whose revenue is not posted: months before this one are, and closed periods."""
    closed = closed_through(entity, "GL") if entity else None
    month = today.replace(day=1)
    return max(month, closed + _DAY) if closed else month


def _terms(lines: Sequence[Sequence[str]], currency: str) -> dict[tuple[str, Term], Money]:
    """Product and term -> amount, of the lines that have a term, as the deal's facts state them."""
    found: dict[tuple[str, Term], Money] = {}
    for product, _, net, starts, ends in (line[:5] for line in lines):
        try:
            term = Term(date.fromisoformat(starts), date.fromisoformat(ends))
        except (TermBackwards, ValueError):
            continue
        found[product, term] = found.get((product, term), zero(currency)) + Money.of(net, currency)
    return found


def _successor(product: str, old: Term, before: Earned, after: Earned) -> Term:
    """The product's term now: its own where it is there still, else a new one that nothing was billed for."""
    new = [term for name, term in after if name == product and (product, term) not in before]
    return old if (product, old) in after or not new else new[0]


def _sentence(product: str, old: Term, new: Term, before: Money, after: Money, open_from: date) -> str:
    posted = [one for one in schedule(before, old, "daily") if one.last < open_from]
    earned = sum_money((one.amount for one in posted), before.currency)
    plan = revised(posted, after, new, "daily", max([open_from, *(one.last + _DAY for one in posted)]))
    told = f"Revenue of {product}, {_in_words(old)}: of {before}, {earned} by days lies before {open_from} and stays."
    if new.start == old.start and new.end < old.end:
        told += f" It is {cancellation_text(new.end + _DAY)}."
    elif new != old:
        told += f" The term is {_in_words(new)} now."
    if plan.correction is not None:
        return f"{told} Of {after} nothing is left to earn: {plan.correction.amount} by one entry on {open_from}."
    if not plan.planned:
        return f"{told} Nothing is left to earn."
    rest = sum_money((one.amount for one in plan.planned), after.currency)
    return f"{told} Of {after}, {rest} is left for {plan.planned[0].first} to {plan.planned[-1].last}."


def _in_words(term: Term) -> str:
    return f"{term.start} to {term.end}"


def _to_do(chosen: Sequence[Action]) -> str:
    if {"credit_memo_full", "credit_memo_open_part"} & set(chosen):
        return "A credit memo changes no schedule: adjust that of the invoice in Intacct."
    if {"reverse", "reverse_and_recreate"} & set(chosen):
        return "What was recognised of the reversed invoice must go back with it: look at its schedule in Intacct."
    if "supplementary_invoice" in chosen:
        return "The supplementary invoice brings a schedule of its own for the difference."
    return "No document changes: adjust the schedule in Intacct if finance decides so."
