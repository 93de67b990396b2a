"""Which HubSpot companies an Intacct customer is: those whose ``intacct_customer_id`` names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import Filter, iter_search

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
