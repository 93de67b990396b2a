"""All records of one type: the first load. No cap, and not under the search limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.paging import iter_pages
from include.connectors.hubspot.records import CrmRecord

PAGE = 100
PAGE_WITH_HISTORY = 50


def iter_all(
    client: HubSpotClient,
    object_type: str,
    properties: Sequence[str],
    *,
    with_history: Sequence[str] = (),
    archived: bool = False,
) -> Iterator[CrmRecord]:
    """Every record of ``object_type``, or every archived one, 100 a page (50 with history).

    Ask for at most some 150 properties: they stand in the URL, which HubSpot refuses when it is very long.
    """
    query = {
        "limit": str(PAGE_WITH_HISTORY if with_history else PAGE),
        "properties": ",".join(properties),
        "archived": str(archived).lower(),
    }
    if with_history:
        query["propertiesWithHistory"] = ",".join(with_history)
    for page in iter_pages(client, client.paths.objects(object_type), query):
        yield from map(CrmRecord.from_wire, page)
