"""Invoices that people entered by hand: which deal is each of? Proposed, never assumed. Pure.

Accounting case 74. An invoice is a deal's by customer, amount, date and purchase order. Where it could be another's
too, or something speaks against it, a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from include.core.money import Money


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A deal or an invoice (``id``) by what both show. ``po`` is ``""`` where none is known. ``otherwise``: of a taxed
    document, its total where ``amount`` is without the tax, and the other way round: whoever is like it by that alone
    may be another one."""

    id: str
    customer_id: str
    amount: Money
    day: date
    po: str = ""
    otherwise: Money | None = None

    @property
    def amounts(self) -> set[Money]:
        return {self.amount, self.otherwise or self.amount}


@dataclass(frozen=True, slots=True)
class Proposed:
    """This invoice is this deal's: nothing else fits either of them as well."""

    deal_id: str
    invoice_id: str


@dataclass(frozen=True, slots=True)
class Review:
    """These invoices have the deal's customer and amount, and a person must say which of them, if any, is its own."""

    deal_id: str
    invoice_ids: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class NoneFound:
    deal_id: str


Link = Proposed | Review | NoneFound


def may_create(won_on: date, go_live: date) -> bool:
    """Nothing won before the cut-over is ever billed by us, whether or not an invoice was found for it."""
    return won_on >= go_live


def proposed_links(deals: Sequence[Fingerprint], invoices: Sequence[Fingerprint], *, days: int = 5) -> list[Link]:
    """One answer for each deal, in their order. ``days``: how far deal and invoice may be apart. The ``amount`` of an
    invoice is with or without its tax as the deals state theirs."""
    alike = {deal.id: [one for one in invoices if _alike(deal, one)] for deal in deals}
    fitting = {deal.id: [one for one in alike[deal.id] if _fits(deal, one, days)] for deal in deals}
    claims = [one.id for found in fitting.values() for one in found]
    return [_link(deal, alike[deal.id], fitting[deal.id], claims) for deal in deals]


def look_alikes(document: Fingerprint, invoices: Iterable[Fingerprint], *, days: int = 5) -> list[str]:
    """The invoices that may be this document already, by id: same customer and amount (with tax or without), at most
    ``days`` apart, and purchase orders that do not contradict each other: where one names none, it may still be the
    same sale."""
    return [
        one.id for one in invoices if _alike(document, one) and _near(document, one, days) and _may_be(document, one)
    ]


def _link(
    deal: Fingerprint, alike: Sequence[Fingerprint], fitting: Sequence[Fingerprint], claims: Sequence[str]
) -> Link:
    if not alike:
        return NoneFound(deal.id)
    if len(fitting) == 1 and claims.count(fitting[0].id) == 1 and fitting[0].amount == deal.amount:
        return Proposed(deal.id, fitting[0].id)
    found = tuple(one.id for one in fitting or alike)
    if not fitting:
        return Review(deal.id, found, "customer and amount are the same, date or purchase order are not")
    if len(fitting) > 1:
        return Review(deal.id, found, "several invoices fit the deal equally well")
    if claims.count(fitting[0].id) > 1:
        return Review(deal.id, found, "the invoice fits another deal equally well")
    return Review(deal.id, found, "it bears tax, and only one of its amounts with and without it is the deal's")


def _alike(deal: Fingerprint, invoice: Fingerprint) -> bool:
    return deal.customer_id == invoice.customer_id and not deal.amounts.isdisjoint(invoice.amounts)


def _fits(deal: Fingerprint, invoice: Fingerprint, days: int) -> bool:
    return _po(deal.po) == _po(invoice.po) and _near(deal, invoice, days)


def _near(deal: Fingerprint, invoice: Fingerprint, days: int) -> bool:
    return abs((deal.day - invoice.day).days) <= days


def _may_be(deal: Fingerprint, invoice: Fingerprint) -> bool:
    po, other = _po(deal.po), _po(invoice.po)
    return not po or not other or po == other


def _po(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).casefold()
