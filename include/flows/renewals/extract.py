"""Find and read what comes up for renewal: recurring invoices, and invoices whose lines have a term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.filters import Filter, all_of, any_of, at_least, at_most, between, is_not_null
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.recurring import RecurringInvoice, get_recurring_invoices, iter_recurring_invoices
from include.connectors.intacct.reference import get_entity_of_locations
from include.core.books import Books
from include.core.recurrence import renewals
from include.core.windows import Window
from include.flows.renewals.days import DueDays
from include.flows.renewals.invoices import InvoiceTerm, find_invoice_terms, read_invoice_terms
from include.flows.renewals.records import Contract, Schedule
from include.flows.renewals.settings import RenewalSettings

_NEAR = timedelta(days=31)
_LONGEST = timedelta(days=366 * 10)
"""An end date lies at most one repetition before the day on which the next invoice would have come."""


def find_contract_ids(
    intacct: IntacctClient, window: Window, due: DueDays, settings: RenewalSettings, books: Books
) -> Iterator[str]:
    """The recurring invoices (RECORDNO) and invoiced terms with a renewal on the days that the run is after. Entities'
    calendars differ by a day, so the plan decides at the edges."""
    if window.kind == "records":
        yield from window.ids
        return
    days = [due.bounds(entity.zone) for entity in books.entities.values()]
    first, last = min(low for low, _ in days), max(high for _, high in days)
    for head in iter_query(intacct, "ARRECURINVOICE", Schedule.FIELDS, _may_renew(first, last)):
        schedule = Schedule.from_wire(head)
        if schedule.goes_on and _renews(schedule, settings.term_months, first, last):
            yield str(head["RECORDNO"])
    if settings.invoice_term_months:
        yield from find_invoice_terms(intacct, first, last, settings.invoice_term_months)


def read_contracts(intacct: IntacctClient, ids: Sequence[str], company_currency: str) -> list[Contract]:
    """The contracts with lines and entity, and what bills their next term already: at most ten requests for 500 of
    them."""
    entity_of = {place: entity.entity_id for place, entity in get_entity_of_locations(intacct).items()} if ids else {}
    recurring = [one for one in ids if InvoiceTerm.named(one) is None]
    found = get_recurring_invoices(intacct, recurring, company_currency=company_currency) if recurring else []
    invoiced = read_invoice_terms(intacct, ids, entity_of, company_currency)
    return _with_successors(intacct, [*(Contract.of(one, entity_of) for one in found), *invoiced], company_currency)


def _with_successors(intacct: IntacctClient, contracts: list[Contract], company_currency: str) -> list[Contract]:
    """Those that a recurring invoice renews name it: one that was entered anew for the next term, to the same customer
    and with one of its items."""
    over = {one.record_no: day for one in contracts if not one.renewed_by and (day := one.schedule.over_on)}
    if not over:
        return contracts
    customers = sorted({one.customer_id for one in contracts if one.record_no in over})
    since = min(over.values()) - _NEAR
    started = defaultdict[str, list[RecurringInvoice]](list)
    for one in iter_recurring_invoices(
        intacct, due_from=since, customer_ids=customers, company_currency=company_currency
    ):
        if one.start is not None and one.start >= since:
            started[one.customer_id].append(one)
    return [
        replace(one, renewed_by=_successor(one, over[one.record_no], started[one.customer_id]))
        if one.record_no in over
        else one
        for one in contracts
    ]


def _successor(contract: Contract, over_on: date, started: Iterable[RecurringInvoice]) -> str:
    items = {line.item_id for line in contract.lines} - {""}
    return next(
        (
            one.number or one.record_no
            for one in started
            if one.record_no != contract.record_no
            and one.start is not None
            and abs(one.start - over_on) <= _NEAR
            and items & {line.item_id for line in one.lines}
        ),
        "",
    )


def _may_renew(first: date, last: date) -> Filter:
    """No renewal from ``first`` to ``last`` is left out; most others are."""
    return all_of(
        is_not_null("CUSTOMERID"),
        any_of(
            at_most("NEXTEXECDATE", last),
            at_least("LASTEXECDATE", first),
            between("ENDDATE", first - _LONGEST, last),
            is_not_null("REPEATCOUNT"),
        ),
    )


def _renews(schedule: Schedule, term_months: int, first: date, last: date) -> bool:
    try:
        return bool(renewals(schedule.recurrence(), term_months, first, last))
    except ValueError:
        return True  # the plan holds it, and says why
