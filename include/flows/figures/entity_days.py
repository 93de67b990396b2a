"""What day it is in each legal entity, and which entity's day counts for an invoice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.invoices import get_invoice_entities
from include.connectors.intacct.records import Invoice
from include.core.books import Books
from include.core.calendar_business import BusinessCalendar, last_day_of_grace

Days = Mapping[str, date]
Calendars = Mapping[str, BusinessCalendar]


def today_by_entity(books: Books, now: datetime) -> dict[str, date]:
    """The local date of ``now`` (aware) in each entity, by its id."""
    return {entity_id: now.astimezone(entity.zone).date() for entity_id, entity in books.entities.items()}


def day_in(entity_id: str, today: Days) -> date:
    """The entity's own day; of an entity that books.yaml does not know the earliest of all, so that nothing is called
    late anywhere before its day is over everywhere."""
    return today[entity_id] if entity_id in today else min(today.values())


def business_calendars(books: Books) -> Calendars:
    """The calendars of the entities that count business days, by their ids."""
    return {
        entity_id: calendar
        for entity_id, entity in books.entities.items()
        if (calendar := entity.business_calendar) is not None
    }


def grace_ends(
    intacct: IntacctClient, invoices: Iterable[Invoice], calendars: Calendars, grace_days: int
) -> dict[str, date]:
    """The last day on which each invoice is not late yet, by record number, where its entity counts business days;
    Intacct is asked for entities only where any does (one query per 1,000 invoices entered at the top level)."""
    if not calendars:
        return {}
    listed = [one for one in invoices if one.due_date is not None]
    owners = get_invoice_entities(intacct, listed)
    return {
        one.record_no: last_day_of_grace(one.due_date, grace_days, calendars[owners[one.record_no]])
        for one in listed
        if one.due_date is not None and owners[one.record_no] in calendars
    }


def days_of_invoices(intacct: IntacctClient, invoices: Iterable[Invoice], today: Days) -> dict[str, date]:
    """The day that counts for each invoice, by record number.

    Invoices entered at the top level belong to the entity of their lines. Those are only asked for in the hours in
    which the entities' days differ (one query per 1,000 such invoices).
    """
    listed = list(invoices)
    if len(set(today.values())) == 1:
        return {invoice.record_no: min(today.values()) for invoice in listed}
    owners = get_invoice_entities(intacct, listed)
    return {invoice.record_no: day_in(owners[invoice.record_no], today) for invoice in listed}
