"""Contacts: people. Their data stays out of reprs, and so out of logs and tracebacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from include.connectors.hubspot.values import Values, record_of

CONTACT_PROPERTIES = ("email", "firstname", "lastname", "phone", "hubspot_owner_id")
"""What ``Contact.from_wire`` reads; ask for these and whatever should arrive in ``extra``."""


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    email: str | None = field(repr=False)
    first_name: str | None = field(repr=False)
    last_name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    owner_id: str | None
    created_at: datetime
    updated_at: datetime
    archived: bool = False
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_wire(cls, data: object) -> Contact:
        """From a wire object or a ``CrmRecord`` read with ``CONTACT_PROPERTIES``. Raises ``BadShape``."""
        record = record_of(data)
        values = Values("contact", record)
        return cls(
            id=record.id,
            email=values.text("email"),
            first_name=values.text("firstname"),
            last_name=values.text("lastname"),
            phone=values.text("phone"),
            owner_id=values.text("hubspot_owner_id"),
            created_at=record.created_at,
            updated_at=record.updated_at,
            archived=record.archived,
            extra=values.rest(),
        )
