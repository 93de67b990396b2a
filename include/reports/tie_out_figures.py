"""What each deal and customer should show, computed in SQL from Intacct's records, beside what HubSpot shows.

One pass reads every invoice with what was applied to it and its deal. Pairs that agree are summed there and then, by
entity, currency and customer; only what does not agree, or is no plain pair, is kept one by one (``looked_at``).
"""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

import duckdb

from include.reports.tie_out_links import find_links, share_out

_SETTLED = """
CREATE OR REPLACE TEMP TABLE settled AS
SELECT a.invoice_no AS record_no, sum(a.amount_minor)::BIGINT AS applied_minor,
    sum(CASE WHEN j.record_no IS NOT NULL THEN a.amount_minor ELSE 0 END)::BIGINT AS written_off_minor,
    sum(CASE WHEN j.record_no IS NULL AND a.source NOT IN ('cash', 'advance', 'overpayment') THEN a.amount_minor
        ELSE 0 END)::BIGINT AS credited_minor
FROM application a
ANTI JOIN (SELECT record_no FROM receipt WHERE NOT counts) p ON p.record_no = a.payment_no
LEFT JOIN (SELECT record_no FROM adjustment WHERE write_off) j ON a.source = 'adjustment' AND j.record_no = a.source_no
WHERE a.counts AND a.invoice_no IS NOT NULL
GROUP BY a.invoice_no
"""
"""What was applied to each invoice and stands. A reversed payment's applications do not."""

_INVOICE_FIGURES = """
CREATE OR REPLACE TEMP VIEW invoice_figures AS
SELECT *, total_minor - balance_minor - credited_minor - written_off_minor AS paid_minor FROM (
    SELECT i.record_no, i.customer_id, i.entity_id, i.currency, i.base_currency, i.standing = 'live' AS live, i.dated,
        i.modified_at, i.base_balance_minor, CASE WHEN x.record_no IS NULL THEN i.deal_id ELSE x.deal_id END AS deal_id,
        CASE i.standing WHEN 'reversed' THEN 0 ELSE i.total_minor END AS total_minor,
        CASE i.standing WHEN 'live' THEN i.balance_minor WHEN 'draft' THEN i.total_minor ELSE 0 END AS balance_minor,
        CASE WHEN i.standing <> 'live' THEN 0
            WHEN i.total_minor < 0 THEN i.total_minor - i.balance_minor - coalesce(s.written_off_minor, 0)
            WHEN i.total_minor <> i.balance_minor THEN coalesce(s.credited_minor, 0)
            ELSE 0 END AS credited_minor,
        CASE WHEN i.standing = 'live' AND i.total_minor <> i.balance_minor THEN coalesce(s.written_off_minor, 0)
            ELSE 0 END AS written_off_minor,
        coalesce(s.applied_minor, 0) AS applied_minor
    FROM invoice i LEFT JOIN settled s ON s.record_no = i.record_no
    LEFT JOIN other_deal x ON x.record_no = i.record_no
)
"""
"""total = paid + credited + written off + balance, as on ``include.flows.figures.invoice_standing`` and on paper.
``deal_id``: the one deal that has just this invoice."""

_TAXED = """
CREATE OR REPLACE TEMP TABLE taxed AS
SELECT deal_id, sum(tax_minor)::BIGINT AS tax_minor FROM (
    SELECT deal_id, tax_minor FROM on_top
    WHERE record_no IN (SELECT record_no FROM invoice WHERE standing = 'live')
        OR record_no IN (SELECT record_no FROM adjustment WHERE counts)
    UNION ALL SELECT DISTINCT deal_id, -amount_minor FROM later
) GROUP BY deal_id
"""
"""By how much a deal's documents are to differ from its amount: the tax that Tieout billed on top of it, of documents
that stand, less what of the deal is to be billed later. Record numbers of invoices and adjustments are of one
sequence."""

# A pair agrees where nothing that is compared later can differ: then both sides' sums are the same. Deals that agree
# with no invoice whatsoever are left out before the join.
_PAIR = """
CREATE OR REPLACE TEMP TABLE pair AS
SELECT entity_id, currency, base_currency, customer_id, own_no, min(deal_id) AS deal_id, count(*) AS invoices,
    sum(amount_minor)::BIGINT AS deal_minor, sum(total_minor)::BIGINT AS total_minor,
    sum(credited_minor)::BIGINT AS credited_minor, sum(written_off_minor)::BIGINT AS written_off_minor,
    sum(balance_minor)::BIGINT AS balance_minor, sum(greatest(balance_minor, 0))::BIGINT AS open_minor,
    sum(base_balance_minor)::BIGINT AS base_balance_minor, max(dated) AS dated, max(modified_at) AS modified_at
FROM (
    SELECT f.*, d.amount_minor,
        CASE WHEN f.live AND d.currency = f.currency AND d.total_minor = f.total_minor
            AND d.balance_minor = f.balance_minor AND d.paid_minor = f.paid_minor
            AND d.credited_minor = f.credited_minor AND d.written_off_minor = f.written_off_minor
            AND d.amount_minor + coalesce(t.tax_minor, 0) IN (f.total_minor, f.total_minor - f.credited_minor)
            AND (f.total_minor <= 0 OR f.applied_minor = f.total_minor - f.balance_minor)
        THEN NULL ELSE f.record_no END AS own_no
    FROM invoice_figures f LEFT JOIN (
        SELECT * FROM deal WHERE won AND NOT archived AND status <> '' AND shown_currency = currency
    ) d ON d.deal_id = f.deal_id
    LEFT JOIN taxed t ON t.deal_id = f.deal_id
) GROUP BY entity_id, currency, base_currency, customer_id, own_no
"""

_LOOKED_AT = """
CREATE OR REPLACE TABLE looked_at AS
SELECT i.record_no, i.customer_id, i.entity_id, i.currency, i.base_currency, i.standing, i.dated, p.deal_id, i.number,
    i.reference, p.total_minor, p.total_minor - p.balance_minor - p.credited_minor - p.written_off_minor AS paid_minor,
    p.credited_minor, p.written_off_minor, p.balance_minor, i.base_balance_minor,
    coalesce(s.applied_minor, 0) AS applied_minor, i.modified_at AS own_modified_at,
    greatest(i.modified_at, coalesce(a.modified_at, i.modified_at)) AS modified_at
FROM pair p JOIN invoice i ON i.record_no = p.own_no LEFT JOIN settled s ON s.record_no = p.own_no
LEFT JOIN (SELECT invoice_no, max(modified_at) AS modified_at FROM application
    SEMI JOIN (SELECT own_no FROM pair WHERE own_no IS NOT NULL) o ON o.own_no = application.invoice_no
    GROUP BY invoice_no) a ON a.invoice_no = p.own_no
"""
"""The invoices that are looked at one by one; ``deal_id``: the one deal that has just this one."""

_SUMS = ("total_minor", "paid_minor", "credited_minor", "written_off_minor", "balance_minor")
_PICKED = ",\n    ".join(
    f"(CASE WHEN bool_or(f.standing = 'live') THEN sum(coalesce(p.{name}, f.{name})) FILTER (f.standing = 'live')"
    f" ELSE coalesce(sum(coalesce(p.{name}, f.{name})) FILTER (f.standing = 'draft'), 0) END)::BIGINT AS {name}"
    for name in _SUMS
)


def _of_counted(value: str) -> str:
    """An aggregate over the invoices whose figures are shown: the live ones, else the drafts, else all."""
    live, draft = (value.replace(")", f") FILTER (f.standing = '{one}')") for one in ("live", "draft"))
    return f"coalesce({live}, {draft}, {value})"


_DEAL_BOOKS = f"""
CREATE OR REPLACE TABLE deal_books AS
SELECT deal_id, (standing = 'live')::BIGINT AS live, 1::BIGINT AS invoices, record_no, customer_id, entity_id,
    currency, false AS several_currencies, dated, modified_at, {", ".join(_SUMS)}
FROM looked_at WHERE deal_id IS NOT NULL
UNION ALL
SELECT t.deal_id, count(*) FILTER (f.standing = 'live'), count(*), min(f.record_no), min(f.customer_id),
    min(f.entity_id), {_of_counted("min(f.currency)")}, {_of_counted("min(f.currency) <> max(f.currency)")},
    min(f.dated), max(f.modified_at),
    {_PICKED}
FROM tangled t JOIN looked_at f ON f.record_no = t.record_no
LEFT JOIN part p ON p.record_no = t.record_no AND p.deal_id = t.deal_id
GROUP BY t.deal_id
"""
"""What each deal that is looked at should show: its standing invoices together, of a shared one its part; without any
its drafts; nothing of reversed ones."""

_CUSTOMER_BOOKS = """
CREATE OR REPLACE TABLE customer_books AS
SELECT customer_id, currency, sum(open_minor)::BIGINT AS open_minor, sum(unapplied_minor)::BIGINT AS unapplied_minor,
    max(modified_at) AS modified_at
FROM (
    SELECT customer_id, currency, open_minor, open_minor - balance_minor AS unapplied_minor, modified_at
    FROM pair WHERE own_no IS NULL
    UNION ALL
    SELECT customer_id, currency, greatest(balance_minor, 0), greatest(-balance_minor, 0), own_modified_at
    FROM looked_at WHERE standing = 'live'
    UNION ALL
    SELECT customer_id, currency, greatest(balance_minor, 0), greatest(-balance_minor, 0), modified_at
    FROM adjustment WHERE counts
    UNION ALL
    SELECT customer_id, currency, 0, greatest(unapplied_minor, 0), modified_at FROM receipt WHERE counts
) GROUP BY customer_id, currency
"""
"""What each customer owes and has waiting, per currency."""

_CONTROL = """
CREATE OR REPLACE TABLE control_books AS
SELECT coalesce(s.entity_id, g.entity_id) AS entity_id, coalesce(s.base_currency, g.base_currency) AS currency,
    coalesce(s.customer_id, g.customer_id) AS customer_id,
    coalesce(s.amount_minor, 0)::BIGINT AS subledger_minor, coalesce(g.amount_minor, 0)::BIGINT AS gl_minor,
    coalesce(g.by_hand_minor, 0)::BIGINT AS by_hand_minor, coalesce(s.unapplied_minor, 0)::BIGINT AS unapplied_minor,
    coalesce(s.is_foreign, false) AS is_foreign, greatest(s.dated, g.dated) AS dated, s.modified_at
FROM (
    SELECT entity_id, base_currency, customer_id, sum(amount_minor) AS amount_minor,
        sum(unapplied_minor) AS unapplied_minor, bool_or(currency <> base_currency) AS is_foreign,
        max(dated) AS dated, max(modified_at) AS modified_at
    FROM (
        SELECT entity_id, base_currency, customer_id, base_balance_minor AS amount_minor, 0 AS unapplied_minor,
            currency, dated, modified_at FROM pair WHERE own_no IS NULL
        UNION ALL
        SELECT entity_id, base_currency, customer_id, base_balance_minor, 0, currency, dated, own_modified_at
        FROM looked_at WHERE standing = 'live'
        UNION ALL
        SELECT entity_id, base_currency, customer_id, base_balance_minor, 0, currency, dated, modified_at
        FROM adjustment WHERE counts
        UNION ALL
        SELECT entity_id, base_currency, customer_id, -base_unapplied_minor, base_unapplied_minor, currency, dated,
            modified_at FROM receipt WHERE counts
    ) GROUP BY ALL
) s FULL JOIN (
    SELECT entity_id, base_currency, customer_id, sum(amount_minor) AS amount_minor,
        sum(CASE module WHEN '2.GL' THEN amount_minor ELSE 0 END) AS by_hand_minor, max(dated) AS dated
    FROM control GROUP BY ALL
) g ON g.entity_id = s.entity_id AND g.base_currency = s.base_currency AND g.customer_id = s.customer_id
"""
"""The AR subledger beside the GL control account, in each entity's base currency, customer by customer."""

# Deals that show an invoice and have none; with those of ``deal_books`` all that may differ.
_SEEN = """
CREATE OR REPLACE TEMP TABLE seen AS
SELECT * FROM deal d WHERE deal_id IN (SELECT deal_id FROM deal_books)
UNION ALL
SELECT * FROM deal d ANTI JOIN link l ON l.deal_id = d.deal_id WHERE d.status <> '' OR d.numbers <> ''
"""

_WITHOUT_DEAL = """
CREATE OR REPLACE TEMP TABLE without_deal AS
SELECT * FROM looked_at f ANTI JOIN link l ON l.record_no = f.record_no WHERE f.standing = 'live'
"""

_FIGURES = ("invoice_minor", "paid_minor", "credited_minor", "written_off_minor", "balance_minor")
_BOTH = ", ".join(
    f"coalesce(sum({side}_{name}), 0)::BIGINT AS {side}_{name}" for name in _FIGURES for side in ("hubspot", "intacct")
)
_SHOWN = ", ".join(f"sum(d.{name.replace('invoice', 'total')})::BIGINT AS hubspot_{name}" for name in _FIGURES)
_BOOKED = ", ".join(f"sum(b.{name.replace('invoice', 'total')})::BIGINT AS intacct_{name}" for name in _FIGURES)
_PAID = "total_minor - balance_minor - credited_minor - written_off_minor"
_AGREED = ", ".join(
    f"{_PAID if name == 'paid_minor' else name.replace('invoice', 'total')} AS {side}_{name}"
    for name in _FIGURES
    for side in ("hubspot", "intacct")
)

_TIE_OUT = f"""
CREATE OR REPLACE TABLE tie_out AS
SELECT entity_id, currency, customer_id, coalesce(sum(deals), 0)::BIGINT AS deals,
    coalesce(sum(invoices), 0)::BIGINT AS invoices, coalesce(sum(deal_minor), 0)::BIGINT AS deal_minor, {_BOTH},
    coalesce(sum(other_invoice_minor), 0)::BIGINT AS other_invoice_minor,
    coalesce(sum(other_balance_minor), 0)::BIGINT AS other_balance_minor
FROM (
    SELECT entity_id, currency, customer_id, invoices AS deals, invoices, deal_minor, {_AGREED}
    FROM pair WHERE own_no IS NULL
    UNION ALL BY NAME
    SELECT b.entity_id, b.currency, b.customer_id, count(d.deal_id) AS deals, sum(b.invoices) AS invoices,
        sum(d.amount_minor)::BIGINT AS deal_minor, {_SHOWN}, {_BOOKED}
    FROM deal_books b LEFT JOIN seen d ON d.deal_id = b.deal_id
    GROUP BY b.entity_id, b.currency, b.customer_id
    UNION ALL BY NAME
    SELECT '' AS entity_id, coalesce(nullif(d.shown_currency, ''), d.currency) AS currency, d.customer_id,
        sum(d.amount_minor)::BIGINT AS deal_minor, {_SHOWN}
    FROM seen d ANTI JOIN deal_books b ON b.deal_id = d.deal_id GROUP BY ALL
    UNION ALL BY NAME
    SELECT i.entity_id, i.currency, i.customer_id, count(*) AS invoices,
        sum(i.total_minor)::BIGINT AS other_invoice_minor, sum(i.balance_minor)::BIGINT AS other_balance_minor
    FROM without_deal i GROUP BY ALL
)
GROUP BY entity_id, currency, customer_id
"""
"""One row for each entity, currency and customer: deals and invoices side by side, and what has no deal."""


def compute(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view ``link`` and the tables ``looked_at``, ``deal_books``, ``customer_books``, ``control_books`` and
    ``tie_out``."""
    find_links(connection)
    for step in (_SETTLED, _INVOICE_FIGURES, _TAXED, _PAIR, _LOOKED_AT):
        connection.execute(step)
    share_out(connection)
    for step in (_DEAL_BOOKS, _CUSTOMER_BOOKS, _CONTROL, _SEEN, _WITHOUT_DEAL, _TIE_OUT):
        connection.execute(step)
