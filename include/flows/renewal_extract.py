"""Find and read what comes up for renewal: recurring invoices, and invoices whose lines have a term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.filters import Filter, all_of, any_of, at_least, at_most, between, is_not_null
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.recurring import get_recurring_invoices
from include.connectors.intacct.reference import get_entity_of_locations
from include.core.books import Books
from include.core.recurrence import renewals
from include.core.windows import Window
from include.flows.renewal_days import DueDays
from include.flows.renewal_invoices import InvoiceTerm, find_invoice_terms, read_invoice_terms
from include.flows.renewal_records import Contract, Schedule
from include.flows.renewal_settings import RenewalSettings

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
    """The contracts with lines and entity: at most seven requests for 500 of them."""
    entity_of = {place: entity.entity_id for place, entity in get_entity_of_locations(intacct).items()} if ids else {}
    recurring = [one for one in ids if InvoiceTerm.named(one) is None]
    found = get_recurring_invoices(intacct, recurring, company_currency=company_currency) if recurring else []
    invoiced = read_invoice_terms(intacct, ids, entity_of, company_currency)
    return [*(Contract.of(one, entity_of) for one in found), *invoiced]


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
