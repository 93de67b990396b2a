"""The dated instalments of a deal: its recurring lines billing by billing, its one-time lines on their day or split.
Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from include.connectors.hubspot.line_items import BILLING_MONTHS
from include.core.billing_plan import (
    Instalment,
    Part,
    discounted_parts,
    instalments,
    invoice_date,
    recurring_parts,
    split_parts,
    whole_billings,
)
from include.core.calendar import add_months
from include.core.decisions import Json
from include.core.errors import RecordError
from include.core.money import Money, sum_money
from include.core.recurrence import Recurrence
from include.core.rounding import allocate, stated_amounts, stated_percentages
from include.flows.deals.invoice_lines import InvalidLine, PricedLine, number_in
from include.flows.deals.records import DealRecord
from include.flows.instalments.settings import InstalmentSettings, SplitSettings
from include.flows.sources import SourceSettings

INSTALMENTS = "instalments"
"""Among the facts of a deal: its instalments, as ``[day, amount]``. A deal without was not billed in instalments."""

REST = "rest"
"""Among the facts of a deal whose later billings are one recurring invoice."""

PLANNED_BY = "planned_by"
"""Among the facts of a deal in instalments: by which settings they were planned when it was billed first, so that who
edits those changes new deals only. A deal that was planned before such was kept has none."""

_WEEKS = {"weekly": 1, "biweekly": 2}
_TERM = re.compile(r"P(?:(\d{1,2})Y)?(?:(\d{1,3})M)?")
_MOST = 600


class NoTerm(RecordError):
    """A recurring line that does not say how long it lasts."""


def instalments_of(
    record: DealRecord,
    lines: Sequence[PricedLine],
    close: date,
    discount_percent: Decimal,
    settings: InstalmentSettings,
) -> tuple[Instalment, ...]:
    """The whole contract, by day. ``lines`` are priced for one billing each, without the header discount; ``close`` is
    the won date.

    Raises ``NoTerm``, ``NoInvoiceDate``, ``Unmapped``, and ``InvalidLine`` for a term or a split that does not come out
    even.
    """
    parts: list[Part] = []
    for place, line in enumerate(lines):
        if line.starts is not None:
            parts += recurring_parts(place, line.net, _rhythm(line), close)
    once = [(place, line.net) for place, line in enumerate(lines) if line.starts is None]
    if once:
        starts = min((line.starts for line in lines if line.starts), default=None)
        parts += _one_time(record, once, close, starts, settings)
    if discount_percent:
        try:
            parts = discounted_parts(parts, discount_percent, lines[0].net.currency)
        except ValueError:
            raise InvalidLine("its billings add up to zero, so a header discount cannot be shared") from None
    return instalments(parts)


def planned_by(record: DealRecord, lines: Sequence[PricedLine], settings: InstalmentSettings) -> Json:
    """What is kept of ``settings`` among the deal's facts: the split that it follows, and what else its instalments
    rest on."""
    return settings.of_deal(_split_of(record, settings) if any(line.starts is None for line in lines) else None)


def split_in_words(kept: Json) -> str:
    """Which split a deal follows that is ``planned_by`` this; empty where none, or where none was kept."""
    splits = kept.get("splits", {})
    return "".join(
        f"split as “{name}” ({'; '.join(f'{what} {_listed(values)}' for what, values in one.items())})"
        for name, one in splits.items()
    )


def lines_of(instalments_due: Sequence[Instalment], lines: Sequence[PricedLine]) -> list[PricedLine]:
    """The invoice lines of these instalments: the deal's lines with what is due of them, and the span that it is for.
    Spans of one line that follow each other stand as lines of their own, so that revenue keeps its dates."""
    return [
        replace(lines[part.line], net=part.amount, starts=part.first, ends=part.last)
        for one in instalments_due
        for part in one.parts
    ]


def _one_time(
    record: DealRecord,
    once: Sequence[tuple[int, Money]],
    close: date,
    starts: date | None,
    settings: InstalmentSettings,
) -> list[Part]:
    delivery = _day(record, settings.delivery_date) if settings.one_time == "delivery" else None
    # Without a recurring line there is no start of service, so the day of the win is it.
    day = max(close, invoice_date(settings.one_time, close=close, start=starts or close, delivery=delivery))
    name = _split_of(record, settings)
    if not name:
        return [Part(place, day, net) for place, net in once]
    split = settings.splits[name]
    due = [_due(record, one, day) for one in split.due]
    total = sum_money((net for _, net in once), once[0][1].currency)
    try:
        return split_parts(once, _amounts(total, split), due)
    except ValueError as error:
        raise InvalidLine(f"its one-time lines over {total} cannot be split as “{name}”: {error}") from None


def _split_of(record: DealRecord, settings: InstalmentSettings) -> str | None:
    """The split that the deal names, of those that there are."""
    name = settings.split.value(record.sheets) if settings.split else None
    if name and name not in settings.splits:
        known = ", ".join(sorted(settings.splits))
        raise InvalidLine(f"it is to be split as “{name}”, and splits in the settings knows {known or 'none'}")
    return name or None


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(str, values))


def _amounts(total: Money, split: SplitSettings) -> list[Money]:
    if split.shares:
        return allocate(total, split.shares)
    if split.percent:
        return stated_percentages(total, [Decimal(one) for one in split.percent])
    return stated_amounts(total, [Money.of(one, total.currency) for one in split.amounts])


def _due(record: DealRecord, due: int | str, first: date) -> date | None:
    if isinstance(due, int):
        return add_months(first, due)
    day = _day(record, SourceSettings.reading(due))
    return max(first, day) if day else None


def _day(record: DealRecord, source: SourceSettings | None) -> date | None:
    text = source.value(record.sheets) if source else None
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise InvalidLine(f"{source.source if source else 'a day'} is “{text}”, not a date") from None


def _rhythm(line: PricedLine) -> Recurrence:
    """When the line is billed, and how often: by its number of payments, or by its term. Raises as above."""
    sheet, name = line.sheet, line.name
    frequency = str(sheet.get("recurringbillingfrequency"))
    payments = _whole(sheet, "hs_recurring_billing_number_of_payments", name)
    months = _term_months(sheet, name)
    if not payments and not months:
        raise NoTerm(
            f"line “{name}” is billed {frequency} and has no term, so nobody can tell how often. Enter its term, or "
            "its number of payments."
        )
    every = BILLING_MONTHS.get(frequency)
    by_term = None
    if months and every:
        try:
            by_term = whole_billings(every, months)
        except ValueError as error:
            raise InvalidLine(f"line “{name}”: {error}") from None
    times = payments or by_term
    if times is None:
        raise NoTerm(f"line “{name}” is billed {frequency}, and months are no whole weeks. Enter how many payments.")
    if by_term not in (None, times):
        raise InvalidLine(f"line “{name}” has {payments} payments, and its term of {months} months makes {by_term}")
    if times > _MOST:
        raise InvalidLine(f"line “{name}” would be billed {times} times")
    unit, interval = ("Months", every) if every else ("Weeks", _WEEKS[frequency])
    if line.starts is None:
        raise ValueError("a one-time line has no rhythm")
    return Recurrence(line.starts, unit, interval, count=times)


def _term_months(sheet: Mapping[str, str | None], name: str) -> int:
    """The term in months, 0 without one. HubSpot writes it as ``P12M``, and as a number beside it."""
    text = (sheet.get("hs_recurring_billing_period") or "").strip()
    found = _TERM.fullmatch(text)
    if text and (found is None or not any(found.groups())):
        raise InvalidLine(f"the term of line “{name}” is “{text}”, which is no whole number of months")
    by_period = int(found[1] or 0) * 12 + int(found[2] or 0) if found else 0
    by_number = _whole(sheet, "hs_term_in_months", name)
    if by_period and by_number and by_period != by_number:
        raise InvalidLine(f"the term of line “{name}” is {text} and {by_number} months")
    return by_period or by_number


def _whole(sheet: Mapping[str, str | None], name: str, line: str) -> int:
    number = number_in(sheet.get(name), f"{name} of line “{line}”", default="0")
    if number < 0 or number % 1:
        raise InvalidLine(f"{name} of line “{line}” is {number}, not a whole number")
    return int(number)
