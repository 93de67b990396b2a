"""Is a deal that was invoiced still what it was billed as? Pure, and asked before anything is read of its documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from include.core.books import Books
from include.core.errors import RecordError
from include.core.windows import BusinessDates
from include.flows.deals.bill import Bill
from include.flows.deals.change import billed_day, current_facts
from include.flows.deals.documents import DealDocuments
from include.flows.deals.pricing import billed_by, price
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.instalments.first_billed import first_billed


class OutsideWindow(RecordError):
    """The deal was won outside the window of the run."""


def bill_again(
    record: DealRecord,
    documents: DealDocuments,
    settings: WonDealSettings,
    books: Books,
    window: BusinessDates | None,
) -> Bill | None:
    """The deal priced as of the day it was billed for; ``None`` where it is no longer won. Raises ``OutsideWindow`` and
    what ``price`` raises."""
    if not record.is_won:
        return None
    entity_id, entity, local = billed_by(record, settings, books)
    if window is not None and not window.holds(local):
        raise OutsideWindow(f"won on {local.date()} in the calendar of {entity.name}, outside the window")
    day = billed_day(documents.facts) or local.date()
    return price(record, entity_id, entity, day, settings, first_billed(documents))


def changed_deals(
    records: Iterable[DealRecord],
    documents: Mapping[str, DealDocuments],
    settings: WonDealSettings,
    books: Books,
    window: BusinessDates | None = None,
) -> list[str]:
    """The invoiced deals that are not as they were billed, or were lost and credited: only their documents need be
    read."""
    found = []
    for record in records:
        its = documents.get(record.deal_id)
        if its is None:
            continue
        try:
            bill = bill_again(record, its, settings, books, window)
        except (RecordError, ValueError, ArithmeticError):
            continue  # the plan says why
        if its.begun or its.was_credited or current_facts(record, bill, its.facts) != its.facts:
            found.append(record.deal_id)
    return found
