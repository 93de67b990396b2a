"""The company's books as settings (``books.yaml``): entities, periods, currencies, and where our key stands.

One file a company, shared by all flows. Values that Intacct itself can tell (terms, accounts) are read from Intacct.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from include.core.calendar import PeriodPolicy
from include.core.calendar_business import WEEKDAYS, BusinessCalendar
from include.core.currencies import minor_units

Module = Literal["AR", "AP", "GL"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _currency(code: str) -> str:
    minor_units(code)
    return code


@cache
def _time_zones() -> frozenset[str]:
    """Listing them reads the whole zone database; a process does it once."""
    return frozenset(available_timezones())


def _time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError("not an IANA time zone; write one like America/New_York or Europe/Berlin")
    return name


Currency = Annotated[str, AfterValidator(_currency)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


class Strict(BaseModel):
    """Base of all settings: unknown keys are refused, values are never changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModulePeriod(Strict):
    """What happens to a document dated in a closed period of one entity and module.

    ``closed_through``: the last closed day (inclusive). ``when_closed``: ``first_open_day`` keeps the document's date
    and posts it on the first open day; ``hold`` leaves the document to a person; ``ask`` holds it with that day as a
    proposal, to be released by a person.
    """

    closed_through: date | None = None
    when_closed: PeriodPolicy = "hold"


class Fiscal(Strict):
    """An entity's fiscal calendar.

    ``months``: twelve months from ``first_month`` (1: January) on. Otherwise weeks that end on ``week_ends``, in a year
    that ends on the ``last`` such day of the month before ``first_month``, or on the one ``nearest`` to that month's
    end.
    """

    calendar: Literal["months", "4-4-5", "4-5-4", "5-4-4", "13_periods"] = "months"
    first_month: int = Field(default=1, ge=1, le=12)
    week_ends: Weekday = "saturday"
    year_ends: Literal["last", "nearest"] = "last"


class BusinessDays(Strict):
    """An entity's business calendar: the days of the week without business, and holidays. Whoever is due on such a day
    may pay on the next business day, and days of grace are business days."""

    weekend: tuple[Weekday, ...] = Field(default=("saturday", "sunday"), max_length=6)
    holidays: tuple[date, ...] = ()


class Entity(Strict):
    """One legal entity: its Intacct location entity id is the key in ``Books.entities``.

    ``currencies`` are those in which it may invoice; a deal in another one is held.
    """

    name: str
    base_currency: Currency
    time_zone: TimeZone
    currencies: tuple[Currency, ...] = Field(min_length=1)
    periods: dict[Module, ModulePeriod] = Field(default_factory=dict)
    fiscal: Fiscal = Fiscal()
    business_days: BusinessDays | None = None

    @property
    def business_calendar(self) -> BusinessCalendar | None:
        """``None`` where every day counts."""
        if self.business_days is None:
            return None
        weekend = frozenset(WEEKDAYS.index(day) for day in self.business_days.weekend)
        return BusinessCalendar(weekend, frozenset(self.business_days.holidays))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def period(self, module: Module) -> ModulePeriod:
        return self.periods.get(module, ModulePeriod())


class DocumentKeySettings(Strict):
    """Where our idempotency key stands in an Intacct document, so that it can be looked up there.

    ``number``: as the invoice number. ``externalid``: in the external id. ``custom_field``: in the custom text field
    ``name`` (Intacct goes on numbering invoices itself).
    """

    kind: Literal["number", "externalid", "custom_field"]
    name: str = ""


class RefundSettings(Strict):
    """How the books show money that was given back to customers: the one method that finance keeps to.

    ``debit_memo``: an AR adjustment on ``accounts`` alone, whose document number is the invoice's. ``journal``: a
    posting on ``accounts`` with the customer and, as its document, the invoice's number. ``none``: not at all.
    """

    method: Literal["none", "debit_memo", "journal"] = "none"
    accounts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _a_method_has_accounts(self) -> RefundSettings:
        if (self.method == "none") is bool(self.accounts):
            raise ValueError("refunds: name the accounts that they are booked on; with method: none there are none")
        return self


class Books(Strict):
    company: str
    exchange_rate_type: str = "Intacct Daily Rate"
    document_key: DocumentKeySettings
    line_accounts: Literal["account", "label"] = "account"
    bad_debt_accounts: tuple[str, ...] = ()
    """GL accounts that write-offs are booked on: a credit memo on them alone writes off, any other credits."""
    exchange_gain_accounts: tuple[str, ...] = ()
    rounding_accounts: tuple[str, ...] = ()
    """GL accounts on which Intacct books realised exchange gains and losses, and the cents that rounding leaves."""
    refunds: RefundSettings = RefundSettings()
    entities: dict[str, Entity] = Field(min_length=1)

    @property
    def company_currency(self) -> str:
        """The base currency where all entities share one, else ``""``: companies of one currency leave it out."""
        currencies = {entity.base_currency for entity in self.entities.values()}
        return currencies.pop() if len(currencies) == 1 else ""
