"""The close pack as a page: red or green with reasons, the figures with their records, and every open point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from include.core.currencies import minor_units
from include.core.money import Money
from include.reports.close_checks import Check, is_green
from include.reports.close_tables import FIGURES, PARTS, TITLES, Question
from include.reports.page import Cell, Page, Part, Section, as_html, own, table, tiles
from include.reports.tables import Table

MOST_RECORDS = 40_000
"""Records that the page carries (some 10 MB); records.csv has all."""
MOST_ROWS = 5_000
"""Rows of any other table on the page."""
_SAFE = 2**53
_LISTED = (
    "breaks", "control", "holds", "deals_without_document", "not_shown", "unapplied", "in_doubt", "without_entity",
    "as_closed", "changes_after_close", "approvals", "other_holds",
)  # fmt: skip
_LINKS = {
    "url": ("deal", "source_id", "deal_id", "record_no", "customer"),
    "deal_link": ("deal",),
    "record_link": ("record",),
}
"""A column of addresses -> the column that becomes the link, the first that the table has."""
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "holds": ("source_id", "message", "code", "flow", "opened_at", "url"),
    "other_holds": ("source_id", "message", "code", "flow", "opened_at", "url"),
    "deals_without_document": ("deal", "amount_minor", "currency", "why", "close_date", "owner", "entity", "url"),
    "without_entity": ("record_no", "object", "measure", "amount_minor", "currency", "day", "number", "why", "url"),
    "changes_after_close": (
        "record_no", "object", "change", "measure", "as_closed_minor", "as_now_minor", "difference_minor", "currency",
        "day", "entered_at", "number", "why", "url",
    ),
    "as_closed": ("measure", "currency", "as_closed_minor", "as_now_minor", "difference_minor", "known_at", "basis"),
    "approvals": ("what", "approved_by", "given_at", "in_period", "approved", "content_hash", "flow", "run"),
    "breaks": (
        "subject", "class", "hubspot_minor", "intacct_minor", "difference_minor", "currency", "next_step", "evidence",
        "deal", "record", "customer", "dated", "deal_link", "record_link",
    ),
}  # fmt: skip
"""What the page shows of a table, and in which order; the CSV has every column."""
_RECORD = (
    "measure", "amount_minor", "currency", "base_minor", "base_currency", "day", "object", "record_no", "number",
    "deal", "customer", "product", "why", "url",
)  # fmt: skip


def close_page(
    asked: Question,
    found: Sequence[Check],
    tables: Mapping[str, Table],
    rests_on: Mapping[str, Mapping[str, str]],
    deals: Mapping[str, str],
) -> str:
    """The whole file. ``rests_on``: report -> its folder, when it was read, its summary's hash (nothing of one that is
    not there); ``deals``: deal id -> its address."""
    red = [one for one in found if one.state == "red"]
    listed = [name for name in _LISTED if name in tables and tables[name].rows]
    title = f"Close of {asked.period.name}, {asked.entity_id} {asked.entity_name}"
    sections = [
        Section(
            "Can it be closed?",
            tiles([
                ("The period", "GREEN" if is_green(found) else "RED", _days(asked), "good" if not red else "bad"),
                ("Red", str(len(red)), f"of {len(found)} checks", "bad" if red else "good"),
                ("Closed through", str(asked.closed_through or "no day"), "receivables, in books.yaml"),
                ("Approvals", str(len(tables["approvals"].rows)), "since the period began"),
            ]),
        ),
        Section("Every check", own("checks")),
        Section(
            "Figures of the period", own("figures"),
            "By posting date, as the books are now. Amounts of different currencies are never added.",
        ),
        Section("Records behind the figure", own("behind")),
        *(Section(TITLES[name], own(name), _cut(tables[name])) for name in listed),
        Section("What this rests on", _rests(rests_on)),
    ]  # fmt: skip
    return as_html(
        Page(
            title=title,
            subtitle=f"{_days(asked)}; made {asked.now.astimezone(UTC):%Y-%m-%d %H:%M} UTC by Tieout.",
            sections=sections,
            footer="This file is whole: it loads nothing and sends nothing. manifest.json names the hash of every file "
            "of this folder; python -m include.reports.verify checks them.",
            script=(Path(__file__).parent / "close.js").read_text(encoding="utf-8"),
            data={
                **_records(tables["records"], deals),
                "checks": [asdict(one) for one in found],
                "figures": [(*row[:3], _number(row[3]), row[4]) for row in tables["figures"].rows],
                "order": FIGURES,
                "parts": {name: PARTS[name] for name in FIGURES},
                "digits": {row[2]: minor_units(row[2]) for row in tables["figures"].rows},
                "tables": {name: part_of(tables[name]) for name in listed},
            },
        )
    )


def part_of(of: Table) -> Part:
    """A table for people: amounts at their currency's precision, addresses as links on what they lead to."""
    names = [one.name for one in of.columns]
    wanted = _SHOWN.get(of.name, tuple(names))
    targets = {
        name: next((one for one in columns if one in wanted), "") for name, columns in _LINKS.items() if name in wanted
    }
    shown = [names.index(name) for name in wanted if not targets.get(name)]
    link_of = {target: names.index(name) for name, target in targets.items() if target}
    numbers = [of.columns[place].heading for place in shown if of.columns[place].kind in ("minor", "int")]

    def cell(row: Sequence[Any], place: int) -> Cell:
        column, value = of.columns[place], row[place]
        text = _text(value) if column.kind != "minor" else _amount(value, row[of.position(column.currency_column)])
        address = row[link_of[column.name]] if column.name in link_of else ""
        return {"text": str(text), "url": address} if address else text

    rows = [[cell(row, place) for place in shown] for row in of.rows[:MOST_ROWS]]
    return table([of.columns[place].heading for place in shown], rows, numbers=numbers, search=len(rows) > 12)


def _rests(rests_on: Mapping[str, Mapping[str, str]]) -> Part:
    rows: list[list[Cell]] = [
        [name, its["folder"], its["read_at"][:16].replace("T", " "), its["sha256"]] if its else [name, "none", "", ""]
        for name, its in rests_on.items()
    ]
    return table(("Report", "Folder", "Read (UTC)", "SHA-256 of its summary"), rows)


def _records(of: Table, deals: Mapping[str, str]) -> dict[str, Any]:
    """Each text once: records name texts by their place."""
    places: dict[str, int] = {}

    def at(text: str) -> int:
        return places.setdefault(text, len(places))

    columns = [(name, of.position(name)) for name in _RECORD]
    deal_id = of.position("deal_id")
    listed = [
        [
            *(_number(row[n]) if name.endswith("_minor") else str(row[n]) if name == "day" else at(row[n])
              for name, n in columns),
            at(deals.get(row[deal_id], "")),
        ]
        for row in of.rows[:MOST_RECORDS]
    ]  # fmt: skip
    return {"records": listed, "texts": list(places)}


def _cut(of: Table) -> str:
    more = len(of.rows) - MOST_ROWS
    return f"The first {MOST_ROWS:,} of {len(of.rows):,}; {of.name}.csv has all." if more > 0 else ""


def _days(asked: Question) -> str:
    return f"{asked.period.first} to {asked.period.last}"


def _text(value: Any) -> str | int:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case int():
            return value
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
    return str(value)


def _amount(minor: int | None, currency: str) -> str:
    if minor is None or not currency:
        return ""
    return f"{Money.from_minor(minor, currency).amount:,}".replace("-", "\u2212")


def _number(minor: int) -> int | str:
    return minor if abs(minor) < _SAFE else str(minor)
