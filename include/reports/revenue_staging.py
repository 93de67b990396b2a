"""Intacct's records between reading and counting: on disk, and given back by parts that fit into memory.

A part has whole customers with all that is about them, as documents, applications and postings explain each other only
within a customer. Customers whose credits were applied to each other's invoices are in one part.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from include.connectors.intacct.fields import Wire
from include.reports.revenue_books import BooksRead
from include.reports.tables import Column, append, create

PART = 10_000
"""Documents of a part, about; a customer that has more is a part of its own."""

_KEYS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "ARINVOICE": ((), "", ""),
    "ARINVOICEITEM": (("RECORDKEY",), "", ""),
    "ARADJUSTMENT": ((), "", ""),
    "ARADJUSTMENTITEM": (("RECORDKEY",), "", ""),
    "ARPYMT": ((), "", ""),
    "ARADVANCE": ((), "", ""),
    "ARPYMTDETAIL": (("RECORDKEY", "POSADJKEY"), "ADJUSTMENTKEY", "PAYMENTKEY"),
    "GLDETAIL": (("RECORDKEY",), "BATCHKEY", ""),
    "GLBATCH": ((), "", ""),
    "REVRECSCHEDULE": (("RECORDKEY",), "", ""),
    "REVRECSCHEDULEENTRY": (("REVRECSCHEDULEKEY",), "GLBATCHKEY", ""),
}
"""Object -> the fields that name the document it is about (the first that is filled), and two further records."""

_COLUMNS = (
    Column("no", "int"),
    Column("about", "int"),
    Column("other", "int"),
    Column("third", "int"),
    Column("customer"),
    Column("body"),
)

_DOCUMENTS = """
CREATE OR REPLACE TABLE document AS
SELECT no, customer FROM staged_ARINVOICE UNION ALL SELECT no, customer FROM staged_ARADJUSTMENT
"""
_CROSSING = """
SELECT DISTINCT least(a.customer, b.customer), greatest(a.customer, b.customer) FROM staged_ARPYMTDETAIL d
JOIN document a ON a.no = d.about JOIN document b ON b.no = d.other WHERE a.customer <> b.customer ORDER BY ALL
"""
_PARTS = """
CREATE OR REPLACE TABLE placed AS
WITH owned AS (
    SELECT d.no, coalesce(l.leader, d.customer) AS leader FROM document d LEFT JOIN led l ON l.customer = d.customer
), sizes AS (SELECT leader, count(*) AS number FROM owned GROUP BY leader),
parts AS (SELECT leader, ((sum(number) OVER (ORDER BY leader) - number) // $size)::BIGINT AS part FROM sizes)
SELECT no, part FROM owned JOIN parts USING (leader)
"""
# A posting belongs to the invoice of the schedule that posted its batch, else to the document that it names.
_POSTED = """
CREATE OR REPLACE TABLE posted AS
SELECT p.no, coalesce(b.part, d.part, 0) AS part FROM staged_GLDETAIL p LEFT JOIN placed d ON d.no = p.about LEFT JOIN (
    SELECT e.other AS batch, arg_max(s.part, e.no) AS part FROM staged_REVRECSCHEDULEENTRY e
    JOIN (SELECT s.no, x.part FROM staged_REVRECSCHEDULE s JOIN placed x ON x.no = s.about) s ON s.no = e.about
    WHERE e.other IS NOT NULL GROUP BY e.other
) b ON b.batch = p.other
"""

_OF_DOCUMENT = """SELECT coalesce(p.part, 0) AS part, s.no, s.body
    FROM staged_{name} s LEFT JOIN placed p ON p.no = s.{by}"""
_QUERIES = {
    "invoices": _OF_DOCUMENT.format(name="ARINVOICE", by="no"),
    "invoice_lines": _OF_DOCUMENT.format(name="ARINVOICEITEM", by="about"),
    "credits": _OF_DOCUMENT.format(name="ARADJUSTMENT", by="no"),
    "credit_lines": _OF_DOCUMENT.format(name="ARADJUSTMENTITEM", by="about"),
    "details": _OF_DOCUMENT.format(name="ARPYMTDETAIL", by="about"),
    "schedules": _OF_DOCUMENT.format(name="REVRECSCHEDULE", by="about"),
    "postings": "SELECT p.part, s.no, s.body FROM staged_GLDETAIL s JOIN posted p ON p.no = s.no",
    "payments": """SELECT d.part, s.no, s.body FROM staged_ARPYMT s JOIN (
        SELECT DISTINCT d.third, coalesce(p.part, 0) AS part FROM staged_ARPYMTDETAIL d
        LEFT JOIN placed p ON p.no = d.about) d ON d.third = s.no""",
    "batches": """SELECT g.part, s.no, s.body FROM staged_GLBATCH s JOIN (
        SELECT DISTINCT g.other, p.part FROM staged_GLDETAIL g JOIN posted p ON p.no = g.no) g ON g.other = s.no""",
    "scheduled": """SELECT coalesce(p.part, 0) AS part, s.no, s.body FROM staged_REVRECSCHEDULEENTRY s
        LEFT JOIN staged_REVRECSCHEDULE c ON c.no = s.about LEFT JOIN placed p ON p.no = c.about""",
}
# In the order of the parts, so that DuckDB finds each one without looking through all.
_ORDERED = "CREATE OR REPLACE TABLE part_{name} AS SELECT part, no, body FROM ({query}) ORDER BY part, no"


@dataclass
class Staging:
    """The records of one report in an open DuckDB. ``entity_of``, ``company_currency``, ``document_key``: as in
    ``BooksRead``."""

    store: duckdb.DuckDBPyConnection
    entity_of: dict[str, str]
    company_currency: str = ""
    document_key: str = ""
    part: int = PART

    def keep(self, name: str, records: Iterable[Wire]) -> None:
        """An object's records, however many; those of before are forgotten."""
        abouts, other, third = _KEYS[name]
        create(self.store, f"staged_{name}", _COLUMNS)

        def row(record: Wire) -> tuple[object, ...]:
            about = next((number for one in abouts if (number := _number(record, one)) is not None), None)
            body = json.dumps({field: value for field, value in record.items() if value not in (None, "")})
            customer = str(record.get("CUSTOMERID") or "")
            return (_number(record, "RECORDNO"), about, _number(record, other), _number(record, third), customer, body)

        append(self.store, f"staged_{name}", _COLUMNS, map(row, records))

    def parts(self) -> Iterator[BooksRead]:
        """All records, part after part; at least one part."""
        self.store.execute(_DOCUMENTS)
        create(self.store, "led", (Column("customer"), Column("leader")))
        append(
            self.store, "led", (Column("customer"), Column("leader")), _led(self.store.execute(_CROSSING).fetchall())
        )
        self.store.execute(_PARTS, {"size": self.part})
        self.store.execute(_POSTED)
        for name, query in _QUERIES.items():
            self.store.execute(_ORDERED.format(name=name, query=query))
        (last,) = self.store.execute("SELECT coalesce(max(part), 0)::BIGINT FROM placed").fetchone() or (0,)
        for part in range(last + 1):
            yield BooksRead(
                **{name: self._records(name, part) for name in _QUERIES},
                entity_of=self.entity_of,
                company_currency=self.company_currency,
                document_key=self.document_key,
            )

    def records(self, name: str, where: str = "true") -> Iterator[Wire]:
        """An object's records by number, one after the other. ``where``: a condition on ``body``."""
        found = self.store.cursor().execute(f"SELECT body FROM staged_{name} WHERE {where} ORDER BY no")  # noqa: S608
        while row := found.fetchone():
            yield json.loads(row[0])

    def _records(self, name: str, part: int) -> list[Wire]:
        query = f"SELECT body FROM part_{name} WHERE part = ? ORDER BY no"  # noqa: S608
        rows = self.store.cursor().execute(query, [part]).fetchall()
        return [json.loads(body) for (body,) in rows]


def _number(record: Wire, field: str) -> int | None:
    text = str(record.get(field) or "") if field else ""
    return int(text) if text.isdecimal() else None


def _led(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each customer of the pairs with one that stands for all that it is connected with."""
    leader: dict[str, str] = {}

    def find(one: str) -> str:
        while leader.setdefault(one, one) != one:
            one = leader[one]
        return one

    for one, other in pairs:
        first, second = sorted((find(one), find(other)))
        leader[second] = first
    return ((one, find(one)) for one in list(leader))
