"""From facts to figures: periods of each entity's calendar, the revenue table, and what bridges its columns.

Facts go into DuckDB as they come, and are summed there: memory stays the same however many there are. A row of the
revenue table is one period, entity, owner, pipeline, product and currency; ``row_id`` names it, and the facts behind it
bear the same id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from include.core.books import Fiscal
from include.core.fiscal import period_of
from include.core.money import Money
from include.reports.revenue_facts import AHEAD, FACT_COLUMNS, Deal, Fact
from include.reports.revenue_sums import BILLED, COLUMNS, DEAL_COLUMNS, DEALS, FACTS, REVENUE, ROW_COLUMNS, UNMATCHED
from include.reports.tables import Column, Table, append, create, stored

OPENING = "before"
"""The period of what happened before the first day of the report: what balances start from."""
__all__ = [
    "COLUMNS",
    "OPENING",
    "UNMATCHED",
    "FactStore",
    "Revenue",
    "Span",
    "bridge_breaks",
    "period_names",
    "revenue",
]


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


def revenue(facts: Iterable[Fact], deals: Iterable[Deal], fiscal: Mapping[str, Fiscal], span: Span) -> Revenue:
    """The three tables, in a database in memory. ``fiscal``: see ``FactStore``."""
    store = FactStore(duckdb.connect(), fiscal)
    store.add(facts)
    store.add_deals(deals)
    return store.revenue(span)


@dataclass
class FactStore:
    """Facts and deals in an open DuckDB. ``fiscal``: each entity's calendar; where an entity is unknown, calendar
    months."""

    store: duckdb.DuckDBPyConnection
    fiscal: Mapping[str, Fiscal]

    def __post_init__(self) -> None:
        create(self.store, "fact", _FACT)
        create(self.store, "deal", _DEAL)
        create(self.store, "customer_url", _CUSTOMER)

    def add(self, facts: Iterable[Fact]) -> None:
        """In their order; a part of them is in memory at a time."""
        append(self.store, "fact", _FACT, map(_fact_row, facts))

    def add_customers(self, urls: Iterable[tuple[str, str]]) -> None:
        """Customer ids and where people see these customers."""
        append(self.store, "customer_url", _CUSTOMER, urls)

    def add_deals(self, deals: Iterable[Deal]) -> None:
        """Each once, in the order of the report."""
        append(self.store, "deal", _DEAL, map(_deal_row, deals))

    def sum_up_billed(self) -> None:
        """What the books say of each deal, for ``entities_of`` and ``billed_of``."""
        self.store.execute(BILLED)

    def entities_of(self, deals: Collection[str]) -> dict[str, str]:
        """Deal id -> the entity that invoiced it last."""
        return dict(self._billed("deal_id, entity", "entity IS NOT NULL", deals))

    def billed_of(self, deals: Collection[str]) -> dict[str, tuple[Money, Money]]:
        """Deal id -> what was billed for it and not reversed, as invoiced and in the base currency, where all is in
        one."""
        wanted = "deal_id, amount_minor, currency, base_minor, base_currency"
        rows = self._billed(wanted, "currency = last_currency AND base_currency = last_base_currency", deals)
        return {
            deal: (Money.from_minor(own, code), Money.from_minor(base, other)) for deal, own, code, base, other in rows
        }

    def _billed(self, wanted: str, which: str, deals: Collection[str]) -> list[tuple[Any, ...]]:
        """Deals come in the order of their ids, as the table has them: the range leaves most of it unread."""
        if not deals:
            return []
        query = f"""SELECT {wanted} FROM billed_deal
            WHERE {which} AND deal_id BETWEEN ? AND ? AND deal_id IN (SELECT unnest(?))"""  # noqa: S608
        return self.store.execute(query, [min(deals), max(deals), list(deals)]).fetchall()

    def shows_all(self, found: Revenue) -> bool:
        """Whether there is no fact that the report leaves out."""
        (there,) = self.store.execute("SELECT count(*) FROM fact").fetchone() or (0,)
        return len(found.facts.rows) == int(there)

    def revenue(self, span: Span, suffix: str = "") -> Revenue:
        """The tables ``facts``, ``revenue`` and ``deals`` (their names end in ``suffix``) of what the span shows."""
        self._name_days(span)
        ahead = ", ".join(f"'{one}'" for one in AHEAD)
        shown = f"f.measure IN ({ahead}) OR f.day <= DATE '{span.as_of}'"
        for statement in (
            FACTS.format(table=f"facts{suffix}", shown=shown),
            REVENUE.format(table=f"revenue{suffix}", facts=f"facts{suffix}"),
            DEALS.format(table=f"deals{suffix}", facts=f"facts{suffix}"),
        ):
            self.store.execute(statement)
        return Revenue(
            stored(self.store, f"facts{suffix}", (Column("row_id"), *FACT_COLUMNS), "Every record behind the figures"),
            stored(self.store, f"revenue{suffix}", ROW_COLUMNS, "Revenue by period"),
            stored(self.store, f"deals{suffix}", DEAL_COLUMNS, "Deal by deal"),
        )

    def _name_days(self, span: Span) -> None:
        days = self.store.execute("SELECT DISTINCT entity, day FROM fact ORDER BY ALL").fetchall()
        named = (
            (entity, day, *period_names(self.fiscal.get(entity, Fiscal()), day, span.first)) for entity, day in days
        )
        columns = (Column("entity"), Column("day", "date"), Column("period"), Column("quarter"))
        create(self.store, "named_day", columns)
        append(self.store, "named_day", columns, named)


def period_names(fiscal: Fiscal, day: date, first: date) -> tuple[str, str]:
    """``FY2026 P11`` and ``FY2026 Q4``; both ``before`` for what lies before the report."""
    if day < first:
        return OPENING, OPENING
    found = period_of(fiscal, day)
    return found.name, f"FY{found.year} Q{found.quarter}"


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


_FACT = tuple(one for one in FACT_COLUMNS if one.name not in ("period", "quarter", "owner", "pipeline", "deal"))
_CUSTOMER = (Column("customer"), Column("url"))
_DEAL = (
    *(Column(name) for name in ("deal_id", "name", "company", "owner", "pipeline", "stage", "state")),
    Column("close_date", "date"),
    Column("entity"),
    Column("currency"),
    Column("amount_minor", "minor"),
    Column("weighted_minor", "minor"),
    Column("url"),
)


def _fact_row(one: Fact) -> tuple[Any, ...]:
    base = one.base
    return (
        one.measure, one.entity, one.product, one.customer, one.deal_id, one.amount.currency, one.amount.minor,
        base.currency if base is not None else "", base.minor if base is not None else 0, one.day, one.entered_at,
        one.system, one.object, one.record_no, one.piece, one.number, one.why, one.url,
    )  # fmt: skip


def _deal_row(one: Deal) -> tuple[Any, ...]:
    return (
        one.deal_id, one.name, one.company, one.owner, one.pipeline, one.stage, one.state, one.close_date, one.entity,
        one.amount.currency, one.amount.minor, one.weighted.minor, one.url,
    )  # fmt: skip
