"""Reading HubSpot's side of the tie-out, page by page: every deal and company afresh, not what a search index says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

import duckdb

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.instants import parse_instant
from include.connectors.hubspot.listing import iter_all
from include.connectors.hubspot.pipelines import get_pipelines, won_stages
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import Change, CrmRecord
from include.core.currencies import MINOR_UNITS, minor_units
from include.reports.tie_out_tables import HUBSPOT, PAGE, load, make_tables

NUMBERS, STATUS, CURRENCY = "intacct_invoice_number", "intacct_invoice_status", "intacct_invoice_currency"
FIGURES = tuple(f"intacct_invoice_{name}" for name in ("total", "paid", "credited", "written_off", "balance"))
DEAL_PROPERTIES = (
    "amount", "dealstage", "pipeline", "closedate", "deal_currency_code", "hs_lastmodifieddate", "hs_merged_object_ids",
    "tieout_key", "intacct_customer_id", "intacct_invoice_shared", NUMBERS, STATUS, CURRENCY, *FIGURES,
)  # fmt: skip
BALANCES = "intacct_balances"
COMPANY_PROPERTIES = ("intacct_customer_id", BALANCES, "intacct_oldest_overdue_days", "hs_lastmodifieddate")
_AMOUNT = re.compile(r"([A-Z]{3})|(-?[\d,]+(?:\.\d+)?) (open|overdue|unapplied)")


@dataclass(frozen=True, slots=True)
class HubSpotReader:
    """``pipelines``: those whose won deals are invoiced, ``all`` or their ids."""

    hubspot: HubSpotClient
    pipelines: Collection[str] | str
    company_currency: str

    def read(self, connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
        """Fill HubSpot's tables, made anew; how many rows each has. 100 records a call. Raises what
        ``client.request`` raises."""
        make_tables(connection, HUBSPOT)
        merged: list[tuple[int, int]] = []
        seen = _Seen(connection)
        counts = {
            "deal": load(connection, "deal", self._deals(merged, seen)),
            "merged": load(connection, "merged", merged),
            "company": 0,
            "company_balance": 0,
        }
        balances: list[tuple[Any, ...]] = []
        counts["company"] = load(connection, "company", self._companies(balances, seen))
        counts["company_balance"] = load(connection, "company_balance", balances)
        seen.keep()
        return counts

    def _deals(self, merged: list[tuple[int, int]], seen: _Seen) -> Iterator[tuple[Any, ...]]:
        won = won_stages(get_pipelines(self.hubspot, "deals"))
        names = sorted(set(get_properties(self.hubspot, "deals")) & set(DEAL_PROPERTIES))
        living = seen.of("deals", iter_all(self.hubspot, "deals", names))
        gone = (one for one in iter_all(self.hubspot, "deals", names, archived=True) if _ours(one))
        for record in chain(living, gone):
            p = record.properties
            is_won = (p.get("dealstage") or "") in won.get(p.get("pipeline") or "", set()) and (
                self.pipelines == "all" or (p.get("pipeline") or "") in self.pipelines
            )
            for old in (p.get("hs_merged_object_ids") or "").split(";"):
                if old.isdecimal():
                    merged.append((int(old), int(record.id)))
            if not (is_won or _ours(record)):
                continue
            currency = (p.get("deal_currency_code") or self.company_currency).upper()
            shown = (p.get(CURRENCY) or "").upper()
            yield (
                int(record.id),
                is_won,
                record.archived,
                currency,
                minor(p.get("amount"), currency),
                _day(p.get("closedate")),
                p.get(NUMBERS) or "",
                p.get(STATUS) or "",
                shown,
                *(minor(p.get(name), shown) for name in FIGURES),
                p.get("intacct_customer_id") or "",
                p.get("intacct_invoice_shared") == "true",
                record.updated_at,
            )

    def _companies(self, balances: list[tuple[Any, ...]], seen: _Seen) -> Iterator[tuple[Any, ...]]:
        names = sorted(set(get_properties(self.hubspot, "companies")) & set(COMPANY_PROPERTIES))
        if "intacct_customer_id" not in names:
            return
        living = seen.of("companies", iter_all(self.hubspot, "companies", names))
        for record in chain(living, iter_all(self.hubspot, "companies", names, archived=True)):
            customer = (record.properties.get("intacct_customer_id") or "").strip()
            if not customer:
                continue
            shown_here = {} if record.archived else balances_in(record.properties.get(BALANCES))
            for currency, figures in shown_here.items():
                balances.append((int(record.id), currency, figures["open"], figures["unapplied"]))
            shown = bool(record.properties.get("intacct_oldest_overdue_days") or record.properties.get(BALANCES))
            yield int(record.id), customer, shown, record.updated_at, record.archived


@dataclass
class _Seen:
    """Every living record that was read, whether or not the tie-out has a use for it: what HubSpot's counts are held
    against."""

    connection: duckdb.DuckDBPyConnection
    _rows: list[tuple[str, int, Any]] = field(default_factory=list)

    def of(self, object_type: str, records: Iterable[CrmRecord]) -> Iterator[CrmRecord]:
        for record in records:
            self._rows.append((object_type, int(record.id), record.created_at))
            if len(self._rows) >= PAGE:
                self.keep()
            yield record

    def keep(self) -> None:
        load(self.connection.cursor(), "hubspot_read", self._rows)
        self._rows.clear()


def read_edits(
    hubspot: HubSpotClient, object_type: str, expected: Mapping[str, Mapping[str, tuple[int, str]]]
) -> Iterator[tuple[Any, ...]]:
    """Rows of ``edited``: the records one of whose properties was changed by somebody: it was set last by something
    other than an integration, or it once showed what it should.

    ``expected``: record id -> property -> minor units and currency that it should show. 50 records a call.
    """
    kind = {"deals": "deal", "companies": "company"}[object_type]
    names = sorted({name for its in expected.values() for name in its} & set(get_properties(hubspot, object_type)))
    if not names:
        return
    for record in batch_read(hubspot, object_type, sorted(expected), ["hs_object_id"], with_history=names).records:
        changes = [
            rows[0]
            for name, rows in record.history.items()
            if rows and name in expected[record.id] and _overwritten(rows, *expected[record.id][name])
        ]
        if changes:
            newest = max(changes, key=lambda one: one.at)
            yield kind, record.id, newest.at, newest.source or "somebody"


def _overwritten(rows: Sequence[Change], value: int, currency: str) -> bool:
    if minor(rows[0].value, currency) == value:
        return False
    return rows[0].source not in ("INTEGRATION", "") or any(minor(row.value, currency) == value for row in rows[1:])


def minor(text: str | None, currency: str) -> int | None:
    """A property's number in whole minor units of its currency, halves up (HubSpot keeps amounts without a currency's
    precision); ``None`` where it is empty, no number, or the currency unknown."""
    if not text or currency not in MINOR_UNITS:
        return None
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return None
    return int((number.scaleb(minor_units(currency))).to_integral_value("ROUND_HALF_UP"))


def balances_in(text: str | None) -> Mapping[str, Mapping[str, int]]:
    """``USD 1,200.00 open, 200.00 overdue; EUR 50.00 open`` as minor units by currency and word."""
    found: dict[str, dict[str, int]] = {}
    for part in (text or "").split(";"):
        currency = ""
        for code, amount, word in _AMOUNT.findall(part):
            currency = code or currency
            value = minor(amount, currency) if amount else None
            if value is not None:
                found.setdefault(currency, {"open": 0, "overdue": 0, "unapplied": 0})[word] = value
    return found


def _ours(record: CrmRecord) -> bool:
    return any(record.properties.get(name) for name in (NUMBERS, STATUS, "tieout_key"))


def _day(text: str | None) -> date | None:
    try:
        return parse_instant(text).date() if text else None
    except ValueError:
        return None
