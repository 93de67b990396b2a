"""Finding the customers whose credit a run must look at, and reading them with what HubSpot shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

from include.connectors.hubspot.associations import Association, read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import modified_between
from include.connectors.hubspot.pipelines import get_pipelines
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import Filter, iter_search
from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.customers import get_customers, iter_customers, iter_customers_changed
from include.connectors.intacct.fields import optional
from include.connectors.intacct.invoices import get_invoices
from include.connectors.intacct.open_orders import get_open_orders
from include.connectors.intacct.receivables import iter_open_invoices
from include.connectors.intacct.records import Customer, Invoice
from include.connectors.intacct.settlements import touched_invoices
from include.core.books import Books
from include.core.money import Money, round_half_up
from include.core.windows import BusinessDates, Window
from include.flows.credit.plan import CHANGED_AT, REASON, SINCE, STATUS
from include.flows.credit.records import CreditCompany, CreditDeal, CustomerCredit, Shown
from include.flows.credit.settings import CreditSettings
from include.flows.credit.status import assess
from include.flows.customers.customer_companies import CUSTOMER_ID, companies_of_customers
from include.flows.figures.customer_standing import Standing, read_standing
from include.flows.figures.entity_days import Days, business_calendars, day_in, grace_ends, today_by_entity
from include.flows.run import FIRST_RUN_STARTS, FlowRun


def find_customers(run: FlowRun, window: Window) -> Iterator[str]:
    """Customer ids. An ordinary run looks at customers, receivables and companies that changed, at what is flagged now
    and at what became too late by the mere passing of days; the first one at everybody."""
    if window.kind == "records":
        yield from window.ids
        return
    if dates := BusinessDates.of(window):
        yield from _too_late(run, dates.holds)
        return
    start, end = window.bounds
    if start <= FIRST_RUN_STARTS:
        yield from (one.customer_id for one in iter_customers(run.intacct))
        return
    yield from (one.customer_id for one in iter_customers_changed(run.intacct, start, end))
    touched = touched_invoices(run.intacct, start, end)
    yield from sorted(touched.customer_ids)
    yield from sorted({one.customer_id for one in get_invoices(run.intacct, touched.invoice_ids)})
    changed = [Filter.has(CUSTOMER_ID), modified_between("companies", start, end)]
    yield from _named_by(run.hubspot, [changed, [Filter.has(CUSTOMER_ID), Filter.has(SINCE)]])
    if run.settings.open_orders:
        orders = iter_changed(run.intacct, "SODOCUMENT", ("CUSTVENDID",), start, end)
        yield from sorted({optional(one, "CUSTVENDID") for one in orders})
    first = start.date() - timedelta(days=1)  # in every zone the window has begun after it
    last = max(today_by_entity(run.books, run.now()).values())
    yield from _too_late(run, lambda day: first <= day <= last)


def read_customers(run: FlowRun, customer_ids: Sequence[str]) -> list[CustomerCredit]:
    """These customers whole: two queries per 1,000, three more for their balances, one for open orders where they
    count, a search for every 100 or so; the deals of those alone that are flagged or were."""
    settings: CreditSettings = run.settings
    today = today_by_entity(run.books, run.now())
    customers = get_customers(run.intacct, customer_ids)
    companies = companies_of_customers(
        run.hubspot, [one.customer_id for one in customers], _known(run.hubspot, "companies", _COMPANY)
    )
    shown = [one for one in customers if one.customer_id in companies]
    standing = read_standing(
        run.intacct,
        [one.customer_id for one in shown],
        today,
        grace_days=settings.grace_days,
        calendars=business_calendars(run.books),
        company_currency=run.books.company_currency,
    )
    orders = defaultdict[str, list[Money]](list)
    limited = [one.customer_id for one in shown if one.credit_limit is not None]
    for order in get_open_orders(
        run.intacct, limited, settings.open_orders, company_currency=run.books.company_currency
    ):
        orders[order.customer_id].append(order.open)
    credits_ = [
        _credit(one, standing.get(one.customer_id), companies.get(one.customer_id, ()), today, run.books, settings)
        for one in customers
    ]
    credits_ = [replace(one, orders=tuple(orders[one.customer_id])) for one in credits_]
    flagged = [one for one in credits_ if assess(one, settings).causes or any(c.shown.flags for c in one.companies)]
    deals = _deals(run.hubspot, [c.shown.record_id for one in flagged for c in one.companies])
    return [
        replace(one, deals=tuple(deal for c in one.companies for deal in deals.get(c.shown.record_id, ())))
        for one in credits_
    ]


_INVOICES_AT_ONCE = 1000
_COMPANY = ("name", "hubspot_owner_id", STATUS, REASON, SINCE, CHANGED_AT)
_DEAL = ("pipeline", "dealstage", STATUS, REASON, SINCE)


def _too_late(run: FlowRun, holds: Callable[[date], bool]) -> Iterator[str]:
    """The customers with an open invoice that on such a day began to be overdue, which may lift what is overdue over a
    rule's amount, or to be more than a rule's days late."""
    settings: CreditSettings = run.settings
    if not settings.overdue:
        return
    today = max(today_by_entity(run.books, run.now()).values())
    before = today - timedelta(days=settings.grace_days)
    calendars = business_calendars(run.books)
    invoices = iter_open_invoices(run.intacct, due_before=before, company_currency=run.books.company_currency)
    while batch := list(islice(invoices, _INVOICES_AT_ONCE)):
        ends = grace_ends(run.intacct, batch, calendars, settings.grace_days)
        for one in batch:
            if one.due_date is not None and any(holds(day) for day in _late_days(one, ends, settings)):
                yield one.customer_id


def _late_days(invoice: Invoice, ends: Mapping[str, date], settings: CreditSettings) -> set[date]:
    """The first day on which it is overdue, and the first on which it is too late by each rule."""
    if invoice.due_date is None:
        return set()
    end = ends.get(invoice.record_no, invoice.due_date + timedelta(days=settings.grace_days))
    last = {end, *(max(end, invoice.due_date + timedelta(days=rule.days)) for rule in settings.overdue)}
    return {day + timedelta(days=1) for day in last}


def _named_by(hubspot: HubSpotClient, groups: Sequence[Sequence[Filter]]) -> Iterator[str]:
    known = get_properties(hubspot, "companies")
    usable = [group for group in groups if all(one.property in known for one in group)]
    if usable:
        for company in iter_search(hubspot, "companies", usable, [CUSTOMER_ID]):
            yield (company.properties.get(CUSTOMER_ID) or "").strip()


def _known(hubspot: HubSpotClient, object_type: str, wanted: Iterable[str]) -> list[str]:
    """Those of the properties that the account has: a dry run before the first run makes none."""
    known = get_properties(hubspot, object_type)
    return [one for one in wanted if one in known]


def _credit(
    customer: Customer,
    standing: Standing | None,
    companies: Sequence[CrmRecord],
    today: Days,
    books: Books,
    settings: CreditSettings,
) -> CustomerCredit:
    limit, unclear = limit_of(customer, books, settings)
    return CustomerCredit(
        customer.customer_id,
        customer.on_hold,
        limit,
        standing or Standing(customer.customer_id),
        day_in(customer.entity_id, today),
        tuple(
            CreditCompany(
                _shown(one),
                one.properties.get("name") or "",
                one.properties.get("hubspot_owner_id") or "",
                one.properties.get(CHANGED_AT) or "",
            )
            for one in companies
        ),
        limit_unclear=unclear,
    )


def limit_of(customer: Customer, books: Books, settings: CreditSettings) -> tuple[Money | None, bool]:
    """The credit limit, and whether there is one whose currency nothing tells.

    It is in the base currency of the customer's entity; of one without an entity in the company's, else in the
    setting's ``limit_currency``, else in the customer's own.
    """
    amount = customer.credit_limit
    if amount is None or (not amount and settings.zero_limit_is_none):
        return None, False
    entity = books.entities.get(customer.entity_id)
    home = entity.base_currency if entity else books.company_currency
    currency = home or settings.limit_currency or customer.currency
    return (round_half_up(amount, currency), False) if currency else (None, True)


def _shown(record: CrmRecord) -> Shown:
    values = record.properties
    return Shown(record.id, values.get(STATUS) or "", values.get(REASON) or "", values.get(SINCE) or "")


def _deals(hubspot: HubSpotClient, company_ids: Sequence[str]) -> Mapping[str, Sequence[CreditDeal]]:
    """By company: the open deals that it pays, and the closed ones that show a flag."""
    if not company_ids:
        return {}
    closed = {
        (pipeline.id, stage.id) for pipeline in get_pipelines(hubspot) for stage in pipeline.stages if stage.is_closed
    }
    tied = read_associations(hubspot, "companies", "deals", company_ids)
    ids = sorted({one.to_id for some in tied.values() for one in some})
    payers = {deal_id: _payer(some) for deal_id, some in read_associations(hubspot, "deals", "companies", ids).items()}
    read = batch_read(hubspot, "deals", ids, _known(hubspot, "deals", _DEAL)).by_id()
    found = defaultdict[str, list[CreditDeal]](list)
    for deal_id, deal in read.items():
        place = (deal.properties.get("pipeline") or "", deal.properties.get("dealstage") or "")
        one = CreditDeal(_shown(deal), place not in closed)
        if one.is_open or one.shown.flags:
            found[payers[deal_id]].append(one)
    return found


def _payer(companies: Sequence[Association]) -> str:
    """A deal follows one customer: its primary company's, else its only company's; ``""`` where nobody can say."""
    primary = next((one.to_id for one in companies if one.primary), "")
    return primary or (companies[0].to_id if len(companies) == 1 else "")
