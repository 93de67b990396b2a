"""A customer's credit with all that its flags need; travels between the flow's steps as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from include.core.decisions import Json
from include.core.money import Money
from include.flows.figures.customer_standing import Standing


@dataclass(frozen=True, slots=True)
class Shown:
    """The flags as a company or deal shows them now: texts as HubSpot sent them, ``""`` where empty."""

    record_id: str
    status: str = ""
    reason: str = ""
    since: str = ""

    @property
    def flags(self) -> frozenset[str]:
        """What is flagged; nothing for ``ok`` and for a record that shows nothing yet."""
        return frozenset(one for one in self.status.split(";") if one) - {"ok"}


@dataclass(frozen=True, slots=True)
class CreditCompany:
    """``changed_at`` is our mark of the last change, ``""`` before the first."""

    shown: Shown
    name: str
    owner_id: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class CreditDeal:
    shown: Shown
    is_open: bool


@dataclass(frozen=True, slots=True)
class CustomerCredit:
    """``limit`` is ``None`` where there is none, or where nothing tells its currency (``limit_unclear``); ``today`` is
    the day in the customer's entity. ``deals`` are read where something is flagged or was; ``orders`` are what is open
    of its sales orders, where the settings count them."""

    customer_id: str
    on_hold: bool
    limit: Money | None
    standing: Standing
    today: date
    companies: tuple[CreditCompany, ...] = ()
    deals: tuple[CreditDeal, ...] = ()
    limit_unclear: bool = False
    orders: tuple[Money, ...] = ()

    @property
    def since(self) -> str:
        """The day of the first flag: what its companies show, else today."""
        shown = [one.shown.since for one in self.companies if one.shown.flags and one.shown.since]
        return min(shown, default=self.today.isoformat())

    def to_json(self) -> Json:
        return {
            "customer_id": self.customer_id,
            "on_hold": self.on_hold,
            "limit": [self.limit.text, self.limit.currency] if self.limit else None,
            "standing": self.standing.to_json(),
            "today": self.today.isoformat(),
            "companies": [asdict(one) for one in self.companies],
            "deals": [asdict(one) for one in self.deals],
            "limit_unclear": self.limit_unclear,
            "orders": [[one.text, one.currency] for one in self.orders],
        }

    @classmethod
    def from_json(cls, data: Json) -> CustomerCredit:
        return cls(
            customer_id=data["customer_id"],
            on_hold=data["on_hold"],
            limit=Money.of(*data["limit"]) if data["limit"] else None,
            standing=Standing.from_json(data["standing"]),
            today=date.fromisoformat(data["today"]),
            companies=tuple(CreditCompany(**one | {"shown": Shown(**one["shown"])}) for one in data["companies"]),
            deals=tuple(CreditDeal(**one | {"shown": Shown(**one["shown"])}) for one in data["deals"]),
            limit_unclear=data["limit_unclear"],
            orders=tuple(Money.of(*one) for one in data["orders"]),
        )
