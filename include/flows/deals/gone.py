"""Deals that were deleted in HubSpot though they are invoiced: reported, never cascaded (accounting case 65)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.listing import iter_all
from include.core.decisions import Decision, Hold, Json, Skip
from include.flows.deals.documents import RECURRING_INVOICE
from include.flows.deals.live import LiveDeal
from include.flows.deals.records import DealRecord
from include.state.store import StateStore

GONE = "gone"
_BILLED_BY, _DEALS = (("intacct", "invoice"), ("intacct", RECURRING_INVOICE)), ("hubspot", "deal")


def find_deleted(hubspot: HubSpotClient, store: StateStore) -> Iterator[str]:
    """The invoiced ones among HubSpot's deleted deals, which it keeps for 90 days; a call for each hundred of those."""
    deleted = [deal.id for deal in iter_all(hubspot, "deals", ["hs_object_id"], archived=True)]
    if deleted:
        yield from sorted(_billed(store, deleted), key=int)


def gone_deals(store: StateStore, asked: Iterable[str], found: Collection[DealRecord]) -> dict[str, Json]:
    """Of the deals asked for those that are invoiced and no longer there, as records; a merged one lives on."""
    there = {one for record in found for one in (record.deal_id, *record.merged_deals)}
    missing = [one for one in asked if one not in there]
    return {deal: {GONE: deal} for deal in (_billed(store, missing) if missing else ())}


def _billed(store: StateStore, deals: Collection[str]) -> set[str]:
    return {key.source_id for kind in _BILLED_BY for key in store.records_made(kind, _DEALS, deals)}


def report_gone(gone: Iterable[str], live: Mapping[str, LiveDeal]) -> list[Decision]:
    """A hold for as long as something of the deal stands in Intacct. Pure."""
    decisions: list[Decision] = []
    for deal in gone:
        standing = live[deal].standing if deal in live else ()
        if not standing or live[deal].net.is_zero:
            decisions.append(Skip(deal, "deleted in HubSpot, and nothing of it is billed"))
            continue
        names = ", ".join(f"{one.name} ({one.standing.invoiced}, open {one.standing.balance})" for one in standing)
        message = (
            f"Deal {deal} was deleted in HubSpot, and {names} stands in Intacct. Restore the deal, or reverse or "
            "credit the invoice there; Tieout does neither."
        )
        decisions.append(Hold(deal, "deal_gone", message))
    return decisions
