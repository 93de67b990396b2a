"""Reading typed values out of a record's properties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from include.connectors.hubspot.instants import parse_date, parse_decimal, parse_instant
from include.connectors.hubspot.records import CrmRecord
from include.core.errors import RecordError

T = TypeVar("T")

_ALWAYS_SENT = frozenset({"hs_object_id", "createdate", "hs_createdate", "hs_lastmodifieddate", "lastmodifieddate"})


class Values:
    """Takes the values of one record one by one; ``rest`` is what nobody took.

    An empty property is ``None`` (or the default). Raises ``RecordError`` naming the record and the property,
    never the value, for a value that is not what the property holds, and for a required one that is empty or
    was not asked for.
    """

    def __init__(self, kind: str, record: CrmRecord) -> None:
        self._kind = kind
        self._record = record
        self._taken: set[str] = set()

    def text(self, name: str) -> str | None:
        self._taken.add(name)
        return self._record.properties.get(name) or None

    def required(self, name: str) -> str:
        text = self.text(name)
        if text is None:
            raise self._wrong(name, "is empty")
        return text

    def sent(self, name: str) -> str:
        """The text of a property that may be empty but must have been asked for."""
        if name not in self._record.properties:
            raise self._wrong(name, "was not sent")
        return self.text(name) or ""

    def decimal(self, name: str) -> Decimal | None:
        return self._parsed(name, parse_decimal, "is not a number")

    def instant(self, name: str) -> datetime | None:
        return self._parsed(name, parse_instant, "is not a time")

    def date(self, name: str) -> date | None:
        return self._parsed(name, parse_date, "is not a date")

    def whole(self, name: str) -> int | None:
        number = self.decimal(name)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise self._wrong(name, "is not a whole number")
        return int(number)

    def rest(self) -> dict[str, str]:
        """All further properties with a value, without the ids and times that every record carries."""
        passed = self._taken | _ALWAYS_SENT
        return {name: text for name, text in self._record.properties.items() if text and name not in passed}

    def _parsed(self, name: str, parse: Callable[[str], T], otherwise: str) -> T | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse(text.strip())
        except ValueError:
            raise self._wrong(name, otherwise) from None

    def _wrong(self, name: str, what: str) -> RecordError:
        return RecordError(
            f"The property {name} of HubSpot {self._kind} {self._record.id} {what}.",
            system="hubspot",
            code="bad_value",
            record_id=self._record.id,
        )


def record_of(data: object) -> CrmRecord:
    """The record itself, or the record a wire object describes."""
    return data if isinstance(data, CrmRecord) else CrmRecord.from_wire(data)
