"""Owners: the users whom records are assigned to. ``hubspot_owner_id`` is the owner id, not the user id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.paging import iter_pages
from include.connectors.hubspot.wire import as_id, as_object

PAGE = 100


@dataclass(frozen=True, slots=True)
class Owner:
    """``user_id`` is ``None`` for an archived owner."""

    owner_id: str
    email: str | None = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    user_id: str | None
    archived: bool

    @classmethod
    def from_wire(cls, data: Any) -> Owner:
        wire = as_object(data, "an owner")
        user_id = wire.get("userId")
        return cls(
            owner_id=as_id(wire.get("id"), "an owner's id"),
            email=_text(wire.get("email")) or None,
            first_name=_text(wire.get("firstName")),
            last_name=_text(wire.get("lastName")),
            user_id=None if user_id is None else as_id(user_id, "an owner's userId"),
            archived=wire.get("archived") is True,
        )


def iter_owners(client: HubSpotClient) -> Iterator[Owner]:
    """All owners, then all archived ones, whom old deals still name. Needs ``crm.objects.owners.read``."""
    for archived in ("false", "true"):
        query = {"limit": str(PAGE), "archived": archived}
        for page in iter_pages(client, client.paths.owners(), query):
            yield from map(Owner.from_wire, page)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
