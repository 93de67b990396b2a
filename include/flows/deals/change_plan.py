"""The plan of a change: what is to happen to the documents of a deal, why, and what is owed then. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.core.changed_deal_table import Action, Change, State, moved
from include.core.decisions import Json, canonical_hash
from include.core.money import Money, zero
from include.flows.deals.bill import Bill
from include.flows.deals.change_parts import Step
from include.flows.deals.change_work import Work
from include.flows.deals.live import LiveDeal
from include.flows.instalments.contract import split_in_words


def amounts_in_words(amounts: Sequence[Money]) -> str:
    return " and ".join(map(str, amounts))


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What is to happen, why, and what the customer owes for the deal before and after. ``hash`` is of everything that
    a person consents to: what stands, and every document's kind, customer, amount, lines and posting month.
    ``again``: see ``Work``. ``revenue``: what becomes of revenue that is earned over a term, in sentences.
    ``follows``: by what of its past it is planned, in sentences."""

    title: str
    change: Change
    state: State
    period_open: bool
    actions: tuple[Action, ...]
    size: Money
    steps: tuple[Step, ...]
    live: LiveDeal
    new_total: Money
    billed: Money
    again: bool
    revenue: tuple[str, ...]
    follows: tuple[str, ...] = ()

    @property
    def before(self) -> Money:
        """What the customer owes for the deal now, in the currency in which it was billed."""
        return self.live.receivable

    @property
    def after(self) -> tuple[Money, ...]:
        """The same afterwards, in each currency in which the plan has something."""
        owed = {self.before.currency: self.before}
        for step in self.steps:
            if step.receivable is not None:
                currency = step.receivable.currency
                owed[currency] = owed.get(currency, zero(currency)) + step.receivable
        return tuple(owed.values())

    @property
    def hash(self) -> str:
        planned = [step.identity for step in self.steps]
        return canonical_hash([self.change, self.live.fingerprint, list(self.actions), planned])[:12]

    def details(self) -> Json:
        return {
            "hash": self.hash,
            "change": self.change,
            "state": self.state,
            "period_open": self.period_open,
            "actions": list(self.actions),
            "size": str(self.size),
            "receivable_before": str(self.before),
            "receivable_after": amounts_in_words(self.after),
            "revenue": list(self.revenue),
            "steps": [{"what": step.text, "postings": [one.to_json() for one in step.postings]} for step in self.steps],
        }


def plan_of(
    work: Work,
    state: State,
    is_open: bool,
    chosen: tuple[Action, ...],
    steps: Sequence[Step],
    revenue: Sequence[str],
) -> ChangePlan:
    live = work.live
    total = work.bill.total if work.bill else zero(live.currency)
    size = moved(work.change, live.net, total if total.currency == live.currency else None)
    if size.is_zero and work.bill:
        size = abs(total)  # nothing stands: it is billed anew as a whole
    if work.again:
        size = live.open
    return ChangePlan(
        work.record.title,
        work.change,
        state,
        is_open,
        chosen,
        size,
        tuple(steps),
        live,
        total,
        live.net,
        work.again,
        tuple(revenue),
        tuple(_follows(work.bill)) if work.bill else (),
    )


def _follows(bill: Bill) -> Iterator[str]:
    if split := split_in_words(bill.planned_by):
        yield f"Its one-time lines are {split}."
    if bill.stays_untaxed:
        yield "What it corrects was billed without tax, and so is this, although the settings tax such sales by now."
