"""Deals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from include.connectors.hubspot.values import Values, record_of

DEAL_PROPERTIES = (
    "dealname",
    "amount",
    "deal_currency_code",
    "pipeline",
    "dealstage",
    "closedate",
    "hubspot_owner_id",
)
"""What ``Deal.from_wire`` reads; ask for these and whatever should arrive in ``extra``."""


@dataclass(frozen=True, slots=True)
class Deal:
    """``amount`` is HubSpot's own number for the deal in ``currency``; ``currency`` is ``None`` in an account
    with one currency. ``close_date`` is an instant: its date depends on the time zone one asks in."""

    id: str
    name: str
    amount: Decimal | None
    currency: str | None
    pipeline: str
    stage: str
    close_date: datetime | None
    owner_id: str | None
    created_at: datetime
    updated_at: datetime
    archived: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, data: object) -> Deal:
        """From a wire object or a ``CrmRecord`` read with ``DEAL_PROPERTIES``.

        Raises ``BadShape`` for something that is no record, ``RecordError`` for a value that cannot be read.
        """
        record = record_of(data)
        values = Values("deal", record)
        return cls(
            id=record.id,
            name=values.sent("dealname"),
            amount=values.decimal("amount"),
            currency=values.text("deal_currency_code"),
            pipeline=values.required("pipeline"),
            stage=values.required("dealstage"),
            close_date=values.instant("closedate"),
            owner_id=values.text("hubspot_owner_id"),
            created_at=record.created_at,
            updated_at=record.updated_at,
            archived=record.archived,
            extra=values.rest(),
        )
