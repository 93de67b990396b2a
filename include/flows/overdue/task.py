"""The task of an overdue invoice: what it is made with, and how its figures follow the books. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from html import escape, unescape

from include.core.decisions import Json, Write
from include.flows.overdue.records import GONE, REVERSED, OverdueInvoice
from include.flows.overdue.settings import OverdueSettings
from include.flows.overdue.stages import priority_of, task_key

LABEL = "In the books:"
_FIGURES = re.compile(rf"{LABEL}[^<\n]*")
_LONGEST_NAME = 120


def create_task(invoice: OverdueInvoice, stage: int, owner_id: str | None, settings: OverdueSettings) -> Write:
    """The task of this stage, with its companies, contact and deals. ``owner_id`` is ``None`` for nobody's task."""
    company = invoice.companies[0].name[:_LONGEST_NAME] or invoice.customer_id
    subject = settings.stages[stage - 1].subject.format(number=invoice.number, company=company)
    due = datetime.combine(invoice.today + timedelta(days=settings.task_due_in_days), time(12), UTC)
    properties = {
        "hs_task_subject": subject,
        "hs_task_body": _body(invoice),
        "hs_task_status": "NOT_STARTED",
        "hs_task_type": "TODO",
        "hs_task_priority": priority_of(stage, invoice.balance, settings),
        "hs_timestamp": due.strftime("%Y-%m-%dT%H:%M:%SZ"),  # noon in UTC is that day wherever people work
        "hubspot_owner_id": owner_id,
    }
    associations: list[Json] = [{"to": "companies", "id": one.company_id} for one in invoice.companies]
    associations += [{"to": "contacts", "id": invoice.contact_id}] if invoice.contact_id else []
    associations += [{"to": "deals", "id": one} for one in invoice.deal_ids]
    return Write(
        task_key(invoice.record_no, stage, invoice.round),
        {"properties": properties, "associations": associations},
        {"invoice": invoice.record_no, "stage": stage},
        summary=f"{invoice.title}: task of stage {stage}, {invoice.balance} open",
    )


def figures(invoice: OverdueInvoice) -> str:
    """The one line of the body that is ours for ever: what the books say now."""
    match invoice.state:
        case _ if invoice.state == GONE:
            return f"{LABEL} the invoice was deleted."
        case _ if invoice.state == REVERSED:
            return f"{LABEL} the invoice was reversed."
        case _ if invoice.balance.amount <= 0:
            return f"{LABEL} nothing open any more of {invoice.total}."
    return f"{LABEL} {invoice.balance} open of {invoice.total}, due {invoice.due_date}."


def with_figures(body: str, line: str) -> str:
    """The body with that line in place of its old one; as it is where a person has taken the line out.

    Whatever people wrote around it stays, and so does the line by which the task is found again.
    """
    found = _FIGURES.search(body)
    if found is None or unescape(found[0]).split() == line.split():
        return body
    return body[: found.start()] + escape(line, quote=False) + body[found.end() :]


def _body(invoice: OverdueInvoice) -> str:
    # The figures' line is found by its label, so nothing else may bear it.
    name = escape(invoice.companies[0].name.replace(LABEL, "").strip() or invoice.customer_id)
    shown = escape(invoice.number or invoice.record_no)
    link = f'<a href="{escape(invoice.url)}">{shown}</a>' if invoice.url.startswith("https://") else shown
    return (
        f"<p>Invoice {link} to {name} (Intacct customer {escape(invoice.customer_id)}) is overdue. Ask for the money; "
        "the task closes itself when it has come.</p>"
        f"<p>{escape(figures(invoice), quote=False)}</p>"
    )
