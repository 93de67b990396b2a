"""What is billed twice, in SQL: the table ``duplicate``, and its breaks."""

from __future__ import annotations

# Two invoices of one amount for one deal (unless all of them together are what is to be billed of it), or an invoice
# without a deal that is like a deal's in everything a person enters: customer, currency, amount, and their reference,
# or the day where it has none.
DUPLICATE = """
CREATE OR REPLACE TEMP TABLE duplicate AS
SELECT l.deal_id, max(f.record_no) AS record_no, min(f.record_no) AS first_no
FROM tangled l JOIN looked_at f ON f.record_no = l.record_no
JOIN (SELECT deal_id, total_minor FROM deal_books WHERE live > 1) b ON b.deal_id = l.deal_id
JOIN deal d ON d.deal_id = l.deal_id
LEFT JOIN taxed t ON t.deal_id = l.deal_id
WHERE d.amount_minor + coalesce(t.tax_minor, 0) IS DISTINCT FROM b.total_minor
    AND f.standing = 'live' AND f.total_minor > 0
GROUP BY l.deal_id, f.customer_id, f.currency, f.total_minor HAVING count(*) > 1
UNION ALL
SELECT l.deal_id, o.record_no, i.record_no
FROM (SELECT * FROM without_deal WHERE total_minor > 0) o
JOIN invoice i ON i.customer_id = o.customer_id AND i.currency = o.currency AND i.total_minor = o.total_minor
    AND i.standing = 'live' AND i.record_no <> o.record_no
    AND CASE WHEN o.reference <> '' THEN i.reference = o.reference ELSE i.dated = o.dated END
JOIN link l ON l.record_no = i.record_no
"""

DUPLICATES = """
INSERT INTO break
SELECT 'invoice ' || x.record_no, 'duplicate', 'duplicate', i.entity_id, i.currency, i.customer_id, x.deal_id,
    x.record_no, i.dated, 'invoice', NULL, i.total_minor,
    'Invoice ' || i.number || ' is for the same as invoice ' || f.number || ' of deal ' || x.deal_id || '.'
FROM duplicate x JOIN invoice i ON i.record_no = x.record_no JOIN invoice f ON f.record_no = x.first_no
"""

TWO_DEALS = """
INSERT INTO break
SELECT 'invoice ' || l.record_no, 'two deals', 'duplicate', i.entity_id, i.currency, i.customer_id, max(l.deal_id),
    l.record_no, i.dated, 'invoice', sum(d.amount_minor)::BIGINT, i.total_minor,
    'Invoice ' || i.number || ' stands on the deals ' || string_agg(l.deal_id::VARCHAR, ', ' ORDER BY l.deal_id)
        || ', each for its whole amount.'
FROM tangled l SEMI JOIN (SELECT record_no FROM tangled GROUP BY record_no HAVING count(*) > 1) m
    ON m.record_no = l.record_no
JOIN invoice i ON i.record_no = l.record_no AND i.standing = 'live'
JOIN deal d ON d.deal_id = l.deal_id AND d.won AND d.amount_minor = i.total_minor
GROUP BY l.record_no, i.entity_id, i.currency, i.customer_id, i.number, i.dated, i.total_minor HAVING count(*) > 1
"""
