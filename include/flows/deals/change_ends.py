"""Taking a deal's invoices out of the books: posted ones are reversed, drafts deleted. Pure."""

from __future__ import annotations

from include.core.decisions import Write
from include.flows.deals.change_parts import Step
from include.flows.deals.change_postings import postings_of_lines
from include.flows.deals.change_work import Work
from include.flows.deals.live import LiveInvoice, posted_in


def reversals(work: Work) -> list[Step]:
    return [_reversal(work, one) for one in _earlier(work)]


def _reversal(work: Work, one: LiveInvoice) -> Step:
    day = posted_in(one)
    key = work.parts.reversal(one.standing.record_no)
    work.ends.append(key)
    total = one.standing.invoiced
    payload = {
        "RECORDNO": one.standing.record_no,
        "datereversed": day.isoformat(),
        "description": work.why,
        "tieout": {"entity": one.entity_id},
    }
    return Step(
        f"reverse invoice {one.name} of {total} on {day}, in its own open period",
        (Write(key, payload, {}),),
        postings_of_lines(one.lines, total, work.entity_name(one.entity_id), reverse=True),
        -total,
        f"{day:%Y-%m}",
    )


def deletions(work: Work) -> list[Step]:
    steps = []
    for one in _earlier(work):
        key = work.parts.deletion(one.standing.record_no)
        work.ends.append(key)
        text = f"delete draft {one.name} of {one.standing.invoiced}, which was never posted"
        steps.append(Step(text, (Write(key, {"RECORDNO": one.standing.record_no}, {}),)))
    return steps


def _earlier(work: Work) -> list[LiveInvoice]:
    return [one for one in work.live.standing if one.standing.record_no not in work.parts.made]
