"""Deals that were merged in HubSpot after both, or the one that is gone, were billed: what is true of them, and what a
person can do. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from include.core.decisions import Json
from include.core.money import Money
from include.flows.deals.bill import HoldThis
from include.flows.deals.documents import DealDocuments
from include.flows.deals.live import LiveDeal, LiveInvoice
from include.flows.deals.records import DealRecord
from include.flows.instalments.billed import BilledInstalments, progress

MERGED = "merged_after_posting"
_KEY = re.compile(r"hs-deal-(\d+)-")


def deal_of(one: LiveInvoice) -> str:
    """The deal that Tieout made the invoice for, empty where people entered it."""
    match = _KEY.match(one.invoice.document_key)
    return match[1] if match else ""


def deals_of(live: LiveDeal | None) -> set[str]:
    """The other deals whose invoices stand for this one too."""
    return {deal_of(one) for one in live.standing if not one.ours} if live else set()


def check_only_one_is_billed(record: DealRecord, documents: Mapping[str, DealDocuments], live: LiveDeal | None) -> None:
    """Of a deal that is billed and is not as it was. Raises ``HoldThis`` while invoices of a deal that was merged into
    it stand: what that one billed came with it, and would be billed once more."""
    merged = [one for one in record.merged_deals if one in deals_of(live)]
    if merged:
        raise HoldThis(MERGED, two_are_billed(record, merged[0], documents))


def billed_and_merged(record: DealRecord, documents: Mapping[str, DealDocuments]) -> str:
    """The first deal merged into this one of which something is billed, by what the log knows; empty where none is."""
    mine = (one for one in record.merged_deals if one in documents)
    return next((one for one in mine if documents[one].facts.get("won") is not False), "")


def two_are_billed(record: DealRecord, merged: str, documents: Mapping[str, DealDocuments]) -> str:
    """Both have invoices; the survivor goes on once it is again what it was billed by."""
    its = documents[record.deal_id].facts
    was = f" ({Money.of(str(its['total']), str(its['currency']))})" if "total" in its else ""
    return (
        f"deal {merged}, which was merged into it, is billed as well{_so_far(merged, documents)}. Neither is billed on "
        f"while they are one. Take the line items that came with deal {merged} off this one and set it back to what it "
        f"was billed by{was}: then it goes on by itself. Enter what deal {merged} has not billed yet as a deal of its "
        "own, which is billed on its days, or bill it by hand; its invoices stand, and show on this deal."
    )


def one_is_billed(merged: str, documents: Mapping[str, DealDocuments]) -> str:
    """The deal that is gone has invoices, the survivor none."""
    return (
        f"deal {merged}, which was merged into it, is invoiced already{_so_far(merged, documents)}. Nothing of this "
        f"deal is billed by itself any more. Enter what deal {merged} has not billed, and what this one sold, as a "
        "deal of its own, which is billed then, or invoice it by hand; this hold stays while the deal is won."
    )


def _so_far(merged: str, documents: Mapping[str, DealDocuments]) -> str:
    facts: Json = documents[merged].facts if merged in documents else {}
    told = progress(facts, BilledInstalments.of(documents[merged])) if facts else ""
    return f" ({told.removesuffix('.')})" if told else ""
