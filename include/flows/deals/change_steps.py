"""The actions of the changed-deal table as documents: what is sent for each, with dates, lines and postings. Pure.

Everything is computed from what stands in Intacct now, so that a change that was interrupted is finished by planning it
again: what is done already is not planned a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from include.core.changed_deal_table import Action
from include.flows.deals.change_credit import credit
from include.flows.deals.change_ends import deletions, reversals
from include.flows.deals.change_invoices import anew, supplement
from include.flows.deals.change_parts import Step
from include.flows.deals.change_task import decision_task
from include.flows.deals.change_work import Work


def steps_of(chosen: Sequence[Action], work: Work) -> list[Step]:
    """The steps in order. Raises ``HoldThis`` and what ``work.whole`` raises."""
    return [step for action in chosen for step in _steps(action, work)]


def _steps(action: Action, work: Work) -> list[Step]:
    match action:
        case "reverse":
            return reversals(work)
        case "reverse_and_recreate":
            return [*reversals(work), *anew(work)]
        case "edit_draft":
            return [*deletions(work), *anew(work, draft=True)]
        case "delete_draft":
            return deletions(work)
        case "replan":
            return anew(work, draft=work.live.state == "draft")
        case "supplementary_invoice":
            return supplement(work)
        case "credit_memo_open_part" | "credit_memo_full":
            return credit(work, open_part=action == "credit_memo_open_part")
        case "refund_decision_task" | "reclass_task":
            return _task(action, work)
        case "drop_plan" | "nothing":
            return []


def _task(action: Action, work: Work) -> list[Step]:
    amount = work.refund if work.refund is not None else work.live.net
    key = work.parts.task()
    told_before = work.again and work.parts.documents.has_task
    if (amount.amount <= 0 and not told_before) or work.parts.is_done(key):
        return []
    after = [one for one in (work.parts.memo(),) if work.memo_planned or work.parts.is_done(one)]
    write = decision_task(
        key,
        work.record,
        action,
        work.change,
        amount,
        work.live,
        work.bill,
        work.today,
        work.owner_id,
        after,
        told_before,
    )
    what = "refund, keep or move" if action == "refund_decision_task" else "move between accounts"
    instead = ", in place of the earlier task" if told_before else ""
    return [Step(f"a task for finance in HubSpot: {what} {amount}{instead}", (write,))]
