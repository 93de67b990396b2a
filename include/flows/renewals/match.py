"""Which of a company's deals concern a renewal: ours, one that a rep made by hand, the deal that is renewed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from include.core.recurrence import Term
from include.flows.renewals.lookup import DealSeen

EXISTING_BUSINESS = "existingbusiness"
_EARLY, _LATE = 120, 45
_STARTS_NEAR = 31
_CORRECTED = 14


def mark(record_no: str, start: date) -> str:
    """What ``tieout_renewal`` shows on a deal that stands for this renewal: ``4711/2027-01-15``."""
    return f"{record_no}/{start.isoformat()}"


def marked_start(deal: DealSeen, record_no: str) -> date | None:
    """The term's start that a deal is marked with, if it is a renewal of this recurring invoice."""
    number, _, start = (deal.properties.get("tieout_renewal") or "").partition("/")
    try:
        return date.fromisoformat(start) if number == record_no else None
    except ValueError:
        return None


def stands_for_another(deal: DealSeen, record_no: str) -> bool:
    """Whether the deal is marked as the renewal of another recurring invoice."""
    marked = deal.properties.get("tieout_renewal")
    return bool(marked) and marked_start(deal, record_no) is None


def own_deal(deals: Iterable[DealSeen], document_key: str, record_no: str, start: date) -> DealSeen | None:
    """The deal that Tieout made for this renewal."""
    return next(
        (one for one in deals if one.key and (one.key == document_key or marked_start(one, record_no) == start)), None
    )


def moved_deal(deals: Iterable[DealSeen], record_no: str, renews_on: Callable[[date], bool]) -> DealSeen | None:
    """Our open deal for a start on which the recurring invoice, changed since, renews no more."""
    for one in deals:
        start = marked_start(one, record_no)
        if one.key and one.state == "open" and start is not None and not renews_on(start):
            return one
    return None


def closed_deal(
    deals: Iterable[DealSeen], record_no: str, term: Term, renews_on: Callable[[date], bool]
) -> DealSeen | None:
    """Our won or lost deal for a start on which the recurring invoice renews no more, so few days from the term's that
    its dates were corrected and it is the same term."""
    near = min(timedelta(days=_CORRECTED), timedelta(days=max(1, term.days // 2)))
    for one in deals:
        start = marked_start(one, record_no)
        if not one.key or one.state == "open" or start is None:
            continue
        if abs(start - term.start) <= near and not renews_on(start):
            return one
    return None


def made_by_hand(
    deals: Iterable[DealSeen], record_no: str, term: Term, skus: Collection[str], pipeline: str
) -> DealSeen | None:
    """The deal with which a rep renews, or renewed, or lost this renewal: linked before, or in the pipeline of
    renewals or existing business, for one of these products or without line items (if existing business is closed, for
    one of them), about the term's start. An open one comes
    before a won one, that before a lost one; of several the one nearest to the start."""
    found = [
        one
        for one in deals
        if not one.key
        and (
            marked_start(one, record_no) == term.start
            or (_may_be_renewal(one, pipeline) and _sells(one, skus) and _about(one, term))
        )
    ]
    rank = {"open": 0, "won": 1, "lost": 2}
    return min(found, key=lambda one: (rank[one.state], _distance(one, term), int(one.deal_id)), default=None)


def renewed_deal(deals: Sequence[DealSeen], record_no: str, term: Term, skus: Collection[str]) -> DealSeen | None:
    """The won deal that this renewal follows: our last one for the same recurring invoice, else the last one that sold
    one of its products."""
    won = [
        one for one in deals if one.state == "won" and (closed := close_day(one)) is not None and closed < term.start
    ]
    ours = [one for one in won if (start := marked_start(one, record_no)) is not None and start < term.start]
    sold = [one for one in won if one.skus & set(skus)]
    return max(ours or sold, key=lambda one: (close_day(one), int(one.deal_id)), default=None)


def close_day(deal: DealSeen) -> date | None:
    """The close date as the day in UTC; near enough to compare terms by."""
    return _day(deal.properties.get("closedate"))


def _may_be_renewal(deal: DealSeen, pipeline: str) -> bool:
    if deal.properties.get("pipeline") == pipeline:
        return True
    # A closed sale without products may have been anything; a renewal too many is seen, one too few is not.
    told = deal.state == "open" or bool(deal.skus)
    return told and deal.properties.get("dealtype") == EXISTING_BUSINESS


def _sells(deal: DealSeen, skus: Collection[str]) -> bool:
    return not deal.skus or not skus or bool(deal.skus & set(skus))


def _about(deal: DealSeen, term: Term) -> bool:
    """By the start of its lines; where they have none, by its close date. A short term is told from its neighbours."""
    half = timedelta(days=max(1, term.days // 2))
    starts = _starts(deal)
    if starts:
        near = min(timedelta(days=_STARTS_NEAR), half)
        return any(abs(start - term.start) <= near for start in starts)
    closes = close_day(deal)
    early, late = min(timedelta(days=_EARLY), half), min(timedelta(days=_LATE), half)
    return closes is not None and term.start - early <= closes <= term.start + late


def _distance(deal: DealSeen, term: Term) -> int:
    days = _starts(deal) or [day for day in [close_day(deal)] if day]
    return min((abs(day - term.start).days for day in days), default=0)


def _starts(deal: DealSeen) -> list[date]:
    texts = (line.properties.get("hs_recurring_billing_start_date") for line in deal.lines)
    return [day for text in texts if (day := _day(text)) is not None]


def _day(text: str | None) -> date | None:
    try:
        return datetime.fromisoformat(text).date() if text else None
    except ValueError:
        return None
