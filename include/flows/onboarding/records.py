"""A won deal with what its onboarding needs to know beyond the main job: the company's other won deals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from include.core.decisions import Json
from include.flows.deals.records import DealRecord, Sheet

ONBOARDING = "tieout_onboarding"


@dataclass(frozen=True, slots=True)
class OnboardingRecord:
    """``won`` is the deal; its ``contact`` is its own first contact, else the company's primary one. ``others`` are the
    sheets of the company's other deals that are won, or were when it was onboarded with them."""

    won: DealRecord
    others: tuple[Sheet, ...] = ()

    @property
    def deal_id(self) -> str:
        return self.won.deal_id

    @property
    def title(self) -> str:
        return self.won.title

    @property
    def began(self) -> bool:
        """Whether the deal itself says so."""
        return bool(self.won.deal.get(ONBOARDING))

    @property
    def onboarded_with(self) -> str | None:
        """The other deal of the company with which the customer was onboarded."""
        return next((str(other["id"]) for other in self.others if other.get(ONBOARDING)), None)

    def won_before(self, won_date: str) -> str | None:
        """The other deal of the company that was won earlier, by the property ``won_date``, if there is one. Of two won
        at one moment the lower id is the earlier; one without a date counts, as does any where this deal has none:
        whoever may have bought before is no new customer."""
        own = _won(self.won, won_date)
        for other in self.others:
            earlier = replace(self.won, deal=other)
            moment = _won(earlier, won_date)
            if moment is None or own is None or _order(moment, earlier) < _order(own, self.won):
                return earlier.deal_id
        return None

    def to_json(self) -> Json:
        return {"won": self.won.to_json(), "others": [dict(other) for other in self.others]}

    @classmethod
    def from_json(cls, data: Json) -> OnboardingRecord:
        return cls(DealRecord.from_json(data["won"]), tuple(data["others"]))


def _won(record: DealRecord, won_date: str) -> datetime | None:
    """Which zone is used does not matter: it is the same for all that are compared."""
    try:
        return record.won_at(won_date, ZoneInfo("UTC"))
    except ValueError:
        return None


def _order(moment: datetime, record: DealRecord) -> tuple[datetime, int]:
    return moment, int(record.deal_id)
