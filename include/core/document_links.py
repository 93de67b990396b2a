"""Which deals a document bills, and which documents bill a deal: n to m, with shares, and with history. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from include.core.money import Money, sum_money
from include.core.rounding import allocate

Kind = Literal["named", "approved", "made"]
"""``made``: Tieout made the document for the deal. ``approved``: a person approved a proposal. ``named``: the number of
the document stands on the deal; such a link is kept for its share and ends when the number is taken off the deal."""
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """``document``: the record number of an invoice in Intacct, ``number`` what people call it. ``share``: the deal's
    weight in the document, what it sold there; ``None``: the deal's amount. ``since`` (aware), ``run`` and ``why`` say
    when, by which run and for what reason it came to be.

    A link is never deleted: ``until`` and ``ended_by`` say since when it counts no more and which run ended it;
    ``successor`` is the document that stands in its place, where there is one.
    """

    deal_id: str
    document: str
    kind: Kind
    share: Decimal | None = None
    why: str = ""
    number: str = ""
    since: datetime | None = None
    run: str = ""
    until: datetime | None = None
    ended_by: str = ""
    successor: str = ""

    @property
    def counts(self) -> bool:
        return self.until is None


def restated(old: DocumentLink | None, new: DocumentLink) -> DocumentLink | None:
    """What is to be recorded where ``old`` counts for the same deal and document; ``None``: nothing new is said.

    A link never gets weaker (``made`` over ``approved`` over ``named``), and a share that is known stays until another
    one is stated.
    """
    if old is None:
        return new
    stronger = max(old.kind, new.kind, key=KINDS.index)
    share = old.share if new.share is None else new.share
    if (stronger, share) == (old.kind, old.share):
        return None
    return replace(new, kind=stronger, share=share, number=new.number or old.number)


def weights(
    deals: Iterable[str], links: Iterable[DocumentLink], amounts: Mapping[str, Decimal | None]
) -> dict[str, Decimal]:
    """Deal -> its weight in one document: the share that is recorded, else the deal's amount. ``links`` are the
    document's own; where nothing tells a weight, all weigh the same."""
    recorded = {one.deal_id: one.share for one in links if one.counts and one.share is not None}
    found = {deal: recorded.get(deal) or amounts.get(deal) or Decimal(0) for deal in sorted(deals, key=int)}
    kept = {deal: max(weight, Decimal(0)) for deal, weight in found.items()}
    return kept if any(kept.values()) else dict.fromkeys(kept, Decimal(1))


def shared_out(parts: Sequence[Money], by: Sequence[Decimal]) -> list[list[Money]]:
    """For each weight its share of each of ``parts``, which together are a document's total.

    Both ways exact to the cent (accounting case 22): the shares of a part add up to it, and a deal's shares add up to
    its share of the total, which goes by largest remainder. So a document that is settled in full is so on each deal.
    Parts of both signs, which no total can be split into, are shared one by one.
    """
    signs = {part.is_negative for part in parts if not part.is_zero}
    left = allocate(sum_money(parts, parts[0].currency), by)
    columns = []
    for part in parts:
        column = allocate(part, [one.minor for one in left] if len(signs) == 1 else by)
        left = [one - share for one, share in zip(left, column, strict=True)]
        columns.append(column)
    return [list(row) for row in zip(*columns, strict=True)]
