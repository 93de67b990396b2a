"""Where what a deal shows, or its amount, differs from its invoices: each check an SQL query that adds breaks."""

from __future__ import annotations

FIGURES = """
INSERT INTO break
SELECT 'deal ' || deal_id, 'figures',
    CASE
        WHEN shown_currency <> currency THEN 'currency'
        WHEN books_modified >= $shown_until THEN 'timing'
        WHEN abs(most) <= $rounding THEN 'rounding'
        WHEN unapplied THEN 'unapplied'
        WHEN edited OR total_minor <> coalesce(sent_minor, total_minor) THEN 'manual_edit'
        ELSE 'unknown'
    END,
    entity_id, currency, customer_id, deal_id, record_no, dated, measure,
    CASE measure WHEN 'balance' THEN shown_balance WHEN 'paid' THEN shown_paid WHEN 'credited' THEN shown_credited
        WHEN 'written off' THEN shown_written_off ELSE shown_total END,
    CASE measure WHEN 'balance' THEN balance_minor WHEN 'paid' THEN paid_minor WHEN 'credited' THEN credited_minor
        WHEN 'written off' THEN written_off_minor ELSE total_minor END,
    detail
FROM (
    SELECT *,
        CASE WHEN total_off <> 0 THEN 'invoice' WHEN balance_off <> 0 THEN 'balance' WHEN paid_off <> 0 THEN 'paid'
            WHEN credited_off <> 0 THEN 'credited' WHEN written_off_off <> 0 THEN 'written off' ELSE 'currency' END
            AS measure,
        greatest(abs(total_off), abs(paid_off), abs(credited_off), abs(written_off_off), abs(balance_off)) AS most,
        total_off = 0 AND paid_off <> 0 AND paid_off = -balance_off AND EXISTS (
            SELECT 1 FROM receipt r WHERE r.counts AND r.customer_id = differences.customer_id
            AND r.currency = differences.currency AND r.unapplied_minor = paid_off) AS unapplied
    FROM (
        SELECT d.*, s.total_minor AS sent_minor, e.id IS NOT NULL AS edited,
            coalesce(shown_total, 0) - d.total_minor AS total_off, coalesce(shown_paid, 0) - paid_minor AS paid_off,
            coalesce(shown_credited, 0) - credited_minor AS credited_off,
            coalesce(shown_written_off, 0) - written_off_minor AS written_off_off,
            coalesce(shown_balance, 0) - balance_minor AS balance_off,
            coalesce('Changed in HubSpot on ' || strftime(e.moment, '%Y-%m-%d %H:%M') || ' UTC by ' || e.source || '.',
                '')
                || CASE WHEN d.total_minor <> s.total_minor THEN ' Intacct''s invoice is not as Tieout posted it.'
                ELSE '' END || coalesce(g.told, '') AS detail
        FROM differing d
        LEFT JOIN sharing g ON g.deal_id = d.deal_id
        LEFT JOIN sent s ON s.deal_id = d.deal_id
        LEFT JOIN edited e ON e.object = 'deal' AND e.id = d.deal_id::VARCHAR
        WHERE d.in_books AND d.deal_id IS NOT NULL AND NOT d.archived AND d.status <> '' AND NOT d.several_currencies
    ) differences
)
WHERE (most <> 0 OR shown_currency <> currency)
    AND deal_id NOT IN (SELECT deal_id FROM break WHERE class = 'duplicate' AND "check" = 'duplicate')
"""

CURRENCIES = """
INSERT INTO break
SELECT 'deal ' || deal_id, 'figures', 'currency', entity_id, currency, customer_id, deal_id, record_no, dated,
    'currency', NULL, NULL,
    'The deal''s invoices are in several currencies, which cannot be added up: leave those of one on it.'
FROM differing WHERE several_currencies AND deal_id IS NOT NULL AND NOT archived AND status <> ''
    AND deal_id NOT IN (SELECT deal_id FROM break WHERE class = 'duplicate' AND "check" = 'duplicate')
"""

# A deal on hold was seen by the main job, and waits for a person: that is no matter of time, though the hold's own
# message changed the deal last.
AMOUNTS = """
INSERT INTO break
SELECT 'deal ' || d.deal_id, 'amount',
    CASE
        WHEN d.deal_currency <> d.currency THEN 'currency'
        WHEN d.books_modified >= $read_at OR (d.deal_modified >= $invoiced_until AND h.deal_id IS NULL) THEN 'timing'
        WHEN d.amount_minor IS NULL THEN 'no_amount'
        WHEN abs(d.amount_minor + tax - d.total_minor) <= $rounding THEN 'rounding'
        WHEN s.total_minor IS NOT NULL OR h.deal_id IS NOT NULL THEN 'manual_edit'
        ELSE 'unknown'
    END,
    d.entity_id, d.currency, d.customer_id, d.deal_id, d.record_no, d.dated, 'deal', d.amount_minor,
    d.total_minor - tax,
    CASE WHEN d.amount_minor IS NULL THEN 'The deal has no amount that can be read, and its invoice stands.'
        WHEN s.total_minor = d.total_minor THEN 'The deal''s amount was changed after its invoice was posted.'
        WHEN s.total_minor IS NOT NULL THEN 'Intacct''s invoice is not as Tieout posted it.' ELSE '' END
    || coalesce(' On hold: ' || h.message, '') || coalesce(g.told, '')
FROM (SELECT d.*, coalesce(t.tax_minor, 0) AS tax FROM differing d LEFT JOIN taxed t ON t.deal_id = d.deal_id) d
LEFT JOIN sent s ON s.deal_id = d.deal_id LEFT JOIN held h ON h.deal_id = d.deal_id
LEFT JOIN sharing g ON g.deal_id = d.deal_id
-- what Tieout credited when the deal was lowered, applied or not
LEFT JOIN (SELECT m.deal_id, sum(a.total_minor) AS total_minor FROM memo m
    JOIN adjustment a ON a.record_no = m.record_no AND a.counts GROUP BY m.deal_id) c ON c.deal_id = d.deal_id
WHERE d.in_books AND d.won AND NOT d.archived AND d.live > 0 AND NOT d.several_currencies
    AND (d.deal_currency <> d.currency OR d.amount_minor IS NULL
        OR (d.amount_minor + tax <> d.total_minor AND d.amount_minor + tax <> d.total_minor - d.credited_minor
            AND d.amount_minor + tax <> d.total_minor + coalesce(c.total_minor, 0)))
    AND d.deal_id NOT IN (SELECT deal_id FROM break WHERE deal_id IS NOT NULL)
"""
