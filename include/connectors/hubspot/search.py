"""Search without an end: keyset paging on the record id, so that neither HubSpot's 10,000 rows per query nor
any number of records with one timestamp stops it."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Sequence

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient, Repeat
from include.connectors.hubspot.filters import BODY, GROUPS, Filter, Group, modified_between, split_search
from include.connectors.hubspot.limits import Bucket
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.wire import BadShape, Json, as_list, as_whole

__all__ = ["Filter", "iter_search", "modified_between"]

LIMIT = 200
_KEYSET = len(json.dumps(Filter.greater_than("hs_object_id", "9" * 20).to_wire())) + 2
_WIDE = 1500


def iter_search(
    client: HubSpotClient,
    object_type: str,
    filters: Sequence[Sequence[Filter]],
    properties: Sequence[str],
    *,
    after_id: str = "0",
) -> Iterator[CrmRecord]:
    """Every record that matches any of the groups ``filters`` (all of a group's filters), once, by ascending
    id.

    ``properties`` are the values wanted; more of them than a search body holds are read by batch.
    ``after_id`` continues behind a record. Archived records are never found, and a change of the last moments
    may not be yet: HubSpot's index lags, so the caller's windows overlap.

    Raises ``SettingsError`` for filters that HubSpot's limits do not admit, and what ``client.request``
    raises.
    """
    wanted = list(dict.fromkeys(properties))
    asked = wanted if len(json.dumps(wanted)) <= _WIDE else ["hs_object_id"]
    room = BODY - len(json.dumps(_body([], asked, "0"))) - GROUPS * _KEYSET
    runs = [_run(client, object_type, search, asked, int(after_id)) for search in split_search(filters, room)]
    found = runs[0] if len(runs) == 1 else _merged(runs)
    return found if asked is wanted else _widened(client, object_type, found, wanted)


def _run(
    client: HubSpotClient, object_type: str, groups: Sequence[Group], properties: Sequence[str], last: int
) -> Iterator[CrmRecord]:
    path = client.paths.objects(object_type, "search")
    while True:
        body = _body(groups, properties, str(last))
        reply = client.request("POST", path, body=body, repeat=Repeat.ALWAYS, bucket=Bucket.SEARCH).body
        page = [CrmRecord.from_wire(row) for row in as_list(reply.get("results"), "results")]
        for record in page:
            if int(record.id) <= last:
                raise BadShape("results", "in ascending order of ids")
            last = int(record.id)
            yield record
        if not page or _is_last(reply, len(page)):
            return


def _body(groups: Sequence[Group], properties: Sequence[str], last: str) -> Json:
    """The reply's rows all come after ``last``: with the keyset filter in each group no offset is ever
    needed."""
    keyset = Filter.greater_than("hs_object_id", last)
    return {
        "filterGroups": [{"filters": [one.to_wire() for one in (*group, keyset)]} for group in groups],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": LIMIT,
    }


def _is_last(reply: Json, rows: int) -> bool:
    paging = reply.get("paging")
    if isinstance(paging, dict) and paging.get("next"):
        return False
    return rows < LIMIT or as_whole(reply.get("total"), "total") <= rows


def _merged(runs: Sequence[Iterator[CrmRecord]]) -> Iterator[CrmRecord]:
    last = ""
    for record in heapq.merge(*runs, key=lambda one: int(one.id)):
        if record.id != last:
            yield record
        last = record.id


def _widened(
    client: HubSpotClient, object_type: str, found: Iterator[CrmRecord], properties: Sequence[str]
) -> Iterator[CrmRecord]:
    ids: list[str] = []
    for record in found:
        ids.append(record.id)
        if len(ids) == LIMIT:
            yield from batch_read(client, object_type, ids, properties).records
            ids = []
    if ids:
        yield from batch_read(client, object_type, ids, properties).records
