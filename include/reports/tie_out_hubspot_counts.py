"""Was everything read of HubSpot? What its search counts beside what was read: by ranges of ids and by day of creation.

Search counts without giving the records, and its index lags behind; so only what it counts and was not read is a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from include.connectors.hubspot.client import HubSpotClient, Repeat
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.limits import Bucket
from include.connectors.hubspot.wire import as_whole

OBJECTS = ("deals", "companies")
DAYS = 7
"""Days of creation that are counted where a range of ids has more than was read."""


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    first: str
    last: str
    filters: tuple[Filter, ...]
    where: str


def count_hubspot(client: HubSpotClient, connection: duckdb.DuckDBPyConnection, read_at: datetime) -> None:
    """Add to ``completeness`` what HubSpot counts of deals and companies created before ``read_at``, and what was read.

    Raises what ``client.request`` raises.
    """
    for name in OBJECTS:
        gaps = [_count(client, connection, name, part, read_at) for part in _ranges(connection, name)]
        if any(gaps):
            for part in _days(read_at):
                _count(client, connection, name, part, read_at)


def _ranges(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[_Part]:
    """Four, with as many records in each. The last has no end: what a broken-off reading lacks is new."""
    query = "SELECT quantile_disc(record_no, [0.25, 0.5, 0.75]) FROM hubspot_read WHERE object = ?"
    found = connection.execute(query, [name]).fetchone()
    start = 1
    for end in dict.fromkeys(found[0]) if found and found[0] else ():
        within = (Filter.between("hs_object_id", start, end),)
        yield _Part("ids", str(start), str(end), within, f"record_no BETWEEN {start} AND {end}")
        start = end + 1
    yield _Part("ids", str(start), "", (Filter.at_least("hs_object_id", start),), f"record_no >= {start}")


def _days(read_at: datetime) -> Iterator[_Part]:
    today = read_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for n in range(DAYS):
        day = today - timedelta(days=n)
        until = day + timedelta(days=1)
        made = (Filter.at_least("createdate", day), Filter.less_than("createdate", until))
        where = f"created_at >= TIMESTAMP '{day:%Y-%m-%d}' AND created_at < TIMESTAMP '{until:%Y-%m-%d}'"
        yield _Part("days of creation", f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}", made, where)


def _count(
    client: HubSpotClient, connection: duckdb.DuckDBPyConnection, name: str, part: _Part, read_at: datetime
) -> bool:
    """Whether HubSpot counts more than was read."""
    chosen = [one.to_wire() for one in (*part.filters, Filter.less_than("createdate", read_at))]
    body = {"filterGroups": [{"filters": chosen}], "properties": ["hs_object_id"], "limit": 1}
    path = client.paths.objects(name, "search")
    reply = client.request("POST", path, body=body, repeat=Repeat.ALWAYS, bucket=Bucket.SEARCH).body
    told = as_whole(reply.get("total"), "total")
    query = f"""INSERT INTO completeness SELECT ?, ?, ?, ?, ?, count(*), NULL, NULL FROM hubspot_read
        WHERE object = ? AND {part.where} RETURNING read"""  # noqa: S608 - numbers and days
    read = connection.execute(query, [name, part.kind, part.first, part.last, told, name]).fetchone()
    return read is None or told > int(read[0])
