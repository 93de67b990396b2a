"""Read deals from HubSpot with all that belongs to them, in as few calls as its batch limits allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time

from include.connectors.hubspot.account import get_account
from include.connectors.hubspot.associations import Association, read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.owners import iter_owners
from include.connectors.hubspot.pipelines import get_pipelines, won_stages
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import iter_search
from include.core.errors import SettingsError
from include.core.windows import ZONE_SPREAD, Window
from include.flows.customers.company_customer import COMPANY_PROPERTIES, CONTACT_PROPERTIES
from include.flows.deals.invoice_lines import LINE_PROPERTIES
from include.flows.deals.records import DealRecord, Sheet
from include.flows.deals.settings import WonDealSettings
from include.flows.figures.of_deal import NUMBERS
from include.flows.renewals.billing import BILLING_PROPERTIES
from include.flows.sources import SourceSettings, properties_used

DEAL_PROPERTIES = (
    "dealname",
    "amount",
    "pipeline",
    "dealstage",
    "closedate",
    "deal_currency_code",
    "hubspot_owner_id",
    "hs_lastmodifieddate",
    "hs_merged_object_ids",
    "tieout_key",
    NUMBERS,
    *BILLING_PROPERTIES,
)


def find_deal_ids(hubspot: HubSpotClient, window: Window, settings: WonDealSettings) -> Iterator[str]:
    """The ids of the deals that a run must look at, ascending: won ones in the window, and by modification also those
    that carry our key, so that a deal that stops being won is seen."""
    if window.kind == "records":
        yield from window.ids
        return
    first, last = window.instants
    stages = sorted({stage for stages in won_stages_of(hubspot, settings).values() for stage in stages})
    if window.kind == "dated":
        # Found by instant, filtered exactly by the plan, which knows the billing entity's zone.
        groups = [[Filter.is_in("dealstage", stages), *_between(settings.won_date, first, last)]]
    else:
        modified = _between("hs_lastmodifieddate", first, last)
        live = datetime.combine(settings.go_live, time(), UTC) - ZONE_SPREAD
        groups = [
            [Filter.is_in("dealstage", stages), Filter.at_least(settings.won_date, live), *modified],
            [Filter.is_in("dealstage", stages), Filter.lacks(settings.won_date), *modified],
        ]
        if "tieout_key" in get_properties(hubspot, "deals"):
            groups.append([Filter.has("tieout_key"), *modified])
    seen = set[str]()
    for group in groups:
        for found in iter_search(hubspot, "deals", [group], ["hs_object_id"]):
            if found.id not in seen:
                seen.add(found.id)
                yield found.id


def read_deals(
    hubspot: HubSpotClient,
    ids: Sequence[str],
    settings: WonDealSettings,
    more: Iterable[str] = (),
    sources: Sequence[SourceSettings] = (),
) -> list[DealRecord]:
    """The deals with line items, paying company, first contact and owner. Deals that no longer exist are left out.
    ``more`` properties of deals, and ``sources``, are read beyond what the settings name."""

    def asked(sheet: str) -> set[str]:
        return settings.properties(sheet) | properties_used([*sources], sheet)

    won = won_stages_of(hubspot, settings)
    every = won if settings.pipelines == "all" else won_stages(get_pipelines(hubspot, "deals"))
    deal_names = {*DEAL_PROPERTIES, settings.won_date, *asked("deal"), *more}
    deals = batch_read(hubspot, "deals", ids, sorted(deal_names)).by_id()
    companies_of = read_associations(hubspot, "deals", "companies", list(deals))
    contacts_of = read_associations(hubspot, "deals", "contacts", list(deals))
    lines_of = read_associations(hubspot, "deals", "line_items", list(deals))
    company_of = {deal: paying_company(companies_of.get(deal, [])) for deal in deals}
    contact_of = {deal: _first(contacts_of.get(deal, [])) for deal in deals}
    companies = _sheets(hubspot, "companies", company_of.values(), {*COMPANY_PROPERTIES, *asked("company")})
    contacts = _sheets(hubspot, "contacts", contact_of.values(), {*CONTACT_PROPERTIES, *asked("contact")})
    line_ids = [a.to_id for found in lines_of.values() for a in found]
    lines = _sheets(hubspot, "line_items", line_ids, {*LINE_PROPERTIES, *asked("line")})
    owners = _owners(hubspot) if asked("owner") else {}
    home_currency = get_account(hubspot).company_currency
    return [
        DealRecord(
            deal=_sheet(deal.id, deal.properties),
            is_won=_is_won(deal, won),
            currency=deal.properties.get("deal_currency_code") or home_currency,
            company=companies.get(company_of[deal_id] or "", {}),
            companies=len(companies_of.get(deal_id, [])),
            contact=contacts.get(contact_of[deal_id] or "", {}),
            owner=owners.get(deal.properties.get("hubspot_owner_id") or "", {}),
            lines=_in_order([lines[a.to_id] for a in lines_of.get(deal_id, []) if a.to_id in lines]),
            won_elsewhere=_is_won(deal, every) and not _is_won(deal, won),
        )
        for deal_id, deal in deals.items()
    ]


def won_stages_of(hubspot: HubSpotClient, settings: WonDealSettings) -> Mapping[str, set[str]]:
    """The won stages of each pipeline that counts. Raises ``SettingsError`` for a pipeline that HubSpot lacks."""
    pipelines = get_pipelines(hubspot, "deals")
    won = won_stages(pipelines)
    if settings.pipelines == "all":
        return won
    unknown = sorted(set(settings.pipelines) - {pipeline.id for pipeline in pipelines})
    if unknown:
        known = ", ".join(f"{pipeline.id} ({pipeline.label})" for pipeline in pipelines)
        raise SettingsError(f"pipelines names {', '.join(unknown)}, which HubSpot does not have; it has {known}")
    return {pipeline: stages for pipeline, stages in won.items() if pipeline in settings.pipelines}


def _is_won(deal: CrmRecord, won: Mapping[str, set[str]]) -> bool:
    return deal.properties.get("dealstage") in won.get(deal.properties.get("pipeline") or "", set())


def _between(name: str, start: datetime, end: datetime) -> list[Filter]:
    return [Filter.at_least(name, start), Filter.less_than(name, end)]


def paying_company(found: Sequence[Association]) -> str | None:
    """The primary company, or the only one."""
    primary = [a.to_id for a in found if a.primary]
    if primary:
        return primary[0]
    return found[0].to_id if len(found) == 1 else None


def _first(found: Sequence[Association]) -> str | None:
    return min((a.to_id for a in found), key=int, default=None)


def _sheets(
    hubspot: HubSpotClient, object_type: str, ids: Iterable[str | None], properties: set[str]
) -> dict[str, Sheet]:
    wanted = sorted({i for i in ids if i})
    found = batch_read(hubspot, object_type, wanted, sorted(properties)).by_id()
    return {i: _sheet(i, record.properties) for i, record in found.items()}


def _sheet(record_id: str, properties: Mapping[str, str | None]) -> Sheet:
    return {**properties, "id": record_id}


def _owners(hubspot: HubSpotClient) -> dict[str, Sheet]:
    return {
        owner.owner_id: {
            "id": owner.owner_id,
            "email": owner.email,
            "firstname": owner.first_name,
            "lastname": owner.last_name,
        }
        for owner in iter_owners(hubspot)
    }


def _in_order(lines: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """By position on the quote, then id: the order in which the lines stand on the invoice, the same on every run."""

    def place(line: Sheet) -> tuple[int, int]:
        position = line.get("hs_position_on_quote") or ""
        return (int(position) if position.isdecimal() else 10_000, int(line["id"] or 0))

    return tuple(sorted(lines, key=place))
