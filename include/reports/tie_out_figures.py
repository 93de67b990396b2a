"""What each deal and customer should show, computed in SQL from Intacct's records. Nothing that HubSpot shows is used,
so that the two sides can be held against each other."""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

import duckdb

SETTLED = """
CREATE OR REPLACE VIEW settled AS
SELECT a.invoice_no AS record_no,
    sum(a.amount_minor)::BIGINT AS applied_minor,
    coalesce(sum(a.amount_minor) FILTER (j.write_off), 0)::BIGINT AS written_off_minor,
    coalesce(sum(a.amount_minor) FILTER (
        a.source NOT IN ('cash', 'advance', 'overpayment') AND NOT coalesce(j.write_off, false)
    ), 0)::BIGINT AS credited_minor,
    max(a.modified_at) AS modified_at
FROM application a
LEFT JOIN receipt p ON p.record_no = a.payment_no
LEFT JOIN adjustment j ON a.source = 'adjustment' AND j.record_no = a.source_no
WHERE a.counts AND coalesce(p.counts, true) AND a.invoice_no IS NOT NULL
GROUP BY a.invoice_no
"""
"""What was applied to each invoice and stands. A reversed payment's applications do not."""

INVOICE_FIGURES = """
CREATE OR REPLACE TABLE invoice_figures AS
SELECT *, total_minor - balance_minor - credited_minor - written_off_minor AS paid_minor FROM (
    SELECT i.record_no, i.customer_id, i.entity_id, i.currency, i.standing, i.dated,
        CASE i.standing WHEN 'reversed' THEN 0 ELSE i.total_minor END AS total_minor,
        CASE i.standing WHEN 'reversed' THEN 0 WHEN 'draft' THEN i.total_minor ELSE i.balance_minor END
            AS balance_minor,
        CASE WHEN i.standing = 'live' AND i.total_minor < 0
            THEN i.total_minor - i.balance_minor - coalesce(s.written_off_minor, 0)
            WHEN i.standing = 'live' AND i.total_minor <> i.balance_minor THEN coalesce(s.credited_minor, 0)
            ELSE 0 END AS credited_minor,
        CASE WHEN i.standing = 'live' AND i.total_minor <> i.balance_minor THEN coalesce(s.written_off_minor, 0)
            ELSE 0 END AS written_off_minor,
        coalesce(s.applied_minor, 0) AS applied_minor,
        greatest(i.modified_at, coalesce(s.modified_at, i.modified_at)) AS modified_at
    FROM invoice i LEFT JOIN settled s ON s.record_no = i.record_no
)
"""
"""total = paid + credited + written off + balance, as on ``include.flows.figures.invoice_standing`` and on paper."""

_KEYED = """
CREATE OR REPLACE TEMP TABLE keyed AS
SELECT coalesce(m.deal_id, k.deal_id) AS deal_id, k.record_no FROM (
    SELECT TRY_CAST(split_part(document_key, '-', 3) AS BIGINT) AS deal_id, record_no
    FROM invoice WHERE starts_with(document_key, 'hs-deal-') AND split_part(document_key, '-', 4) = 'invoice'
) k LEFT JOIN merged m ON m.old_id = k.deal_id WHERE k.deal_id IS NOT NULL
"""

# Most invoices are linked by their key; only what the key does not tell is made distinct.
LINK = """
CREATE OR REPLACE TABLE link AS
SELECT deal_id, record_no FROM keyed
UNION ALL
SELECT DISTINCT coalesce(m.deal_id, f.deal_id), f.record_no FROM (
    SELECT k.deal_id, k.record_no FROM known_link k SEMI JOIN invoice i ON i.record_no = k.record_no
    ANTI JOIN keyed x ON x.record_no = k.record_no
    UNION ALL
    SELECT d.deal_id, i.record_no
    FROM (SELECT deal_id, lower(trim(unnest(string_split(numbers, ';')))) AS number FROM deal WHERE numbers <> '') d
    JOIN invoice i ON lower(i.number) = d.number AND i.number <> ''
    LEFT JOIN keyed x ON x.record_no = i.record_no WHERE x.deal_id IS DISTINCT FROM d.deal_id
) f LEFT JOIN merged m ON m.old_id = f.deal_id
"""
"""Which invoice is which deal's: by Tieout's key in the invoice, by what the state remembers, by the numbers on the
deal. Deals that were merged count as the one they became."""

_SUMS = ("total_minor", "paid_minor", "credited_minor", "written_off_minor", "balance_minor")
_PICKED = ",\n    ".join(
    f"(CASE WHEN bool_or(f.standing = 'live') THEN sum(f.{name}) FILTER (f.standing = 'live')"
    f" ELSE coalesce(sum(f.{name}) FILTER (f.standing = 'draft'), 0) END)::BIGINT AS {name}"
    for name in _SUMS
)

_SEVERAL = """
CREATE OR REPLACE TEMP TABLE several AS SELECT deal_id FROM link GROUP BY deal_id HAVING count(*) > 1
"""

DEAL_BOOKS = f"""
CREATE OR REPLACE TABLE deal_books AS
SELECT l.deal_id, (f.standing = 'live')::BIGINT AS live, 1::BIGINT AS invoices, f.record_no, f.customer_id, f.entity_id,
    f.currency, false AS several_currencies, f.dated, f.modified_at, {", ".join(f"f.{name}" for name in _SUMS)}
FROM link l JOIN invoice_figures f ON f.record_no = l.record_no ANTI JOIN several s ON s.deal_id = l.deal_id
UNION ALL
SELECT l.deal_id, count(*) FILTER (f.standing = 'live'), count(*), min(f.record_no), min(f.customer_id),
    min(f.entity_id), min(f.currency), min(f.currency) <> max(f.currency), min(f.dated), max(f.modified_at),
    {_PICKED}
FROM link l JOIN invoice_figures f ON f.record_no = l.record_no SEMI JOIN several s ON s.deal_id = l.deal_id
GROUP BY l.deal_id
"""
"""What each deal should show: its standing invoices together; without any its drafts; nothing of reversed ones."""

CUSTOMER_BOOKS = """
CREATE OR REPLACE TABLE customer_books AS
SELECT customer_id, currency, sum(open_minor)::BIGINT AS open_minor, sum(unapplied_minor)::BIGINT AS unapplied_minor,
    max(modified_at) AS modified_at
FROM (
    SELECT customer_id, currency, greatest(balance_minor, 0) AS open_minor,
        greatest(-balance_minor, 0) AS unapplied_minor, modified_at FROM invoice WHERE standing = 'live'
    UNION ALL
    SELECT customer_id, currency, greatest(balance_minor, 0), greatest(-balance_minor, 0), modified_at
    FROM adjustment WHERE counts
    UNION ALL
    SELECT customer_id, currency, 0, greatest(unapplied_minor, 0), modified_at FROM receipt WHERE counts
) GROUP BY customer_id, currency
"""
"""What each customer owes and has waiting, per currency."""

CONTROL = """
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
            currency, dated, modified_at FROM invoice WHERE standing = 'live'
        UNION ALL
        SELECT entity_id, base_currency, customer_id, base_balance_minor, 0, currency, dated, modified_at
        FROM adjustment WHERE counts
        UNION ALL
        SELECT entity_id, base_currency, customer_id, -base_unapplied_minor, base_unapplied_minor, currency, dated,
            modified_at FROM receipt WHERE counts
    ) GROUP BY ALL
) s FULL JOIN (
    SELECT entity_id, base_currency, customer_id, sum(amount_minor) AS amount_minor,
        sum(amount_minor) FILTER (module = '2.GL') AS by_hand_minor, max(dated) AS dated
    FROM control GROUP BY ALL
) g ON g.entity_id = s.entity_id AND g.base_currency = s.base_currency AND g.customer_id = s.customer_id
"""
"""The AR subledger beside the GL control account, in each entity's base currency, customer by customer."""

_WITHOUT_DEAL = """
CREATE OR REPLACE TEMP TABLE without_deal AS
SELECT * FROM invoice i ANTI JOIN link l ON l.record_no = i.record_no WHERE i.standing = 'live'
"""

_FIGURES = ("invoice_minor", "paid_minor", "credited_minor", "written_off_minor", "balance_minor")
_BOTH = ", ".join(
    f"coalesce(sum({side}_{name}), 0)::BIGINT AS {side}_{name}" for name in _FIGURES for side in ("hubspot", "intacct")
)
_SHOWN = ", ".join(f"sum(d.{name.replace('invoice', 'total')})::BIGINT AS hubspot_{name}" for name in _FIGURES)
_BOOKED = ", ".join(f"sum(b.{name.replace('invoice', 'total')})::BIGINT AS intacct_{name}" for name in _FIGURES)

# Each part is summed by itself before they come together: few rows are joined to many texts.
TIE_OUT = f"""
CREATE OR REPLACE TABLE tie_out AS
SELECT entity_id, currency, customer_id, coalesce(sum(deals), 0)::BIGINT AS deals,
    coalesce(sum(invoices), 0)::BIGINT AS invoices, coalesce(sum(deal_minor), 0)::BIGINT AS deal_minor, {_BOTH},
    coalesce(sum(other_invoice_minor), 0)::BIGINT AS other_invoice_minor,
    coalesce(sum(other_balance_minor), 0)::BIGINT AS other_balance_minor
FROM (
    SELECT b.entity_id, b.currency, b.customer_id, count(d.deal_id) AS deals, sum(b.invoices) AS invoices,
        sum(d.amount_minor)::BIGINT AS deal_minor, {_SHOWN}, {_BOOKED}
    FROM deal_books b LEFT JOIN deal d ON d.deal_id = b.deal_id
    GROUP BY b.entity_id, b.currency, b.customer_id
    UNION ALL BY NAME
    SELECT '' AS entity_id, coalesce(nullif(d.shown_currency, ''), d.currency) AS currency, d.customer_id,
        sum(d.amount_minor)::BIGINT AS deal_minor, {_SHOWN}
    FROM deal d ANTI JOIN deal_books b ON b.deal_id = d.deal_id WHERE d.status <> '' OR d.numbers <> '' GROUP BY ALL
    UNION ALL BY NAME
    SELECT i.entity_id, i.currency, i.customer_id, count(*) AS invoices,
        sum(i.total_minor)::BIGINT AS other_invoice_minor, sum(i.balance_minor)::BIGINT AS other_balance_minor
    FROM without_deal i GROUP BY ALL
)
GROUP BY entity_id, currency, customer_id ORDER BY entity_id, currency, customer_id
"""
"""One row for each entity, currency and customer: deals and invoices side by side, and what has no deal."""

STEPS = (SETTLED, INVOICE_FIGURES, _KEYED, LINK, _SEVERAL, DEAL_BOOKS, CUSTOMER_BOOKS, CONTROL, _WITHOUT_DEAL, TIE_OUT)


def compute(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables ``link``, ``deal_books``, ``customer_books``, ``control_books`` and ``tie_out``."""
    for step in STEPS:
        connection.execute(step)
