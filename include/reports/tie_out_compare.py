"""The whole comparison over loaded tables: from ``tie_out_figures`` to a list of breaks."""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from include.core.decisions import Json
from include.reports.amounts import with_currency
from include.reports.tie_out_balances import find_balance_breaks, find_gaps
from include.reports.tie_out_breaks import CLASSES, Known, find_deal_breaks
from include.reports.tie_out_exchange import find_exchange_breaks
from include.reports.tie_out_figures import compute
from include.reports.tie_out_won import find_unclassed
from include.reports.tie_out_words import next_step


@dataclass(frozen=True, slots=True)
class Break:
    """A difference. ``break_id`` names it from run to run. ``dated`` is the document's posting date, ``None`` where it
    is about no document. Amounts are minor units of ``currency``, ``None`` where a side has none."""

    subject: str
    check: str
    break_class: str
    entity_id: str
    currency: str
    customer_id: str
    deal_id: int | None
    record_no: int | None
    dated: date | None
    measure: str
    hubspot_minor: int | None
    intacct_minor: int | None
    detail: str

    @property
    def break_id(self) -> str:
        return f"{self.subject}: {self.check}"

    @property
    def difference_minor(self) -> int:
        return (self.hubspot_minor or 0) - (self.intacct_minor or 0)

    @property
    def next_step(self) -> str:
        return next_step(self.check, self.break_class)

    def amount(self, minor: int | None) -> str:
        """A side's amount as people read it: ``1,200.00 USD``; ``nothing`` where there is none."""
        if minor is None or not self.currency:
            return "nothing"
        return with_currency(minor, self.currency)

    def __str__(self) -> str:
        sides = f"HubSpot has {self.amount(self.hubspot_minor)}, Intacct {self.amount(self.intacct_minor)}"
        if self.check == "control":
            sides = f"subledger {self.amount(self.hubspot_minor)}, GL {self.amount(self.intacct_minor)}"
        if self.check == "settlement":
            sides = f"applied {self.amount(self.hubspot_minor)}, settled {self.amount(self.intacct_minor)}"
        if self.check in ("exchange", "realised"):
            sides = f"by the rates {self.amount(self.hubspot_minor)}, Intacct {self.amount(self.intacct_minor)}"
        shown = f" {sides[0].upper()}{sides[1:]} ({self.measure})." if self.currency else ""
        told = f" {self.detail.strip()}" if self.detail.strip() else ""
        return f"{self.subject[0].upper()}{self.subject[1:]} ({self.break_class}):{shown}{told} {self.next_step}"


def compare(connection: duckdb.DuckDBPyConnection, known: Known, *, gaps: bool = True) -> None:
    """Make all result tables, ``break`` the last. ``gaps``: the table ``completeness`` is there."""
    compute(connection)
    find_deal_breaks(connection, known)
    find_unclassed(connection)
    find_balance_breaks(connection, known)
    find_exchange_breaks(connection, known)
    if gaps:
        find_gaps(connection, known)


def breaks_in(connection: duckdb.DuckDBPyConnection) -> list[Break]:
    """The breaks, those that need a person first, one for each subject and check."""
    order = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(reversed(CLASSES)))
    query = f'SELECT DISTINCT ON (subject, "check") * FROM break ORDER BY subject, "check", CASE class {order} END'
    rows = connection.execute(query).fetchall()
    found = [Break(*row) for row in rows]
    last = {name: place for place, name in enumerate(reversed(CLASSES))}
    return sorted(found, key=lambda one: (last[one.break_class], one.entity_id, one.currency, one.break_id))


def totals(connection: duckdb.DuckDBPyConnection) -> list[Json]:
    """One row for each entity and currency: both sides' sums, from ``tie_out``."""
    names = ["invoice", "paid", "credited", "written_off", "balance"]
    sums = ", ".join(f"sum({side}_{name}_minor)::BIGINT" for name in names for side in ("hubspot", "intacct"))
    rows: list[tuple[Any, ...]] = connection.execute(
        f"SELECT entity_id, currency, sum(deals)::BIGINT, sum(deal_minor)::BIGINT, {sums}, "
        "sum(other_invoice_minor)::BIGINT, sum(other_balance_minor)::BIGINT "
        "FROM tie_out GROUP BY entity_id, currency ORDER BY entity_id, currency"
    ).fetchall()
    head = ["entity_id", "currency", "deals", "deal_minor"]
    head += [f"{side}_{name}_minor" for name in names for side in ("hubspot", "intacct")]
    return [dict(zip([*head, "other_invoice_minor", "other_balance_minor"], row, strict=True)) for row in rows]
