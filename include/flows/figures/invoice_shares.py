"""How several deals share one invoice: who they are, and what each one's weight is (accounting case 22).

A deal's weight is what it sold on the invoice. It is recorded when the invoice is first seen to be shared, as the
amount of the deal then, so that a deal that changes later does not move what others were billed; a person may state
another one (``python -m include.state share``). The link of a deal from which the number was taken off ends, and stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from include.core.document_links import DocumentLink, weights
from include.flows.figures.invoice_deals import DealInvoices, InvoiceLinks, NamedInvoice

NAMED = "Named on the deal"


@dataclass(frozen=True, slots=True)
class Sharing:
    """``deals`` are those asked for and those that share an invoice with one of them, or shared one until its number
    was taken off the deal: what they show changes too. ``weights``: record number -> deal -> weight, for each of their
    invoices that several deals have."""

    deals: Mapping[str, DealInvoices]
    weights: Mapping[str, Mapping[str, Decimal]]

    def is_shared(self, deal_id: str) -> bool:
        return any(deal_id in its for its in self.weights.values())


def read_sharing(links: InvoiceLinks, deals: Mapping[str, DealInvoices]) -> Sharing:
    """Who shares what. Records what is seen for the first time and ends what is no more.

    The calls of ``deals_of``, once more where deals share invoices. Raises what the clients raise.
    """
    left = {one.document for one in links.state.links_of_deals(list(deals))}
    named = {one.record_no: one for one in links.named({*_numbers(deals), *left})}
    found = {**links.deals_of(named.values()), **deals}
    further = {one.record_no: one for one in links.named(set(_numbers(found)) - named.keys())}
    known = {**links.deals_of(further.values()), **found} if further else found
    owners = defaultdict[str, dict[str, DealInvoices]](dict)
    for deal, its in known.items():
        for number in its.record_nos:
            owners[number][deal] = its
    shared = {number: its for number, its in owners.items() if len(its) > 1 and number in {**named, **further}}
    recorded = links.state.links_of_documents([*shared, *left])
    links.state.put_links(links.run_id, _new(shared, recorded, {**named, **further}))
    ended = [one for one in recorded if one.kind == "named" and one.deal_id not in owners[one.document]]
    links.state.end_links(links.run_id, {(one.deal_id, one.document): "" for one in ended})
    counting = links.state.links_of_documents([*shared]) if shared else []
    return Sharing(
        found,
        {
            number: weights(
                its,
                [one for one in counting if one.document == number],
                {deal: one.amount for deal, one in its.items()},
            )
            for number, its in shared.items()
        },
    )


def _numbers(deals: Mapping[str, DealInvoices]) -> Iterator[str]:
    for its in deals.values():
        yield from its.record_nos


def _new(
    shared: Mapping[str, Mapping[str, DealInvoices]],
    recorded: Collection[DocumentLink],
    named: Mapping[str, NamedInvoice],
) -> Iterator[DocumentLink]:
    told = {(one.deal_id, one.document) for one in recorded if one.share is not None}
    for number, deals in shared.items():
        for deal, its in deals.items():
            share = None if (deal, number) in told else its.amount
            yield DocumentLink(deal, number, "named", share, NAMED, named[number].number)
