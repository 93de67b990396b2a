"""An overdue invoice with all that its task and the owner's mail need; travels between the flow's steps as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from include.core.decisions import Json
from include.core.money import Money

OPEN, SETTLED, REVERSED, GONE = "open", "settled", "reversed", "gone"


@dataclass(frozen=True, slots=True)
class Company:
    """``owner_id`` is ``""`` where it has none."""

    company_id: str
    name: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class Task:
    """One of our tasks as HubSpot shows it now; ``status`` is ``""`` where somebody has deleted it."""

    task_id: str
    stage: int
    status: str
    body: str

    @property
    def is_open(self) -> bool:
        return self.status not in {"", "COMPLETED"}


@dataclass(frozen=True, slots=True)
class OverdueInvoice:
    """``state`` is ``open``, ``settled`` (nothing to pay), ``reversed`` or ``gone`` (deleted). ``today`` is the day in
    its entity. ``tasks`` are those of the present ``round``: how often it was settled and came back. ``grace_ends`` is
    the last day on which it is not overdue, where its entity counts business days."""

    record_no: str
    state: str
    number: str
    customer_id: str
    total: Money
    balance: Money
    due_date: date | None
    today: date
    url: str
    companies: tuple[Company, ...] = ()
    contact_id: str = ""
    contact_owner_id: str = ""
    deal_ids: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    round: int = 0
    grace_ends: date | None = None

    @property
    def owner_ids(self) -> tuple[str, ...]:
        """Who may answer for it, first choice first: the contact's owner, then the companies'."""
        return tuple(filter(None, (self.contact_owner_id, *(one.owner_id for one in self.companies))))

    @property
    def title(self) -> str:
        return f"Invoice {self.number or self.record_no} of customer {self.customer_id}"

    def to_json(self) -> Json:
        return asdict(self) | {
            "total": self.total.text,
            "balance": self.balance.text,
            "currency": self.balance.currency,
            "due_date": self.due_date.isoformat() if self.due_date else None,
            "today": self.today.isoformat(),
            "grace_ends": self.grace_ends.isoformat() if self.grace_ends else None,
        }

    @classmethod
    def from_json(cls, data: Json) -> OverdueInvoice:
        values = dict(data)
        currency = str(values.pop("currency"))
        return cls(
            **values
            | {
                "total": Money.of(str(values["total"]), currency),
                "balance": Money.of(str(values["balance"]), currency),
                "due_date": date.fromisoformat(str(values["due_date"])) if values["due_date"] else None,
                "today": date.fromisoformat(str(values["today"])),
                "grace_ends": date.fromisoformat(str(values["grace_ends"])) if values["grace_ends"] else None,
                "companies": tuple(Company(**one) for one in values["companies"]),
                "tasks": tuple(Task(**one) for one in values["tasks"]),
                "deal_ids": tuple(values["deal_ids"]),
            }
        )
