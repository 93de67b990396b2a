"""Which deals a document bills, and which documents bill a deal: n to m, with shares, and with history. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from include.core.money import Money
from include.core.rounding import allocate


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """``share``: the deal's weight in the document (what it sold there, any unit). A link is never deleted: ``until``
    (aware) says since when it counts no more, because the document was reversed or credited."""

    deal_id: str
    document: str
    share: Decimal
    since: datetime
    until: datetime | None = None


def shares_of(total: Money, links: Sequence[DocumentLink]) -> dict[str, Money]:
    """Deal -> its part of a document's amount, to the cent (accounting case 22). ``links`` are the document's live
    ones, each deal once; a payment, a balance or a credit is shared like the total."""
    amounts = allocate(total, [one.share for one in links])
    return {one.deal_id: amount for one, amount in zip(links, amounts, strict=True)}


def replaced(links: Iterable[DocumentLink], document: str, successor: str, at: datetime) -> list[DocumentLink]:
    """The links after ``document`` was reversed and ``successor`` made in its place: the old ones end, and stay."""
    found = list(links)
    ending = [one for one in found if one.document == document and one.until is None]
    kept = [replace(one, until=at) if one in ending else one for one in found]
    return [*kept, *(replace(one, document=successor, since=at, until=None) for one in ending)]


def orphans(links: Iterable[DocumentLink], living_deals: Collection[str]) -> list[DocumentLink]:
    """Live links whose deal is gone from HubSpot: reported; the document stays (accounting case 65)."""
    return [one for one in links if one.until is None and one.deal_id not in living_deals]
