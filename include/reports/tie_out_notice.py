"""The message about breaks."""

from __future__ import annotations

from collections.abc import Sequence

from include.core.decisions import Write, canonical_hash
from include.notices.notice import Section
from include.notices.writes import writes_to
from include.reports.tie_out_compare import Break

MOST = 50
"""Breaks in a message; all are in the files."""


def notices(found: Sequence[Break], summary: str, name: str, mail: str, *, slack: bool) -> list[Write]:
    """At most one message for one tie-out and one set of breaks; none to nobody."""
    rows = [
        (
            one.break_class,
            one.subject,
            one.amount(one.hubspot_minor),
            one.amount(one.intacct_minor),
            one.next_step,
        )
        for one in found[:MOST]
    ]
    lines = [summary, f"The report is {name}/tie_out.html in the folder of reports."]
    if len(found) > MOST:
        lines.append(f"The first {MOST} of {len(found)} breaks:")
    section = Section(
        lines=lines,
        columns=("Class", "What", "HubSpot or subledger", "Intacct or GL", "Next step"),
        rows=rows,
        numbers=("HubSpot or subledger", "Intacct or GL"),
    )
    subject = f"Tieout: {summary}"
    part = f"breaks-{name}-{canonical_hash(sorted(one.break_id for one in found))[:12]}"
    about = ("tieout", "tie-out", name)
    return writes_to(mail, subject, [section], about, part, slack=slack)
