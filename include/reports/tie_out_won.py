"""Every won deal in just one class, and the control that they foot: HubSpot's own number and sum of won deals beside
those of all classes together, which are counted from other tables.

Most deals agree with their one invoice, and were summed with it (``pair``); only the others are looked up one by one.
"""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

import duckdb

from include.reports.amounts import amount_text
from include.reports.tie_out_breaks import CLASSES

AGREES = "agrees"
_WORST = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(CLASSES))

# A deal whose pair agrees may have a break all the same (a second invoice for it): it counts as broken.
_WON_DEAL = f"""
CREATE OR REPLACE TABLE won_deal AS
SELECT d.deal_id, d.currency, d.amount_minor,
    CASE WHEN b.class IS NOT NULL THEN b.class WHEN x.live > 0 THEN '{AGREES}'
        WHEN x.deal_id IS NOT NULL THEN 'no standing invoice' ELSE u.class END AS class,
    coalesce(b.why, u.why, '') AS why, l.deal_id IS NOT NULL AND x.deal_id IS NULL AS of_pair
FROM deal d
SEMI JOIN (SELECT deal_id FROM deal_books UNION SELECT deal_id FROM unbilled UNION SELECT deal_id FROM break) o
    ON o.deal_id = d.deal_id
LEFT JOIN deal_books x ON x.deal_id = d.deal_id
LEFT JOIN unbilled u ON u.deal_id = d.deal_id
LEFT JOIN (SELECT deal_id, arg_max(class, CASE class {_WORST} END) AS class,
    arg_max(detail, CASE class {_WORST} END) AS why FROM break GROUP BY deal_id) b ON b.deal_id = d.deal_id
LEFT JOIN (SELECT DISTINCT deal_id FROM link SEMI JOIN break ON break.deal_id = link.deal_id) l ON l.deal_id = d.deal_id
WHERE d.won AND NOT d.archived
"""

_WON_DEALS = f"""
CREATE OR REPLACE TABLE won_deals AS
SELECT class, currency, sum(deals)::BIGINT AS deals, coalesce(sum(amount_minor), 0)::BIGINT AS amount_minor FROM (
    SELECT '{AGREES}' AS class, currency, invoices AS deals, deal_minor AS amount_minor FROM pair WHERE own_no IS NULL
    UNION ALL SELECT '{AGREES}', currency, -1, -amount_minor FROM won_deal WHERE of_pair
    UNION ALL SELECT class, currency, 1, amount_minor FROM won_deal WHERE class IS NOT NULL
) GROUP BY class, currency HAVING sum(deals) <> 0
"""
"""Class and currency -> how many won deals, and their amounts; a deal without an amount counts as none."""

_OFF = """
SELECT coalesce(t.currency, c.currency) AS currency, coalesce(t.deals, 0) AS told, coalesce(c.deals, 0) AS classed,
    coalesce(t.amount_minor, 0) AS told_minor, coalesce(c.amount_minor, 0) AS classed_minor
FROM (SELECT currency, count(DISTINCT deal_id) AS deals, coalesce(sum(amount_minor), 0)::BIGINT AS amount_minor
    FROM deal WHERE won AND NOT archived GROUP BY currency) t
FULL JOIN (SELECT currency, sum(deals)::BIGINT AS deals, sum(amount_minor)::BIGINT AS amount_minor FROM won_deals
    GROUP BY currency) c ON c.currency = t.currency
WHERE told IS DISTINCT FROM classed OR told_minor IS DISTINCT FROM classed_minor
"""

_UNCLASSED = """
INSERT INTO break
SELECT 'deal ' || d.deal_id, 'won deals', 'unknown', '', d.currency, d.customer_id, d.deal_id, NULL, d.won_on, 'deal',
    d.amount_minor, NULL, 'The deal is won; it has no invoice, and nothing tells why.'
FROM deal d ANTI JOIN link l ON l.deal_id = d.deal_id
ANTI JOIN (SELECT deal_id FROM won_deal WHERE class IS NOT NULL) w ON w.deal_id = d.deal_id
WHERE d.won AND NOT d.archived
"""

_DO_NOT_FOOT = f"""
INSERT INTO break
SELECT 'won deals ' || currency, 'won deals', 'unknown', '', currency, '', NULL, NULL, NULL, 'deals', told_minor,
    classed_minor, 'HubSpot has ' || told || ' won deals in ' || currency || ', and the classes together ' || classed
        || '.'
FROM ({_OFF})
"""


def find_unclassed(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``won_deal`` and ``won_deals``, and add to ``break`` each won deal that is in no class; where the classes do
    not foot even then, a break says so."""
    _count(connection)
    if connection.execute(_OFF).fetchall():
        connection.execute(_UNCLASSED)
        _count(connection)
        connection.execute(_DO_NOT_FOOT)


def won_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Class -> won deals, the largest first."""
    query = "SELECT class, sum(deals)::BIGINT FROM won_deals GROUP BY class ORDER BY 2 DESC, 1"
    return dict(connection.execute(query).fetchall())


def won_statement(connection: duckdb.DuckDBPyConnection) -> str:
    """``48 won deals = 44 agrees + 4 on hold``; it says so where they do not foot."""
    counts = won_counts(connection)
    (told,) = connection.execute("SELECT count(DISTINCT deal_id) FROM deal WHERE won AND NOT archived").fetchone() or (
        0,
    )
    parts = " + ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()) or "none"
    sign = "=" if told == sum(counts.values()) else "is NOT"
    return f"{told} won deals {sign} {parts}"


def won_rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int, str]]:
    """Class, currency, deals and the sum of their amounts, for people."""
    query = "SELECT class, currency, deals, amount_minor FROM won_deals ORDER BY class = 'agrees' DESC, class, currency"
    return [
        (name.replace("_", " "), code, deals, amount_text(minor, code))
        for name, code, deals, minor in connection.execute(query).fetchall()
    ]


def _count(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_WON_DEAL)
    connection.execute(_WON_DEALS)
