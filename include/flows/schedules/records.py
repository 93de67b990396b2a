"""An invoice with its revenue schedules as Intacct has them, as one value that travels between extract and map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.core.decisions import Json
from include.core.money import Money, sum_money


@dataclass(frozen=True, slots=True)
class Entry:
    """What Intacct recognises on a day; ``posted``: it has."""

    day: date
    amount: Money
    posted: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """Of one invoice line: ``amount`` is the line's, from ``start`` to ``end``, both included."""

    record_no: str
    template: str
    status: str
    item_id: str
    amount: Money
    start: date
    end: date
    entries: tuple[Entry, ...]

    @property
    def is_running(self) -> bool:
        """Whether Intacct goes on recognising by it."""
        return self.status.strip().lower() not in {"terminated", "x", "on hold", "h"}

    @property
    def total(self) -> Money:
        return sum_money((one.amount for one in self.entries), self.amount.currency)

    @property
    def recognised(self) -> Money:
        return sum_money((one.amount for one in self.entries if one.posted), self.amount.currency)

    @property
    def to_come(self) -> Money:
        """What Intacct has still to recognise by it."""
        return self.total - self.recognised if self.is_running else Money.from_minor(0, self.amount.currency)

    @property
    def name(self) -> str:
        return f"revenue schedule {self.record_no} ({self.item_id or self.template})"


@dataclass(frozen=True, slots=True)
class ScheduledInvoice:
    """``credited``: what credit memos took off it. ``total``: all that it bills, lines without a schedule too."""

    record_no: str
    number: str
    status: str
    total: Money
    credited: Money
    schedules: tuple[Schedule, ...]

    @property
    def title(self) -> str:
        return f"Invoice {self.number or self.record_no}"

    def to_json(self) -> Json:
        return {
            "record_no": self.record_no,
            "number": self.number,
            "status": self.status,
            "currency": self.total.currency,
            "total": self.total.text,
            "credited": self.credited.text,
            "schedules": [
                {
                    "record_no": one.record_no,
                    "template": one.template,
                    "status": one.status,
                    "item_id": one.item_id,
                    "amount": one.amount.text,
                    "start": one.start.isoformat(),
                    "end": one.end.isoformat(),
                    "entries": [[entry.day.isoformat(), entry.amount.text, entry.posted] for entry in one.entries],
                }
                for one in self.schedules
            ],
        }

    @classmethod
    def from_json(cls, data: Json) -> ScheduledInvoice:
        currency = data["currency"]
        return cls(
            data["record_no"],
            data["number"],
            data["status"],
            Money.of(data["total"], currency),
            Money.of(data["credited"], currency),
            tuple(_schedule(one, currency) for one in data["schedules"]),
        )


def _schedule(data: Json, currency: str) -> Schedule:
    return Schedule(
        data["record_no"],
        data["template"],
        data["status"],
        data["item_id"],
        Money.of(data["amount"], currency),
        date.fromisoformat(data["start"]),
        date.fromisoformat(data["end"]),
        tuple(
            Entry(date.fromisoformat(day), Money.of(text, currency), posted) for day, text, posted in data["entries"]
        ),
    )
