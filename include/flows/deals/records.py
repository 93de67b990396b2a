"""A HubSpot deal with everything that belongs to it, as one value that travels between extract and map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from include.core.decisions import Json

Sheet = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class DealRecord:
    """``deal``, ``company``, ``contact``, ``owner`` and each of ``lines`` are property sheets (name -> text as HubSpot
    holds it), with ``id``. ``currency`` is the deal's, or the account's where the deal names none.
    ``companies`` counts the associated companies; ``company`` is the primary or only one. ``won_elsewhere``: it is won,
    in a pipeline that the settings do not name.
    """

    deal: Sheet
    is_won: bool
    currency: str
    company: Sheet
    companies: int
    contact: Sheet
    owner: Sheet
    lines: tuple[Sheet, ...]
    won_elsewhere: bool = False

    @property
    def deal_id(self) -> str:
        return str(self.deal["id"])

    @property
    def company_id(self) -> str:
        return self.company.get("id") or ""

    @property
    def merged_deals(self) -> tuple[str, ...]:
        """Ids of the deals that were merged into this one."""
        return _ids(self.deal.get("hs_merged_object_ids"))

    @property
    def merged_companies(self) -> tuple[str, ...]:
        """Ids of the companies that were merged into the paying one."""
        return _ids(self.company.get("hs_merged_object_ids"))

    @property
    def amount(self) -> str | None:
        return self.deal.get("amount")

    @property
    def title(self) -> str:
        return f"Deal “{self.deal.get('dealname') or '(no name)'}” ({self.deal_id})"

    @property
    def sheets(self) -> dict[str, Sheet]:
        return {"deal": self.deal, "company": self.company, "contact": self.contact, "owner": self.owner}

    @property
    def no_company_reason(self) -> str:
        if self.companies > 1:
            return f"it has {self.companies} companies and none is primary. Mark the one that pays as primary."
        return "it has no company. Associate the company that pays."

    def won_at(self, won_date_property: str, zone: ZoneInfo) -> datetime | None:
        """When the deal was won, on the wall clock of ``zone``; ``None`` where the property is empty.

        A property that holds a plain date is that date in any zone. Raises ``ValueError`` for anything else.
        """
        text = self.deal.get(won_date_property)
        if not text:
            return None
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(), zone)
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(zone)

    def to_json(self) -> Json:
        return {
            "deal": dict(self.deal),
            "is_won": self.is_won,
            "currency": self.currency,
            "company": dict(self.company),
            "companies": self.companies,
            "contact": dict(self.contact),
            "owner": dict(self.owner),
            "lines": [dict(line) for line in self.lines],
            "won_elsewhere": self.won_elsewhere,
        }

    @classmethod
    def from_json(cls, data: Json) -> DealRecord:
        return cls(**{**data, "lines": tuple(data["lines"])})


def _ids(text: str | None) -> tuple[str, ...]:
    """HubSpot lists merged ids in one text, separated by semicolons."""
    return tuple(one.strip() for one in (text or "").split(";") if one.strip())
