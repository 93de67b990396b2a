"""Companies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from include.connectors.hubspot.values import Values, record_of

COMPANY_PROPERTIES = (
    "name",
    "domain",
    "phone",
    "address",
    "address2",
    "city",
    "state",
    "zip",
    "country",
    "hubspot_owner_id",
)
"""What ``Company.from_wire`` reads; ask for these and whatever should arrive in ``extra``."""


@dataclass(frozen=True, slots=True)
class Company:
    """``country`` is what people typed or chose, not a code. Custom properties (a tax id, an external id) are
    in ``extra``, under the names the settings ask for."""

    id: str
    name: str
    domain: str | None
    phone: str | None = field(repr=False)
    address: str | None = field(repr=False)
    address2: str | None = field(repr=False)
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    owner_id: str | None
    created_at: datetime
    updated_at: datetime
    archived: bool = False
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_wire(cls, data: object) -> Company:
        """From a wire object or a ``CrmRecord`` read with ``COMPANY_PROPERTIES``.

        Raises ``BadShape`` for something that is no record, ``RecordError`` where the name was not asked for.
        """
        record = record_of(data)
        values = Values("company", record)
        return cls(
            id=record.id,
            name=values.sent("name"),
            domain=values.text("domain"),
            phone=values.text("phone"),
            address=values.text("address"),
            address2=values.text("address2"),
            city=values.text("city"),
            state=values.text("state"),
            zip=values.text("zip"),
            country=values.text("country"),
            owner_id=values.text("hubspot_owner_id"),
            created_at=record.created_at,
            updated_at=record.updated_at,
            archived=record.archived,
            extra=values.rest(),
        )
