"""Was everything read? Intacct's own counts and sums, by ranges of RECORDNO and by the day of last change, beside those
of what was read; and the records that windows by last change can never find."""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import to_read_exception
from include.connectors.intacct.filters import Filter, all_of, at_least, at_most, is_null, less
from include.connectors.intacct.query import build_query
from include.connectors.intacct.zone import utc_offset, wire_moment
from include.core.currencies import MINOR_UNITS

RANGES = 20
"""Ranges of RECORDNO for each object: fine enough to say where something is missing."""
DAYS = 31
"""Days of last change that are counted one by one; what changed before is one row."""
_FUNCTIONS = 100
_TABLES = {"ARINVOICE": "invoice", "ARADJUSTMENT": "adjustment", "ARPYMTDETAIL": "application"}
_WITH_TOTALS = ("ARINVOICE", "ARADJUSTMENT")


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of an object: how Intacct is asked for them (``filter``) and the table (``where``)."""

    object: str
    kind: str
    first: str
    last: str
    filter: Filter
    where: str


def count_parts(
    client: IntacctClient, connection: duckdb.DuckDBPyConnection, read_at: datetime, company_currency: str = ""
) -> int:
    """Fill the table ``completeness``: for each part Intacct's count and sum, and those of what was read. How many
    records have no time of last change.

    The sums add amounts of all currencies, in thousandths: a checksum, no money. A request per 100 parts. Raises what
    ``IntacctClient.call`` raises.
    """
    parts = [part for name in _TABLES for part in _parts(client, connection, name, read_at)]
    total = "TOTALENTERED" if company_currency else "TRX_TOTALENTERED"
    summed = [part for part in parts if part.kind == "record numbers" and part.object in _WITH_TOTALS]
    told = _ask(client, parts, "count", "RECORDNO")
    sums = dict(zip(summed, _ask(client, summed, "sum", total), strict=True))
    connection.execute(
        "CREATE OR REPLACE TABLE completeness (object VARCHAR, part VARCHAR, first VARCHAR, last VARCHAR, "
        "told BIGINT, read BIGINT, told_checksum BIGINT, read_checksum BIGINT)"
    )
    digits = " ".join(f"WHEN '{code}' THEN {10 ** (3 - n)}" for code, n in MINOR_UNITS.items() if n not in (2, 4))
    for part, number in zip(parts, told, strict=True):
        checksum = sums.get(part)
        amount = f"sum(total_minor * CASE currency {digits} ELSE 10 END)" if part in sums else "NULL"
        connection.execute(
            f"INSERT INTO completeness SELECT ?, ?, ?, ?, ?, count(DISTINCT record_no), ?, {amount}::BIGINT "
            f"FROM {_TABLES[part.object]} WHERE {part.where}",
            [part.object, part.kind, part.first, part.last, int(number or 0), None if checksum is None else
             int(checksum * 1000)],
        )  # fmt: skip
    found = connection.execute("SELECT sum(told) FROM completeness WHERE part = 'no time of change'").fetchone()
    return int(found[0] or 0) if found else 0


def _parts(
    client: IntacctClient, connection: duckdb.DuckDBPyConnection, name: str, read_at: datetime
) -> Iterator[Part]:
    highest = connection.execute(f"SELECT coalesce(max(record_no), 0) FROM {_TABLES[name]}").fetchone()
    last = int(highest[0]) if highest else 0
    width = max(1, -(-last // RANGES))
    for start in range(1, last + 1, width):
        end = min(start + width - 1, last)
        both = all_of(at_least("RECORDNO", start), at_most("RECORDNO", end))
        where = f"record_no BETWEEN {start} AND {end}"
        yield Part(name, "record numbers", str(start), str(end), both, where)
    offset = utc_offset(client)
    up_to = at_most("RECORDNO", last)
    today = read_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=DAYS - 1)

    def changed(start: datetime | None, end: datetime | None) -> tuple[Filter, str]:
        asked, where = [up_to], ["modified_at IS NOT NULL"]
        if start:
            asked.append(at_least("WHENMODIFIED", wire_moment(start, offset)))
            where.append(f"modified_at >= TIMESTAMP '{start:%Y-%m-%d %H:%M:%S}'")
        if end:
            asked.append(less("WHENMODIFIED", wire_moment(end, offset)))
            where.append(f"modified_at < TIMESTAMP '{end:%Y-%m-%d %H:%M:%S}'")
        return all_of(*asked), " AND ".join(where)

    yield Part(name, "days of change", "", f"{first - timedelta(days=1):%Y-%m-%d}", *changed(None, first))
    for n in range(DAYS):
        day = first + timedelta(days=n)
        until = min(day + timedelta(days=1), read_at.astimezone(UTC))
        yield Part(name, "days of change", f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}", *changed(day, until))
    yield Part(name, "changed while reading", f"{read_at:%Y-%m-%d %H:%M}", "", *changed(read_at.astimezone(UTC), None))
    empty = all_of(up_to, is_null("WHENMODIFIED"))
    yield Part(name, "no time of change", "", "", empty, "modified_at IS NULL")


def _ask(client: IntacctClient, parts: Sequence[Part], aggregate: str, field: str) -> list[Decimal | None]:
    answers: list[Decimal | None] = []
    for start in range(0, len(parts), _FUNCTIONS):
        some = parts[start : start + _FUNCTIONS]
        queries = [
            build_query(part.object, (field,), part.filter, aggregate=aggregate, ordered=False, page_size=1)
            for part in some
        ]
        results = client.call([Function(query) for query in queries])
        for part, result in zip(some, results, strict=True):
            if not result.ok:
                raise to_read_exception(result.failure, part.object)
            answers.append(_number(result.records[0] if result.records else {}, aggregate, field))
    return answers


def _number(record: Mapping[str, object], aggregate: str, field: str) -> Decimal | None:
    """Gateways name the answer ``SUM.X`` or plain ``X``."""
    text = str(record.get(f"{aggregate.upper()}.{field}") or record.get(field) or "").strip()
    return Decimal(text) if text else None
