"""Reading from HubSpot all that the revenue report counts: every deal with its history, products, company and owner.

Contacts are not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from include.connectors.hubspot.account import Account, get_account
from include.connectors.hubspot.associations import Association, read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.listing import iter_all
from include.connectors.hubspot.owners import iter_owners
from include.connectors.hubspot.pipelines import Stage, get_pipelines
from include.connectors.hubspot.records import CrmRecord
from include.core.money import BadAmount, decimal_of

Sheet = Mapping[str, str | None]
_DEAL = (
    "dealname", "amount", "amount_in_home_currency", "pipeline", "dealstage", "closedate", "deal_currency_code",
    "hubspot_owner_id",
)  # fmt: skip
_LINE = ("hs_sku", "name", "amount")
AT_ONCE = 1_000
"""Deals that are in memory at a time."""
_HISTORY = ("dealstage", "amount", "closedate")


@dataclass(frozen=True, slots=True)
class Floor:
    """What was read. ``stages``: (pipeline, stage) -> the pipeline's label and the stage."""

    deals: Sequence[CrmRecord]
    companies: Mapping[str, Sheet]
    lines: Mapping[str, Sequence[tuple[str, Decimal]]]
    owners: Mapping[str, str]
    stages: Mapping[tuple[str, str], tuple[str, Stage]]
    account: Account


def read_floors(
    hubspot: HubSpotClient, deal_properties: Collection[str], company_properties: Collection[str]
) -> Iterator[Floor]:
    """Every deal, some at a time: one call for 50 of them, and batch calls for their companies and lines. Raises what
    the client raises."""
    account = get_account(hubspot)
    owners = {one.owner_id: f"{one.first_name} {one.last_name}".strip() for one in iter_owners(hubspot)}
    stages = {
        (pipeline.id, stage.id): (pipeline.label, stage)
        for pipeline in get_pipelines(hubspot, "deals")
        for stage in pipeline.stages
    }
    waiting = iter_all(hubspot, "deals", sorted({*_DEAL, *deal_properties}), with_history=_HISTORY)
    while deals := list(islice(waiting, AT_ONCE)):
        companies, lines = _around(hubspot, [deal.id for deal in deals], company_properties)
        yield Floor(deals, companies, lines, owners, stages, account)


def _around(
    hubspot: HubSpotClient, ids: Sequence[str], company_properties: Collection[str]
) -> tuple[dict[str, Sheet], dict[str, Sequence[tuple[str, Decimal]]]]:
    """Each deal's paying company and its products."""
    companies_of = read_associations(hubspot, "deals", "companies", ids)
    lines_of = read_associations(hubspot, "deals", "line_items", ids)
    company_of = {deal: _paying(found) for deal, found in companies_of.items()}
    companies = batch_read(
        hubspot, "companies", sorted({one for one in company_of.values() if one}), sorted({"name", *company_properties})
    ).by_id()
    line_ids = sorted({one.to_id for found in lines_of.values() for one in found})
    lines = batch_read(hubspot, "line_items", line_ids, list(_LINE)).by_id()
    return (
        {deal: companies[one].properties for deal, one in company_of.items() if one in companies},
        {deal: [_product(lines[one.to_id]) for one in found if one.to_id in lines] for deal, found in lines_of.items()},
    )


def _paying(found: Sequence[Association]) -> str:
    """The primary company, or the only one."""
    primary = [one.to_id for one in found if one.primary]
    return primary[0] if primary else found[0].to_id if len(found) == 1 else ""


def _product(line: CrmRecord) -> tuple[str, Decimal]:
    sheet = line.properties
    try:
        weight = decimal_of(sheet.get("amount") or "0")
    except BadAmount:
        weight = Decimal(0)
    return sheet.get("hs_sku") or sheet.get("name") or "", weight
