"""Who answers for a record: its HubSpot owner, or the fallback where that one has left or there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.owners import Owner, iter_owners
from include.core.decisions import Json
from include.notices.plain import can_be_mailed


@dataclass(frozen=True, slots=True)
class OwnerDirectory:
    """The account's active owners, owner id -> e-mail address (empty where HubSpot shows none).

    ``fallback`` is an owner id, an e-mail address or empty; it counts only while that owner is active.
    """

    active: Mapping[str, str] = field(repr=False)
    fallback: str = ""

    @classmethod
    def of(cls, owners: Iterable[Owner], fallback: str = "") -> OwnerDirectory:
        """Leaves out archived owners and those without a user: HubSpot takes neither as a new owner."""
        active = {one.owner_id: one.email or "" for one in owners if not one.archived and one.user_id is not None}
        return cls(active, fallback.strip())

    def active_or_fallback(self, *owner_ids: str | None) -> str | None:
        """The first of these owner ids that is active, else the fallback owner's id, else ``None``."""
        for owner_id in owner_ids:
            if owner_id in self.active:
                return owner_id
        return self.fallback_id

    @property
    def fallback_id(self) -> str | None:
        """The owner id of the fallback, ``None`` where it is empty, unknown or has left."""
        if self.fallback in self.active:
            return self.fallback
        address = self.fallback.casefold()
        return next((one for one, email in self.active.items() if address and email.casefold() == address), None)

    def reader(self, *owner_ids: str | None) -> str | None:
        """Who is told: the one who answers, else the fallback owner; ``None`` where neither can be written to."""
        told = (self.active_or_fallback(*owner_ids), self.fallback_id)
        return next((one for one in told if self.email(one)), None)

    def email(self, owner_id: str | None) -> str:
        """Where to write to that owner; empty for one who is not active or has no address that takes mail."""
        address = self.active.get(owner_id or "", "")
        return address if can_be_mailed(address) else ""

    def to_json(self) -> Json:
        return {"active": dict(self.active), "fallback": self.fallback}

    @classmethod
    def from_json(cls, data: Json) -> OwnerDirectory:
        return cls(data["active"], data["fallback"])


def read_owners(hubspot: HubSpotClient, fallback: str = "") -> OwnerDirectory:
    """The account's owners (one call for each hundred). Needs ``crm.objects.owners.read``."""
    return OwnerDirectory.of(iter_owners(hubspot), fallback)
