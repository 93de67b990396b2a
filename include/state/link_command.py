"""``links``, ``share`` and ``unlink`` of ``python -m include.state``: which deals an invoice bills, by which part."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from include.core.document_links import DocumentLink
from include.core.errors import RecordError
from include.core.money import BadAmount, decimal_of
from include.state.store import StateStore

REFRESH = "HubSpot shows it after a run of intacct_payment_to_hubspot_deal with this record id: "


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--deal", default="", help="a deal's id in HubSpot (links, share, unlink)")
    parser.add_argument("--invoice", default="", help="an invoice's number or record number (links, share, unlink)")
    parser.add_argument("--weight", default="", help="share: what the deal sold on the invoice, like 600.00")
    parser.add_argument("--why", default="", help="share, unlink: the reason, kept with the link")


def link_lines(options: argparse.Namespace, store: StateStore) -> Iterator[str]:
    """What the command prints. Raises ``RecordError`` where the link is not there or an option is missing."""
    if options.action == "links":
        found = [one for one in store.all_links() if _meant(one, options)]
        yield f"{len(found)} links, {sum(one.counts for one in found)} of them count"
        yield from map(in_words, found)
        return
    if not (options.deal and options.invoice and options.why):
        raise RecordError("name the link with --deal and --invoice, and say --why")
    counting = [one for one in store.links_of_deals([options.deal]) if _meant(one, options)]
    if len(counting) != 1:
        raise RecordError(
            f"deal {options.deal} has {len(counting)} recorded links to {options.invoice}; look at them with links. A "
            "share can be stated once a run has seen that several deals have the invoice"
        )
    (link,) = counting
    by = f"command by {getpass.getuser()}"
    if options.action == "unlink":
        if link.kind != "approved":
            raise RecordError(
                f"the link is {link.kind}: take the number off the deal in HubSpot"
                if link.kind == "named"
                else "Tieout made the invoice for this deal: reverse it in Intacct"
            )
        store.end_links(f"{by}: {options.why}", {(link.deal_id, link.document): ""})
        yield f"Deal {link.deal_id} has invoice {link.number or link.document} no more."
        yield "Take its number off the deal in HubSpot too."
    else:
        store.put_links(by, [replace(link, share=_weight(options.weight), why=options.why)])
        yield f"Deal {link.deal_id} weighs {options.weight} in invoice {link.number or link.document}."
    yield REFRESH + link.document


def in_words(one: DocumentLink) -> str:
    share = f"weight {one.share:f}" if one.share is not None else "weight: the deal's amount"
    name = f"{one.number} (record {one.document})" if one.number else f"record {one.document}"
    ended = f", until {one.until:%Y-%m-%d %H:%M}Z ({one.ended_by})" if one.until else ""
    after = f", then record {one.successor}" if one.successor else ""
    since = f"{one.since:%Y-%m-%d %H:%M}Z" if one.since else ""
    return f"{since}  deal {one.deal_id}  invoice {name}  {one.kind}, {share}: {one.why} ({one.run}){ended}{after}"


def _meant(one: DocumentLink, options: argparse.Namespace) -> bool:
    names = {one.document.casefold(), one.number.casefold()}
    return options.deal in ("", one.deal_id) and (not options.invoice or options.invoice.casefold() in names)


def _weight(text: str) -> Decimal:
    try:
        weight = decimal_of(text)
    except BadAmount:
        weight = Decimal(-1)
    if weight < 0:
        raise RecordError("--weight is a number of zero or more, like 600.00")
    return weight
