"""From facts to figures: periods of each entity's calendar, the revenue table, and what bridges its columns. Pure.

A row of the revenue table is one period, entity, owner, pipeline, product and currency; ``row_id`` names it, and the
facts behind it bear the same id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from include.core.books import Fiscal
from include.core.fiscal import period_of
from include.core.money import Money, zero
from include.core.revenue_columns import Columns
from include.reports.revenue_facts import AHEAD, FACT_COLUMNS, MEASURES, Deal, Fact
from include.reports.tables import Column, Table

OPENING = "before"
"""The period of what happened before the first day of the report: what balances start from."""
DIMENSIONS = ("period", "quarter", "entity", "owner", "pipeline", "product", "currency", "base_currency")
UNMATCHED = "billed_without_deal"
COLUMNS = (*MEASURES[:3], "unbilled", UNMATCHED, *MEASURES[3:5], "billed_net", *MEASURES[5:], "open", "deferred")


@dataclass(frozen=True, slots=True)
class Span:
    """What the report shows: what happened from ``first`` to ``as_of``, both included, and all that lies ahead."""

    first: date
    as_of: date

    def holds(self, fact: Fact) -> bool:
        return fact.measure in AHEAD or fact.day <= self.as_of


@dataclass(frozen=True, slots=True)
class Revenue:
    """``facts`` in the order of ``FACT_COLUMNS`` with the row's id in front; ``rows``, ``deals``: see ``tables``."""

    facts: Table
    rows: Table
    deals: Table

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.rows, self.deals, self.facts)


def revenue(facts: Iterable[Fact], deals: Sequence[Deal], fiscal: Mapping[str, Fiscal], span: Span) -> Revenue:
    """The three tables. ``fiscal``: each entity's calendar; where an entity is unknown, calendar months."""
    deal_of = {deal.deal_id: deal for deal in deals}
    rows: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    by_deal: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    numbers: dict[str, dict[str, None]] = defaultdict(dict)
    listed = []
    named: dict[tuple[str, date], tuple[str, str]] = {}
    ids: dict[tuple[str, ...], str] = {}
    for fact in facts:
        if not span.holds(fact):
            continue
        deal = deal_of.get(fact.deal_id)
        when = (fact.entity, fact.day)
        if when not in named:
            named[when] = period_names(fiscal.get(fact.entity, Fiscal()), fact.day, span.first)
        period, quarter = named[when]
        dims = (
            period, quarter, fact.entity, deal.owner if deal else "", deal.pipeline if deal else "", fact.product,
            fact.amount.currency, fact.base.currency if fact.base is not None else "",
        )  # fmt: skip
        if dims not in ids:
            ids[dims] = row_id(dims)
        rows[dims][fact.measure] += fact.amount.minor
        base = fact.base.minor if fact.base is not None else 0
        rows[dims][f"base {fact.measure}"] += base
        if fact.measure == "billed" and not fact.deal_id:
            rows[dims][UNMATCHED] += fact.amount.minor
            rows[dims][f"base {UNMATCHED}"] += base
        by_deal[fact.deal_id, fact.amount.currency][fact.measure] += fact.amount.minor
        if fact.measure == "billed" and not fact.deal_id:
            by_deal["", fact.amount.currency][UNMATCHED] += fact.amount.minor
        if fact.measure == "billed" and fact.number:
            numbers[fact.deal_id][fact.number] = None
        listed.append((
            ids[dims], fact.measure, period, quarter, fact.entity, *dims[3:6], fact.customer, fact.deal_id,
            deal.name if deal else "", fact.amount.currency, fact.amount.minor, dims[7], base, fact.day,
            fact.entered_at, fact.system, fact.object, fact.record_no, fact.piece, fact.number, fact.why, fact.url,
        ))  # fmt: skip
    return Revenue(
        Table("facts", (Column("row_id"), *FACT_COLUMNS), listed, "Every record behind the figures"),
        _revenue_rows(rows),
        _deal_rows(deals, by_deal, numbers),
    )


def period_names(fiscal: Fiscal, day: date, first: date) -> tuple[str, str]:
    """``FY2026 P11`` and ``FY2026 Q4``; both ``before`` for what lies before the report."""
    if day < first:
        return OPENING, OPENING
    found = period_of(fiscal, day)
    return found.name, f"FY{found.year} Q{found.quarter}"


def row_id(dimensions: Sequence[str]) -> str:
    """The same for the same dimensions in every report."""
    return sha256("\x1f".join(dimensions).encode()).hexdigest()[:16]


def figures(sums: Mapping[str, int], currency: str, prefix: str = "") -> dict[str, Money]:
    """All columns of the report from the sums of its measures (minor units), the derived ones bridging the others."""
    found: dict[str, Money] = {name: Money.from_minor(sums.get(prefix + name, 0), currency) for name in MEASURES}
    unmatched = Money.from_minor(sums.get(prefix + UNMATCHED, 0), currency)
    columns = Columns(
        **{name: found[name] for name in ("pipeline", "booked", "billed", "collected", "credited", "written_off")},
        recognised=found["recognised"],
    )
    return {
        **found,
        "billed_net": found["billed"] - found["credited"],
        UNMATCHED: unmatched,
        "unbilled": columns.unbilled + unmatched,
        "open": columns.open,
        # Sales tax is billed and collected, and never earned.
        "deferred": columns.deferred - found["tax"],
    }


def bridge_breaks(table: Table) -> list[str]:
    """The ids of rows whose columns do not bridge into each other; none, ever."""
    place = {column.name: n for n, column in enumerate(table.columns)}

    def of(row: tuple[Any, ...], name: str, kind: str) -> int:
        return int(row[place[f"{name}{kind}_minor"]])

    return [
        row[place["row_id"]]
        for row in table.rows
        for kind in ("", "_base")
        if of(row, "booked", kind) - of(row, "unbilled", kind) + of(row, UNMATCHED, kind) != of(row, "billed", kind)
        or of(row, "billed", kind) - of(row, "credited", kind) != of(row, "billed_net", kind)
        or of(row, "billed_net", kind) - of(row, "written_off", kind) - of(row, "collected", kind)
        != of(row, "open", kind)
        or of(row, "billed_net", kind) - of(row, "tax", kind) - of(row, "recognised", kind) != of(row, "deferred", kind)
    ]


def _revenue_rows(sums: Mapping[tuple[str, ...], Mapping[str, int]]) -> Table:
    columns = (
        Column("row_id"),
        *(Column(name) for name in DIMENSIONS),
        *(Column(f"{name}_minor", "minor") for name in COLUMNS),
        *(Column(f"{name}_base_minor", "minor", currency_column="base_currency") for name in COLUMNS),
    )
    rows = []
    for dims in sorted(sums):
        own = figures(sums[dims], dims[6])
        base = figures(sums[dims], dims[7], "base ") if dims[7] else {}
        rows.append((
            row_id(dims), *dims, *(own[name].minor for name in COLUMNS),
            *(base[name].minor if base else 0 for name in COLUMNS),
        ))  # fmt: skip
    return Table("revenue", columns, rows, "Revenue by period")


DEAL_FIGURES = tuple(name for name in COLUMNS if name not in ("pipeline", "weighted"))


def _deal_rows(
    deals: Sequence[Deal],
    sums: Mapping[tuple[str, str], Mapping[str, int]],
    numbers: Mapping[str, Mapping[str, None]],
) -> Table:
    """A row for each deal and currency; one without deal for what belongs to none."""
    columns = (
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
    found: dict[tuple[str, str], dict[str, Money]] = {key: figures(its, key[1]) for key, its in sums.items()}
    rows = []
    known = {deal.deal_id: deal for deal in deals}
    keys = dict.fromkeys([*((deal.deal_id, deal.amount.currency) for deal in deals), *sorted(found)])
    for deal_id, currency in keys:
        own = found.get((deal_id, currency)) or figures({}, currency)
        deal = known.get(deal_id)
        same = deal is not None and deal.amount.currency == currency
        rows.append((
            deal_id, *((deal.name, deal.company, deal.owner, deal.pipeline, deal.stage, deal.state, deal.close_date,
            deal.entity) if deal else ("", "", "", "", "", "", None, "")), currency,
            (deal.amount if deal and same else zero(currency)).minor,
            (deal.weighted if deal and same else zero(currency)).minor,
            *(own[name].minor for name in DEAL_FIGURES), ", ".join(numbers.get(deal_id, ())),
            _finding(deal_id, deal, own), deal.url if deal else "",
        ))  # fmt: skip
    return Table("deals", columns, rows, "Deal by deal")


def _finding(deal_id: str, deal: Deal | None, own: Mapping[str, Money]) -> str:
    """What a person should look at (accounting cases 64, 65)."""
    live = not own["billed_net"].is_zero
    if deal is None:
        return "" if not deal_id else "invoiced, and the deal is gone from HubSpot"
    if deal.state != "won":
        return "invoiced, and not won" if live else ""
    if own["booked"].is_zero or own["unbilled"].is_zero:
        return ""
    return "won, and not billed" if not live else "billed otherwise than booked"
