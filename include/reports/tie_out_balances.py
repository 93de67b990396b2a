"""Where customers' balances, the subledger and the control account differ, and whether Intacct's own figures agree
with themselves."""

from __future__ import annotations

import duckdb

from include.reports.tie_out_breaks import Known, run_steps

# Balances are of no day: what makes them differ may be older than their last document. So breaks of them have none,
# and count for every period, unless timing explains them.
_BALANCES = """
INSERT INTO break
SELECT 'company ' || company_id || ' ' || currency, 'balance',
    CASE
        WHEN NOT shown THEN CASE WHEN books_modified >= $shown_until THEN 'timing' ELSE 'missing' END
        WHEN other_currency THEN 'currency'
        WHEN books_modified >= $shown_until THEN 'timing'
        WHEN greatest(abs(open_off), abs(unapplied_off)) <= $rounding THEN 'rounding'
        WHEN open_off = 0 OR abs(open_off) = unapplied_minor OR open_off = unapplied_off THEN 'unapplied'
        WHEN open_off = gone_minor THEN 'missing'
        WHEN edited THEN 'manual_edit'
        ELSE 'unknown'
    END,
    '', currency, customer_id, NULL, NULL, CASE WHEN books_modified >= $shown_until THEN books_modified::DATE END,
    CASE WHEN open_off <> 0 THEN 'balance' ELSE 'unapplied' END,
    CASE WHEN NOT shown THEN NULL WHEN open_off <> 0 THEN shown_open ELSE shown_unapplied END,
    CASE WHEN open_off <> 0 THEN open_minor ELSE unapplied_minor END,
    coalesce('Changed in HubSpot on ' || strftime(edited_at, '%Y-%m-%d %H:%M') || ' UTC by ' || edited_by || '.', '')
FROM (
    SELECT c.company_id, c.customer_id, c.shown, coalesce(b.currency, k.currency) AS currency,
        coalesce(b.open_minor, 0) AS open_minor, coalesce(b.unapplied_minor, 0) AS unapplied_minor,
        coalesce(k.open_minor, 0) AS shown_open, coalesce(k.unapplied_minor, 0) AS shown_unapplied,
        coalesce(k.open_minor, 0) - coalesce(b.open_minor, 0) AS open_off,
        coalesce(k.unapplied_minor, 0) - coalesce(b.unapplied_minor, 0) AS unapplied_off,
        g.gone_minor, m.modified_at AS books_modified, e.id IS NOT NULL AS edited, e.moment AS edited_at,
        e.source AS edited_by,
        -- the same amount in another currency
        (b.currency IS NULL AND EXISTS (SELECT 1 FROM customer_books o WHERE o.customer_id = c.customer_id
            AND o.currency <> k.currency AND o.open_minor = k.open_minor))
        OR (k.currency IS NULL AND EXISTS (SELECT 1 FROM company_balance o WHERE o.company_id = c.company_id
            AND o.currency <> b.currency AND o.open_minor = b.open_minor)) AS other_currency
    FROM (SELECT company_id, currency FROM company_balance
        UNION SELECT c.company_id, b.currency FROM company c JOIN customer_books b ON b.customer_id = c.customer_id) x
    JOIN company c ON c.company_id = x.company_id AND NOT c.archived
    LEFT JOIN customer_books b ON b.customer_id = c.customer_id AND b.currency = x.currency
    LEFT JOIN company_balance k ON k.company_id = c.company_id AND k.currency = x.currency
    LEFT JOIN (SELECT customer_id, max(modified_at) AS modified_at FROM customer_books GROUP BY customer_id) m
        ON m.customer_id = c.customer_id
    LEFT JOIN (SELECT customer_id, shown_currency, sum(shown_balance) AS gone_minor FROM differing WHERE NOT in_books
        GROUP BY customer_id, shown_currency) g ON g.customer_id = c.customer_id AND g.shown_currency = x.currency
    LEFT JOIN edited e ON e.object = 'company' AND e.id = c.company_id::VARCHAR
)
WHERE (open_off <> 0 OR unapplied_off <> 0) AND NOT (NOT shown AND open_minor = 0 AND unapplied_minor = 0)
"""

# A company that was archived shows nothing any more, while its customer goes on.
_GONE_COMPANIES = """
INSERT INTO break
SELECT 'company ' || c.company_id || ' ' || b.currency, 'balance', 'missing', '', b.currency, c.customer_id, NULL, NULL,
    NULL, 'balance', NULL, b.open_minor, 'The company of customer ' || c.customer_id
        || ' is archived in HubSpot.'
FROM company c JOIN customer_books b ON b.customer_id = c.customer_id AND (b.open_minor <> 0 OR b.unapplied_minor <> 0)
WHERE c.archived AND c.shown
    AND NOT EXISTS (SELECT 1 FROM company o WHERE o.customer_id = c.customer_id AND NOT o.archived)
"""

# A difference in two currencies is one break: the one where Intacct has the amount.
_ONE_PER_CURRENCY_MIX = """
DELETE FROM break WHERE "check" = 'balance' AND class = 'currency' AND coalesce(intacct_minor, 0) = 0
    AND EXISTS (SELECT 1 FROM break o WHERE o."check" = 'balance' AND o.class = 'currency'
        AND split_part(o.subject, ' ', 2) = split_part(break.subject, ' ', 2) AND coalesce(o.intacct_minor, 0) <> 0)
"""

_SETTLEMENTS = """
INSERT INTO break
SELECT 'invoice ' || record_no, 'settlement',
    CASE WHEN modified_at >= $read_at THEN 'timing' WHEN abs(off) <= $rounding THEN 'rounding'
        WHEN EXISTS (SELECT 1 FROM receipt r WHERE r.counts AND r.customer_id = i.customer_id
            AND r.currency = i.currency AND r.unapplied_minor = abs(off)) THEN 'unapplied'
        ELSE 'unknown' END,
    entity_id, currency, customer_id, NULL, record_no, dated, 'paid', applied_minor, total_minor - balance_minor,
    'What was applied to the invoice is not what its header says was settled.'
FROM (SELECT *, applied_minor - (total_minor - balance_minor) AS off FROM looked_at
    WHERE standing = 'live' AND total_minor > 0) i
WHERE off <> 0
"""

_CONTROL = """
INSERT INTO break
SELECT 'control ' || entity_id || ' ' || currency || ' ' || coalesce(nullif(customer_id, ''), '-'), 'control',
    CASE
        WHEN modified_at >= $read_at THEN 'timing'
        WHEN off = -by_hand_minor AND by_hand_minor <> 0 THEN 'manual_edit'
        WHEN abs(off) <= $rounding THEN 'rounding'
        WHEN abs(off) = unapplied_minor THEN 'unapplied'
        WHEN gl_minor = 0 OR subledger_minor = 0 THEN 'missing'
        WHEN is_foreign THEN 'currency'
        ELSE 'unknown'
    END,
    entity_id, currency, customer_id, NULL, NULL, CASE WHEN modified_at >= $read_at THEN dated END,
    'control account', subledger_minor, gl_minor,
    'Subledger and control account; of the latter ' || CASE WHEN by_hand_minor = 0 THEN 'nothing' ELSE 'a part' END
        || ' was entered by journal.'
FROM (SELECT *, subledger_minor - gl_minor AS off FROM control_books) WHERE off <> 0
"""

_COMPLETE = """
INSERT INTO break
SELECT c.object || ' ' || c.part || ' ' || c.first, 'completeness', 'missing', '', '', '', NULL, NULL, NULL, 'records',
    NULL, NULL,
    'Of ' || c.object || ', ' || c.part || ' ' || c.first || ' to ' || c.last || ', '
        || CASE WHEN c.object IN ('deals', 'companies') THEN 'HubSpot' ELSE 'Intacct' END || ' counts ' || c.told
        || ' records and ' || c.read || ' were read'
        || CASE WHEN c.told = c.read THEN '; their totals add up to other sums.' ELSE '.' END
FROM completeness c
LEFT JOIN (SELECT object, sum(told) AS changed FROM completeness WHERE part = 'changed while reading' GROUP BY object) x
    ON x.object = c.object
WHERE c.part <> 'changed while reading' AND (c.told > c.read
    OR (c.told = c.read AND coalesce(x.changed, 0) = 0 AND c.told_checksum <> c.read_checksum))
"""

BALANCE_STEPS = (_BALANCES, _GONE_COMPANIES, _ONE_PER_CURRENCY_MIX, _SETTLEMENTS, _CONTROL)


def find_balance_breaks(connection: duckdb.DuckDBPyConnection, known: Known) -> None:
    """Add to ``break`` those of customers' balances, of settlements, and of subledger against control account."""
    run_steps(connection, BALANCE_STEPS, known)


def find_gaps(connection: duckdb.DuckDBPyConnection, known: Known) -> None:
    """Add to ``break`` where a system counts other records than were read (table ``completeness``)."""
    run_steps(connection, (_COMPLETE,), known)
