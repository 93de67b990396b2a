"""What becomes of each overdue invoice: a task for the stage it has reached, and the end of the tasks that are over.
Pure."""

from __future__ import annotations

from collections.abc import Iterable

from include.core.decisions import Decision, Hold, Skip, Update
from include.flows.overdue.records import OPEN, OverdueInvoice, Task
from include.flows.overdue.settings import OverdueSettings
from include.flows.overdue.stages import stage_on
from include.flows.overdue.task import create_task, figures, with_figures
from include.flows.owners import OwnerDirectory

DONE = "COMPLETED"
_LAST = "nothing is overdue any more"


def plan(invoices: Iterable[OverdueInvoice], owners: OwnerDirectory, settings: OverdueSettings) -> list[Decision]:
    """For every invoice the ``Write`` of its stage's task, ``Update``s of the tasks that are there, a ``Skip`` or a
    ``Hold``.

    Only the newest stage's task stays open. A task that a person has completed or deleted is never touched again.
    """
    return [decision for invoice in invoices for decision in _decide(invoice, owners, settings)]


def is_over(invoice: OverdueInvoice, settings: OverdueSettings) -> bool:
    """Whether nothing is left to dun: paid, credited, written off, reversed, deleted, or not overdue any more."""
    return invoice.state != OPEN or stage_on(invoice.due_date, invoice.today, settings, invoice.grace_ends) == 0


def ends_the_round(update: Update) -> bool:
    """Whether it closes an invoice's task because there is nothing to dun any more, not for a later stage's task."""
    return update.values.get("hs_task_status") == DONE and update.summary.endswith(_LAST)


def _decide(invoice: OverdueInvoice, owners: OwnerDirectory, settings: OverdueSettings) -> list[Decision]:
    if is_over(invoice, settings):
        return _close(invoice) or [Skip(invoice.record_no, f"{invoice.state}, not overdue")]
    stage = stage_on(invoice.due_date, invoice.today, settings, invoice.grace_ends)
    newest = max((task.stage for task in invoice.tasks), default=0)
    if newest < stage:
        if not invoice.companies:
            return [_no_company(invoice)]
        owner = owners.active_or_fallback(*invoice.owner_ids)
        replaced = [_closed(invoice, task, "a later stage's task follows") for task in invoice.tasks if task.is_open]
        return [create_task(invoice, stage, owner, settings), *replaced]
    return _follow(invoice, newest)


def _close(invoice: OverdueInvoice) -> list[Decision]:
    """The open tasks, or the newest, which is then found as it should be: either way the round is known to be over."""
    tasks = [task for task in invoice.tasks if task.is_open]
    tasks = tasks or [task for task in invoice.tasks if task.status][-1:]
    return [_closed(invoice, task, _LAST) for task in tasks]


def _follow(invoice: OverdueInvoice, newest: int) -> list[Decision]:
    """The newest task shows the books' figures; older ones that somebody reopened, or that a kill left open, close."""
    decisions: list[Decision] = []
    for task in invoice.tasks:
        if not task.is_open:
            continue
        if task.stage < newest:
            decisions.append(_closed(invoice, task, "a later stage's task is there"))
        elif (body := with_figures(task.body, figures(invoice))) != task.body:
            told = f"{invoice.title}: {invoice.balance} open, told in the task of stage {task.stage}"
            decisions.append(_update(invoice, task, {"hs_task_body": body}, told))
    return decisions or [Skip(invoice.record_no, f"the task of stage {newest} is there")]


def _closed(invoice: OverdueInvoice, task: Task, why: str) -> Update:
    values = {"hs_task_status": DONE}
    if task.is_open and (body := with_figures(task.body, figures(invoice))) != task.body:
        values["hs_task_body"] = body
    return _update(invoice, task, values, f"{invoice.title}: task of stage {task.stage} closed, {why}")


def _update(invoice: OverdueInvoice, task: Task, values: dict[str, str], summary: str) -> Update:
    return Update("hubspot", "tasks", task.task_id, invoice.record_no, values, summary)


def _no_company(invoice: OverdueInvoice) -> Hold:
    return Hold(
        invoice.record_no,
        "customer_without_company",
        f"{invoice.title} is overdue ({invoice.balance}), and no HubSpot company names that customer. Write "
        f"{invoice.customer_id} into the company's property intacct_customer_id.",
        {"customer": invoice.customer_id},
    )
