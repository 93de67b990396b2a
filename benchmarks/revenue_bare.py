"""What the revenue report is held against: a bare DuckDB that takes the same records, joins them, sums them by the
same dimensions, and writes the facts and sums as CSV and Parquet.

It makes no workbook and no page, keeps no closed period, has no ageing, and knows none of the rules: everything is
posted, each document has one line and one deal, nothing is reversed, credited, taxed or scheduled.
"""

# ruff: noqa: S608  (the values in statements are this file's own)

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.revenue_books import FIRST_DEAL, floors, records
from include.connectors.hubspot.records import CrmRecord
from include.reports.revenue_floor import Floor
from include.reports.tables import opened

_READ = """CREATE TABLE {name} AS
SELECT * FROM read_json('{file}', format = 'newline_delimited', columns = {{{columns}}})"""
_COLUMNS = {
    "ARINVOICE": ("RECORDNO", "RECORDID", "CUSTOMERID", "WHENPOSTED", "MEGAENTITYID", "RECORD_URL"),
    "ARINVOICEITEM": ("RECORDNO", "RECORDKEY", "ITEMID", "LOCATIONID", "CURRENCY", "TRX_AMOUNT", "AMOUNT"),
    "ARPYMTDETAIL": ("RECORDNO", "RECORDKEY", "PAYMENTDATE", "CURRENCY", "TRX_PAYMENTAMOUNT", "PAYMENTAMOUNT"),
    "GLDETAIL": ("RECORDNO", "RECORDKEY", "ENTRY_DATE", "ITEMID", "LOCATIONID", "CURRENCY", "TRX_AMOUNT", "AMOUNT"),
    "DEAL": ("id", "name", "owner", "pipeline", "state", "closes", "sku", "currency", "amount"),
}
_ENTITY = "CASE d.currency WHEN 'USD' THEN '100' WHEN 'GBP' THEN '200' ELSE '300' END"
_FACTS = f"""
CREATE TABLE facts AS
SELECT 'billed' AS measure, strptime(h.WHENPOSTED, '%m/%d/%Y')::DATE AS day, h.MEGAENTITYID AS entity,
    l.ITEMID AS product, h.CUSTOMERID AS customer, ({FIRST_DEAL} + h.RECORDNO::BIGINT)::VARCHAR AS deal_id,
    l.CURRENCY AS currency,
    (l.TRX_AMOUNT::DECIMAL(18, 2) * 100)::BIGINT AS amount_minor,
    (l.AMOUNT::DECIMAL(18, 2) * 100)::BIGINT AS base_minor,
    h.RECORDNO AS record_no, h.RECORDID AS number, h.RECORD_URL AS url
FROM ARINVOICEITEM l JOIN ARINVOICE h ON h.RECORDNO = l.RECORDKEY
UNION ALL
SELECT 'collected', strptime(p.PAYMENTDATE, '%m/%d/%Y')::DATE, h.MEGAENTITYID, l.ITEMID, h.CUSTOMERID,
    ({FIRST_DEAL} + h.RECORDNO::BIGINT)::VARCHAR, p.CURRENCY, (p.TRX_PAYMENTAMOUNT::DECIMAL(18, 2) * 100)::BIGINT,
    (p.PAYMENTAMOUNT::DECIMAL(18, 2) * 100)::BIGINT, p.RECORDNO, h.RECORDID, h.RECORD_URL
FROM ARPYMTDETAIL p JOIN ARINVOICE h ON h.RECORDNO = p.RECORDKEY JOIN ARINVOICEITEM l ON l.RECORDKEY = h.RECORDNO
UNION ALL
SELECT 'recognised', strptime(g.ENTRY_DATE, '%m/%d/%Y')::DATE, g.LOCATIONID, g.ITEMID, h.CUSTOMERID,
    ({FIRST_DEAL} + h.RECORDNO::BIGINT)::VARCHAR, g.CURRENCY, (g.TRX_AMOUNT::DECIMAL(18, 2) * 100)::BIGINT,
    (g.AMOUNT::DECIMAL(18, 2) * 100)::BIGINT, g.RECORDNO, h.RECORDID, h.RECORD_URL
FROM GLDETAIL g JOIN ARINVOICE h ON h.RECORDNO = g.RECORDKEY
UNION ALL
SELECT m.measure, d.closes::DATE, {_ENTITY}, d.sku, '', d.id, d.currency,
    (d.amount::DECIMAL(18, 2) * m.weight)::BIGINT, (d.amount::DECIMAL(18, 2) * m.weight)::BIGINT, d.id, d.name, ''
FROM DEAL d JOIN (VALUES ('won', 'booked', 100), ('open', 'pipeline', 100), ('open', 'weighted', 40)) m(state, measure,
    weight) ON m.state = d.state
"""
_SUMS = """
CREATE TABLE sums AS
SELECT date_trunc('month', f.day) AS period, f.entity, d.owner, d.pipeline, f.product, f.currency, f.measure,
    sum(f.amount_minor)::BIGINT AS amount_minor, sum(f.base_minor)::BIGINT AS base_minor
FROM facts f LEFT JOIN DEAL d ON d.id = f.deal_id GROUP BY ALL ORDER BY ALL;
CREATE TABLE deals AS
SELECT d.id, d.name, d.owner, d.state, f.measure, f.currency, sum(f.amount_minor)::BIGINT AS amount_minor
FROM facts f JOIN DEAL d ON d.id = f.deal_id GROUP BY ALL ORDER BY ALL
"""


def bare(folder: Path, number: int) -> int:
    """Everything from records to files; how many facts there are."""
    with opened(folder / "bare.duckdb") as store:
        for name, rows in _rows(number):
            if name not in _COLUMNS:
                continue
            file = folder / f"{name}.json"
            with file.open("w", encoding="utf-8") as lines:
                lines.writelines(json.dumps(row) + "\n" for row in rows)
            columns = ", ".join(f"\"{one}\": 'VARCHAR'" for one in _COLUMNS[name])
            store.execute(_READ.format(name=name, file=file, columns=columns))
            file.unlink()
        store.execute(_FACTS)
        store.execute(_SUMS)
        for table in ("facts", "sums", "deals"):
            for kind in ("csv", "parquet"):
                store.execute(f"COPY {table} TO '{folder / table}.{kind}'")
        (facts,) = store.execute("SELECT count(*) FROM facts").fetchone() or (0,)
    return int(facts)


def _rows(number: int) -> Iterator[tuple[str, Iterator[object]]]:
    yield from records(number)
    yield "DEAL", (_deal(deal, floor) for floor in floors(number) for deal in floor.deals)


def _deal(deal: CrmRecord, floor: Floor) -> dict[str, str | None]:
    sheet = deal.properties
    return {
        "id": deal.id, "name": sheet["dealname"], "owner": floor.owners[sheet["hubspot_owner_id"] or ""],
        "pipeline": sheet["pipeline"], "state": sheet["dealstage"], "closes": sheet["closedate"],
        "sku": floor.lines[deal.id][0][0], "currency": sheet["deal_currency_code"], "amount": sheet["amount"],
    }  # fmt: skip
