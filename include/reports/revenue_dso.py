"""Days sales outstanding, period by period: how many days of sales the open balance is worth. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from include.core.books import Books, Fiscal
from include.core.fiscal import Period, period_of
from include.reports.revenue_table import OPENING, Revenue, Span

PERIODS = 3
"""Sales of so many periods, the last one included, stand against the balance."""


@dataclass(frozen=True, slots=True)
class Dso:
    """``tenths`` of a day at each period's end (the last one's up to the report's day); ``None`` without sales."""

    base_currency: str
    periods: tuple[str, ...]
    tenths: tuple[int | None, ...]


def dso(found: Revenue, books: Books, span: Span) -> list[Dso]:
    """One for each base currency, by the fiscal calendar of its first entity: open balance x days / billed net."""
    place = {column.name: n for n, column in enumerate(found.rows.columns)}
    sums: dict[str, dict[str, tuple[int, int]]] = defaultdict(lambda: defaultdict(lambda: (0, 0)))
    for row in found.rows.rows:
        own = sums[row[place["base_currency"]]]
        still, billed = own[row[place["period"]]]
        moved, net = row[place["open_base_minor"]], row[place["billed_net_base_minor"]]
        own[row[place["period"]]] = (still + moved, billed + net)
    calendars: dict[str, Fiscal] = {}
    for entity in books.entities.values():
        calendars.setdefault(entity.base_currency, entity.fiscal)
    made = []
    for currency, fiscal in calendars.items():
        periods = list(_periods(fiscal, span))
        balance, tenths = sums[currency][OPENING][0], list[int | None]()
        for number, period in enumerate(periods):
            balance += sums[currency][period.name][0]
            last = periods[max(0, number - PERIODS + 1) : number + 1]
            sales = sum(sums[currency][one.name][1] for one in last)
            days = (min(period.last, span.as_of) - max(last[0].first, span.first)).days + 1
            tenths.append((2 * 10 * balance * days + sales) // (2 * sales) if sales > 0 else None)
        made.append(Dso(currency, tuple(one.name for one in periods), tuple(tenths)))
    return made


def _periods(fiscal: Fiscal, span: Span) -> Iterator[Period]:
    period = period_of(fiscal, span.first)
    while period.first <= span.as_of:
        yield period
        period = period_of(fiscal, period.last + timedelta(days=1))
