"""Which HubSpot companies an Intacct customer is: those whose ``intacct_customer_id`` names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import Filter, iter_search, modified_between

CUSTOMER_ID = "intacct_customer_id"


def companies_of_customers(
    hubspot: HubSpotClient, customer_ids: Iterable[str], properties: Sequence[str]
) -> dict[str, list[CrmRecord]]:
    """Customer id -> its companies, by ascending id, with these properties; customers without one are left out.

    One customer may be several companies (a group billed as one).
    """
    return companies_naming(hubspot, CUSTOMER_ID, customer_ids, properties)


def companies_naming(
    hubspot: HubSpotClient, id_property: str, ids: Iterable[str], properties: Sequence[str]
) -> dict[str, list[CrmRecord]]:
    """Each of these ids -> the companies whose ``id_property`` is it, as ``companies_of_customers``. A person may have
    typed the id in another case."""
    by_folded = {one.casefold(): one for one in ids}
    found = defaultdict[str, list[CrmRecord]](list)
    if not by_folded or id_property not in get_properties(hubspot, "companies"):
        return {}
    named = [Filter.is_in(id_property, sorted(by_folded))]
    for company in iter_search(hubspot, "companies", [named], [id_property, *properties]):
        one = by_folded.get((company.properties.get(id_property) or "").strip().casefold())
        if one is not None:
            found[one].append(company)
    return dict(found)


def customers_linked(hubspot: HubSpotClient, start: datetime, end: datetime) -> set[str]:
    """The customers of the companies changed in [start, end): some may have got their customer's id just now."""
    return _customers(hubspot, [[modified_between("companies", start, end)]])


def customers_showing(hubspot: HubSpotClient, figures: Sequence[str]) -> set[str]:
    """The customers of the companies on which one of these number properties is above zero."""
    known = get_properties(hubspot, "companies")
    return _customers(hubspot, [[Filter.greater_than(name, 0)] for name in figures if name in known])


def companies_unlinked(hubspot: HubSpotClient, figure: str) -> list[str]:
    """The companies that show this figure of a customer and name none any more."""
    if not {CUSTOMER_ID, figure} <= get_properties(hubspot, "companies").keys():
        return []
    unlinked = [Filter.has(figure), Filter.lacks(CUSTOMER_ID)]
    return [company.id for company in iter_search(hubspot, "companies", [unlinked], ["hs_object_id"])]


def _customers(hubspot: HubSpotClient, groups: Sequence[Sequence[Filter]]) -> set[str]:
    if not groups or CUSTOMER_ID not in get_properties(hubspot, "companies"):
        return set()
    linked = [[Filter.has(CUSTOMER_ID), *group] for group in groups]
    found = iter_search(hubspot, "companies", linked, [CUSTOMER_ID])
    return {(company.properties.get(CUSTOMER_ID) or "").strip() for company in found} - {""}
