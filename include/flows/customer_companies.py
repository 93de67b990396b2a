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

    One customer may be several companies (a group billed as one). A person may have typed the id in another case.
    """
    by_folded = {customer_id.casefold(): customer_id for customer_id in customer_ids}
    found = defaultdict[str, list[CrmRecord]](list)
    if not by_folded or CUSTOMER_ID not in get_properties(hubspot, "companies"):
        return {}
    named = [Filter.is_in(CUSTOMER_ID, sorted(by_folded))]
    for company in iter_search(hubspot, "companies", [named], [CUSTOMER_ID, *properties]):
        customer_id = by_folded.get((company.properties.get(CUSTOMER_ID) or "").strip().casefold())
        if customer_id is not None:
            found[customer_id].append(company)
    return dict(found)
