"""The tables of a close pack: what they are called, their columns, and which records make which figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from include.core.fiscal import Period
from include.reports.revenue_closed import CHANGE_COLUMNS, CLOSED_COLUMNS
from include.reports.revenue_facts import AHEAD, FACT_COLUMNS, MEASURES, Measure
from include.reports.tables import Column, Table
from include.reports.tie_out_output import BREAK_COLUMNS

PARTS: Mapping[str, Mapping[Measure, int]] = {
    **{name: {name: 1} for name in MEASURES},
    "billed_net": {"billed": 1, "credited": -1},
    "open": {"billed": 1, "credited": -1, "written_off": -1, "collected": -1},
    "deferred": {"billed": 1, "credited": -1, "tax": -1, "recognised": -1},
    "unbilled": {"booked": 1, "billed": -1},
    "billed_without_deal": {"billed": 1},
}
"""Figure -> the measures whose records make it, each added or taken away. Of unbilled only what was billed for a deal
is taken away, and only what was billed for none is billed without deal."""
FIGURES = (
    "booked", "billed", "credited", "billed_net", "written_off", "collected", "open", "tax", "recognised", "deferred",
)  # fmt: skip
"""Those of a pack, in this order: what happened in the period. Open and deferred are by how much the balance moved."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a pack is about: one entity and one period of its calendar. ``closed_through`` is the last closed day of its
    receivables, ``billed_from`` the first day whose won deals Tieout bills; ``now`` is aware."""

    entity_id: str
    entity_name: str
    base_currency: str
    zone: ZoneInfo
    period: Period
    closed_through: date | None
    billed_from: date | None
    now: datetime

    @property
    def is_closed(self) -> bool:
        return self.closed_through is not None and self.period.last <= self.closed_through


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "figures": (*_texts("figure", "kind", "currency"), Column("amount_minor", "minor"), Column("records", "int")),
    "records": FACT_COLUMNS,
    "breaks": BREAK_COLUMNS,
    "control": (
        *_texts("customer", "currency"),
        Column("subledger_minor", "minor"),
        Column("gl_minor", "minor", "general ledger"),
        Column("rounding_minor", "minor", "rounding of exchange"),
        Column("difference_minor", "minor"),
        Column("by_hand_minor", "minor", "entered by journal"),
        Column("url"),
    ),
    "holds": (*_texts("flow", "source_id", "code", "message"), Column("opened_at", "instant"), *_texts("url")),
    "other_holds": (*_texts("flow", "source_id", "code", "message"), Column("opened_at", "instant"), *_texts("url")),
    "deals_without_document": (
        *_texts("deal_id", "deal", "owner", "stage", "entity"),
        Column("close_date", "date"),
        Column("currency"),
        Column("amount_minor", "minor"),
        *_texts("why", "url"),
    ),
    "not_shown": (
        *_texts("object", "record_no", "number", "deal_id", "currency"),
        Column("amount_minor", "minor"),
        Column("day", "date"),
        *_texts("why", "url"),
    ),
    "unapplied": (
        *_texts("kind", "record_no", "reference", "customer", "entity", "currency"),
        Column("amount_minor", "minor"),
        Column("day", "date"),
        Column("url"),
    ),
    "in_doubt": _texts("target", "source", "part", "what", "why"),
    "approvals": (
        Column("given_at", "instant"),
        Column("in_period", "flag"),
        *_texts("approved_by", "flow", "run", "subject", "approved", "content_hash", "what"),
    ),
    "without_entity": FACT_COLUMNS,
    "as_closed": CLOSED_COLUMNS,
    "changes_after_close": CHANGE_COLUMNS,
}
TITLES: Mapping[str, str] = {
    "figures": "Figures",
    "records": "Records behind the figures",
    "breaks": "Tie-out breaks",
    "control": "Subledger and control account at the period's end",
    "holds": "Open holds",
    "other_holds": "Holds of other flows",
    "deals_without_document": "Won deals without a document",
    "not_shown": "Documents not shown in HubSpot",
    "unapplied": "Unapplied money and credit",
    "in_doubt": "Writes in doubt",
    "approvals": "Approvals",
    "without_entity": "Records of no entity",
    "as_closed": "As closed, and as now",
    "changes_after_close": "What changed after the close",
}


def table(name: str, rows: Sequence[tuple[object, ...]] = ()) -> Table:
    """The pack's table of that name."""
    return Table(name, COLUMNS[name], rows, TITLES[name])


def plain_rows(of: Table) -> list[list[Any]]:
    """The rows as JSON values, for hashes."""
    return [[_json(value) for value in row] for row in of.rows]


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


HAPPENED = tuple(name for name in MEASURES if name not in AHEAD)
