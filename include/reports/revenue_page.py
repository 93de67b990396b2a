"""The revenue report as a page: charts and tables over the same rows as the files, each figure with its records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from include.core.books import Books
from include.core.currencies import minor_units
from include.core.money import Money
from include.reports.page import Cell, Page, Section, as_html, bars, lines, own, table
from include.reports.revenue_ageing import BUCKETS, UNAPPLIED
from include.reports.revenue_closed import Compared
from include.reports.revenue_dso import PERIODS, dso
from include.reports.revenue_table import COLUMNS, Revenue, Span, period_names
from include.reports.tables import Table, asked

MOST_FACTS = 40_000
"""Records that a page carries (some 10 MB); of more the files tell."""
MOST_DEALS = 5_000
_SAFE = 2**53
_TEXTS = ("row_id", "period", "quarter", "entity", "owner", "pipeline", "product", "currency", "base_currency")


def revenue_page(found: Revenue, ageing: Table, compared: Compared, books: Books, span: Span, made_at: datetime) -> str:
    """The whole file. ``found`` is what the files hold."""
    return as_html(
        Page(
            title=f"{books.company}: pipeline and revenue",
            subtitle=f"From {span.first} to {span.as_of}, made {made_at:%Y-%m-%d %H:%M} UTC by Tieout from HubSpot and "
            "Sage Intacct. Amounts of different currencies are never added.",
            sections=[
                Section("What is shown", own("filters")),
                Section(
                    "Figures",
                    own("figures"),
                    "Pipeline is what open deals say, weighted by their stage; booked what was won; billed net "
                    "what was invoiced less credits; collected what was applied of payments; recognised what was "
                    "posted to revenue. Open and deferred are balances.",
                ),
                Section(
                    "Forecast and actuals", own("months"), "Twelve periods back and five ahead, by fiscal calendar."
                ),
                Section(
                    "Bridge",
                    own("bridge"),
                    "Booked less unbilled, and what was billed without a deal, is billed; less credited it is billed "
                    "net; less written off and collected it is open. Billed net less tax and recognised is deferred.",
                ),
                Section("By period", own("table"), "Every figure can be clicked. “before” precedes the first day."),
                Section("Records behind the figure", own("records")),
                *_ageing_sections(ageing, span),
                *_dso_sections(found, books, span),
                *_closed_sections(compared),
                Section("Deal by deal", _deals(found.deals), "The 5,000 first; all are in deals.csv."),
            ],
            footer="This file is whole: it loads nothing and sends nothing. The same figures stand in revenue.duckdb, "
            "Parquet, CSV and Excel beside it.",
            script=(Path(__file__).parent / "revenue.js").read_text(encoding="utf-8"),
            data=_data(found, books, span),
        )
    )


def shown(minor: int, currency: str) -> str:
    """``1,234.50``; the currency stands beside it."""
    return f"{Money.from_minor(minor, currency).amount:,}".replace("-", "\u2212") if currency else ""


class _Texts:
    """Each text once: rows name texts by their place."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self.listed)
            self.listed.append(text)
        return self._places[text]


def _data(found: Revenue, books: Books, span: Span) -> Mapping[str, Any]:
    texts = _Texts()
    rows = [
        [
            texts.place(value) if name in _TEXTS else _number(value)
            for name, value in zip(_names(found.rows), row, strict=True)
        ]
        for row in found.rows.rows
    ]
    place = {name: n for n, name in enumerate(_names(found.facts))}
    shown_facts = found.facts.rows[:MOST_FACTS]
    listed = sorted({row[place["deal_id"]] for row in shown_facts})
    urls = "SELECT deal_id, any_value(url) FROM {table} WHERE deal_id IN (SELECT unnest(?)) GROUP BY deal_id"
    deal_urls = dict(asked(found.deals, urls, listed))
    facts = [
        [
            texts.place(row[place["row_id"]]), texts.place(row[place["measure"]]), _number(row[place["amount_minor"]]),
            _number(row[place["base_minor"]]), str(row[place["day"]]), texts.place(row[place["object"]]),
            texts.place(row[place["record_no"]]), texts.place(row[place["number"]]), texts.place(row[place["deal"]]),
            texts.place(row[place["customer"]]), texts.place(row[place["product"]]), texts.place(row[place["why"]]),
            texts.place(row[place["url"]]), texts.place(deal_urls.get(row[place["deal_id"]], "")),
            texts.place(row[place["deal_id"]]),
        ]
        for row in shown_facts
    ]  # fmt: skip
    currency, base = found.rows.position("currency"), found.rows.position("base_currency")
    weight = defaultdict[str, int](int)
    for row in found.rows.rows:
        weight[row[currency]] += 1
    currencies = sorted(weight, key=lambda one: (-weight[one], one))
    fiscal = next(iter(books.entities.values())).fiscal
    bases = sorted({row[base] for row in found.rows.rows} - {""})
    return {
        "columns": _names(found.rows),
        "rows": rows,
        "facts": facts,
        "now": dict(zip(("period", "quarter"), period_names(fiscal, span.as_of, date.min), strict=True)),
        "cut": len(found.facts.rows) > MOST_FACTS,
        "texts": texts.listed,
        "moneys": [*(f"base {one}" for one in bases), *currencies],
        "digits": {one: minor_units(one) for one in sorted({*currencies, *bases})},
        "entities": {one: f"{one} {entity.name}" for one, entity in books.entities.items()},
    }


def _number(minor: int) -> int | str:
    return minor if abs(minor) < _SAFE else str(minor)


def _names(of: Table) -> list[str]:
    return [column.name for column in of.columns]


def _ageing_sections(ageing: Table, span: Span) -> list[Section]:
    place = {name: n for n, name in enumerate(_names(ageing))}
    by_currency: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(BUCKETS, 0))
    waiting: dict[str, int] = defaultdict(int)
    query = """SELECT base_currency, bucket, sum(open_base_minor)::BIGINT, sum(unapplied_base_minor)::BIGINT
        FROM {table} GROUP BY ALL"""
    for currency, bucket, still, unapplied in asked(ageing, query):
        by_currency[currency][bucket] = still
        waiting[currency] += unapplied
    sections = [
        Section(
            f"AR ageing in {currency} as base currency, {span.as_of}",
            bars(
                BUCKETS,
                {
                    "open": [sums[one] for one in BUCKETS],
                    "unapplied": [waiting[currency] if one == UNAPPLIED else 0 for one in BUCKETS],
                },
                digits=minor_units(currency),
            ),
        )
        for currency, sums in sorted(by_currency.items())
    ]
    columns = (
        "Customer",
        "Name",
        "Entity",
        "Invoice",
        "Due",
        "Days overdue",
        "Bucket",
        "Open",
        "Unapplied",
        "Currency",
    )
    rows: list[list[Cell]] = [
        [
            row[place["customer"]], row[place["customer_name"]], row[place["entity"]],
            {"text": row[place["number"]], "url": row[place["url"]]}, _day(row[place["due"]]),
            row[place["days_overdue"]], row[place["bucket"]], shown(row[place["open_minor"]], row[place["currency"]]),
            shown(row[place["unapplied_minor"]], row[place["currency"]]) if row[place["unapplied_minor"]] else "",
            row[place["currency"]],
        ]
        for row in ageing.rows[:MOST_DEALS]
    ]  # fmt: skip
    told = (
        "Invoices and credit memos by what of them was open on that day; payments and advances by what of them was "
        "applied to nothing."
    )
    part = table(columns, rows, numbers=("Days overdue", "Open", "Unapplied"), search=True)
    return [*sections, Section("AR ageing by invoice", part, told)]


def _dso_sections(found: Revenue, books: Books, span: Span) -> list[Section]:
    text = (
        f"What was open at the end of each period, in days of what was billed net in it and the {PERIODS - 1} before."
    )
    return [
        Section(
            f"Days sales outstanding, {one.base_currency} as base currency",
            lines([name.removeprefix("FY") for name in one.periods], {"DSO in days": one.tenths}, digits=1),
            text,
        )
        for one in dso(found, books, span)
        if any(value is not None for value in one.tenths)
    ]


def _closed_sections(compared: Compared) -> list[Section]:
    place = {name: n for n, name in enumerate(_names(compared.periods))}
    differing = [row for row in compared.periods.rows if row[place["difference_minor"]]]
    closed = {(row[place["entity"]], row[place["period"]]) for row in compared.periods.rows}
    columns = ("Entity", "Period", "Measure", "As closed", "As now", "Difference", "Currency", "Kept", "Reopened")
    rows = [
        [
            row[place["entity"]], row[place["period"]], row[place["measure"]],
            *(shown(row[place[name]], row[place["currency"]]) for name in ("as_closed_minor", "as_now_minor",
            "difference_minor")), row[place["currency"]], row[place["basis"]], "yes" if row[place["reopened"]] else "",
        ]
        for row in differing
    ]  # fmt: skip
    numbers = ("As closed", "As now", "Difference")
    text = f"{len(closed)} closed periods are kept; {len({row[:2] for row in differing})} of them changed since."
    sections = [Section("As closed, and as now", table(columns, rows, numbers=numbers), text)]
    if compared.changes.rows:
        at = {name: n for n, name in enumerate(_names(compared.changes))}
        headings = (
            "Entity",
            "Period",
            "Change",
            "Measure",
            "Difference",
            "Currency",
            "Day",
            "Entered",
            "Record",
            "Why",
        )
        changed: list[list[Cell]] = [
            [
                row[at["entity"]], row[at["period"]], row[at["change"]], row[at["measure"]],
                shown(row[at["difference_minor"]], row[at["currency"]]), row[at["currency"]], _day(row[at["day"]]),
                f"{row[at['entered_at']]:%Y-%m-%d}",
                {"text": f"{row[at['object']]} {row[at['record_no']]} {row[at['number']]}", "url": row[at["url"]]},
                row[at["why"]],
            ]
            for row in compared.changes.rows[:MOST_DEALS]
        ]  # fmt: skip
        sections.append(Section("What changed after the close", table(headings, changed, numbers=("Difference",))))
    return sections


def _deals(deals: Table) -> Any:
    place = {name: n for n, name in enumerate(_names(deals))}
    figures = [
        name
        for name in COLUMNS
        if f"{name}_minor" in place and name not in ("tax", "scheduled", "billed", "billed_without_deal")
    ]
    columns = ["Deal", "Company", "Owner", "Pipeline", "Stage", "Closes", "Entity", "Amount", "Currency"]
    headings = [name.replace("_", " ") for name in figures]

    def row_of(row: Sequence[Any]) -> list[Cell]:
        currency = row[place["currency"]]
        return [
            {"text": row[place["deal"]] or (row[0] and f"deal {row[0]}") or "without a deal", "url": row[place["url"]]},
            *(row[place[name]] for name in ("company", "owner", "pipeline", "stage")), _day(row[place["close_date"]]),
            row[place["entity"]], shown(row[place["amount_minor"]], currency), currency,
            *(shown(row[place[f"{name}_minor"]], currency) for name in figures), row[place["invoices"]][:80],
            row[place["finding"]],
        ]  # fmt: skip

    rows = [row_of(row) for row in deals.rows[:MOST_DEALS]]
    return table([*columns, *headings, "Invoices", "To look at"], rows, numbers=("Amount", *headings), search=True)


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""
