"""Notices to send."""

from __future__ import annotations

from datetime import UTC, datetime

from include.core.decisions import Write
from include.notices.notice import Link, Notice, Section
from include.notices.writes import mail_write, slack_write

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def digest(to: str = "anna@sales.example", first: str = "INV-1") -> Notice:
    rows = [[Link(first, "https://books.example/1?a=1&b=2"), "1,234.50 USD"], ["INV-2", "9.00 USD"]]
    lines = ["2 invoices of your customers are overdue."]
    return Notice(to, "Overdue: 2 invoices", [Section("Overdue", lines, ["Invoice", "Balance"], rows, ["Balance"])])


def mails(*owners: str) -> list[Write]:
    """One digest for each owner."""
    return [mail_write(digest(f"{o}@sales.example"), ("hubspot", "owner", o), "overdue-2026-11-20") for o in owners]


def post(first: str = "INV-1") -> Write:
    return slack_write(digest("", first), ("tieout", "digest", "all"), "overdue-2026-11-20")
