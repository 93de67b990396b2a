"""What a won deal comes to: which entity bills it, when it was won, in which currency, and its lines priced. Pure.

Every check that a deal must pass before anybody asks Intacct stands here; each raises ``HoldThis``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from include.core.billing_plan import Instalment, NoInvoiceDate
from include.core.books import Books, Entity
from include.core.deal_document import NothingToBill, document_for, single_line
from include.core.errors import Unmapped
from include.core.money import Money, sum_money
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.invoice_lines import InvalidLine, PricedLine, number_in, priced_lines
from include.flows.deals.records import DealRecord, Sheet
from include.flows.deals.settings import WonDealSettings
from include.flows.instalments.contract import NoTerm, instalments_of, planned_by
from include.flows.instalments.first_billed import NOT_BILLED, FirstBilled
from include.flows.instalments.settings import InstalmentSettings, Rest
from include.flows.sources import Sheets


def billed_by(record: DealRecord, settings: WonDealSettings, books: Books) -> tuple[str, Entity, datetime]:
    """The billing entity with its id, and when the deal was won by that entity's clock."""
    if not record.company_id:
        raise HoldThis("no_company", record.no_company_reason)
    if not record.lines:
        _single_line(record, settings)
    entity_id, entity = billing_entity(record.sheets, settings, books)
    return entity_id, entity, won_at(record, entity.zone, settings)


def price(
    record: DealRecord,
    entity_id: str,
    entity: Entity,
    invoice_date: date,
    settings: WonDealSettings,
    first: FirstBilled = NOT_BILLED,
) -> Bill:
    """The deal's lines in its currency, checked against its amount. ``first``: what it was billed by first; where
    nothing of it is billed, the settings choose."""
    currency = billing_currency(record, entity)
    chosen = settings.instalments
    rest = first.rest or chosen.rest_of(record.deal.get("pipeline"))
    terms = chosen.going_on(first.planned_by) if first.planned_by else chosen
    lines, total, dated = _lines(record, currency, invoice_date, settings, terms, rest)
    kept = planned_by(record, lines, terms) if dated and first.planned_by != {} else {}
    return Bill(entity_id, entity, invoice_date, currency, lines, total, dated, rest=rest, planned_by=kept)


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
    record: DealRecord,
    currency: str,
    invoice_date: date,
    settings: WonDealSettings,
    terms: InstalmentSettings,
    rest: Rest,
) -> tuple[list[PricedLine], Money, tuple[Instalment, ...]]:
    source = settings.header_discount_percent
    try:
        percent = number_in(source.value(record.sheets) if source else None, "the header discount", default="0")
        if not Decimal(0) <= percent < Decimal(100):
            raise InvalidLine(f"the header discount is {percent} %")
        sheets = record.lines or (_single_line(record, settings),)
        percent = percent if record.lines else Decimal(0)  # an amount has its discounts off already
        lines = _as_stated(priced_lines(sheets, currency, invoice_date, percent), record, settings)
        dated: tuple[Instalment, ...] = ()
        if rest != "by_hand":
            undiscounted = priced_lines(sheets, currency, invoice_date, Decimal(0))
            dated = instalments_of(record, undiscounted, invoice_date, percent, terms)
        amount = number_in(record.amount, "the deal's amount")
    except InvalidLine as e:
        raise HoldThis("invalid_line", f"{e.message}. Correct it in HubSpot.") from None
    except Unmapped as e:
        raise HoldThis("unmapped_value", f"{e.message}.") from None
    except NoTerm as e:
        raise HoldThis("no_term", e.message) from None
    except NoInvoiceDate as e:
        raise HoldThis("no_invoice_date", e.message) from None
    total = sum_money((line.net for line in lines), currency)
    whole = sum_money((one.total for one in dated), currency) if dated else total
    stated = whole if terms.deal_amount == "contract" else total
    if amount != stated.amount:
        what = (
            f"its lines, discounts and terms add up to {stated}"
            if stated != total
            else (f"its lines and discounts add up to {total}")
        )
        raise HoldThis(
            "amount_differs_from_lines",
            f"the deal says {amount} {currency}, {what}. Correct the amount or the lines.",
        )
    total = whole
    match document_for(total):
        case "by_hand":
            raise HoldThis("zero_total", "its total is zero. A zero invoice is never posted by itself.")
        case "credit_memo" if settings.negative_total == "hold":
            raise HoldThis("negative_total", f"its total is {total}. A credit is not an invoice: enter a credit memo.")
    return lines, total, dated


def _single_line(record: DealRecord, settings: WonDealSettings) -> Sheet:
    """The one line of a deal without line items, where the settings name its product. Raises ``HoldThis``."""
    try:
        price = single_line((record.amount or "").strip() or None, allowed=bool(settings.single_line))
    except NothingToBill as e:
        raise HoldThis("no_lines", e.message) from None
    return {"id": record.deal_id, "name": record.deal.get("dealname"), "hs_sku": settings.single_line, "price": price}


def _as_stated(lines: Sequence[PricedLine], record: DealRecord, settings: WonDealSettings) -> list[PricedLine]:
    """The lines with what a rep says of their tax and entity."""
    tax, entity = settings.tax.code, settings.line_entity
    found = []
    for line in lines:
        sheets = {**record.sheets, "line": line.sheet}
        code, place = tax.stated(sheets) if tax else None, entity.stated(sheets) if entity else None
        found.append(replace(line, tax_code=code, entity_id=place))
    return found
