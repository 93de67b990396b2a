"""Who is told that a customer's credit status changed: the companies' owners, finance, Slack. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from include.core.decisions import Write, canonical_hash
from include.flows.credit.plan import Change
from include.flows.credit.settings import CreditSettings
from include.flows.owners import OwnerDirectory
from include.notices.notice import Link, Notice, Section
from include.notices.writes import mail_write, slack_write

_WORDS = {"on_hold": "on credit hold", "over_limit": "over its credit limit", "overdue": "overdue"}


def notices(
    changes: Sequence[Change], owners: OwnerDirectory, urls: Mapping[str, str], settings: CreditSettings
) -> list[Write]:
    """One mail to each owner with the changes of their companies, one to finance and one message to Slack with all, as
    the settings say. ``urls``: company id -> its page in HubSpot.

    A notice's key names the changes by the state that each left, so that it is sent once however often the change is
    planned before HubSpot shows it, and again when the same status comes back later.
    """
    if not changes:
        return []
    part = f"credit-{_digest(changes)}"
    by_owner = defaultdict[str, list[Change]](list)
    for change in changes:
        owner_id = owners.reader(change.company.owner_id)
        if owner_id:
            by_owner[owner_id].append(change)
    writes = []
    for owner_id, its in sorted(by_owner.items()) if settings.tell_owner else ():
        notice = _notice(owners.email(owner_id), its, urls)
        writes.append(mail_write(notice, ("hubspot", "owner", owner_id), f"credit-{_digest(its)}"))
    if settings.tell_finance:
        writes.append(mail_write(_notice(settings.tell_finance, changes, urls), _ALL, part))
    if settings.slack:
        writes.append(slack_write(_notice("", changes, urls), _ALL, part))
    return writes


_ALL = ("intacct", "receivables", "credit")


def _digest(changes: Sequence[Change]) -> str:
    named = sorted([one.company.shown.record_id, one.company.changed_at, ";".join(one.flags)] for one in changes)
    return canonical_hash(named)[:16]


def _notice(to: str, changes: Sequence[Change], urls: Mapping[str, str]) -> Notice:
    flagged = [one for one in changes if one.flags]
    cleared = [one for one in changes if not one.flags]
    sections = []
    if flagged:
        told = "Check with finance before you sell more to them."
        sections.append(_section("Credit not ok", told, flagged, urls))
    if cleared:
        sections.append(_section("Credit ok again", "Nothing speaks against new business any more.", cleared, urls))
    one = changes[0]
    subject = f"{_name(one)} is {_status(one)}" if len(changes) == 1 else f"Credit of {len(changes)} companies changed"
    return Notice(to, subject, sections)


def _section(title: str, told: str, changes: Sequence[Change], urls: Mapping[str, str]) -> Section:
    rows = [
        (Link(_name(one), urls.get(one.company.shown.record_id, "")), one.customer_id, _status(one), one.reason)
        for one in sorted(changes, key=lambda one: (_name(one).casefold(), one.customer_id))
    ]
    return Section(title, [told], ("Company", "Intacct customer", "Status", "Reason"), rows)


def _name(change: Change) -> str:
    return change.company.name or f"customer {change.customer_id}"


def _status(change: Change) -> str:
    return ", ".join(_WORDS[flag] for flag in change.flags) or "ok again"
