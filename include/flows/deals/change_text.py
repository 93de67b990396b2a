"""A change plan in sentences for finance people: what changed, what stands, what will be booked, what is owed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.core.changed_deal_table import State
from include.flows.deals.change_plan import amounts_in_words
from include.flows.deals.change_task import WHAT

if TYPE_CHECKING:
    from include.flows.deals.change_parts import Step
    from include.flows.deals.change_plan import ChangePlan

STATES: dict[State, str] = {
    "none": "not there any more",
    "draft": "a draft",
    "posted_unpaid": "posted and unpaid",
    "partly_paid": "settled in part",
    "paid": "settled in full",
    "reversed": "reversed",
    "written_off": "written off",
}


def in_words(plan: ChangePlan, token: str, *, stale: bool) -> str:
    """The whole plan, with what a person writes to release it. ``stale``: what was approved was another plan."""
    standing = plan.live.standing
    names = ", ".join(f"{one.name} ({one.standing.invoiced}, open {one.standing.balance})" for one in standing)
    period = f", in {'an open' if plan.period_open else 'a closed'} period" if plan.state == "posted_unpaid" else ""
    stands = f"In Intacct {names} is {STATES[plan.state]}{period}." if standing else "Nothing stands in Intacct for it."
    amounts = f" from {plan.billed} to {plan.new_total}" if plan.change in ("amount_up", "amount_down") else ""
    steps = " ".join(f"({n}) {step_in_words(step)}." for n, step in enumerate(plan.steps, 1))
    why = f"{WHAT[plan.change]}{amounts} after it was invoiced"
    if plan.again:
        why = f"it is not won, was credited, and {plan.live.open} of it is open again, as a payment came back"
    return (
        f"{plan.title}: {why}. {stands} "
        f"{'What was approved is not this plan any more. ' if stale else ''}Planned: {steps} "
        f"The customer owes {plan.before} for it before and {amounts_in_words(plan.after)} after. "
        f"{''.join(f'{one} ' for one in (*plan.follows, *plan.revenue))}"
        f"To do this, run the flow with approve: {token}"
    )


def step_in_words(step: Step) -> str:
    by_entity: dict[str, list[str]] = {}
    for one in step.postings:
        by_entity.setdefault(one.entity, []).append(one.text)
    booked = "; ".join(f"{', '.join(texts)} in {entity}" for entity, texts in by_entity.items())
    return step.text + (f": {booked}" if booked else "")
