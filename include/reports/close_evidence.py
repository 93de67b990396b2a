"""What a close pack shows, taken from the newest tie-out and the newest revenue report: their files, read by DuckDB.

Neither system is asked: both reports were made from records read afresh, and the pack names them and their hashes.
"""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from include.reports.close_control import control_as_of
from include.reports.close_tables import COLUMNS, FIGURES, HAPPENED, PARTS, Question, table
from include.reports.tables import Table
from include.reports.tie_out_compare import breaks_in
from include.reports.tie_out_output import Links, breaks_table
from include.reports.tie_out_tables import opened

Tables = dict[str, Table]


@dataclass(frozen=True, slots=True)
class KnownDeal:
    """A deal as the revenue report shows it."""

    entity: str
    close_date: date | None
    url: str


def of_tie_out(folder: Path, asked: Question, links: Links, noted: int) -> Tables:
    """Breaks, control account, unapplied money and documents that HubSpot does not show; nothing where the file has
    other breaks than the ``noted`` number. Raises ``duckdb.Error`` where the folder holds no tie-out.

    The control account's own breaks are of the day of the tie-out: a period has it as of the period's end instead. What
    of it belongs to no entity is in no entity's account, so that stays a break.
    """
    first, last, entity = asked.period.first, asked.period.last, asked.entity_id
    with opened(folder / "tie_out.duckdb", read_only=True) as store:
        counting = [
            one
            for one in breaks_in(store)
            if one.entity_id in ("", entity) and (one.dated is None or one.dated <= last)
        ]
        if len(counting) != noted:
            return {}
        found = [one for one in counting if one.check != "control" or not one.entity_id]
        return {
            "breaks": table("breaks", breaks_table(found, links.read(store, found)).rows),
            "control": table("control", control_as_of(store, entity, last)),
            "unapplied": table("unapplied", store.execute(_UNAPPLIED, [entity, last]).fetchall()),
            "not_shown": table(
                "not_shown",
                [
                    (*row[:8], links.deal + row[3] if links.deal else "")
                    for row in store.execute(_NOT_SHOWN, [entity, first, last]).fetchall()
                ],
            ),
        }


def why_unbilled(folder: Path) -> dict[str, str]:
    """Deal id -> why it has no invoice, of won deals without one, as the tie-out was told."""
    with opened(folder / "tie_out.duckdb", read_only=True) as store:
        return {str(deal): str(why) for deal, why in store.execute("SELECT deal_id, why FROM unbilled").fetchall()}


def of_revenue(
    folder: Path, asked: Question, held: Mapping[str, str], unbilled: Mapping[str, str], ordered: Collection[str]
) -> Tables:
    """Figures with their records, won deals without a document, and the period as closed and as now.

    ``held``: deal id -> why it is on hold; ``unbilled``: why it has no invoice; ``ordered``: deals that became a sales
    order. Raises ``duckdb.Error`` where the folder holds no revenue report.
    """
    first, last, entity = asked.period.first, asked.period.last, asked.entity_id
    kept = [entity, asked.period.name]
    with duckdb.connect() as store:
        records = _rows(store, folder, "facts", "records", _OF_PERIOD, [entity, first, last])
        loose = _rows(
            store, folder, "facts", "without_entity", f"{_OF_PERIOD} AND system = 'intacct'", ["", first, last]
        )
        won = store.execute(_WON, {"file": _file(folder, "deals"), "entity": entity, "last": last, "first": first})
        missing = [
            (*row[:8], held.get(row[0]) or unbilled.get(row[0]) or _NEITHER, row[8])
            for row in won.fetchall()
            if row[0] not in ordered and (asked.billed_from is None or row[5] >= asked.billed_from)
        ]
        closed = _rows(store, folder, "closed_periods", "as_closed", "entity = ? AND period = ?", kept)
        changes = _rows(store, folder, "changes_after_close", "changes_after_close", "entity = ? AND period = ?", kept)
    return {
        "figures": figures_of(records),
        "records": records,
        "without_entity": loose,
        "deals_without_document": table("deals_without_document", missing),
        "as_closed": closed,
        "changes_after_close": changes,
    }


def known_deals(folder: Path, ids: Collection[str]) -> dict[str, KnownDeal]:
    """Those of these deals that the revenue report has."""
    query = (
        "SELECT deal_id, entity, close_date, url FROM read_parquet(?) WHERE deal_id IN (SELECT unnest(?::VARCHAR[]))"
    )
    with duckdb.connect() as store:
        rows = store.execute(query, [_file(folder, "deals"), sorted(set(ids))]).fetchall()
    return {deal_id: KnownDeal(entity, close_date, url) for deal_id, entity, close_date, url in rows}


def address_of_deals(folder: Path) -> str:
    """What the addresses of HubSpot's deals begin with; ``""`` where the revenue report has none."""
    query = "SELECT url FROM read_parquet(?) WHERE url LIKE 'http%' LIMIT 1"
    with duckdb.connect() as store:
        found = store.execute(query, [_file(folder, "deals")]).fetchone()
    return f"{str(found[0]).rpartition('/')[0]}/" if found else ""


def figures_of(records: Table) -> Table:
    """Each figure in each currency that was invoiced in, and in each base currency; with how many records make it."""
    place = {one.name: at for at, one in enumerate(records.columns)}
    kinds = (("as invoiced", "currency", "amount_minor"), ("in base currency", "base_currency", "base_minor"))
    sums: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
    currencies = {
        nth: sorted({row[place[code]] for row in records.rows} - {""}) for nth, (_, code, _) in enumerate(kinds)
    }
    for row in records.rows:
        for number, figure in enumerate(FIGURES):
            sign = PARTS[figure].get(row[place["measure"]])
            for nth, (_, code, amount) in enumerate(kinds):
                if sign and row[place[code]]:
                    its = sums[nth, number, row[place[code]]]
                    its[0] += sign * row[place[amount]]
                    its[1] += 1
    return table(
        "figures",
        [
            (figure, kind, currency, *sums[nth, number, currency])
            for nth, (kind, _, _) in enumerate(kinds)
            for currency in currencies[nth]
            for number, figure in enumerate(FIGURES)
            if sums[nth, number, currency][1]
        ],
    )


def _rows(
    store: duckdb.DuckDBPyConnection, folder: Path, file: str, name: str, condition: str, values: Sequence[object]
) -> Table:
    columns = COLUMNS[name]
    names = ", ".join(f'"{one.name}"' for one in columns)
    by_day = sorted(columns, key=lambda one: one.name != "day")
    order = ", ".join(f'"{one.name}"' for one in by_day if one.kind != "instant")
    found = store.execute(
        f"SELECT {names} FROM read_parquet(?) WHERE {condition} ORDER BY {order}", [_file(folder, file), *values]
    ).fetchall()
    return table(name, [tuple(map(_aware, row)) for row in found])


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _file(folder: Path, name: str) -> str:
    return str(folder / f"{name}.parquet")


_OF_PERIOD = f"entity = ? AND day BETWEEN ? AND ? AND measure IN ({', '.join(repr(one) for one in HAPPENED)})"
_NEITHER = (
    "It is neither invoiced nor on hold, and the tie-out tells no reason: look at the deal's amount and pipeline."
)

_WON = """
SELECT deal_id, deal, owner, stage, entity, close_date, currency, amount_minor, url FROM read_parquet($file)
WHERE state = 'won' AND finding = 'won, and not billed' AND entity IN ('', $entity)
    AND close_date BETWEEN $first AND $last
ORDER BY close_date, deal_id
"""

_UNAPPLIED = """
SELECT kind, record_no::VARCHAR, reference, customer_id, entity_id, currency, amount_minor, dated, coalesce(url, '')
FROM (
    SELECT CASE object WHEN 'ARADVANCE' THEN 'advance' ELSE 'payment' END AS kind, record_no, reference, customer_id,
        entity_id, currency, unapplied_minor AS amount_minor, dated, url
    FROM receipt WHERE counts AND unapplied_minor > 0
    UNION ALL
    SELECT 'credit memo', record_no, number, customer_id, entity_id, currency, -balance_minor, dated, ''
    FROM adjustment WHERE counts AND balance_minor < 0
    UNION ALL
    SELECT 'negative invoice', record_no, number, customer_id, entity_id, currency, -balance_minor, dated, url
    FROM invoice WHERE standing = 'live' AND balance_minor < 0
) WHERE entity_id IN ('', $1) AND (dated IS NULL OR dated <= $2) ORDER BY currency, customer_id, dated, record_no
"""

_NOT_SHOWN = """
SELECT 'ARINVOICE' AS object, i.record_no::VARCHAR AS record_no, i.number, d.deal_id::VARCHAR AS deal_id, i.currency,
    i.total_minor AS amount_minor, i.dated AS day, 'The deal does not show this invoice.' AS why
FROM link l JOIN invoice i ON i.record_no = l.record_no JOIN deal d ON d.deal_id = l.deal_id
WHERE i.standing = 'live' AND i.entity_id = $1 AND i.dated BETWEEN $2 AND $3 AND NOT d.archived AND i.number <> ''
    AND NOT list_contains(list_transform(string_split(lower(d.numbers), ';'), lambda one: trim(one)), lower(i.number))
UNION ALL
SELECT 'ARPYMTDETAIL', a.record_no::VARCHAR, i.number, d.deal_id::VARCHAR, a.currency, a.amount_minor, a.dated,
    'The deal shows other amounts paid, credited or open than Intacct has.'
FROM application a JOIN invoice i ON i.record_no = a.invoice_no JOIN link l ON l.record_no = i.record_no
JOIN deal d ON d.deal_id = l.deal_id JOIN deal_books b ON b.deal_id = d.deal_id
WHERE a.counts AND i.standing = 'live' AND i.entity_id = $1 AND a.dated BETWEEN $2 AND $3 AND NOT d.archived
    AND NOT b.several_currencies AND (d.paid_minor IS DISTINCT FROM b.paid_minor
        OR d.credited_minor IS DISTINCT FROM b.credited_minor OR d.balance_minor IS DISTINCT FROM b.balance_minor)
ORDER BY 1, 7, 2, 4
"""
