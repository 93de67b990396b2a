"""Hands out ids and drawn values for one unit of the story, the same ones every time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from include.sandbox.company.catalogue import OWNERS, ZONES
from include.sandbox.company.people import company_name

_FIRST_IDS = {
    "companies": 20_415_300_000,
    "contacts": 60_118_200_000,
    # So that the story's deals cross from 11 to 12 digits: ids are numbers, and text order is not their order.
    "deals": 99_999_995_000,
    "line_items": 123_400_700_000,
}
_PER_UNIT = {"companies": 8, "contacts": 16, "deals": 8, "line_items": 128, "customers": 8, "documents": 8, "names": 8}
_STRIDE = 17


class Desk:
    """Unit ``number`` of the company with this ``seed``."""

    def __init__(self, number: int, seed: int) -> None:
        # A seeded generator is the point: the same seed must give the same company.
        self.random = Random(f"{seed}/{number}")  # noqa: S311
        self._seed = seed
        self._number = number
        self._given: dict[str, int] = {}

    def _next(self, kind: str) -> int:
        given = self._given.get(kind, 0)
        if given >= _PER_UNIT[kind]:
            raise ValueError(f"a unit of the story has room for {_PER_UNIT[kind]} {kind}")
        self._given[kind] = given + 1
        return self._number * _PER_UNIT[kind] + given

    def hubspot_id(self, kind: str) -> str:
        """An id of 11 or 12 digits; ids of one kind rise, with gaps."""
        return str(_FIRST_IDS[kind] + self._next(kind) * _STRIDE + self.random.randrange(_STRIDE))

    def customer_id(self) -> str:
        return f"C-{10_000 + self._next('customers')}"

    def document_number(self) -> str:
        return f"BW-{100_000 + self._next('documents')}"

    def company_name(self) -> str:
        return company_name(self._next("names"), self._seed)

    def owner_id(self) -> str:
        """Mostly someone who is still there."""
        return OWNERS[4 if self.random.randrange(12) == 0 else self.random.randrange(4)][0]

    def working_hour(self, entity: str, first: date, last: date) -> datetime:
        """An instant within the entity's working hours on a drawn day from ``first`` to ``last``."""
        day = first + timedelta(days=self.random.randrange((last - first).days + 1))
        local = datetime.combine(day, time(9 + self.random.randrange(8), self.random.randrange(60)))
        return local.replace(tzinfo=ZoneInfo(ZONES[entity])).astimezone(UTC)
