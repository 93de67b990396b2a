"""What a renewal must know from HubSpot: companies, their deals with line items, products, owners. In batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.hubspot.account import get_account
from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.pipelines import Pipeline, get_pipelines
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import Filter, iter_search
from include.connectors.hubspot.source_key import SOURCE_KEY
from include.core.errors import SettingsError
from include.flows.customers.customer_companies import companies_of_customers
from include.flows.owners import OwnerDirectory, read_owners
from include.flows.renewals.price import Product
from include.flows.renewals.settings import RenewalSettings

COMPANY_PROPERTIES = ("name", "hubspot_owner_id")
DEAL_PROPERTIES = (
    "dealname",
    "amount",
    "closedate",
    "dealstage",
    "dealtype",
    "deal_currency_code",
    "pipeline",
    SOURCE_KEY,
    "tieout_renewal",
    "tieout_close_date",
    "intacct_renewal_amount",
)
LINE_PROPERTIES = (
    "hs_sku",
    "quantity",
    "price",
    "hs_recurring_billing_start_date",
    "tieout_contract_line",
    "tieout_wrote",
)


@dataclass(frozen=True, slots=True)
class DealSeen:
    """A deal of a company: its properties, its stage (``open``, ``won``, ``lost``) and its line items."""

    deal_id: str
    company_ids: tuple[str, ...]
    properties: Mapping[str, str | None]
    state: str
    lines: tuple[CrmRecord, ...] = ()

    @property
    def skus(self) -> set[str]:
        return {sku for line in self.lines if (sku := line.properties.get("hs_sku") or "")}

    @property
    def key(self) -> str:
        """The document key of the write that made it; empty for a deal that Tieout did not make."""
        return self.properties.get(SOURCE_KEY) or ""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Companies by customer id, deals by company id, products by SKU."""

    companies: Mapping[str, Sequence[CrmRecord]] = field(default_factory=dict)
    deals: Mapping[str, Sequence[DealSeen]] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    owners: OwnerDirectory = field(default_factory=lambda: OwnerDirectory({}))


def lookup(hubspot: HubSpotClient, customer_ids: Iterable[str], skus: Iterable[str], fallback_owner: str) -> Lookups:
    """The number of calls grows with the number of customers divided by HubSpot's batch sizes."""
    companies = companies_of_customers(hubspot, customer_ids, COMPANY_PROPERTIES)
    ids = list(dict.fromkeys(company.id for found in companies.values() for company in found))
    return Lookups(
        companies,
        _deals(hubspot, ids),
        _products(hubspot, skus),
        read_owners(hubspot, fallback_owner),
    )


def check_stage(hubspot: HubSpotClient, settings: RenewalSettings) -> None:
    """Raises ``SettingsError`` unless HubSpot has that pipeline, with that stage, open."""
    pipelines = {one.id: one for one in get_pipelines(hubspot) if not one.archived}
    file = "intacct_renewal_to_hubspot_deal.yaml"
    if settings.pipeline not in pipelines:
        known = ", ".join(f"{one.id} ({one.label})" for one in pipelines.values())
        raise SettingsError(f"{file}: pipeline {settings.pipeline} is none of HubSpot's: {known}", system="hubspot")
    pipeline = pipelines[settings.pipeline]
    open_stages = {stage.id: stage.label for stage in pipeline.stages if not stage.is_closed and not stage.archived}
    if settings.stage not in open_stages:
        known = ", ".join(f"{stage} ({label})" for stage, label in open_stages.items())
        raise SettingsError(
            f"{file}: stage {settings.stage} is no open stage of pipeline {pipeline.label}: {known}", system="hubspot"
        )


def _deals(hubspot: HubSpotClient, company_ids: Sequence[str]) -> dict[str, list[DealSeen]]:
    if not company_ids:
        return {}
    of_company = read_associations(hubspot, "companies", "deals", company_ids)
    companies_of = defaultdict[str, list[str]](list)
    for company, found in of_company.items():
        for one in found:
            companies_of[one.to_id].append(company)
    records = batch_read(hubspot, "deals", companies_of, DEAL_PROPERTIES).by_id()
    lines_of = read_associations(hubspot, "deals", "line_items", list(records)) if records else {}
    line_ids = [one.to_id for found in lines_of.values() for one in found]
    lines = batch_read(hubspot, "line_items", line_ids, LINE_PROPERTIES).by_id() if line_ids else {}
    states = _states(get_pipelines(hubspot))
    deals = defaultdict[str, list[DealSeen]](list)
    for deal_id, record in records.items():
        seen = DealSeen(
            deal_id,
            tuple(companies_of[deal_id]),
            record.properties,
            states.get((record.properties.get("pipeline") or "", record.properties.get("dealstage") or ""), "open"),
            tuple(lines[one.to_id] for one in lines_of.get(deal_id, ()) if one.to_id in lines),
        )
        for company in companies_of[deal_id]:
            deals[company].append(seen)
    return dict(deals)


def _states(pipelines: Iterable[Pipeline]) -> dict[tuple[str, str], str]:
    return {
        (pipeline.id, stage.id): "won" if stage.is_won else "lost" if stage.is_closed else "open"
        for pipeline in pipelines
        for stage in pipeline.stages
    }


def _products(hubspot: HubSpotClient, skus: Iterable[str]) -> dict[str, Product]:
    """By SKU, whatever its case in HubSpot; the product's price in the account's own currency is ``price``."""
    wanted = {sku.casefold(): sku for sku in skus if sku}
    if not wanted:
        return {}
    account = get_account(hubspot)
    priced = {currency: f"hs_price_{currency.lower()}" for currency in account.currencies}
    asked = ["name", "hs_sku", "price", "recurringbillingfrequency", *priced.values()]
    found: dict[str, Product] = {}
    for record in iter_search(hubspot, "products", [[Filter.is_in("hs_sku", sorted(wanted))]], asked):
        values = record.properties
        sku = wanted.get((values.get("hs_sku") or "").casefold())
        if sku is None or sku in found:
            continue
        prices = {currency: values.get(name) or "" for currency, name in priced.items()}
        prices[account.company_currency] = prices[account.company_currency] or values.get("price") or ""
        frequency = values.get("recurringbillingfrequency") or ""
        found[sku] = Product(record.id, values.get("name") or "", frequency, prices)
    return found
