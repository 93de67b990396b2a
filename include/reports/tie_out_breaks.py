"""Where the two sides differ, and why: each check an SQL query over the tables, each break of one class.

A break's ``subject`` and ``check`` name it from run to run, so that it stays the same break while it lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from include.reports.tie_out_duplicates import DUPLICATE, DUPLICATES, TWO_DEALS
from include.reports.tie_out_shown import AMOUNTS, CURRENCIES, FIGURES

CLASSES = (
    "timing", "rounding", "currency", "no_amount", "missing", "manual_edit", "duplicate", "unapplied", "unknown",
)  # fmt: skip
COLUMNS = (
    "subject", "check", "class", "entity_id", "currency", "customer_id", "deal_id", "record_no", "dated", "measure",
    "hubspot_minor", "intacct_minor", "detail",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What tells timing and rounding from the rest.

    ``shown_until``: what changed in Intacct before it must show in HubSpot (the payments flow's cursor).
    ``invoiced_until``: what changed in HubSpot before it must be invoiced. ``read_at``: when reading began; what
    changed later may be on one side only. All aware. ``rounding``: the largest difference, in minor units, that
    rounding makes.
    """

    shown_until: datetime
    invoiced_until: datetime
    read_at: datetime
    rounding: int = 1


BREAK_TABLE = """
CREATE OR REPLACE TABLE break (subject VARCHAR, "check" VARCHAR, class VARCHAR, entity_id VARCHAR, currency VARCHAR,
    customer_id VARCHAR, deal_id BIGINT, record_no BIGINT, dated DATE, measure VARCHAR, hubspot_minor BIGINT,
    intacct_minor BIGINT, detail VARCHAR)
"""

_DIFFERING = """
CREATE OR REPLACE TABLE differing AS
SELECT d.deal_id, d.won, d.archived, d.currency AS deal_currency, d.amount_minor, d.shown_currency, d.status, d.numbers,
    d.total_minor AS shown_total, d.paid_minor AS shown_paid, d.credited_minor AS shown_credited,
    d.written_off_minor AS shown_written_off, d.balance_minor AS shown_balance, d.modified_at AS deal_modified,
    coalesce(d.won_on, b.dated) AS won_on, b.*
        EXCLUDE (deal_id, modified_at, customer_id, entity_id),
    coalesce(b.customer_id, d.customer_id, '') AS customer_id, coalesce(b.entity_id, '') AS entity_id,
    b.modified_at AS books_modified, b.deal_id IS NOT NULL AS in_books, b.deal_id AS booked_for
FROM seen d FULL JOIN deal_books b ON b.deal_id = d.deal_id
LEFT JOIN taxed t ON t.deal_id = d.deal_id
WHERE (b.deal_id IS NULL AND (d.status <> '' OR d.numbers <> ''))
    OR (b.deal_id IS NOT NULL AND (
        d.deal_id IS NULL OR d.archived OR b.several_currencies OR d.status = '' OR (NOT d.won AND b.live > 0)
        OR (NOT b.several_currencies AND (
            d.shown_currency IS DISTINCT FROM b.currency OR d.total_minor IS DISTINCT FROM b.total_minor
            OR d.paid_minor IS DISTINCT FROM b.paid_minor OR d.credited_minor IS DISTINCT FROM b.credited_minor
            OR d.written_off_minor IS DISTINCT FROM b.written_off_minor
            OR d.balance_minor IS DISTINCT FROM b.balance_minor))
        OR (b.live > 0 AND NOT b.several_currencies AND (d.currency <> b.currency
            OR d.amount_minor IS NULL OR (d.amount_minor + coalesce(t.tax_minor, 0) <> b.total_minor
                AND d.amount_minor + coalesce(t.tax_minor, 0) <> b.total_minor - b.credited_minor)))))
"""

_TOTALS = """
CREATE OR REPLACE TEMP TABLE sent AS
SELECT w.deal_id, sum(w.total_minor)::BIGINT AS total_minor
FROM written w SEMI JOIN (SELECT record_no FROM invoice WHERE standing = 'live') i ON i.record_no = w.record_no
SEMI JOIN differing d ON d.deal_id = w.deal_id
GROUP BY w.deal_id
"""

_MISSING_INVOICES = """
INSERT INTO break
SELECT 'deal ' || d.deal_id, 'invoice', 'missing', '', coalesce(nullif(d.shown_currency, ''), d.deal_currency),
    d.customer_id, d.deal_id, w.record_no, d.won_on, 'invoice', d.shown_total, NULL,
    'The deal shows invoice ' || coalesce(nullif(d.numbers, ''), '(without number)')
        || ', which Intacct does not have' || coalesce('; record ' || x.record_no || ' was deleted on '
        || strftime(x.moment, '%Y-%m-%d %H:%M') || ' UTC', '') || '.'
FROM differing d
LEFT JOIN (SELECT deal_id, min(record_no) AS record_no FROM written
    SEMI JOIN (SELECT deal_id FROM differing WHERE NOT in_books) g ON g.deal_id = written.deal_id GROUP BY deal_id) w
    ON w.deal_id = d.deal_id
LEFT JOIN (SELECT record_no, max(moment) AS moment FROM deleted WHERE object = 'ARINVOICE' GROUP BY record_no) x
    ON x.record_no = w.record_no
WHERE NOT d.in_books
"""

_GONE_INVOICES = """
INSERT INTO break
SELECT 'invoice ' || w.record_no, 'invoice', 'missing', '', w.currency, '', w.deal_id, w.record_no,
    x.moment::DATE, 'invoice', w.total_minor, NULL,
    'Tieout posted record ' || w.record_no || ' for deal ' || w.deal_id || '; Intacct does not have it any more'
        || coalesce(' (deleted on ' || strftime(x.moment, '%Y-%m-%d %H:%M') || ' UTC)', '') || '.'
FROM written w ANTI JOIN invoice i ON i.record_no = w.record_no
LEFT JOIN (SELECT record_no, max(moment) AS moment FROM deleted WHERE object = 'ARINVOICE' GROUP BY record_no) x
    ON x.record_no = w.record_no
WHERE NOT EXISTS (SELECT 1 FROM break b WHERE b.deal_id = w.deal_id AND b."check" = 'invoice')
"""

_MISSING_DEALS = """
INSERT INTO break
SELECT 'invoice ' || d.record_no, 'deal', 'missing', d.entity_id, d.currency, d.customer_id,
    d.booked_for, d.record_no, d.dated, 'deal', NULL, d.total_minor,
    'The invoice was made for deal ' || d.booked_for || ', which is '
        || CASE WHEN d.archived THEN 'archived' ELSE 'not there any more' END || ' in HubSpot.'
FROM differing d WHERE d.in_books AND d.live > 0 AND (d.deal_id IS NULL OR d.archived)
"""

_NOT_SHOWN = """
INSERT INTO break
SELECT 'deal ' || d.deal_id, 'figures', CASE WHEN d.books_modified >= $shown_until THEN 'timing' ELSE 'missing' END,
    d.entity_id, d.currency, d.customer_id, d.deal_id, d.record_no, d.dated, 'invoice', NULL, d.total_minor,
    'The deal has an invoice in Intacct and shows no figures of it.'
FROM differing d WHERE d.in_books AND d.deal_id IS NOT NULL AND NOT d.archived AND d.status = ''
    AND NOT EXISTS (SELECT 1 FROM duplicate x WHERE x.deal_id = d.deal_id)
"""

_NOT_WON = """
INSERT INTO break
SELECT 'deal ' || d.deal_id, 'not won',
    CASE WHEN d.deal_modified >= $invoiced_until AND h.deal_id IS NULL THEN 'timing' ELSE 'manual_edit' END,
    d.entity_id, d.currency, d.customer_id, d.deal_id, d.record_no, d.dated, 'deal', 0, d.total_minor,
    'The deal is not won any more, and its invoice stands.' || coalesce(' On hold: ' || h.message, '')
FROM differing d LEFT JOIN held h ON h.deal_id = d.deal_id
WHERE d.in_books AND NOT d.archived AND NOT d.won AND d.live > 0
"""

_EXPECTED = """
INSERT INTO break
SELECT 'deal ' || d.deal_id, 'invoice', CASE WHEN d.modified_at >= $invoiced_until THEN 'timing' ELSE 'missing' END, '',
    d.currency, d.customer_id, d.deal_id, NULL, d.won_on, 'invoice', d.amount_minor, NULL,
    'The deal is won and has no invoice' || CASE u.class WHEN 'due' THEN ': ' || u.why
        ELSE ', and no open hold says so: ' || u.why END
FROM unbilled u JOIN deal d ON d.deal_id = u.deal_id
WHERE u.class IN ('due', 'to hold') AND d.deal_id NOT IN (SELECT deal_id FROM break WHERE deal_id IS NOT NULL)
"""

DEAL_STEPS = (
    DUPLICATES, TWO_DEALS, _MISSING_INVOICES, _GONE_INVOICES, _MISSING_DEALS, _NOT_SHOWN, _NOT_WON, FIGURES,
    CURRENCIES, AMOUNTS, _EXPECTED,
)  # fmt: skip


def differing_deals(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The deals that show figures other than the books': whose history may tell who changed them."""
    connection.execute(_DIFFERING)
    query = "SELECT deal_id FROM differing WHERE in_books AND deal_id IS NOT NULL AND NOT archived ORDER BY deal_id"
    return [str(deal) for (deal,) in connection.execute(query).fetchall()]


def find_deal_breaks(connection: duckdb.DuckDBPyConnection, known: Known) -> None:
    """Fill the table ``break`` (made anew) with the breaks between deals and invoices."""
    for statement in (BREAK_TABLE, DUPLICATE, _DIFFERING, _TOTALS):
        connection.execute(statement)
    run_steps(connection, DEAL_STEPS, known)


def run_steps(connection: duckdb.DuckDBPyConnection, steps: tuple[str, ...], known: Known) -> None:
    """Run statements that may name what is ``known`` as ``$shown_until`` and so on."""
    given: dict[str, datetime | int] = {
        name: getattr(known, name).astimezone(UTC).replace(tzinfo=None)
        for name in ("shown_until", "invoiced_until", "read_at")
    }
    given["rounding"] = known.rounding
    for step in steps:
        named = {name: value for name, value in given.items() if f"${name}" in step}
        connection.execute(step, named)
