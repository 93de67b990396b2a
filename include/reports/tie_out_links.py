"""Which invoice is which deal's: by Tieout's key in the invoice, by what the state remembers, by the numbers on the
deal. Deals that were merged count as the one they became.

Most deals have one invoice and most invoices one deal; the few others are ``tangled`` and are computed apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from include.core.document_links import DocumentLink, shared_out, weights
from include.core.money import Money
from include.reports.tie_out_tables import load, make_tables

# HubSpot tells which deals became which; the keys in Intacct keep the old ids.
_MERGES = tuple(
    f"UPDATE {table} SET deal_id = m.deal_id FROM merged m WHERE m.old_id = {table}.deal_id"  # noqa: S608
    for table in ("invoice", "known_link", "share", "on_top", "later", "memo")
)

# What the keys of invoices do not tell.
_NAMED = """
CREATE OR REPLACE TABLE named AS
SELECT k.deal_id, k.record_no FROM known_link k
JOIN invoice i ON i.record_no = k.record_no AND i.deal_id IS DISTINCT FROM k.deal_id
UNION
SELECT d.deal_id, i.record_no
FROM (SELECT deal_id, lower(trim(unnest(string_split(numbers, ';')))) AS number FROM deal WHERE numbers <> '') d
JOIN invoice i ON lower(i.number) = d.number AND i.number <> '' AND i.deal_id IS DISTINCT FROM d.deal_id
"""

_LINK = """
CREATE OR REPLACE VIEW link AS
SELECT deal_id, record_no FROM invoice WHERE deal_id IS NOT NULL UNION ALL SELECT deal_id, record_no FROM named
"""

# Only an invoice that something besides its key names can have two deals.
_TANGLED = """
CREATE OR REPLACE TABLE tangled AS
SELECT l.deal_id, l.record_no FROM link l
SEMI JOIN (SELECT deal_id FROM link GROUP BY deal_id HAVING count(*) > 1) x ON x.deal_id = l.deal_id
UNION
SELECT l.deal_id, l.record_no FROM link l
SEMI JOIN (SELECT l.record_no FROM link l SEMI JOIN named n ON n.record_no = l.record_no
    GROUP BY l.record_no HAVING count(*) > 1) x ON x.record_no = l.record_no
"""

_OTHER = """
CREATE OR REPLACE TEMP TABLE other_deal AS
SELECT DISTINCT record_no, NULL::BIGINT AS deal_id FROM tangled
UNION ALL
SELECT n.record_no, n.deal_id FROM named n ANTI JOIN tangled t ON t.record_no = n.record_no
"""
"""Invoices whose one deal is another than their key says; without one where they are tangled."""

_SHARED = """
SELECT f.record_no, f.currency, f.paid_minor, f.credited_minor, f.written_off_minor, f.balance_minor, t.deal_id,
    d.amount_minor, d.currency, s.weight
FROM tangled t JOIN looked_at f ON f.record_no = t.record_no
SEMI JOIN (SELECT record_no FROM tangled GROUP BY record_no HAVING count(*) > 1) x ON x.record_no = t.record_no
LEFT JOIN deal d ON d.deal_id = t.deal_id
LEFT JOIN share s ON s.deal_id = t.deal_id AND s.record_no = t.record_no
ORDER BY f.record_no, t.deal_id
"""

_SHARING = """
CREATE OR REPLACE VIEW sharing AS
SELECT p.deal_id, string_agg(
    ' It shows its part of invoice ' || i.number || ', which is for the deals ' || x.deals || '.', ''
    ORDER BY i.record_no
) AS told
FROM part p JOIN invoice i ON i.record_no = p.record_no JOIN (
    SELECT record_no, string_agg(deal_id::VARCHAR, ', ' ORDER BY deal_id) AS deals FROM part GROUP BY record_no
) x ON x.record_no = p.record_no
GROUP BY p.deal_id
"""
"""What a break of such a deal says of it."""


def find_links(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``named``, ``link`` (a view: ``deal_id``, ``record_no``), ``tangled`` and ``other_deal``."""
    for step in (*_MERGES, _NAMED, _LINK, _TANGLED, _OTHER):
        connection.execute(step)


def share_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill ``part`` (made anew): what each deal shows of an invoice that several have, to the cent, by the weights in
    ``share``, else by the deals' amounts (accounting case 22). The view ``sharing`` tells of it in words."""
    make_tables(connection, ("part",))
    by_invoice: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for record_no, *row in connection.execute(_SHARED).fetchall():
        by_invoice[record_no].append(tuple(row))
    load(connection, "part", _parts(by_invoice))
    connection.execute(_SHARING)


def _parts(by_invoice: Mapping[int, Sequence[tuple[Any, ...]]]) -> Iterator[tuple[int, ...]]:
    """Rows of ``part``; ``by_invoice`` has those of ``_SHARED`` without the record number."""
    for record_no, rows in by_invoice.items():
        currency, *minors = rows[0][:5]
        deals = {str(row[5]): row[6:] for row in rows}
        amounts = {
            deal: None if minor is None else Money.from_minor(minor, code).amount
            for deal, (minor, code, _) in deals.items()
        }
        recorded = [
            DocumentLink(deal, str(record_no), "named", Decimal(weight))
            for deal, (_, _, weight) in deals.items()
            if weight is not None
        ]
        its = weights(deals, recorded, amounts)
        parts = [Money.from_minor(minor, currency) for minor in minors]
        for deal, shares in zip(its, shared_out(parts, list(its.values())), strict=True):
            own = [one.minor for one in shares]
            yield (int(deal), record_no, sum(own), *own)
