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
CREATE OR REPLACE VIEW invoice_figures AS
SELECT *, total_minor - balance_minor - credited_minor - written_off_minor AS paid_minor FROM (
    SELECT i.record_no, i.number, i.customer_id, i.entity_id, i.currency, i.standing, i.dated, i.document_key,
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
"""total = paid + credited + written off + balance, as on ``include.flows.invoice_standing`` and on paper."""

LINK = r"""
CREATE OR REPLACE TABLE link AS
SELECT DISTINCT coalesce(m.deal_id, f.deal_id) AS deal_id, f.record_no FROM (
    SELECT TRY_CAST(split_part(document_key, '-', 3) AS BIGINT) AS deal_id, record_no
    FROM invoice WHERE starts_with(document_key, 'hs-deal-')
    UNION ALL
    SELECT k.deal_id, k.record_no FROM known_link k SEMI JOIN invoice i ON i.record_no = k.record_no
    UNION ALL
    SELECT d.deal_id, i.record_no
    FROM (SELECT deal_id, lower(trim(unnest(string_split(numbers, ';')))) AS number FROM deal WHERE numbers <> '') d
    JOIN invoice i ON lower(i.number) = d.number AND i.number <> ''
) f LEFT JOIN merged m ON m.old_id = f.deal_id
WHERE f.deal_id IS NOT NULL
"""
"""Which invoice is which deal's: by Tieout's key in the invoice, by what the state remembers, by the numbers on the
deal. Deals that were merged count as the one they became."""

_SUMS = ("total_minor", "paid_minor", "credited_minor", "written_off_minor", "balance_minor")
_PICKED = ",\n    ".join(
    f"(CASE WHEN bool_or(f.standing = 'live') THEN sum(f.{name}) FILTER (f.standing = 'live')"
    f" ELSE coalesce(sum(f.{name}) FILTER (f.standing = 'draft'), 0) END)::BIGINT AS {name}"
    for name in _SUMS
)

DEAL_BOOKS = f"""
CREATE OR REPLACE TABLE deal_books AS
SELECT l.deal_id,
    count(*) FILTER (f.standing = 'live') AS live, count(*) AS invoices,
    min(f.record_no) AS record_no, min(f.customer_id) AS customer_id, min(f.entity_id) AS entity_id,
    min(f.currency) AS currency, min(f.currency) <> max(f.currency) AS several_currencies,
    min(f.dated) AS dated, max(f.modified_at) AS modified_at,
    {_PICKED}
FROM link l JOIN invoice_figures f ON f.record_no = l.record_no
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

TIE_OUT = f"""
CREATE OR REPLACE TABLE tie_out AS
SELECT entity_id, currency, customer_id,
    count(*) FILTER (deal_id IS NOT NULL AND record_no IS NOT NULL) AS deals, sum(invoices)::BIGINT AS invoices,
    coalesce(sum(amount_minor), 0)::BIGINT AS deal_minor,
    {
    ", ".join(
        f"coalesce(sum(hubspot_{n}), 0)::BIGINT AS hubspot_{n}, coalesce(sum(intacct_{n}), 0)::BIGINT AS intacct_{n}"
        for n in ("invoice_minor", "paid_minor", "credited_minor", "written_off_minor", "balance_minor")
    )
},
    coalesce(sum(other_invoice_minor), 0)::BIGINT AS other_invoice_minor,
    coalesce(sum(other_balance_minor), 0)::BIGINT AS other_balance_minor
FROM (
    SELECT d.deal_id, b.record_no, coalesce(b.entity_id, '') AS entity_id,
        coalesce(b.currency, nullif(d.shown_currency, ''), d.currency) AS currency,
        coalesce(b.customer_id, d.customer_id, '') AS customer_id, coalesce(b.invoices, 0) AS invoices,
        d.amount_minor, d.total_minor AS hubspot_invoice_minor, d.paid_minor AS hubspot_paid_minor,
        d.credited_minor AS hubspot_credited_minor, d.written_off_minor AS hubspot_written_off_minor,
        d.balance_minor AS hubspot_balance_minor, b.total_minor AS intacct_invoice_minor,
        b.paid_minor AS intacct_paid_minor, b.credited_minor AS intacct_credited_minor,
        b.written_off_minor AS intacct_written_off_minor, b.balance_minor AS intacct_balance_minor,
        0 AS other_invoice_minor, 0 AS other_balance_minor
    FROM deal_books b FULL JOIN (SELECT * FROM deal WHERE status <> '' OR numbers <> '') d ON d.deal_id = b.deal_id
    UNION ALL
    SELECT NULL, NULL, i.entity_id, i.currency, i.customer_id, 1, {", ".join(["NULL"] * 11)},
        i.total_minor, i.balance_minor
    FROM invoice i ANTI JOIN link l ON l.record_no = i.record_no WHERE i.standing = 'live'
)
GROUP BY entity_id, currency, customer_id ORDER BY entity_id, currency, customer_id
"""
"""One row for each entity, currency and customer: deals and invoices side by side, and what has no deal."""

STEPS = (SETTLED, INVOICE_FIGURES, LINK, DEAL_BOOKS, CUSTOMER_BOOKS, CONTROL, TIE_OUT)


def compute(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables ``link``, ``deal_books``, ``customer_books``, ``control_books`` and ``tie_out``."""
    for step in STEPS:
        connection.execute(step)
