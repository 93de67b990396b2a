"""The mail that lists an owner's overdue invoices, and the like list for Slack. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from include.core.decisions import Write
from include.core.money import sum_money
from include.flows.overdue.records import OverdueInvoice
from include.flows.overdue.settings import OverdueSettings
from include.flows.overdue.stages import days_overdue
from include.flows.owners import OwnerDirectory
from include.notices.notice import Cell, Link, Notice, Section
from include.notices.writes import mail_write, slack_write

_SATURDAY = 5
MOST_ROWS = 500
"""Some 100 KiB of mail for each hundred: more would come near what mail servers take, and nobody reads it."""
_COLUMNS = ("Company", "Invoice", "Due", "Days overdue", "Open")


def digests(
    invoices: Sequence[OverdueInvoice],
    owners: OwnerDirectory,
    urls: Mapping[str, str],
    day: date,
    settings: OverdueSettings,
    *,
    asked_for: bool = False,
) -> list[Write]:
    """One mail to each owner with overdue invoices (to the fallback for one who cannot be written to), and one list for
    Slack, as the settings say; on Saturdays and Sundays only where a person has ``asked_for`` the run. ``urls``:
    company id -> its page in HubSpot.

    The worst come first. An invoice without a company is in nobody's list but Slack's.
    """
    if not invoices or (day.weekday() >= _SATURDAY and not asked_for):
        return []
    by_owner = defaultdict[str, list[OverdueInvoice]](list)
    for invoice in invoices:
        owner_id = owners.reader(*invoice.owner_ids) if invoice.companies else None
        if owner_id:
            by_owner[owner_id].append(invoice)
    writes = []
    for owner_id, its in sorted(by_owner.items()) if settings.digest else ():
        notice = _notice(owners.email(owner_id), its, urls, day)
        writes.append(mail_write(notice, ("hubspot", "owner", owner_id), f"overdue-{day}"))
    if settings.slack:
        writes.append(
            slack_write(_notice("", invoices, urls, day), ("intacct", "receivables", "all"), f"overdue-{day}")
        )
    return writes


def _notice(to: str, invoices: Sequence[OverdueInvoice], urls: Mapping[str, str], day: date) -> Notice:
    listed = sorted(invoices, key=lambda one: (one.due_date or day, one.number))
    count = "1 invoice is overdue" if len(listed) == 1 else f"{len(listed):,} invoices are overdue"
    lines = [f"{count}: {_sums(listed)}. Figures are as the books in Sage Intacct show them now."]
    if len(listed) > MOST_ROWS:
        lines.append(f"Below are the {MOST_ROWS} that have been due longest.")
    section = Section(
        lines=lines,
        columns=_COLUMNS,
        rows=[_row(one, urls) for one in listed[:MOST_ROWS]],
        numbers=("Days overdue", "Open"),
    )
    return Notice(to, f"{count} ({day})", [section])


def _row(invoice: OverdueInvoice, urls: Mapping[str, str]) -> Sequence[Cell]:
    company = invoice.companies[0] if invoice.companies else None
    due = invoice.due_date or invoice.today
    return (
        Link(company.name or invoice.customer_id, urls.get(company.company_id, "")) if company else invoice.customer_id,
        Link(invoice.number or invoice.record_no, invoice.url),
        due.isoformat(),
        str(days_overdue(due, invoice.today, 0)),
        f"{invoice.balance.amount:,} {invoice.balance.currency}",
    )


def _sums(invoices: Iterable[OverdueInvoice]) -> str:
    by_currency = defaultdict[str, list[OverdueInvoice]](list)
    for invoice in invoices:
        by_currency[invoice.balance.currency].append(invoice)
    sums = [sum_money((one.balance for one in its), code) for code, its in sorted(by_currency.items())]
    return ", ".join(f"{one.amount:,} {one.currency}" for one in sums)
