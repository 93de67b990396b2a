"""What a won deal bills: by which entity, on which day, in which currency, line by line. Pure.

Every check that a deal must pass before anybody asks Intacct stands here; each raises ``HoldThis``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from include.core.books import Books, Entity
from include.core.calendar import PeriodClosed
from include.core.decisions import Json
from include.core.errors import RecordError, Unmapped
from include.core.money import Money, sum_money
from include.core.periods import AskBeforePosting, closed_through, dates_for
from include.flows.deals.invoice_lines import InvalidLine, PricedLine, number_in, priced_lines
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.sources import Sheets


class HoldThis(RecordError):
    """Carries a hold's code out of the checks; ``message`` says cause and remedy."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code: str = code


@dataclass(frozen=True, slots=True)
class Bill:
    """A deal, priced. The lines add up to ``total``, which equals the deal's own amount."""

    entity_id: str
    entity: Entity
    invoice_date: date
    currency: str
    lines: Sequence[PricedLine]
    total: Money

    def facts(self, record: DealRecord) -> Json:
        """What a person can change in HubSpot and the invoice stands for; nothing that settings or the calendar decide
        (decision 1)."""
        return {
            "deal": record.deal_id,
            "company": record.company_id,
            "invoice_date": self.invoice_date.isoformat(),
            "currency": self.currency,
            "total": self.total.text,
            "lines": [
                [line.sku, f"{line.quantity.normalize():f}", line.net.text, str(line.starts), str(line.ends)]
                for line in self.lines
            ],
        }


def billed_by(record: DealRecord, settings: WonDealSettings, books: Books) -> tuple[str, Entity, datetime]:
    """The billing entity with its id, and when the deal was won by that entity's clock."""
    if not record.company_id:
        raise HoldThis("no_company", record.no_company_reason)
    if not record.lines:
        raise HoldThis("no_lines", "it has no line items. Add the products sold.")
    entity_id, entity = billing_entity(record.sheets, settings, books)
    return entity_id, entity, won_at(record, entity.zone, settings)


def price(record: DealRecord, entity_id: str, entity: Entity, invoice_date: date, settings: WonDealSettings) -> Bill:
    """The deal's lines in its currency, checked against its amount."""
    currency = billing_currency(record, entity)
    lines, total = _lines(record, currency, invoice_date, settings)
    return Bill(entity_id, entity, invoice_date, currency, lines, total)


def posted_on(bill: Bill, deal_id: str = "", approved: Collection[str] = ()) -> date:
    """The posting date by the entity's period policy, for a bill that is due. ``approved`` are what a person released:
    a posting day that the policy asks about as ``<deal id>:<YYYYMMDD>``."""
    later = [line for line in bill.lines if line.starts and line.starts > bill.invoice_date]
    if later:
        raise HoldThis(
            "billing_starts_later",
            f"billing of “{later[0].name}” starts on {later[0].starts}, after the invoice date {bill.invoice_date}. "
            "Bill it by hand when it is due, or move its start or the won date.",
        )
    try:
        return dates_for(bill.entity, "AR", bill.invoice_date).posting
    except AskBeforePosting as ask:
        token = f"{deal_id}:{ask.proposal:%Y%m%d}"
        if token in approved:
            return ask.proposal
        raise HoldThis("ask_posting_date", f"{ask.message} To agree, run the flow with approve: {token}") from None
    except PeriodClosed:
        raise HoldThis(
            "closed_period",
            f"it was won on {bill.invoice_date}, and {bill.entity.name} has closed receivables through "
            f"{closed_through(bill.entity, 'AR')}. Reopen the period, or agree on a later won date.",
        ) from None


def won_at(record: DealRecord, zone: ZoneInfo, settings: WonDealSettings) -> datetime:
    """When the deal was won, on the wall clock of ``zone``. Raises ``HoldThis``."""
    try:
        moment = record.won_at(settings.won_date, zone)
    except ValueError:
        moment = None
    if moment is None:
        raise HoldThis("no_won_date", f"its {settings.won_date} is no date. Enter the day on which it was won.")
    return moment


def billing_entity(sheets: Sheets, settings: WonDealSettings, books: Books) -> tuple[str, Entity]:
    """The entity that bills, with its id: the first of the settings' sources that has a value. Raises ``HoldThis``."""
    for source in settings.entity:
        if source.is_empty(sheets):
            continue
        try:
            entity_id = source.value(sheets)
        except Unmapped as e:
            raise HoldThis(
                "no_entity",
                f"{e.message}, so no billing entity is known. Correct it, or add it to entity in the settings.",
            ) from None
        if entity_id in books.entities:
            return str(entity_id), books.entities[str(entity_id)]
    asked = " or ".join(str(source.source) for source in settings.entity)
    raise HoldThis("no_entity", f"no billing entity is known: fill in {asked}.")


def billing_currency(record: DealRecord, entity: Entity) -> str:
    """The deal's currency, if the entity invoices in it. Raises ``HoldThis``."""
    if record.currency not in entity.currencies:
        raise HoldThis(
            "unknown_currency",
            f"its currency {record.currency or '(none)'} is not one in which {entity.name} invoices "
            f"({', '.join(entity.currencies)}). Correct the deal, or add the currency to books.yaml once Intacct has "
            "rates for it.",
        )
    return record.currency


def _lines(
    record: DealRecord, currency: str, invoice_date: date, settings: WonDealSettings
) -> tuple[list[PricedLine], Money]:
    source = settings.header_discount_percent
    try:
        percent = number_in(source.value(record.sheets) if source else None, "the header discount", default="0")
        if not Decimal(0) <= percent < Decimal(100):
            raise InvalidLine(f"the header discount is {percent} %")
        lines = priced_lines(record.lines, currency, invoice_date, percent)
        amount = number_in(record.amount, "the deal's amount")
    except InvalidLine as e:
        raise HoldThis("invalid_line", f"{e.message}. Correct it in HubSpot.") from None
    except Unmapped as e:
        raise HoldThis("unmapped_value", f"{e.message}.") from None
    total = sum_money((line.net for line in lines), currency)
    if amount != total.amount:
        raise HoldThis(
            "amount_differs_from_lines",
            f"the deal says {amount} {currency}, its lines and discounts add up to {total}. Correct the amount or the "
            "lines.",
        )
    if total.amount < 0 and settings.negative_total == "hold":
        raise HoldThis("negative_total", f"its total is {total}. A credit is not an invoice: enter a credit memo.")
    if total.amount == 0:
        raise HoldThis("zero_total", "its total is zero. A zero invoice is never posted by itself.")
    return lines, total
