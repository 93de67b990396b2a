"""The receivables' subledger and their control account as they stood at the end of a day, from a tie-out's tables.

The general ledger's balance is the sum of the postings up to that day. The subledger's is today's, taken back: without
the documents, receipts and reversals of later days, and with what was applied later open again, at the rate of its
document. Both come from records that the tie-out has counted.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

_AS_OF = """
WITH document AS (
    SELECT 'invoice' AS kind, record_no, entity_id, base_currency, customer_id, currency, dated,
        standing <> 'draft' AS posted, standing = 'live' AS counts, total_minor AS total,
        base_total_minor AS base_total, balance_minor AS due, base_balance_minor AS base_due FROM invoice
    UNION ALL
    SELECT 'adjustment', record_no, entity_id, base_currency, customer_id, currency, dated, posted, counts, total_minor,
        base_total_minor, balance_minor, base_balance_minor FROM adjustment
    UNION ALL
    SELECT 'receipt', record_no, entity_id, base_currency, customer_id, currency, dated, posted, counts, -total_minor,
        -base_total_minor, -unapplied_minor, -base_unapplied_minor FROM receipt
),
-- What was applied later: open again on what it settled, and not yet taken from where it came.
piece AS (SELECT * FROM application WHERE posted AND dated > $last),
later AS (
    SELECT kind, record_no, sum(amount)::BIGINT AS amount, count(*) AS pieces FROM (
        SELECT 'invoice' AS kind, invoice_no AS record_no, amount_minor AS amount FROM piece
            WHERE invoice_no IS NOT NULL
        UNION ALL SELECT 'adjustment', debit_no, amount_minor FROM piece WHERE debit_no IS NOT NULL
        UNION ALL SELECT 'receipt', payment_no, -amount_minor FROM piece WHERE source = 'cash'
        UNION ALL SELECT CASE source WHEN 'adjustment' THEN 'adjustment' WHEN 'negative_invoice' THEN 'invoice'
            ELSE 'receipt' END, source_no, -amount_minor FROM piece
            WHERE source IN ('advance', 'overpayment', 'adjustment', 'negative_invoice')
    ) GROUP BY kind, record_no
),
opened AS (
    SELECT *, due_then = 0 OR due_then = total OR due_then = due OR currency = base_currency AS is_exact FROM (
        SELECT d.*, l.amount, l.pieces, CASE WHEN d.counts THEN d.due ELSE 0 END + l.amount AS due_then
        FROM later l JOIN document d ON d.kind = l.kind AND d.record_no = l.record_no
    )
),
moved AS (
    SELECT entity_id, base_currency, customer_id, -base_total AS amount, 0 AS cents FROM document
    WHERE posted AND dated > $last
    UNION ALL
    SELECT entity_id, base_currency, customer_id,
        CASE WHEN counts AND due_then = total THEN base_total - base_due
            WHEN counts AND due_then = 0 THEN -base_due
            WHEN total = 0 THEN 0
            ELSE (sign(amount) * sign(base_total) * sign(total)
                * ((2 * abs(amount::HUGEINT * base_total) + abs(total)) // (2 * abs(total)::HUGEINT)))::BIGINT END,
        CASE WHEN is_exact THEN 0 ELSE pieces END
    FROM opened
),
subledger AS (
    SELECT entity_id, base_currency, customer_id, sum(amount)::BIGINT AS amount, sum(cents)::BIGINT AS cents FROM (
        SELECT entity_id, currency AS base_currency, customer_id, subledger_minor AS amount, 0 AS cents
        FROM control_books
        UNION ALL SELECT * FROM moved
    ) WHERE entity_id = $entity GROUP BY ALL
),
ledger AS (
    SELECT entity_id, base_currency, customer_id, sum(amount_minor)::BIGINT AS amount,
        coalesce(sum(amount_minor) FILTER (module = '2.GL'), 0)::BIGINT AS by_hand
    FROM control WHERE entity_id = $entity AND (dated IS NULL OR dated <= $last) GROUP BY ALL
),
both_sides AS (
    SELECT coalesce(s.customer_id, g.customer_id) AS customer, coalesce(s.base_currency, g.base_currency) AS currency,
        coalesce(s.amount, 0) AS subledger, coalesce(g.amount, 0) AS gl, coalesce(g.by_hand, 0) AS by_hand,
        CASE WHEN abs(coalesce(s.amount, 0) - coalesce(g.amount, 0)) <= coalesce(s.cents, 0)
            THEN coalesce(s.amount, 0) - coalesce(g.amount, 0) ELSE 0 END AS cents
    FROM subledger s FULL JOIN ledger g ON g.customer_id = s.customer_id AND g.base_currency = s.base_currency
)
SELECT customer, currency, subledger, gl, cents, subledger - gl - cents, by_hand, coalesce(c.url, '') FROM (
    SELECT *, false AS whole FROM both_sides WHERE subledger - gl <> cents
    UNION ALL
    SELECT '', currency, sum(subledger)::BIGINT, sum(gl)::BIGINT, sum(by_hand)::BIGINT, sum(cents)::BIGINT, true
    FROM both_sides GROUP BY currency
) b LEFT JOIN customer c ON NOT whole AND c.customer_id = b.customer ORDER BY currency, whole DESC, customer
"""


def control_as_of(store: duckdb.DuckDBPyConnection, entity: str, last: date) -> list[tuple[Any, ...]]:
    """Rows of the pack's table ``control``: one without a customer for each base currency, then the customers that
    differ. ``rounding``: cents that a foreign document's rate leaves where it was settled in part before the day and in
    part after it; they are no difference."""
    return store.execute(_AS_OF, {"entity": entity, "last": last}).fetchall()
