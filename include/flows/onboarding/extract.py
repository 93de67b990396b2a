"""Read won deals for onboarding: as the main job reads them, with the company's contact and its other won deals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.pipelines import get_pipelines, won_stages
from include.core.windows import Window
from include.flows.customers.extract import primary_contacts
from include.flows.deals.extract import find_deal_ids, paying_company, read_deals
from include.flows.deals.records import Sheet
from include.flows.deals.settings import WonDealSettings
from include.flows.onboarding.records import ONBOARDING, OnboardingRecord
from include.flows.onboarding.settings import OnboardingSettings


def find_won_ids(
    hubspot: HubSpotClient, window: Window, settings: OnboardingSettings, main: WonDealSettings
) -> Iterator[str]:
    """As the main job finds them, from this flow's own go-live on."""
    return find_deal_ids(hubspot, window, main.model_copy(update={"go_live": settings.first_day(main)}))


def read_won(hubspot: HubSpotClient, deal_ids: Sequence[str], main: WonDealSettings) -> list[OnboardingRecord]:
    """The deals that still exist. Beyond the main job's calls: the associations of their companies, and one call for
    each hundred of the companies' deals."""
    deals = read_deals(hubspot, deal_ids, main, [ONBOARDING])
    won = [deal for deal in deals if deal.is_won and deal.company_id]
    others = _other_won_deals(hubspot, sorted({deal.company_id for deal in won}), main)
    lacking = sorted({deal.company_id for deal in won if not deal.contact.get("email")})
    contacts = primary_contacts(hubspot, lacking, main.properties("contact"))
    records = []
    for deal in deals:
        contact = deal.contact
        if deal.is_won and not contact.get("email"):
            contact = contacts.get(deal.company_id, contact)
        its = [other for other in others.get(deal.company_id, ()) if other["id"] != deal.deal_id]
        records.append(OnboardingRecord(replace(deal, contact=contact), tuple(its) if deal.is_won else ()))
    return records


def _other_won_deals(
    hubspot: HubSpotClient, company_ids: Sequence[str], main: WonDealSettings
) -> dict[str, list[Sheet]]:
    """Company id -> the deals that it pays and that are won, in any pipeline, or were when it was onboarded."""
    deals_of = read_associations(hubspot, "companies", "deals", company_ids)
    ids = sorted({one.to_id for found in deals_of.values() for one in found})
    won = won_stages(get_pipelines(hubspot, "deals"))
    properties = ["pipeline", "dealstage", main.won_date, ONBOARDING]
    deals = {
        deal_id: deal
        for deal_id, deal in batch_read(hubspot, "deals", ids, properties).by_id().items()
        if deal.properties.get("dealstage") in won.get(deal.properties.get("pipeline") or "", set())
        or deal.properties.get(ONBOARDING)
    }
    companies_of = read_associations(hubspot, "deals", "companies", deals)
    payers = {deal: paying_company(found) for deal, found in companies_of.items()}
    return {
        company: [
            {**deals[one.to_id].properties, "id": one.to_id}
            for one in found
            if one.to_id in deals and payers[one.to_id] == company
        ]
        for company, found in deals_of.items()
    }
