"""What it means that a won HubSpot deal becomes an Intacct invoice: ``lookup`` gathers, ``plan`` decides.

``plan`` is pure: the same records, lookups and settings give the same decisions. A deal that cannot be invoiced
whole is held with its reason; there is never a partial invoice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.customers import find_customers
from include.connectors.intacct.records import Customer
from include.connectors.intacct.reference import get_terms
from include.core.books import Books, Entity
from include.core.calendar import PeriodClosed, posting_date
from include.core.calendar_terms import Term, due_date
from include.core.decisions import Decision, Hold, Json, Key, Skip, Write
from include.core.errors import RecordError, Unmapped
from include.core.money import Money, sum_money
from include.core.sync import Result
from include.core.windows import Window
from include.flows.company_customer import (
    KnownCustomer,
    create_customer,
    customer_reference,
    find_customer,
    new_customer_id,
    subject_of,
)
from include.flows.deal_records import DealRecord
from include.flows.invoice_lines import InvalidLine, PricedLine, number_in, priced_lines
from include.flows.won_deal_settings import ProductSettings, WonDealSettings

NAME = "hubspot_closed_won_to_intacct_invoice"
Settings = WonDealSettings


@dataclass(frozen=True, slots=True)
class Lookups:
    """What ``plan`` must know beyond the deals: Intacct's candidates and terms, and our own cross-references."""

    customers: Sequence[Customer] = ()
    terms: Mapping[str, Term] = field(default_factory=dict)
    customer_of_company: Mapping[str, str] = field(default_factory=dict)
    invoiced: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WonBetween:
    """A business-date window: wall-clock times in the billing entity's zone, ``start`` inclusive, ``end`` not.

    Read so, a backfill of a month holds exactly the deals won in that month of the entity's own calendar.
    """

    start: datetime
    end: datetime

    @classmethod
    def of(cls, window: Window) -> WonBetween | None:
        """``None`` for a run that does not select by business date."""
        return cls(*window.bounds) if window.kind == "won" else None

    def holds(self, local: datetime) -> bool:
        return self.start <= local.replace(tzinfo=None) < self.end


def invoice_key(deal_id: str) -> Key:
    return Key("intacct", "invoice", "hubspot", "deal", deal_id, "invoice")


def hold_of(result: Result) -> Hold:
    """A refusal or hold of the write path, as a hold of its deal."""
    code = "rejected_by_intacct" if result.state == "rejected" else result.code
    return Hold(result.key.source_id, code, f"Deal {result.key.source_id}: {result.message}")


def lookup(
    records: Iterable[DealRecord],
    intacct: IntacctClient,
    customer_of_company: Mapping[str, str],
    invoiced: frozenset[str],
    settings: WonDealSettings,
) -> Lookups:
    """Ask Intacct once per hundred companies who their customers could be, and once for the payment terms."""
    companies = {r.company_id: r.sheets for r in records if r.is_won and r.company_id}
    if not companies:
        return Lookups(customer_of_company=customer_of_company, invoiced=invoiced)
    ids, names, tax_ids, domains = set[str](), set[str](), set[str](), set[str]()
    for company_id, sheets in companies.items():
        if company_id in customer_of_company:
            ids.add(customer_of_company[company_id])
            continue
        subject = subject_of(sheets, settings.customer)
        ids |= {new_customer_id(company_id, settings.customer), subject.external_id}
        names.add(subject.name)
        tax_ids.add(subject.tax_id)
        domains |= set(subject.domains)
    customers = find_customers(
        intacct,
        ids=sorted(filter(None, ids)),
        tax_ids=sorted(filter(None, tax_ids)),
        email_domains=sorted(domains),
        names=sorted(filter(None, names)),
    )
    return Lookups(customers, get_terms(intacct), customer_of_company, invoiced)


def plan(
    records: Iterable[DealRecord],
    lookups: Lookups,
    settings: WonDealSettings,
    books: Books,
    *,
    draft: bool = False,
    window: WonBetween | None = None,
) -> list[Decision]:
    """For every deal a ``Write`` (with its customer's ``Write`` before it, once), a ``Skip`` or a ``Hold``."""
    decisions: dict[str, Decision] = {}
    for record in records:
        for decision in _decide(record, lookups, settings, books, draft, window):
            name = decision.key.text() if isinstance(decision, Write) else f"deal {decision.source_id}"
            decisions.setdefault(name, decision)
    return list(decisions.values())


def _decide(
    record: DealRecord,
    lookups: Lookups,
    settings: WonDealSettings,
    books: Books,
    draft: bool,
    window: WonBetween | None,
) -> list[Decision]:
    if not record.is_won:
        if record.deal_id in lookups.invoiced:
            message = (
                f"{record.title} was invoiced and is no longer won. The invoice stays until a person decides: reverse "
                "it in Intacct, or set the deal back to won."
            )
            return [Hold(record.deal_id, "changed_after_posting", message)]
        return [Skip(record.deal_id, "not won")]
    try:
        return _plan_won(record, lookups, settings, books, draft, window)
    except _HoldThis as held:
        return [Hold(record.deal_id, held.code, f"{record.title}: {held.message}")]


class _HoldThis(RecordError):
    """Carries a hold's code out of the checks; ``message`` says cause and remedy."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code: str = code


def _plan_won(
    record: DealRecord,
    lookups: Lookups,
    settings: WonDealSettings,
    books: Books,
    draft: bool,
    window: WonBetween | None,
) -> list[Decision]:
    if not record.company_id:
        raise _HoldThis("no_company", record.no_company_reason)
    if not record.lines:
        raise _HoldThis("no_lines", "it has no line items. Add the products sold.")
    products = [_product(line, settings) for line in record.lines]
    entity_id, entity = _entity(record, settings, books)
    local = _won_at(record, entity, settings)
    invoice_date = local.date()
    if window is not None and not window.holds(local):
        return [Skip(record.deal_id, f"won on {invoice_date} in the calendar of {entity.name}, outside the window")]
    if invoice_date < settings.go_live:
        return [Skip(record.deal_id, f"won on {invoice_date}, before go-live on {settings.go_live}")]
    currency = _currency(record, entity)
    lines, total = _lines(record, currency, invoice_date, settings)
    posting_date = _posting_date(entity, invoice_date)
    _billing_has_started(lines, invoice_date)
    found = find_customer(
        record.sheets,
        record.deal_id,
        lookups.customers,
        lookups.customer_of_company.get(record.company_id),
        settings.customer,
    )
    if isinstance(found, Hold):
        return [Hold(found.source_id, found.code, f"{record.title}: {found.message}", found.details)]
    try:
        header = _header(record, found, lookups, settings, books, entity, currency, invoice_date)
        items = [
            _line_item(record, line, product, entity_id, settings, books)
            for line, product in zip(lines, products, strict=True)
        ]
        writes = [] if found else [create_customer(record.sheets, entity_id, entity, currency, settings.customer)]
    except Unmapped as e:
        raise _HoldThis("unmapped_value", f"{e.message}. Add the value to the flow's settings.") from None
    payload = header | {
        "dateposted": posting_date.isoformat(),
        "action": "Draft" if draft else "Submit",
        "invoiceitems": items,
    }
    return [*writes, _invoice(record, payload, lines, total, found, settings)]


def _invoice(
    record: DealRecord,
    payload: Json,
    lines: Sequence[PricedLine],
    total: Money,
    found: KnownCustomer | None,
    settings: WonDealSettings,
) -> Write:
    customer_id = found.customer.customer_id if found else new_customer_id(record.company_id, settings.customer)
    facts: Json = {
        "deal": record.deal_id,
        "company": record.company_id,
        "invoice_date": payload["datecreated"],
        "currency": total.currency,
        "total": total.text,
        "lines": [
            [line.sku, str(line.quantity.normalize()), line.net.text, str(line.starts), str(line.ends)]
            for line in lines
        ],
    }
    return Write(
        invoice_key(record.deal_id),
        payload,
        facts,
        {"TRX_TOTALENTERED": total.text, "CURRENCY": total.currency, "CUSTOMERID": customer_id},
        summary=f"{record.title}: {total} to customer {customer_id}"
        + (f" ({found.reason}, score {found.score})" if found else " (new)"),
    )


def _header(
    record: DealRecord,
    found: KnownCustomer | None,
    lookups: Lookups,
    settings: WonDealSettings,
    books: Books,
    entity: Entity,
    currency: str,
    invoice_date: date,
) -> Json:
    term_name = (found.customer.term_name if found else None) or settings.customer.term.value(record.sheets)
    if not term_name:
        raise Unmapped("the customer has no payment term, and the settings name no default")
    header: Json = {
        "customerid": found.customer.customer_id if found else customer_reference(record.company_id),
        "datecreated": invoice_date.isoformat(),
        "termname": term_name,
        "basecurr": entity.base_currency,
        "currency": currency,
        "exchratedate": invoice_date.isoformat(),
        "exchratetype": books.exchange_rate_type,
    }
    if term_name not in lookups.terms:
        raise Unmapped(f"payment term “{term_name}” is not an active AR term in Intacct")
    header["datedue"] = due_date(lookups.terms[term_name], invoice_date).isoformat()
    for name, source in settings.fields.header.items():
        _put(header, name, source.value(record.sheets))
    return header


def _line_item(
    record: DealRecord,
    line: PricedLine,
    product: ProductSettings,
    entity_id: str,
    settings: WonDealSettings,
    books: Books,
) -> Json:
    item: Json = {
        "glaccountno" if books.line_accounts == "account" else "accountlabel": product.account,
        "amount": line.net.text,
        "locationid": entity_id,
    }
    optional = {
        "itemid": product.item,
        "classid": product.class_,
        "projectid": product.project,
        "revrectemplate": product.revenue_template if line.starts else None,
        "defrevaccount": product.deferred_account if line.starts and product.revenue_template else None,
        "revrecstartdate": line.starts.isoformat() if line.starts and product.revenue_template else None,
        "revrecenddate": line.ends.isoformat() if line.ends and product.revenue_template else None,
    }
    item |= {name: value for name, value in optional.items() if value}
    sheets = record.sheets | {"line": line.sheet}
    for name, source in settings.fields.line.items():
        _put(item, name, source.value(sheets))
    if product.department:
        item["departmentid"] = product.department
    if line.starts and line.ends:
        period = f"{line.starts.isoformat()} to {line.ends.isoformat()}"
        item["memo"] = f"{item['memo']}, {period}" if item.get("memo") else period
    return item


def _put(target: Json, name: str, value: str | None) -> None:
    if value is None:
        return
    if name.startswith("customfields."):
        target.setdefault("customfields", {})[name.removeprefix("customfields.")] = value
    else:
        target[name] = value


def _product(line: Mapping[str, str | None], settings: WonDealSettings) -> ProductSettings:
    sku, kind = line.get("hs_sku"), line.get("hs_product_type")
    if sku and sku in settings.products:
        return settings.products[sku]
    if kind and kind in settings.product_types:
        return settings.product_types[kind]
    name = line.get("name") or line.get("id")
    raise _HoldThis(
        "unmapped_product",
        f"line “{name}” (SKU {sku or 'none'}) is a product without an account. Add its SKU under products in the "
        "flow's settings.",
    )


def _won_at(record: DealRecord, entity: Entity, settings: WonDealSettings) -> datetime:
    try:
        won_at = record.won_at(settings.won_date, entity.zone)
    except ValueError:
        won_at = None
    if won_at is None:
        raise _HoldThis("no_won_date", f"its {settings.won_date} is no date. Enter the day on which it was won.")
    return won_at


def _entity(record: DealRecord, settings: WonDealSettings, books: Books) -> tuple[str, Entity]:
    for source in settings.entity:
        if source.is_empty(record.sheets):
            continue
        try:
            entity_id = source.value(record.sheets)
        except Unmapped as e:
            raise _HoldThis("no_entity", f"{e.message}, so no billing entity is known.") from None
        if entity_id in books.entities:
            return str(entity_id), books.entities[str(entity_id)]
    asked = " or ".join(str(source.source) for source in settings.entity)
    raise _HoldThis("no_entity", f"no billing entity is known: fill in {asked}.")


def _currency(record: DealRecord, entity: Entity) -> str:
    if record.currency not in entity.currencies:
        raise _HoldThis(
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
        raise _HoldThis("invalid_line", f"{e.message}. Correct it in HubSpot.") from None
    except Unmapped as e:
        raise _HoldThis("unmapped_value", f"{e.message}.") from None
    total = sum_money((line.net for line in lines), currency)
    if amount != total.amount:
        raise _HoldThis(
            "amount_differs_from_lines",
            f"the deal says {amount} {currency}, its lines and discounts add up to {total}. Correct the amount or the "
            "lines.",
        )
    if total.amount < 0:
        raise _HoldThis("negative_total", f"its total is {total}. A credit is not an invoice: enter a credit memo.")
    if total.amount == 0:
        raise _HoldThis("zero_total", "its total is zero. A zero invoice is never posted by itself.")
    return lines, total


def _posting_date(entity: Entity, invoice_date: date) -> date:
    period = entity.period("AR")
    try:
        return posting_date(invoice_date, period.closed_through, period.when_closed)
    except PeriodClosed:
        raise _HoldThis(
            "closed_period",
            f"it was won on {invoice_date}, and {entity.name} has closed receivables through {period.closed_through}. "
            "Reopen the period, or agree on a later won date.",
        ) from None


def _billing_has_started(lines: Sequence[PricedLine], invoice_date: date) -> None:
    later = [line for line in lines if line.starts and line.starts > invoice_date]
    if later:
        raise _HoldThis(
            "billing_starts_later",
            f"billing of “{later[0].name}” starts on {later[0].starts}, after the invoice date {invoice_date}. Nothing "
            "is due for it yet.",
        )
