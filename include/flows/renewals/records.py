"""A recurring invoice as a renewal sees it, as one value that travels between extract and map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from include.connectors.intacct import formats
from include.connectors.intacct.fields import Wire, day, is_active, optional
from include.connectors.intacct.lines import Line
from include.connectors.intacct.recurring import RecurringInvoice
from include.core.calendar import last_day_of_month
from include.core.decisions import Json
from include.core.money import Money
from include.core.recurrence import Recurrence


@dataclass(frozen=True, slots=True)
class ContractLine:
    """A line of the recurring invoice: what one invoice bills for it."""

    line_id: str
    item_id: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the recurring invoice comes, as Intacct shows it."""

    active: bool
    start: date | None
    end: date | None
    next_date: date | None
    last_date: date | None
    repeat_by: str
    interval: int
    count: int | None
    executed: int

    FIELDS = (
        "STATUS",
        "STARTDATE",
        "ENDDATE",
        "NEXTEXECDATE",
        "LASTEXECDATE",
        "REPEATBY",
        "REPEATINTERVAL",
        "REPEATCOUNT",
        "EXECCOUNT",
    )

    @classmethod
    def from_wire(cls, head: Wire) -> Schedule:
        """From an ARRECURINVOICE that was asked for ``FIELDS``."""
        return cls(
            is_active(head),
            day(head, "STARTDATE"),
            day(head, "ENDDATE"),
            day(head, "NEXTEXECDATE"),
            day(head, "LASTEXECDATE"),
            optional(head, "REPEATBY"),
            formats.read_int(optional(head, "REPEATINTERVAL")) or 1,
            formats.read_int(optional(head, "REPEATCOUNT")),
            formats.read_int(optional(head, "EXECCOUNT")) or 0,
        )

    @classmethod
    def of(cls, found: RecurringInvoice) -> Schedule:
        dates = (found.start, found.end, found.next_date, found.last_date)
        repeats = (found.repeat_by, found.repeat_interval, found.repeat_count, found.times_executed)
        return cls(found.active, *dates, *repeats)

    @property
    def is_endless(self) -> bool:
        """Whether Intacct goes on invoicing after a renewal without anybody doing anything."""
        return self.active and self.end is None and self.count is None

    @property
    def goes_on(self) -> bool:
        """Whether it can renew: it is active, or it ran to its end. One that was made inactive before was cancelled."""
        if self.active:
            return True
        if self.count is not None and self.executed >= self.count:
            return True
        return self.end is not None and (self.next_date is None or self.next_date > self.end)

    @property
    def over_on(self) -> date | None:
        """The first day after its term; ``None`` where it goes on without end, or its dates make no recurrence."""
        try:
            recurrence = self.recurrence()
        except ValueError:
            return None
        return recurrence.date_at(recurrence.times) if recurrence.times is not None else None

    def recurrence(self) -> Recurrence:
        """Raises ``ValueError``, in words for a person, where the dates make no recurrence.

        Intacct does not say which recurring invoices are bound to the last day of the month: those whose dates cannot
        be explained otherwise are.
        """
        if self.start is None:
            raise ValueError("it has no start date")
        unit = f"{self.repeat_by.capitalize().removesuffix('s')}s" if self.repeat_by else ""
        plain = Recurrence(self.start, unit, self.interval, False, self.end, self.count)
        ends = replace(plain, month_end=True)
        seen = [one for one in (self.next_date, self.last_date) if one is not None]
        bound = (
            plain.months > 0
            and self.start == last_day_of_month(self.start)
            and any(_is_one_of(ends, one) and not _is_one_of(plain, one) for one in seen)
        )
        return ends if bound else plain


def _is_one_of(recurrence: Recurrence, seen: date) -> bool:
    return recurrence.date_at(recurrence.index_from(seen)) == seen


@dataclass(frozen=True, slots=True)
class Contract:
    """A recurring invoice, or the lines of an invoice that were billed for one term (``kind``; ``record_no`` names it).

    ``entity_id`` is that of its books, empty where nothing tells. ``renewed_by``: what bills its next term
    already.
    """

    record_no: str
    number: str
    customer_id: str
    entity_id: str
    currency: str
    schedule: Schedule
    lines: tuple[ContractLine, ...]
    kind: str = "Recurring invoice"
    renewed_by: str = ""

    @classmethod
    def of(cls, found: RecurringInvoice, entity_of: Mapping[str, str]) -> Contract:
        """``entity_of``: location id -> entity id."""
        places = (found.entity_id, *(line.location_id for line in found.lines))
        return cls(
            found.record_no,
            found.number,
            found.customer_id,
            next((entity_of.get(place, place) for place in places if place), ""),
            found.total.currency,
            Schedule.of(found),
            tuple(_line(line) for line in found.lines),
        )

    @property
    def title(self) -> str:
        return f"{self.kind} {self.number or self.record_no} of customer {self.customer_id}"

    @property
    def is_recurring(self) -> bool:
        return self.kind == "Recurring invoice"

    def to_json(self) -> Json:
        schedule = self.schedule
        return {
            "record_no": self.record_no,
            "number": self.number,
            "customer_id": self.customer_id,
            "entity_id": self.entity_id,
            "currency": self.currency,
            "active": schedule.active,
            **{name: _iso(getattr(schedule, name)) for name in _DATES},
            "repeat_by": schedule.repeat_by,
            "interval": schedule.interval,
            "count": schedule.count,
            "executed": schedule.executed,
            "kind": self.kind,
            "renewed_by": self.renewed_by,
            "lines": [[line.line_id, line.item_id, line.name, line.amount.text] for line in self.lines],
        }

    @classmethod
    def from_json(cls, data: Json) -> Contract:
        dates = {name: date.fromisoformat(data[name]) if data[name] else None for name in _DATES}
        schedule = Schedule(
            data["active"],
            **dates,
            repeat_by=data["repeat_by"],
            interval=data["interval"],
            count=data["count"],
            executed=data["executed"],
        )
        lines = tuple(
            ContractLine(line_id, item_id, name, Money.of(amount, data["currency"]))
            for line_id, item_id, name, amount in data["lines"]
        )
        names = ("record_no", "number", "customer_id", "entity_id", "currency", "kind", "renewed_by")
        return cls(**{name: data[name] for name in names}, schedule=schedule, lines=lines)


_DATES = ("start", "end", "next_date", "last_date")


def _line(line: Line) -> ContractLine:
    return ContractLine(line.record_no, line.item_id, line.memo, line.amount)


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None
