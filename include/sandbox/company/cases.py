"""What a deal of the demo shows: one ``Case`` per thing that must go right, or must be held and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, auto

from include.sandbox.company.catalogue import SALES_PIPELINE
from include.sandbox.company.model import Expect, Line
from include.sandbox.company.places import UNITED_STATES, Country

Lines = Callable[[date], tuple[Line, ...]]


class Found(Enum):
    """How the deal's company is to be found among Intacct's customers."""

    EXTERNAL_ID = auto()
    TAX_ID = auto()
    DOMAIN = auto()
    NAME_AND_ADDRESS = auto()
    NEW = auto()
    TWO_BY_DOMAIN = auto()
    TWO_BY_TAX_ID = auto()
    SAME_NAME_ELSEWHERE = auto()
    INACTIVE = auto()
    ON_HOLD = auto()
    NO_COMPANY = auto()


class Closing(Enum):
    """Where a deal stands."""

    WON = auto()
    LOST = auto()
    OPEN = auto()
    WON_IN_NAME_ONLY = auto()


@dataclass(frozen=True, slots=True)
class Case:
    """``title`` says what the case shows. What is not given is drawn: ``lines`` (given the invoice date) and
    ``won`` (an instant; drawn ones lie in an open period and in working hours).

    ``amount_off`` is added to the deal's amount in minor units; ``amount_before_discount`` leaves the header
    discount out of it. ``deals`` of the same company follow one another, with the same lines if
    ``same_lines``.
    """

    title: str
    reason: str | None = None
    found: Found = Found.EXTERNAL_ID
    country: Country = UNITED_STATES
    currency: str = "USD"
    lines: Lines | None = None
    won: datetime | None = None
    billing_entity: str = ""
    header_percent: str = ""
    amount_off: int = 0
    amount_before_discount: bool = False
    pipeline: str = SALES_PIPELINE
    closing: Closing = Closing.WON
    before_go_live: bool = False
    deals: int = 1
    same_lines: bool = False
    term: str = ""
    term_in_hubspot: bool = True
    people: int = 1
    second_company: bool = False
    reopened: bool = False
    look_alikes: bool = False
    name_suffix: str = ""
    deal_suffix: str = ""

    @property
    def expect(self) -> Expect:
        if self.closing is not Closing.WON or self.before_go_live:
            return "ignored"
        return "held" if self.reason else "posted"


def lines(*given: Line) -> Lines:
    """The same lines on whatever day."""
    return lambda day: given


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
