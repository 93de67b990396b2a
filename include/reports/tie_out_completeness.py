"""Was everything read? Intacct's own counts and sums beside those of what was read: by ranges of RECORDNO, by the day
of last change (of postings: their own day), and the records that windows by last change can never find."""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import to_read_exception
from include.connectors.intacct.filters import Filter, all_of, at_least, at_most, greater, is_in, is_null, less
from include.connectors.intacct.query import build_query
from include.connectors.intacct.zone import utc_offset, wire_moment
from include.core.currencies import MINOR_UNITS

RANGES = 20
"""Ranges of RECORDNO for each object: fine enough to say where something is missing."""
DAYS = 31
"""Days of last change that are counted one by one; what changed before is one row."""
_FUNCTIONS = 100
_CLOCKS = timedelta(minutes=5)
"""How far Intacct's clock may be from ours: what is newer than the last record read may be newer than the reading."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How an object's records stand in the tables. ``amount`` is their column in minor units with its currency's; its
    sum is that of Intacct's ``total`` fields, the later ones taken off."""

    table: str
    where: str = "true"
    amount: str = ""
    currency: str = "currency"
    total: tuple[str, ...] = ()
    changed: str = "WHENMODIFIED"
    day: str = ""


_TOTAL = ("TRX_TOTALENTERED",)
COUNTED: Mapping[str, Counted] = {
    "ARINVOICE": Counted("invoice", amount="total_minor", total=_TOTAL),
    "ARADJUSTMENT": Counted("adjustment", amount="total_minor", total=_TOTAL),
    "ARPYMTDETAIL": Counted("application"),
    "ARPYMT": Counted("receipt", "starts_with(object, 'ARPYMT')", "total_minor", total=_TOTAL),
    "ARADVANCE": Counted("receipt", "contains(object, 'ARADVANCE')", "total_minor", total=_TOTAL),
    "GLDETAIL": Counted(
        "control", amount="amount_minor", currency="base_currency", total=("DEBITAMOUNT", "CREDITAMOUNT"),
        changed="MODIFIED", day="ENTRY_DATE",
    ),
}  # fmt: skip
"""All objects whose every record is read. Postings are counted by their own day."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of an object: how Intacct is asked for them (``filter``) and the table (``where``)."""

    object: str
    kind: str
    first: str
    last: str
    filter: Filter
    where: str

    @property
    def has_sum(self) -> bool:
        return self.kind == "record numbers" and bool(COUNTED[self.object].total)


def count_parts(
    client: IntacctClient,
    connection: duckdb.DuckDBPyConnection,
    read_at: datetime,
    control_accounts: Collection[str],
    company_currency: str = "",
) -> int:
    """Fill the table ``completeness`` with Intacct's objects: for each part its count and sum, and those of what was
    read. How many records have no time of last change.

    The sums add amounts of all currencies, in thousandths: a checksum, no money. A request per 100 parts. Raises what
    ``IntacctClient.call`` raises.
    """
    connection.execute("DELETE FROM completeness WHERE object IN (SELECT unnest(?))", [list(COUNTED)])
    accounts = is_in("ACCOUNTNO", sorted(control_accounts))
    parts = [
        part
        for name in COUNTED
        for part in _parts(client, connection, name, read_at, accounts if name == "GLDETAIL" else None)
    ]
    told = _ask(client, [(part, "count", "RECORDNO") for part in parts])
    sums = _sums(client, [part for part in parts if part.has_sum], company_currency)
    digits = " ".join(f"WHEN '{code}' THEN {10 ** (3 - n)}" for code, n in MINOR_UNITS.items() if n not in (2, 4))
    for part, number in zip(parts, told, strict=True):
        of, checksum = COUNTED[part.object], sums.get(part)
        amount = f"sum({of.amount} * CASE {of.currency} {digits} ELSE 10 END)" if part in sums else "NULL"
        connection.execute(
            f"INSERT INTO completeness SELECT ?, ?, ?, ?, ?, count(DISTINCT record_no), ?, {amount}::BIGINT "
            f"FROM {of.table} WHERE {part.where} AND {of.where}",
            [part.object, part.kind, part.first, part.last, int(number or 0), None if checksum is None else
             int(checksum * 1000)],
        )  # fmt: skip
    found = connection.execute("SELECT sum(told) FROM completeness WHERE part = 'no time of change'").fetchone()
    return int(found[0] or 0) if found else 0


def _sums(client: IntacctClient, parts: Sequence[Part], company_currency: str) -> dict[Part, Decimal]:
    """Each part's total, that of its later fields taken off."""
    asked = [
        (part, place, name.removeprefix("TRX_") if company_currency else name)
        for part in parts
        for place, name in enumerate(COUNTED[part.object].total)
    ]
    answers = _ask(client, [(part, "sum", name) for part, _, name in asked])
    sums: dict[Part, Decimal] = dict.fromkeys(parts, Decimal(0))
    for (part, place, _), answer in zip(asked, answers, strict=True):
        sums[part] += (answer or Decimal(0)) * (-1 if place else 1)
    return sums


def _parts(
    client: IntacctClient, connection: duckdb.DuckDBPyConnection, name: str, read_at: datetime, among: Filter | None
) -> Iterator[Part]:
    of = COUNTED[name]
    highest = connection.execute(f"SELECT coalesce(max(record_no), 0) FROM {of.table} WHERE {of.where}").fetchone()
    last = int(highest[0]) if highest else 0

    def part(kind: str, first: str, until: str, asked: Sequence[Filter], where: str) -> Part:
        chosen = [*asked, *([among] if among is not None else [])]
        return Part(name, kind, first, until, all_of(*chosen) if len(chosen) > 1 else chosen[0], where)

    width = max(1, -(-last // RANGES))
    for start in range(1, last + 1, width):
        end = min(start + width - 1, last)
        both = [at_least("RECORDNO", start), at_most("RECORDNO", end)]
        yield part("record numbers", str(start), str(end), both, f"record_no BETWEEN {start} AND {end}")
    offset = utc_offset(client)
    known = less(of.changed, wire_moment(read_at.astimezone(UTC) - _CLOCKS, offset))
    yield part("record numbers", str(last + 1), "", [greater("RECORDNO", last), known], f"record_no > {last}")
    up_to = at_most("RECORDNO", last)
    today = read_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=DAYS - 1)
    before = f"{first - timedelta(days=1):%Y-%m-%d}"
    if of.day:
        for n in range(DAYS):
            day = (first + timedelta(days=n)).date()
            on = [up_to, at_least(of.day, day), at_most(of.day, day)]
            yield part("days", f"{day}", f"{day}", on, f"dated = DATE '{day}'")
        earlier = [up_to, less(of.day, first.date())]
        yield part("days", "", before, earlier, f"dated < DATE '{first:%Y-%m-%d}'")
        later = [up_to, greater(of.day, today.date())]
        yield part("days", f"{today + timedelta(days=1):%Y-%m-%d}", "", later, f"dated > DATE '{today:%Y-%m-%d}'")
        return

    def changed(start: datetime | None, end: datetime | None) -> tuple[list[Filter], str]:
        asked, where = [up_to], ["modified_at IS NOT NULL"]
        if start:
            asked.append(at_least("WHENMODIFIED", wire_moment(start, offset)))
            where.append(f"modified_at >= TIMESTAMP '{start:%Y-%m-%d %H:%M:%S}'")
        if end:
            asked.append(less("WHENMODIFIED", wire_moment(end, offset)))
            where.append(f"modified_at < TIMESTAMP '{end:%Y-%m-%d %H:%M:%S}'")
        return asked, " AND ".join(where)

    yield part("days of change", "", before, *changed(None, first))
    for n in range(DAYS):
        moment = first + timedelta(days=n)
        until = min(moment + timedelta(days=1), read_at.astimezone(UTC))
        yield part("days of change", f"{moment:%Y-%m-%d}", f"{moment:%Y-%m-%d}", *changed(moment, until))
    yield part("changed while reading", f"{read_at:%Y-%m-%d %H:%M}", "", *changed(read_at.astimezone(UTC), None))
    yield part("no time of change", "", "", [up_to, is_null("WHENMODIFIED")], "modified_at IS NULL")


def _ask(client: IntacctClient, asked: Sequence[tuple[Part, str, str]]) -> list[Decimal | None]:
    """The aggregate of a field over each part."""
    answers: list[Decimal | None] = []
    for start in range(0, len(asked), _FUNCTIONS):
        some = asked[start : start + _FUNCTIONS]
        queries = [
            build_query(part.object, (field,), part.filter, aggregate=aggregate, ordered=False, page_size=1)
            for part, aggregate, field in some
        ]
        results = client.call([Function(query) for query in queries])
        for (part, aggregate, field), result in zip(some, results, strict=True):
            if not result.ok:
                raise to_read_exception(result.failure, part.object)
            answers.append(_number(result.records[0] if result.records else {}, aggregate, field))
    return answers


def _number(record: Mapping[str, object], aggregate: str, field: str) -> Decimal | None:
    """Gateways name the answer ``SUM.X`` or plain ``X``."""
    text = str(record.get(f"{aggregate.upper()}.{field}") or record.get(field) or "").strip()
    return Decimal(text) if text else None
