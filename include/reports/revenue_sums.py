"""How the columns of the revenue report come from facts, in SQL over whole minor units.

The derived columns bridge the others (``include.core.revenue_columns`` says the same in Python); amounts of different
currencies are never added, as the currency is a key of every sum.
"""

# ruff: noqa: S608  (the names in statements are this file's own)

from __future__ import annotations

from include.reports.revenue_facts import FACT_COLUMNS, MEASURES
from include.reports.tables import Column

DIMENSIONS = ("period", "quarter", "entity", "owner", "pipeline", "product", "currency", "base_currency")
UNMATCHED = "billed_without_deal"
COLUMNS = (*MEASURES[:3], "unbilled", UNMATCHED, *MEASURES[3:5], "billed_net", *MEASURES[5:], "open", "deferred")
DEAL_FIGURES = tuple(name for name in COLUMNS if name not in ("pipeline", "weighted"))

ROW_COLUMNS = (
    Column("row_id"),
    *(Column(name) for name in DIMENSIONS),
    *(Column(f"{name}_minor", "minor") for name in COLUMNS),
    *(Column(f"{name}_base_minor", "minor", currency_column="base_currency") for name in COLUMNS),
)
DEAL_COLUMNS = (
    *(Column(name) for name in ("deal_id", "deal", "company", "owner", "pipeline", "stage", "state")),
    Column("close_date", "date"),
    Column("entity"),
    Column("currency"),
    Column("amount_minor", "minor"),
    Column("weighted_minor", "minor"),
    *(Column(f"{name}_minor", "minor") for name in DEAL_FIGURES),
    Column("invoices"),
    Column("finding"),
    Column("url"),
)

_DERIVED = {
    "unbilled": f"booked - billed + {UNMATCHED}",
    "billed_net": "billed - credited",
    "open": "billed - credited - written_off - collected",
    # Sales tax is billed and collected, and never earned.
    "deferred": "billed - credited - tax - recognised",
}


def _measured(amount: str, kind: str) -> str:
    """The sums of all measures, as ``sum_<measure><kind>``."""
    sums: dict[str, str] = {name: f"measure = '{name}'" for name in MEASURES}
    sums[UNMATCHED] = "measure = 'billed' AND deal_id = ''"
    return ", ".join(
        f"sum(CASE WHEN {which} THEN {amount} ELSE 0 END)::BIGINT AS sum_{name}{kind}" for name, which in sums.items()
    )


def _columns(names: tuple[str, ...], kind: str) -> str:
    def said(name: str) -> str:
        derived = _DERIVED.get(name)
        if derived is None:
            return f"sum_{name}{kind}"
        return " ".join(part if part in "+-" else f"sum_{part}{kind}" for part in derived.split())

    return ", ".join(f"({said(name)})::BIGINT AS {name}{kind}_minor" for name in names)


_STANDS = "FILTER (base_currency <> '' AND why = '')"
BILLED = f"""
CREATE OR REPLACE TABLE billed_deal AS
SELECT deal_id, arg_max(entity, TRY_CAST(record_no AS BIGINT)) FILTER (object = 'ARINVOICE') AS entity,
    (sum(amount_minor) {_STANDS})::BIGINT AS amount_minor, (sum(base_minor) {_STANDS})::BIGINT AS base_minor,
    min(currency) {_STANDS} AS currency, max(currency) {_STANDS} AS last_currency,
    min(base_currency) {_STANDS} AS base_currency, max(base_currency) {_STANDS} AS last_base_currency
FROM fact WHERE measure = 'billed' AND deal_id <> '' GROUP BY deal_id ORDER BY deal_id
"""
"""What was billed for each deal, in the order of their ids."""

_DIMENSIONS = ", ".join(DIMENSIONS)
_ROW_ID = f"substr(sha256(concat_ws(chr(31), {_DIMENSIONS})), 1, 16)"

FACTS = f"""
CREATE OR REPLACE TABLE {{table}} AS
SELECT {_ROW_ID} AS row_id, {", ".join(one.name for one in FACT_COLUMNS)} FROM (
    SELECT f.* EXCLUDE (url), coalesce(nullif(f.url, ''), c.url, '') AS url, n.period, n.quarter,
        coalesce(d.owner, '') AS owner, coalesce(d.pipeline, '') AS pipeline,
        coalesce(d.name, '') AS deal
    FROM fact f JOIN named_day n ON n.entity = f.entity AND n.day = f.day LEFT JOIN deal d ON d.deal_id = f.deal_id
    LEFT JOIN customer_url c ON c.customer = f.customer
    WHERE {{shown}}
)
"""
"""What the report shows, with the id of its row: the same for the same dimensions in every report. A record without an
address of its own leads to its customer."""

REVENUE = f"""
CREATE OR REPLACE TABLE {{table}} AS
SELECT row_id, {_DIMENSIONS}, {_columns(COLUMNS, "")}, {_columns(COLUMNS, "_base")} FROM (
    SELECT row_id, {_DIMENSIONS}, {_measured("amount_minor", "")}, {_measured("base_minor", "_base")}
    FROM {{facts}} GROUP BY ALL
) ORDER BY {_DIMENSIONS}
"""

_DEAL_TEXTS = ", ".join(
    f"coalesce(d.{name}, '') AS {name}" for name in ("company", "owner", "pipeline", "stage", "state")
)
_NO_SUMS = ", ".join(f"coalesce(sum_{name}, 0) AS sum_{name}" for name in (*MEASURES, UNMATCHED))

DEALS = f"""
CREATE OR REPLACE TABLE {{table}} AS
SELECT s.deal_id, coalesce(d.name, '') AS deal, {_DEAL_TEXTS}, d.close_date, coalesce(d.entity, '') AS entity,
    s.currency, CASE WHEN s.currency = d.currency THEN d.amount_minor ELSE 0 END AS amount_minor,
    CASE WHEN s.currency = d.currency THEN d.weighted_minor ELSE 0 END AS weighted_minor,
    {_columns(DEAL_FIGURES, "")}, coalesce(n.numbers, '') AS invoices,
    CASE
        WHEN s.deal_id = '' THEN ''
        WHEN d.deal_id IS NULL THEN 'invoiced, and the deal is gone from HubSpot'
        WHEN d.state <> 'won' THEN CASE WHEN sum_billed <> sum_credited THEN 'invoiced, and not won' ELSE '' END
        WHEN sum_booked = 0 OR sum_booked = sum_billed - sum_{UNMATCHED} THEN ''
        WHEN sum_billed = sum_credited THEN 'won, and not billed'
        ELSE 'billed otherwise than booked'
    END AS finding, coalesce(d.url, '') AS url
FROM (
    SELECT deal_id, currency, {_NO_SUMS}
    FROM (SELECT deal_id, currency, {_measured("amount_minor", "")} FROM {{facts}} GROUP BY ALL)
    FULL JOIN (SELECT deal_id, currency FROM deal) USING (deal_id, currency)
) s
LEFT JOIN (SELECT *, rowid AS place FROM deal) d ON d.deal_id = s.deal_id
LEFT JOIN (
    SELECT deal_id, string_agg(number, ', ' ORDER BY first_no) AS numbers FROM (
        SELECT deal_id, number, min(TRY_CAST(record_no AS BIGINT)) AS first_no
        FROM {{facts}} WHERE measure = 'billed' AND number <> '' GROUP BY ALL
    ) GROUP BY deal_id
) n ON n.deal_id = s.deal_id
ORDER BY CASE WHEN s.currency = d.currency THEN d.place END NULLS LAST, s.deal_id, s.currency
"""
"""A row for each deal and currency; one without deal for what belongs to none."""
